import { describe, expect, it } from 'vitest';
import { placeInSlots } from './virt-board.ts';

describe('placeInSlots', () => {
  it('gives a device the last free slot, or its own', () => {
    expect(placeInSlots([undefined, undefined])).toEqual([{ slot: 7 }, { slot: 6 }]);
    expect(placeInSlots([undefined, 6, undefined, 0])).toEqual([{ slot: 7 }, { slot: 6 }, { slot: 5 }, { slot: 0 }]);
  });

  it('says which device has the slot already, and goes on with the others', () => {
    expect(placeInSlots([7, undefined, 7, 6, undefined])).toEqual([
      { slot: 7 },
      { slot: 6 },
      { problem: 'taken', slot: 7, by: 0 },
      { problem: 'taken', slot: 6, by: 1 },
      { slot: 5 },
    ]);
  });

  it('knows eight slots', () => {
    expect(placeInSlots([8, -1])).toEqual([
      { problem: 'no-such-slot', slot: 8 },
      { problem: 'no-such-slot', slot: -1 },
    ]);
    expect(placeInSlots(new Array(9).fill(undefined)).at(-1)).toEqual({ problem: 'full' });
  });
});
