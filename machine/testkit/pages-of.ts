/** A page table of a test's own. */
import type { PageMap } from '../ports.ts';

const PAGE = 0x1000n;

/** Virtual pages and the frames that they lie in, as pairs. */
export function pagesOf(mapped: readonly (readonly [virtual: bigint, frame: bigint])[]): PageMap {
  const at = (address: bigint) => mapped.find(([virtual]) => virtual === address - (address % PAGE));
  return {
    on: true,
    physicalOf(address) {
      const page = at(address);
      return page && page[1] + (address % PAGE);
    },
    virtualPagesOf: (frame) => mapped.filter((page) => page[1] === frame).map(([virtual]) => virtual),
  };
}
