/** What builds of a rubric get from the command line: where its paths begin, where results are kept, and what no build may see. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Building } from '../grading/ports.ts';
import type { HandIn } from '../submission/hand-in.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';

export interface BuildFlags {
  /** Builds may do whatever the person may do who grades. */
  readonly unsandboxed?: boolean;
  /** Builds at a time. */
  readonly jobs?: number;
}

export interface BuildPlan extends BuildFlags {
  /** The rubric's file. */
  readonly rubric: string;
  readonly rules: SubmissionRules;
  readonly handIns: readonly HandIn[];
  /** Paths of this command that are not for builds: of submissions, and of reports. */
  readonly paths: readonly string[];
}

/** Does the work with what builds kernels; undefined: the rubric builds none. Throws UsageError where a sandbox or the like is missing. */
export async function withBuilding<Result>(plan: BuildPlan, work: (building: Building | undefined) => Promise<Result>): Promise<Result> {
  const { rubric, rules, handIns, paths, unsandboxed = false, jobs = 1 } = plan;
  if (rules.build === null) return work(undefined);
  const rubricFolder = dirname(resolve(rubric));
  const cache = buildsFolder();
  const { openBuilder } = await import('../build/open.ts');
  const { builder, close } = await openBuilder({
    rules,
    recipe: rules.build,
    rubricFolder,
    masked: [rubricFolder, homedir(), process.cwd(), cache, ...paths.map((path) => resolve(path))],
    cache,
    jobs,
    unsandboxed,
    environment: ownEnvironment(),
    home: homedir(),
  });
  const known = new Map(handIns.map((handIn) => [handIn.submission.name, handIn]));
  try {
    return await work({
      build: (submissions, tell, signal) =>
        builder.build(
          submissions.map((submission) => ({ files: known.get(submission.name)?.files ?? null, submission })),
          tell,
          signal,
        ),
    });
  } finally {
    await close();
  }
}

/** XDG Base Directory Specification: what can be made again. */
function buildsFolder(): string {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  return join(given.startsWith('/') ? given : join(homedir(), '.cache'), 'bootgrade', 'builds');
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
