/** One program on both engines, translated and interpreted, which must agree in all that the guest or a report could see. */
import { expect } from 'vitest';
import type { HartBus } from '../exec/running-hart.ts';
import { HOT } from '../exec/translator.ts';
import { Program } from './program.ts';

/** Has code translated after a few rounds; returns what it was set to, to be set again after the tests. */
export function translateSoon(): () => void {
  const asSet = { ...HOT };
  Object.assign(HOT, { samples: 1, firstSlice: 40, slice: 200 });
  return () => void Object.assign(HOT, asSet);
}

/** Everything in which the guest, or a report, could see a difference between two machines. */
export function visible(p: Program): unknown {
  const registers = Array.from({ length: 32 }, (_, i) => [p.hart.state.x(i), p.hart.state.f(i)]);
  const slots = ['pc', 'mstatus', 'mepc', 'mcause', 'mtval', 'mscratch', 'fflags', 'reservation', 'privilege'] as const;
  return {
    registers,
    slots: slots.map((slot) => p.csr(slot)),
    data: p.symbols.has('data') ? p.bytes(p.address('data'), 256) : undefined,
    now: p.hart.now(),
    retired: p.hart.retired(),
    work: p.hart.engine.workDone(),
  };
}

export interface Case {
  readonly bus?: () => HartBus;
  readonly prepare?: (p: Program) => void;
}

/** Runs the same program on both engines, up to each of these times. */
export function compareTo(
  source: string,
  times: readonly number[],
  { bus, prepare }: Case = {},
): { translated: Program; interpreted: Program } {
  const make = () => {
    const p = new Program(source, bus ? { bus: bus() } : {});
    p.hart.engine.loops.enabled = false;
    prepare?.(p);
    return p;
  };
  const [translated, interpreted] = [make(), make()];
  interpreted.hart.engine.translator.enabled = false;
  for (const time of times) {
    expect(translated.run(time - translated.hart.now())).toBe(interpreted.run(time - interpreted.hart.now()));
    expect(visible(translated)).toEqual(visible(interpreted));
  }
  expect(interpreted.hart.engine.translator.functions).toBe(0);
  return { translated, interpreted };
}

/** The same, and at least one region has to be translated. */
export function compare(...of: Parameters<typeof compareTo>): ReturnType<typeof compareTo> {
  const both = compareTo(...of);
  expect(both.translated.hart.engine.translator.functions).toBeGreaterThan(0);
  return both;
}

export const DATA = '\n.align 3\ndata: .dword 1, 2, 3, 4, 5, 6, 7, 8';
export const every = (step: number, last: number): number[] => Array.from({ length: Math.floor(last / step) }, (_, n) => (n + 1) * step);
