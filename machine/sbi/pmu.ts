/**
 * Performance monitoring (SBI v2.0, chapter 11), without any counter. The extension exists, so that a kernel that probes for it behaves as
 * on QEMU, but it has no counter to offer.
 */
import { eid, failure, SBI_ERR_INVALID_PARAM, SBI_ERR_NOT_SUPPORTED, type SbiExtension, type SbiFunction, success } from './extension.ts';

const noSuchCounter: SbiFunction = () => failure(SBI_ERR_INVALID_PARAM);
const noMatch: SbiFunction = () => failure(SBI_ERR_NOT_SUPPORTED);

export const pmuExtension: SbiExtension = {
  name: 'PMU',
  id: eid('PMU'),
  /** num_counters, counter_get_info, config_matching, start, stop, fw_read, fw_read_hi. */
  functions: [() => success(0n), noSuchCounter, noMatch, noSuchCounter, noSuchCounter, noSuchCounter, noSuchCounter],
};
