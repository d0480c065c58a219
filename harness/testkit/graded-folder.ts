/** For the tests of `regrade`: a class of three that was graded, in a folder of its own. Machines play scripts here. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type GradeOptions, grade } from '../cli/grade.ts';
import { type RegradeOptions, regrade } from '../cli/regrade.ts';
import { TOOL } from '../cli/version.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from './command.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 128M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf], format: raw }
scenarios:
  hello: { until: { console: bye }, limit: 1ms guest }
  again: { visibility: hidden, append: again, limit: 1ms guest }
checks:
  - { id: says-hello, title: The kernel says hello, points: 10, console: hello }
  - { id: says-more, title: It says more, points: 5, in: again, console: more }
`;

export class GradedFolder extends TestFolder {
  readonly #rubric: string;

  private constructor() {
    super();
    this.#rubric = this.put('lab.yaml', RUBRIC);
    this.put('class/alice/kernel.elf', 'hello more');
    this.put('class/bob/kernel.elf', 'Hello');
    this.put('class/carol/main.rs', 'no kernel');
  }

  /** With the class's record in `reports`. */
  static async make(): Promise<GradedFolder> {
    const folder = new GradedFolder();
    await folder.grade('reports');
    return folder;
  }

  async grade(out: string, changes: Partial<GradeOptions> = {}): Promise<void> {
    const host = { ...fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]), tool: TOOL };
    const base = { json: false, strict: false, explain: 'nothing' as const, attempt: 1 };
    const paths = { rubric: this.#rubric, submissions: [this.at('class')], out: this.at(out) };
    await grade({ ...base, ...paths, ...changes }, capture().environment, inThisProcess(host));
  }

  /** Regrades `reports` into `regraded`. */
  async regrade(changes: Partial<RegradeOptions> = {}) {
    const printed = capture();
    const options = { rubric: this.#rubric, reports: this.at('reports'), out: this.at('regraded'), json: false };
    const code = await regrade({ ...options, ...changes }, printed.environment);
    return { code, out: printed.out(), err: printed.err(), lines: printed.out().split('\n') };
  }

  changeRubric(from: string, to: string): void {
    writeFileSync(this.#rubric, readFileSync(this.#rubric, 'utf8').replace(from, to));
  }

  /** The texts of a record's files. */
  recordIn(path: string): Record<string, string> {
    const files = readdirSync(this.at(path)).filter((file) => file.endsWith('.json'));
    return Object.fromEntries(files.map((file) => [file, this.read(`${path}/${file}`)]));
  }

  report(path: string): SubmissionResult {
    return JSON.parse(this.read(path)) as SubmissionResult;
  }
}
