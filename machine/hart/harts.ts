/** The board's harts: all of one model, in one engine. */
import { Engine, type EngineOptions } from '../exec/engine.ts';
import { type CpuModel, instructionSets, misaOf, PAGE_TABLE_LEVELS } from '../isa/cpu-model.ts';
import { Hart } from './hart.ts';

/** The first one stands for all where one is asked about. */
export function makeHarts(cpu: CpuModel, options: Omit<EngineOptions, 'extensions'>): readonly [Hart, ...Hart[]] {
  const extensions = instructionSets(cpu);
  const engine = new Engine({ ...options, extensions });
  const model = {
    extensions,
    sstc: cpu.extensions.has('sstc'),
    svadu: cpu.extensions.has('svadu'),
    svade: cpu.extensions.has('svade'),
    svnapot: cpu.extensions.has('svnapot'),
    svpbmt: cpu.extensions.has('svpbmt'),
    pmp: cpu.pmp,
    zihpm: cpu.extensions.has('zihpm'),
    pageTableLevels: PAGE_TABLE_LEVELS[cpu.mmu],
    misa: misaOf(cpu),
    work: options.work,
  };
  const others = Array.from({ length: options.harts - 1 }, (_, index) => index + 1);
  const first = new Hart({ ...model, id: 0 }, engine);
  return [first, ...others.map((id) => new Hart({ ...model, id }, engine))];
}
