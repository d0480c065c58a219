/** Inter-processor interrupts: sPI (SBI v2.0, chapter 7). */
import { eid, type SbiExtension } from './extension.ts';
import { forHarts } from './hart-mask.ts';

export const ipiExtension: SbiExtension = {
  name: 'IPI',
  id: eid('sPI'),
  functions: [forHarts((hart) => hart.interrupt())],
};
