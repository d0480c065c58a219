/** Where each of several harts was at the end of a run, from its evidence; and who holds the locks for which they wait, for which the run is repeated. */

import type { HartAtEnd } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { triedLock } from '../evidence/tried-lock.ts';
import { snapshotAtEnd } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import { lockHolders } from './lock-holders.ts';
import type { ReplayedRun } from './replay.ts';

export function explainHarts(harts: readonly HartAtEnd[], run: ReplayedRun, code: KernelCode): NonNullable<Explanations['harts']> {
  const locks = harts.map((hart) => {
    const load = triedLock(hart);
    return load?.physical == null ? undefined : { address: BigInt(load.physical), length: load.width };
  });
  const words = locks.filter((lock) => lock !== undefined);
  const holders = words.length === 0 ? new Map<bigint, never>() : lockHolders(run, words);
  return harts.map((hart, number) => {
    const load = hart.loop?.loads[0];
    const lock = locks[number];
    const holder = lock && holders.get(lock.address);
    return {
      stack: code.stack(snapshotAtEnd(hart)),
      symbol: load?.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null,
      ...(holder === undefined ? {} : { holder: { hart: holder.hart, stack: code.stack(holder.snapshot) } }),
    };
  });
}
