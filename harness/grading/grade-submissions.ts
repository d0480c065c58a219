/**
 * Grades submissions, one or a class: each is run through the rubric's scenarios, then its report and evidence are written; the files of the class
 * come last.
 */
import { blobFile, writeBlob } from '../batch/blob.ts';
import { type Identity, namesSha256, sha256 } from '../batch/identity.ts';
import { hasJournal, journalFile } from '../batch/journal.ts';
import { type Shard, shardOf } from '../batch/shard.ts';
import { clean } from '../report/words.ts';
import type { HandInFacts, Student, SubmissionResult } from '../result/result.ts';
import type { Submission } from '../submission/handed-in.ts';
import { withKernels } from './build-stage.ts';
import { FormatFiles } from './format-files.ts';
import { gradeClass } from './grade-class.ts';
import { type Grading, type GradingSetup, gradingOf } from './grade-one.ts';
import type { Ports } from './ports.ts';
import { prepareRecord, reportFile } from './record.ts';
import { classSubject } from './subject.ts';
import { whileLocked } from './while-locked.ts';
import { makeRoom } from './write-report.ts';

/** Whose submissions these are. */
export interface Owners {
  /** Of the roster, and of the columns that are kept; null without a roster. */
  readonly sha256: string | null;
  /** By submission. */
  readonly students: ReadonlyMap<string, readonly Student[]>;
  /** In the roster, without a submission. */
  readonly missing: readonly Student[];
}

export interface GradingRequest extends GradingSetup {
  /** The whole class, also where a part of it is graded. */
  readonly submissions: readonly Submission[];
  readonly owners: Owners;
  /** When they were handed in, by submission; without those of which nobody knows. */
  readonly facts: ReadonlyMap<string, HandInFacts>;
  /** Continues with the journal in the reports' folder. */
  readonly resume: boolean;
  /** Grades this part of the class, and packs it into a blob in the reports' folder; null: grades all of it. */
  readonly shard: Shard | null;
}

export interface Graded {
  /** In the order of the submissions. */
  readonly results: readonly SubmissionResult[];
  /** The file for `bootgrade merge`; null if the class was not split. */
  readonly blob: string | null;
}

/** Throws UsageError for what the user has to correct, before anything is booted; HostError; Interruption. */
export async function gradeSubmissions(request: GradingRequest, ports: Ports): Promise<Graded> {
  const { submissions, owners, facts, resume, shard, ...setup } = request;
  const grading = gradingOf(setup, ports.crew.host, ports.files);
  const taken = shard === null ? submissions : shardOf(submissions, shard);
  const identity = identityOf(grading, request, taken);
  const work = () => gradeInFolder({ request, ports, grading, identity, taken });
  return hasJournal(identity) ? whileLocked(journalFile(grading.destination.out, shard), ports, work) : work();
}

interface Prepared {
  readonly request: GradingRequest;
  readonly ports: Ports;
  readonly grading: Grading;
  readonly identity: Identity;
  /** The part of the class that is graded here. */
  readonly taken: readonly Submission[];
}

/** Grades into a folder that no other batch writes to meanwhile. */
async function gradeInFolder({ request, ports, grading, identity, taken }: Prepared): Promise<Graded> {
  const { rubric, formats, destination, print } = grading;
  const { owners, resume, shard } = request;
  for (const { name } of taken) prepareRecord(ports.files, name, rubric, destination);
  const blob = shard === null ? null : blobFile(destination.out, shard);
  if (blob !== null) makeRoom(ports.files, blob);
  const files = new FormatFiles(ports.files, formats, destination, print);
  const names = request.submissions.map(({ name }) => name);
  files.prepare(names);
  const named = names.map((name) => ({ name, students: owners.students.get(name) ?? [] }));
  for (const warning of files.warnings(named)) ports.progress.note(clean(warning));
  const ready = await withKernels(taken, ports);
  await ports.progress.begin(taken.length);
  const tasks = ready.map((submission) => ({
    submission,
    students: owners.students.get(submission.name) ?? [],
    handIn: request.facts.get(submission.name) ?? null,
  }));
  const { entries, results } = await gradeClass({ identity, grading, resume, tasks, ports });
  ports.progress.finished();
  files.writeClass(results.map(classSubject), owners.missing);
  if (blob !== null) writeBlob(blob, identity, entries, (name) => reportFile(destination.out, name));
  return { results, blob };
}

function identityOf(
  { rubric, images, host, destination, print, attempt, explain, formats }: Grading,
  { submissions, owners, facts, shard }: GradingRequest,
  taken: readonly Submission[],
): Identity {
  const contents = [...images].map(([scenario, drives]) => [scenario, [...drives].map(([drive, image]) => [drive, image.sha256])]);
  return {
    tool: host.tool,
    rubric: rubric.sha256,
    images: sha256(JSON.stringify(contents)),
    audience: destination.audience,
    print,
    attempt,
    explain,
    reports: sha256(JSON.stringify(formats)),
    roster: owners.sha256,
    class: namesSha256(submissions.map(({ name }) => name)),
    handIns: sha256(JSON.stringify([[...owners.students], [...facts]])),
    shard,
    submissions: taken.map(({ name }) => name),
    missing: owners.missing,
  };
}
