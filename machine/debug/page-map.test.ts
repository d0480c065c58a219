/** The page table in both directions: from a virtual page to its frame, and from a frame to the virtual pages that lie in it. */
import { describe, expect, it } from 'vitest';
import { PRIVILEGE } from '../spec/riscv.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { ALL, PageTable, type PageTableLevels } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';
import { HartPageMap } from './page-map.ts';

const RAM = BigInt(RAM_BASE);
const TABLE = RAM + 0x10_0000n;
const FRAME = RAM + 0x5000n;
/** Half of the virtual addresses are negative: the highest bits are all ones. */
const HIGH = 0xffff_ffc0_0000_0000n;

function mapped(levels: PageTableLevels, map: (table: PageTable) => void, privilege: number = PRIVILEGE.supervisor) {
  const program = new Program('nop', { ramBytes: 0x20_0000 });
  const table = new PageTable(program, levels, TABLE);
  map(table);
  table.enter(RAM, privilege);
  return new HartPageMap(program.hart.state);
}

describe.each([3, 4] as const)('a page table of %i levels', (levels) => {
  it('has the virtual pages of a frame, in pages of every size, above and below', () => {
    const pages = mapped(levels, (table) => {
      table.map(0x4000_3000n, FRAME);
      table.map(0x4000_4000n, FRAME + 0x1000n);
      table.map(HIGH, RAM, ALL, 2);
    });
    expect(pages.virtualPagesOf(FRAME)).toEqual([0x4000_3000n, HIGH + 0x5000n]);
    expect(pages.virtualPagesOf(FRAME + 0x2000n)).toEqual([HIGH + 0x7000n]);
    expect([0x4000_3123n, HIGH + 0x5123n].map((virtual) => pages.physicalOf(virtual))).toEqual([FRAME + 0x123n, FRAME + 0x123n]);
    expect(pages.physicalOf(0x4000_5000n)).toBeUndefined();
  });
});

describe('a page table', () => {
  it('that leads to itself is searched within bounds', () => {
    const pages = mapped(3, (table) => {
      // Every entry of the root is the root, with no rights: a table.
      for (let index = 0n; index < 512n; index++) table.map(index << 30n, TABLE, 1n, 2);
    });
    expect(pages.virtualPagesOf(FRAME)).toBeUndefined();
  });

  it('is not looked at where nothing is translated', () => {
    const pages = mapped(3, (table) => table.map(0x4000_3000n, FRAME), PRIVILEGE.machine);
    expect([pages.on, pages.physicalOf(0x4000_3000n), pages.virtualPagesOf(FRAME)]).toEqual([false, undefined, []]);
  });
});
