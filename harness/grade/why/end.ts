/** Where a kernel was in the end, if nothing else says so. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';

export function end({ explanations }: Evidence): Detail[] {
  const stack = explanations?.end ?? null;
  return stack === null ? [] : [{ kind: 'code', text: 'the kernel was at', stack }];
}
