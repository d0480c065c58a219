/**
 * Remote fences (SBI v2.0, chapter 8). Every fence flushes all translations: it is allowed to do more than was asked.
 *
 * Left out: the HFENCE functions (FID 3 and up). Without the hypervisor extension they are not supported.
 */
import { eid, type SbiExtension } from './extension.ts';
import { forHarts } from './hart-mask.ts';

const flush = forHarts((hart) => hart.flushTranslations());

export const rfenceExtension: SbiExtension = {
  name: 'RFENCE',
  id: eid('RFNC'),
  /** FENCE.I, SFENCE.VMA, SFENCE.VMA with an ASID. */
  functions: [flush, flush, flush],
};
