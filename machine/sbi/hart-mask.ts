/**
 * Hart masks (SBI v2.0, section 3.1) on a machine whose only hart is number 0.
 */
import { failure, SBI_ERR_INVALID_PARAM, type SbiFunction, type SbiPort, success } from './extension.ts';

const ALL_HARTS = (1n << 64n) - 1n;

/**
 * A function whose first two arguments are hart_mask and hart_mask_base, and that does something to each hart. As in
 * OpenSBI 1.5.1, a base beyond the last hart is an error. Bits for harts that do not exist are ignored, although the specification
 * demands an error for them.
 */
export function forHarts(action: (port: SbiPort) => void): SbiFunction {
  return (port, [mask, base]) => {
    if (base !== ALL_HARTS && base !== 0n) return failure(SBI_ERR_INVALID_PARAM);
    if (base === ALL_HARTS || (mask & 1n) === 1n) action(port);
    return success();
  };
}
