/**
 * Grades every submission that the journal does not have yet: on worker processes, or in this process if there is only one.
 * When a submission has ended, its files are on disk, then the journal says so.
 */

import { dirname, join } from 'node:path';
import { blobFile } from '../batch/blob.ts';
import type { Stage } from '../batch/deadlines.ts';
import { type Identity, sha256 } from '../batch/identity.ts';
import { hasJournal, Journal, type JournalEntry, JournalError, journalFile } from '../batch/journal.ts';
import { GaveUp } from '../batch/watchdog.ts';
import { utf8Text } from '../bytes/text.ts';
import { onHost } from '../files/system-error.ts';
import type { SubmissionResult } from '../result/result.ts';
import { parseResult } from '../result/saved-result.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { ownImageKey } from '../vocabulary/scenario.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { postponedLine } from './dead-submission.ts';
import { FormatFiles } from './format-files.ts';
import { type Grading, gradeDead, gradeOne } from './grade-one.ts';
import { Interruption, type Ports, type Progress } from './ports.ts';
import { readHandIn } from './read-hand-in.ts';
import { recordFiles, reportFile } from './record.ts';
import type { Task } from './run-submission.ts';

export interface ClassGrading {
  readonly tasks: readonly Task[];
  readonly identity: Identity;
  readonly grading: Grading;
  /** Goes on with the journal. */
  readonly resume: boolean;
  readonly ports: Ports;
}

export interface ClassGraded {
  /** In the order of the tasks. */
  readonly results: SubmissionResult[];
  /** By name; empty if there is no journal. */
  readonly entries: ReadonlyMap<string, JournalEntry>;
}

/** Throws UsageError, HostError; Interruption where the user stops it. */
export async function gradeClass(options: ClassGrading): Promise<ClassGraded> {
  const { identity, ports } = options;
  ports.files.removeLeftovers(filesOf(options));
  const journal = openJournal(options);
  try {
    const run = new ClassRun(options, journal);
    run.takeEarlier();
    // One submission is graded in one go: there a signal ends the process, as it does without us.
    if (!hasJournal(identity)) run.gradeAlone();
    else await ports.interruptible((signal) => run.gradeRest(signal));
    return { results: run.results(), entries: journal?.entries ?? new Map() };
  } finally {
    journal?.close();
  }
}

function openJournal({ identity, grading, resume }: ClassGrading): Journal | undefined {
  if (!hasJournal(identity)) return undefined;
  const file = journalFile(grading.destination.out, identity.shard);
  try {
    return resume ? Journal.resume(file, identity) : Journal.begin(file, identity);
  } catch (error) {
    if (error instanceof JournalError) throw new UsageError(error.message);
    throw error;
  }
}

/** Has the progress say which scenario runs; `enter` is called with it as well. */
export function announcing(progress: Progress, name: string, enter: (stage: Stage) => void): (stage: Stage) => void {
  return (stage) => {
    enter(stage);
    if ('scenario' in stage) progress.started(name, stage.scenario);
  };
}

class ClassRun {
  readonly #options: ClassGrading;
  readonly #journal: Journal | undefined;
  readonly #graded = new Map<string, SubmissionResult>();

  constructor(options: ClassGrading, journal: Journal | undefined) {
    this.#options = options;
    this.#journal = journal;
  }

  /** Submissions in the journal are not graded again, except those that errored: they have no grade yet. */
  takeEarlier(): void {
    const { tasks, grading, ports, resume } = this.#options;
    if (!resume) return;
    tasks.forEach((task, position) => {
      const entry = this.#journal?.entries.get(task.submission.name);
      const earlier = entry === undefined || entry.outcome === 'errored' ? undefined : earlierResult(entry, grading);
      if (entry === undefined || earlier === undefined) return;
      const other = differenceFrom(earlier, task, grading);
      if (other !== null) throw this.#changed(`${other} of ${entry.name}`);
      this.#graded.set(entry.name, earlier);
      ports.progress.before(earlier, position);
    });
  }

