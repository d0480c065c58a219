/**
 * Why a run went wrong: it is repeated, watched and stopped where something is to be explained (architecture.md, decision 10).
 * The answers become part of the run's evidence. Nothing here decides a grade, and debug information that is broken or hostile
 * costs its lines, not the grade.
 */
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { NO_EXPLANATIONS } from '../evidence/no-explanations.ts';
import { KernelCode } from './code.ts';
import { explainEntry } from './entry.ts';
import { explainHarts } from './harts.ts';
import { tryJoined } from './joined.ts';
import { kernelFile } from './kernel-file.ts';
import { type Asked, planOf } from './plan.ts';
import { RepeatedRun } from './repeated.ts';
import { type Budget, MOST_REPEATED, type ReplayedRun } from './replay.ts';
import type { SourceLines } from './source-files.ts';

/**
 * Answers what was asked, and explains the stop and the findings as far as there is something to explain; null if there is nothing.
 * `sources`: what was handed in beside the kernel; null if that is not at hand.
 */
export function explain(run: ReplayedRun, evidence: Evidence, asked: Asked, sources: SourceLines | null = null): Explanations | null {
  // A run that the host's guard ended must not take its time twice.
  if ('problem' in run.kernel || evidence.stop.reason === 'host-limit') return null;
  const codeOf = (bytes: Uint8Array) => new KernelCode(kernelFile(bytes), sources);
  if (asked.end && isOfHarts(evidence)) {
    const code = codeOf(run.kernel.debug ?? run.kernel.bytes);
    return withSources({ ...NO_EXPLANATIONS, ...explainedHarts(run, evidence, code) }, code);
  }
  const plan = planOf(run, evidence, asked);
  if (plan === null) return null;
  const code = codeOf(run.kernel.debug ?? run.kernel.bytes);
  const budget: Budget = { left: MOST_REPEATED };
  const explanations = new RepeatedRun(run, { evidence, plan, budget }, code).explanations();
  explanations.entry = explainEntry(run.kernel.bytes, code);
  const joined = plan.triesJoined ? tryJoined(run, evidence, budget, code) : null;
  if (joined !== null) explanations.joined = joined;
  if (!plan.isAsked && isEmpty(explanations)) return null;
  return withSources(explanations, code);
}

/** Whether it is a run of several harts of which there is something to explain. */
function isOfHarts({ hartsAtEnd, facts }: Evidence): boolean {
  return hartsAtEnd !== undefined || (facts?.races?.found.length ?? 0) > 0;
}

function explainedHarts(run: ReplayedRun, { hartsAtEnd, facts }: Evidence, code: KernelCode): Pick<Explanations, 'harts' | 'racePlaces'> {
  const pcs = new Set((facts?.races?.found ?? []).flatMap(({ accesses }) => accesses.map(({ pc }) => pc)));
  return {
    ...(hartsAtEnd === undefined ? {} : { harts: explainHarts(hartsAtEnd, run, code) }),
    ...(pcs.size === 0 ? {} : { racePlaces: [...pcs].map((pc) => code.place(BigInt(pc))) }),
  };
}

function withSources(explanations: Explanations, code: KernelCode): Explanations {
  const excerpts = code.excerpts();
  return {
    ...explanations,
    ...(excerpts.length === 0 ? {} : { sources: excerpts }),
    ...(code.remedy === null ? {} : { remedy: code.remedy }),
  };
}

/** Whether nothing was found of what was only looked for. */
function isEmpty({ drivers, wrapped, unset, joined }: Explanations): boolean {
  return drivers.length === 0 && wrapped === undefined && unset === undefined && joined === undefined;
}
