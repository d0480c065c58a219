/** The TLB from TypeScript's side: an empty entry's tag is all ones, which no page address is. */
import { type HartState, TLB, TLB_BYTES } from './state.ts';

export function flushTlb(state: HartState): void {
  state.bytes.fill(0xff, TLB, TLB + TLB_BYTES);
}