  /** What was graded is not what there is now. */
  #changed(what: string): UsageError {
    return new UsageError(
      `${this.#journal?.file} belongs to a different grading: ${what} is not the one that was graded; leave out --resume to grade everything anew`,
    );
  }

  gradeAlone(): void {
    const { tasks, grading, ports } = this.#options;
    for (const task of tasks) {
      try {
        const work = (enter: (stage: Stage) => void) => gradeOne(task, grading, announcing(ports.progress, task.submission.name, enter));
        this.#end(task, ports.crew.alone(grading.rubric, work));
      } catch (error) {
        if (!(error instanceof GaveUp)) throw error;
        this.#tidyUp(task);
        this.#end(task, gradeDead(task, error.message, grading));
      }
    }
  }

  async gradeRest(signal: AbortSignal): Promise<void> {
    const { tasks, grading, ports } = this.#options;
    const { crew, progress } = ports;
    const left = tasks.filter(({ submission }) => !this.#graded.has(submission.name));
    const alone = left.filter(({ submission }) => this.#isSuspect(submission.name));
    const { images: _, host: __, files: ___, ...setup } = grading;
    await crew.many(
      'grade',
      { setup, tasks: left.filter((task) => !alone.includes(task)), alone, signal },
      {
        started: ({ submission: { name } }) => {
          this.#journal?.begun(name);
          progress.started(name);
        },
        answered: (task, result) => this.#end(task, result),
        postponed: (task, { reason }) => {
          const { name } = task.submission;
          this.#tidyUp(task);
          progress.postponed(name);
          progress.note(postponedLine(name, reason));
        },
        died: (task, { reason, output }) => {
          this.#tidyUp(task);
          if (output !== '') progress.printed(output);
          this.#end(task, gradeDead(task, reason, grading));
        },
      },
    );
    if (this.#graded.size < tasks.length) throw this.#interruption(signal);
    this.#journal?.finish();
  }

  /** Whether a process may have died of it: it errored, or it was being graded when the batch was killed. */
  #isSuspect(name: string): boolean {
    return this.#journal?.entries.get(name)?.outcome === 'errored' || this.#journal?.interrupted.has(name) === true;
  }

  /** The process that was writing the submission's files has died. */
  #tidyUp(task: Task): void {
    this.#options.ports.files.removeLeftovers(filesOf({ ...this.#options, tasks: [task] }));
  }

  #end({ submission }: Task, result: SubmissionResult): void {
    const { grading, ports, tasks } = this.#options;
    this.#journal?.add(entryOf(result, grading));
    this.#graded.set(submission.name, result);
    const position = tasks.findIndex((task) => task.submission === submission);
    ports.progress.ended(result, position);
  }

  #interruption(signal: AbortSignal): Interruption {
    const { tasks, ports } = this.#options;
    ports.progress.finished();
    ports.files.removeLeftovers(filesOf(this.#options));
    const done = `stopped after ${this.#graded.size} of ${tasks.length} submissions`;
    return new Interruption(`${done}; the same command with --resume goes on from there`, signal);
  }

  results(): SubmissionResult[] {
    return this.#options.tasks.map(({ submission }) => this.#graded.get(submission.name)!);
  }
}

/** All files that are written, except those of the class. */
function filesOf({ tasks, identity: { shard }, grading: { files, rubric, destination, print, formats } }: ClassGrading): string[] {
  const names = tasks.map(({ submission }) => submission.name);
  return [
    ...names.flatMap((name) => recordFiles(name, rubric, destination)),
    ...new FormatFiles(files, formats, destination, print).submissionFiles(names),
    journalFile(destination.out, shard),
    ...(shard === null ? [] : [blobFile(destination.out, shard)]),
  ];
}

/** What was graded before and is different now, the kernel or an image of its own; null: nothing, or this computer cannot read it. */
function differenceFrom(earlier: SubmissionResult, { submission }: Task, { rubric, files }: Grading): string | null {
  const { kernel, ownImages, files: texts = [] } = readHandIn(submission, rubric, files);
  if ('hostFault' in kernel) return null;
  if ((earlier.kernel?.sha256 ?? null) !== ('bytes' in kernel ? kernel.sha256 : null)) return 'the kernel';
  const before = earlier.files ?? [];
  for (const { name, each } of before) {
    const [then, now] = [before, texts].map((files) =>
      files.flatMap((one) => (one.name === name && one.each === each ? [one.sha256] : [])),
    );
    if (now!.length > 0 && then!.join() !== now!.join()) return `the file ${name}`;
  }
  for (const { name, machine, diskFrom } of rubric.scenarios) {
    // What it begins with follows from the other run.
    if (diskFrom !== null) continue;
    for (const drive of machine.drives) {
      const now = drive.own === null ? undefined : ownImages?.get(ownImageKey(drive.own))?.sha256;
      // A record for students has nothing of hidden scenarios.
      const before = earlier.images[`${name}/${drive.name}`];
      if (now !== undefined && before !== undefined && before !== now) return `the image of drive ${drive.name}`;
    }
  }
  return null;
}

function entryOf({ name, kernel, outcome }: SubmissionResult, { files, destination: { out } }: Grading): JournalEntry {
  return {
    name,
    kernelSha256: kernel?.sha256 ?? null,
    reportSha256: sha256(onHost(`reading the report of ${name}`, () => files.read(reportFile(out, name), MOST_BYTES.report))),
    outcome,
  };
}

/** What was graded before, if all its files are on disk, unchanged. */
function earlierResult({ name, reportSha256 }: JournalEntry, { files, destination: { out } }: Grading): SubmissionResult | undefined {
  const ownFile = (file: string, most: number) => onHost(`reading ${file}`, () => files.readIfThere(file, most));
  const file = reportFile(out, name);
  const report = ownFile(file, MOST_BYTES.report);
  if (report === undefined || sha256(report) !== reportSha256) return undefined;
  const result = parseResult(utf8Text(report));
  if (result === null || 'problem' in result) return undefined;
  const whole = result.scenarios.every(({ evidence, evidenceSha256 }) => {
    const bytes = evidence === null ? undefined : ownFile(join(dirname(file), evidence), MOST_BYTES.evidence);
    return evidence === null || (bytes !== undefined && sha256(bytes) === evidenceSha256);
  });
  return whole ? result : undefined;
}
