/** Page tables of any entries, in every mode of satp, with accesses, fences and jumps through them. */
import { PTE } from '../../../machine/spec/riscv.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { mustBeGraded } from '../grading.ts';
import { anyNumber, FREE, RAM_END } from '../guest/numbers.ts';
import { anyEnd, KERNEL, type Operation, Script } from '../guest/player.ts';
import type { Kind } from '../kind.ts';

const TABLES = 8;
const table = (index: number): bigint => FREE + BigInt(4096 * index);
const entryFor = (physical: bigint, flags: bigint): bigint => ((physical >> 12n) << 10n) | flags;
/** The gigabyte that holds all RAM, for S mode, all allowed. */
const RAM = entryFor(0x8000_0000n, PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D);
const MODES = [8n, 9n, 10n] as const;
const ACCESSES: readonly Operation[] = [
  'loadByte',
  'loadDouble',
  'storeByte',
  'storeDouble',
  'swapDouble',
  'reserve',
  'conditional',
  'zeroBlock',
  'jump',
];

function entry(random: Random): bigint {
  if (random.below(8) === 0) return random.bits64();
  const physical = random.pick([
    0x8000_0000n,
    0x1000_0000n + BigInt(4096 * random.below(16)),
    KERNEL,
    RAM_END,
    table(random.below(TABLES)),
    table(random.below(TABLES)),
  ]);
  const flags = random.below(3) ? PTE.V | (random.below(2) ? PTE.R | PTE.W | PTE.X | PTE.A | PTE.D : 0n) : random.bits64() & 0x3ffn;
  const reserved = random.below(20) ? 0n : random.bits64() << 54n;
  return entryFor(physical, flags | (random.below(4) ? 0n : PTE.U)) | reserved;
}

/** The first two tables are what deeper modes need above a root; RAM stays where it is in each, or the list would end there. */
function keepRam(script: Script, root: bigint, mode: (typeof MODES)[number]): void {
  const middle = table(0);
  const top = table(1);
  if (mode === 8n) script.do('storeDouble', root + 16n, RAM);
  else {
    script.do('storeDouble', middle + 16n, RAM);
    if (mode === 10n) script.do('storeDouble', top, entryFor(middle, PTE.V));
    script.do('storeDouble', root, entryFor(mode === 9n ? middle : top, PTE.V));
  }
}

function address(random: Random): bigint {
  const parts = (BigInt(random.below(512)) << 30n) | (BigInt(random.below(4)) << 21n) | (BigInt(random.below(4)) << 12n);
  const picked = random.below(3) ? parts | BigInt(random.below(4096)) : anyNumber(random);
  return random.below(6) ? picked : picked | 4090n;
}

function access(random: Random, script: Script): void {
  const which = random.below(16);
  if (which === 0) script.do(random.pick(['set sstatus', 'clear sstatus']), random.bits64() & 0xc_0000n);
  else if (which === 1) script.do('translationFence', address(random), BigInt(random.below(16)));
  else script.do(random.pick(ACCESSES), address(random), random.bits64());
}

export const pages: Kind = {
  describe: 'page tables of any entries in every mode of satp',
  make(random) {
    const script = new Script();
    for (let round = random.between(1, 4); round > 0; round--) {
      for (let count = random.between(1, 30); count > 0; count--) {
        const index = random.below(2) ? random.below(4) : random.below(512);
        script.do('storeDouble', table(random.below(TABLES)) + BigInt(8 * index), entry(random));
      }
      const [mode, root] = [random.pick(MODES), table(2 + random.below(TABLES - 2))];
      keepRam(script, root, mode);
      const asid = random.below(4) ? 0n : (random.bits64() & 0xffffn) << 44n;
      script.do('write satp', (mode << 60n) | asid | (root >> 12n));
      if (random.below(4)) script.do('translationFence');
      for (let count = random.between(1, 30); count > 0; count--) {
        access(random, script);
      }
      if (random.below(2)) script.do('write satp', 0n);
    }
    return script.kernel(anyEnd(random));
  },
  check: (input, scratch) => mustBeGraded(input, scratch),
};
