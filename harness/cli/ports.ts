/** What the use cases of grading (harness/grading) get from the command line: this computer's files, a display, Ctrl-C. */
import { printableLines } from '../evidence/printable.ts';
import type { Crew } from '../grading/crew.ts';
import type { Building, Ports, Progress } from '../grading/ports.ts';
import type { SubmissionResult } from '../result/result.ts';
import { systemFiles } from '../submission/system-files.ts';
import type { BuildCount } from '../vocabulary/submission.ts';
import type { Environment } from './environment.ts';
import { MOST_PRINTED, type ReportPrinter } from './grade-end.ts';
import { interruptible } from './interrupt.ts';
import { ProgressDisplay } from './progress.ts';

/** `printer`: prints the reports of so many submissions one by one; undefined if none is printed. `building`: left out where kernels are handed in. */
export function processPorts(
  environment: Environment,
  crew: Crew,
  printer: (total: number) => ReportPrinter | undefined = () => undefined,
  building?: Building,
): Ports {
  const ports = { files: systemFiles, crew, interruptible, progress: new ShownProgress(environment, printer) };
  return building === undefined ? ports : { ...ports, building };
}

/** The same for what boots nothing. */
export function filePorts(environment: Environment): Pick<Ports, 'files' | 'progress'> {
  return { files: systemFiles, progress: new ShownProgress(environment, () => undefined) };
}

class ShownProgress implements Progress {
  readonly #environment: Environment;
  readonly #printerFor: (total: number) => ReportPrinter | undefined;
  #display: ProgressDisplay | undefined;
  #printer: ReportPrinter | undefined;

  constructor(environment: Environment, printerFor: (total: number) => ReportPrinter | undefined) {
    this.#environment = environment;
    this.#printerFor = printerFor;
  }

  building({ done, total, anew, cached }: BuildCount): void {
    const built = anew + cached;
    if (done < total) this.#buildingLine(`building ${done + 1}/${total}`);
    else if (built > 0) this.#buildingEnd(`${built} built: ${anew} anew, ${cached} from the cache`);
  }

  /** Drawn over on a terminal. */
  #buildingLine(text: string): void {
    if (this.#environment.progress) this.#environment.err(`\r ${text} `);
  }

  #buildingEnd(text: string): void {
    if (this.#environment.progress) this.#environment.err('\r\x1b[K');
    if (this.#environment.quiet !== true) this.note(text);
  }

  async begin(total: number): Promise<void> {
    this.#display = await ProgressDisplay.begin(total, { lines: total > MOST_PRINTED }, this.#environment);
    this.#printer = this.#printerFor(total);
  }

  before(result: SubmissionResult, position: number): void {
    this.#display?.before(result.outcome);
    this.#print(result, position);
  }

  started(name: string, detail?: string): void {
    this.#display?.started(name, detail);
  }

  postponed(name: string): void {
    this.#display?.postponed(name);
  }

  ended(result: SubmissionResult, position: number): void {
    this.#display?.ended(result);
    this.#print(result, position);
  }

  finished(): void {
    this.#display?.clear();
  }

  note(line: string): void {
    this.#say(`bootgrade: ${line}\n`);
  }

  printed(text: string): void {
    this.#say(`${printableLines(text)}\n`);
  }

  #print(result: SubmissionResult, position: number): void {
    if (this.#printer === undefined) return;
    this.#display?.clear();
    this.#printer.add(position, result);
  }

  #say(text: string): void {
    this.#display?.clear();
    this.#environment.err(text);
  }
}
