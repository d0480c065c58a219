/**
 * Legacy extensions, EID 0…8 (SBI v2.0, chapter 5): no FID, the result in a0 alone, a1 kept.
 */
import { SBI_SUCCESS, type SbiArguments, type SbiHart, type SbiPort } from './extension.ts';
import { ALL_HARTS, forHarts } from './hart-mask.ts';

/** The value for a0. Undefined if an exception was delivered instead; then no register changes. */
export type LegacyFunction = (port: SbiPort, args: SbiArguments) => bigint | undefined;

/** For the harts of the mask that a0 points to; a null pointer means all. */
function forPointedHarts(action: (hart: SbiHart) => void): LegacyFunction {
  const forMask = forHarts(action);
  return (port, [pointer]) => {
    const mask = pointer === 0n ? ALL_HARTS : port.loadVirtual(pointer);
    if (mask === undefined) return undefined;
    forMask(port, [mask, 0n, 0n, 0n, 0n, 0n]);
    return SBI_SUCCESS;
  };
}

const fence = forPointedHarts((hart) => hart.flushTranslations());

/** By EID. */
export const LEGACY: readonly LegacyFunction[] = [
  function setTimer(port, [time]) {
    port.setTimer(time);
    return SBI_SUCCESS;
  },
  function consolePutchar(port, [byte]) {
    port.console.putByte(Number(byte & 0xffn));
    return SBI_SUCCESS;
  },
  function consoleGetchar(port) {
    return BigInt(port.console.getByte());
  },
  function clearIpi(port) {
    port.clearSoftwareInterrupt();
    return SBI_SUCCESS;
  },
  forPointedHarts((hart) => hart.interrupt()),
  fence, // FENCE.I
  fence, // SFENCE.VMA
  fence, // SFENCE.VMA with an ASID
  function shutdown(port) {
    port.shutdown('poweroff');
    return SBI_SUCCESS;
  },
];
