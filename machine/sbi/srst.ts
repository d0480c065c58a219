/**
 * System reset (SBI v2.0, chapter 10). The reason must be valid and has no effect: on QEMU a shutdown for a system failure
 * ends in exit code 0, too (measured).
 */
import { eid, failure, SBI_ERR_INVALID_PARAM, type SbiExtension, success } from './extension.ts';

const KINDS: ReadonlyMap<bigint, 'poweroff' | 'reset'> = new Map([
  [0n, 'poweroff'], // shutdown
  [1n, 'reset'], // cold reboot
  [2n, 'reset'], // warm reboot
]);
const LAST_REASON = 1n; // 0: no reason, 1: system failure

export const srstExtension: SbiExtension = {
  name: 'SRST',
  id: eid('SRST'),
  functions: [
    (port, [type, reason]) => {
      const kind = KINDS.get(type);
      if (kind === undefined || reason > LAST_REASON) return failure(SBI_ERR_INVALID_PARAM);
      port.shutdown(kind);
      return success();
    },
  ],
};
