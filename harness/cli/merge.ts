/** `bootgrade merge`: joins the blobs of a grading's shards, and prints what the grading would have printed. */
import { mergeBlobs } from '../grading/merge.ts';
import type { ChosenFormat } from '../report/index.ts';
import type { Environment } from './environment.ts';
import { endGrading } from './grade-end.ts';
import { filePorts } from './ports.ts';
import { TOOL } from './version.ts';

export interface MergeOptions {
  readonly blobs: readonly string[];
  readonly out: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly formats: readonly ChosenFormat[];
}

/** Merges; returns the exit code, as `grade` has it. Throws UsageError if the blobs do not belong together. */
export async function merge({ blobs, out, json, strict, formats }: MergeOptions, environment: Environment): Promise<number> {
  const { identity, results } = await mergeBlobs({ blobs, out, formats, tool: TOOL }, filePorts(environment));
  return endGrading(results, { out, print: identity.print, json, strict, missing: identity.missing }, environment);
}
