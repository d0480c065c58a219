/** What disks may hold after a power cut. What is allowed: VIRTIO 1.2, 5.2.6.2. */
import { describe, expect, it } from 'vitest';
import { InitialImage } from '../vocabulary/image.ts';
import { powerCuts } from './power-cuts.ts';
import { WriteLog } from './write-log.ts';

const BEFORE = new Map([['fs', new InitialImage(8 * 512, [{ at: 0, fill: 9, length: 512 }])]]);
const sectors = (...bytes: number[]) => new Uint8Array(bytes.length * 512).map((_, at) => bytes[Math.floor(at / 512)]!);

/** Each write is [first sector, bytes of its sectors]; 'flush' between them. */
function log(entries: readonly ([number, ...number[]] | 'flush')[], { stable }: { stable: boolean }): WriteLog {
  const made = new WriteLog();
  for (const entry of entries) {
    if (entry === 'flush') made.flush('fs');
    else {
      const [first, ...bytes] = entry;
      made.write(first * 512, sectors(...bytes));
      made.wrote('fs', { stable });
    }
  }
  return made;
}

const disks = (made: WriteLog, runs = 200, seed = 0) =>
  [...powerCuts(made, BEFORE, { runs, seed, only: null, inOrder: false })].map(({ drives, number, text }) => {
    const held = Array.from({ length: 8 }, (_, sector) => drives.get('fs')!.read(sector * 512, 512));
    // A sector is whole: all of one write, or none of it.
    for (const sector of held) expect(new Set(sector).size).toBe(1);
    return { number, text, held: held.map((sector) => sector[0]!).join('') };
  });

const heldBy = (made: WriteLog) => [...new Set(disks(made).map(({ held }) => held))].sort();

describe('power cuts', () => {
  it('without a write cache: all that was answered is there, and any part of the request under way', () => {
    const all = heldBy(
      log(
        [
          [1, 1],
          [2, 2, 3],
          [1, 4],
        ],
        { stable: true },
      ),
    );
    expect(all).toEqual(['90000000', '91000000', '91030000', '91200000', '91230000', '94230000'].sort());
  });

  it('with one: since the last FLUSH each sector holds any of what was written, and before it nothing is lost', () => {
    const all = heldBy(log([[1, 1], [2, 2], 'flush', [2, 3], [3, 4], [2, 5]], { stable: false }));
    const before = ['00', '10', '02', '12'].map((two) => `9${two}00000`);
    const after = ['2', '3', '5'].flatMap((two) => ['0', '4'].map((three) => `91${two}${three}0000`));
    // Sector 2 cannot hold its last bytes before the request that wrote them was made, which the other bytes do not show.
    expect(all.filter((one) => ![...before, ...after].includes(one))).toEqual([]);
    expect(before.every((one) => all.includes(one))).toBe(true);
    expect(after.every((one) => all.includes(one))).toBe(true);
  });

  it('in order: as without a write cache, whatever the driver has negotiated', () => {
    const made = log(
      [
        [1, 1],
        [2, 2],
      ],
      { stable: false },
    );
    const cuts = [...powerCuts(made, BEFORE, { runs: 100, seed: 0, only: null, inOrder: true })];
    const held = cuts.map(({ drives }) => [1, 2].map((sector) => drives.get('fs')!.read(sector * 512, 1)[0]).join(''));
    expect([...new Set(held)].sort()).toEqual(['00', '10', '12']);
  });

  it('after a last FLUSH nothing is lost', () => {
    const last = disks(log([[1, 1], [2, 2], 'flush'], { stable: false })).filter(({ text }) => text.includes('after the last request'));
    expect(last.length).toBeGreaterThan(0);
    for (const { held, text } of last)
      expect([held, text]).toEqual([
        '91200000',
        'the power went off after the last request that wrote; nothing that was written is missing',
      ]);
  });

  it('come from the seed alone, and one of them can be made by itself', () => {
    const made = log(
      [
        [1, 1],
        [2, 2, 3],
        [1, 4, 5, 6],
      ],
      { stable: false },
    );
    expect(disks(made, 50, 7)).toEqual(disks(made, 50, 7));
    expect(disks(made, 50, 8)).not.toEqual(disks(made, 50, 7));
    const [only] = [...powerCuts(made, BEFORE, { runs: 50, seed: 7, only: 31, inOrder: false })];
    expect(only!.drives.get('fs')!.sha256).toBe(
      [...powerCuts(made, BEFORE, { runs: 50, seed: 7, only: null, inOrder: false })][30]!.drives.get('fs')!.sha256,
    );
    expect(only!.number).toBe(31);
  });

  it('name the request, and the sectors that were lost', () => {
    const made = log(
      [
        [1, 1],
        [2, 2, 3],
      ],
      { stable: false },
    );
    const lost = disks(made).find(({ held, text }) => held === '90000000' && text.includes('number 2'));
    expect(lost!.text).toBe(
      'the power went off during request number 2 of those that wrote to drive fs (sectors 2 to 3); sectors 1, 2, 3 do not hold what was written there last',
    );
  });
});
