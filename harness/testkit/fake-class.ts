/** A folder with a class that machines grade which play scripts: each prints its kernel's text and powers off. */
import { parse } from 'csv-parse/sync';
import { type GradeOptions, grade } from '../cli/grade.ts';
import type { ChosenFormat } from '../report/index.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from './command.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class FakeClass extends TestFolder {
  /** `rubric`: written as lab.yaml. The class itself lies in the folder `class`. */
  constructor(rubric: string) {
    super();
    this.put('lab.yaml', rubric);
  }

  /** Grades the class, as `bootgrade grade lab.yaml class --out reports` does. Throws what the command throws. */
  async grade(changes: Partial<GradeOptions> = {}): Promise<Ran> {
    const printed = capture();
    const options = { rubric: this.at('lab.yaml'), submissions: [this.at('class')], out: this.at('reports') };
    const host = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);
    const common = { json: false, strict: false, explain: 'nothing' as const };
    const code = await grade({ ...options, ...common, ...changes }, printed.environment, inThisProcess(host));
    return { code, out: printed.out(), err: printed.err() };
  }

  result(name: string): SubmissionResult {
    return JSON.parse(this.read(`reports/${name}.json`)) as SubmissionResult;
  }

  /** The cells of one of the class's tables, with its header. */
  table(extension: string, delimiter = ','): string[][] {
    return parse(this.read(`reports/class.${extension}`), { delimiter, bom: true, trim: true }) as string[][];
  }

  /** A column of it, by the header. */
  column(extension: string, title: string, delimiter = ','): (string | undefined)[] {
    const [header = [], ...rows] = this.table(extension, delimiter);
    const at = header.indexOf(title);
    return rows.map((row) => row[at]);
  }
}

export function format(name: ChosenFormat['name'], values: ChosenFormat['values'] = {}): ChosenFormat[] {
  return [{ name, values }];
}
