/**
 * Remote fences (SBI v2.0, chapter 8). Every fence flushes all translations: it may do more than it was asked.
 *
 * Left out: the HFENCE functions (FID 3 and up): there is no hypervisor extension, and they are not supported then.
 */
import { eid, type SbiExtension } from './extension.ts';
import { forHarts } from './hart-mask.ts';

const flush = forHarts((port) => port.flushTranslations());

export const rfenceExtension: SbiExtension = {
  name: 'RFENCE',
  id: eid('RFNC'),
  /** FENCE.I, SFENCE.VMA, SFENCE.VMA with an ASID. */
  functions: [flush, flush, flush],
};
