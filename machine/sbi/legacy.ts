/**
 * Legacy extensions, EID 0…8 (SBI v2.0, chapter 5): no FID, the result in a0 alone, a1 kept.
 */
import { SBI_SUCCESS, type SbiArguments, type SbiPort } from './extension.ts';

/** The value for a0. Undefined if an exception was delivered instead; then no register changes. */
export type LegacyFunction = (port: SbiPort, args: SbiArguments) => bigint | undefined;

/** For the harts of the mask that a0 points to; a null pointer means all. */
function forPointedHarts(action: (port: SbiPort) => void): LegacyFunction {
  return (port, [pointer]) => {
    const mask = pointer === 0n ? 1n : port.loadVirtual(pointer);
    if (mask === undefined) return undefined;
    if ((mask & 1n) === 1n) action(port);
    return SBI_SUCCESS;
  };
}

const fence = forPointedHarts((port) => port.flushTranslations());

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
    port.setSoftwareInterruptPending(false);
    return SBI_SUCCESS;
  },
  forPointedHarts((port) => port.setSoftwareInterruptPending(true)),
  fence, // FENCE.I
  fence, // SFENCE.VMA
  fence, // SFENCE.VMA with an ASID
  function shutdown(port) {
    port.shutdown('poweroff');
    return SBI_SUCCESS;
  },
];
