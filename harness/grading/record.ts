/** A grading's record on disk: a report for each submission, and the evidence of each run beside it. */
import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Evidence } from '../evidence/evidence.ts';
import { evidenceText } from '../evidence/evidence-text.ts';
import { evidenceForStudents } from '../grade/audience.ts';
import type { EvidenceFile } from '../grade/grade-run.ts';
import type { Subject } from '../report/format.ts';
import { reportFormats } from '../report/index.ts';
import { excerptOf, type RunExcerpt } from '../report/run-excerpt.ts';
import type { Audience, SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import { evidencePath, reportPath } from '../submission/name.ts';
import type { Files } from './files.ts';
import { classSubject } from './subject.ts';
import { makeRoom, makeRoomForReport, writeReport } from './write-report.ts';

/** Where a record goes, and who it is for: one for students holds nothing that is hidden. */
export interface Destination {
  readonly out: string;
  readonly audience: Audience;
}

/** Where a submission's report goes. */
export function reportFile(out: string, name: string): string {
  return join(out, `${reportPath(name)}.json`);
}

function evidenceFile(out: string, name: string, scenario: string): string {
  return join(out, `${evidencePath(name, scenario)}.json`);
}

/** All files of a submission's record. */
export function recordFiles(name: string, { scenarios }: Rubric, { out }: Destination): string[] {
  return [reportFile(out, name), ...scenarios.map((scenario) => evidenceFile(out, name, scenario.name))];
}

/** Makes sure that the submission's record can be written. Throws UsageError if it would replace anything but such a record. */
export function prepareRecord(files: Files, name: string, { scenarios }: Rubric, { out, audience }: Destination): void {
  makeRoomForReport(files, reportFile(out, name), audience);
  for (const { name: scenario, hidden } of scenarios) {
    makeRoom(files, evidenceFile(out, name, scenario), { forbidden: hidden && audience === 'student' });
  }
}

/**
 * A submission's record while it is graded. Each run's evidence goes to its file as soon as the run is done, and is not held afterwards;
 * the report comes last.
 */
export class SubmissionRecord {
  readonly #files: Files;
  readonly #name: string;
  readonly #rubric: Rubric;
  readonly #destination: Destination;
  readonly #excerpts: RunExcerpt[] = [];

  constructor(files: Files, name: string, rubric: Rubric, destination: Destination) {
    this.#files = files;
    this.#name = name;
    this.#rubric = rubric;
    this.#destination = destination;
  }

  /** Writes a run's evidence; returns where it is, null if it is not for the record's readers. */
  keep(evidence: Evidence): EvidenceFile | null {
    const { out, audience } = this.#destination;
    const { name, hidden } = this.#rubric.scenarios.find((scenario) => scenario.name === evidence.scenario)!;
    if (hidden && audience === 'student') return null;
    this.#excerpts.push(excerptOf(evidence));
    const file = evidenceFile(out, this.#name, name);
    const hash = createHash('sha256');
    writeReport(this.#files, file, hashed(evidenceText(audience === 'student' ? evidenceForStudents(evidence) : evidence), hash));
    return { name: basename(file), sha256: hash.digest('hex') };
  }

  /** Writes the report of the result, which is for the record's readers; returns what the report formats get to see of the submission. */
  finish(result: SubmissionResult): Subject {
    writeReport(this.#files, reportFile(this.#destination.out, this.#name), reportFormats.json.one(result));
    return { ...classSubject(result), runs: this.#excerpts };
  }
}

function* hashed(parts: Iterable<string>, hash: Hash): Iterable<string> {
  for (const part of parts) {
    hash.update(part);
    yield part;
  }
}
