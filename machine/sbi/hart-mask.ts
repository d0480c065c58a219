/** Hart masks (SBI v2.0, section 3.1). */
import { failure, SBI_ERR_INVALID_PARAM, type SbiFunction, type SbiHart, success } from './extension.ts';

/** As a mask from hart 0 on, and as the base that stands for all harts. */
export const ALL_HARTS = (1n << 64n) - 1n;

/**
 * A function whose first two arguments are hart_mask and hart_mask_base, and that does something to each hart. As in
 * OpenSBI 1.5.1, a base beyond the last hart is an error. Bits for harts that do not exist are ignored, although the specification
 * demands an error for them.
 */
export function forHarts(action: (hart: SbiHart) => void): SbiFunction {
  return ({ harts }, [mask, base]) => {
    if (base !== ALL_HARTS && base >= BigInt(harts.length)) return failure(SBI_ERR_INVALID_PARAM);
    harts.forEach((hart, number) => {
      const isMeant = base === ALL_HARTS || (BigInt(number) >= base && ((mask >> (BigInt(number) - base)) & 1n) === 1n);
      // What a hart that is stopped does not know, it need not forget, and it is not woken.
      if (isMeant && hart.state() !== 'stopped') action(hart);
    });
    return success();
  };
}
