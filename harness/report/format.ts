/**
 * What a report format is: which files it makes, from what, and which options it needs. A format is a pure function: a date or
 * a name that only the outside knows comes in as an option, never from a clock or the environment.
 */
import type { Student, SubmissionResult } from '../result/result.ts';
import type { RunExcerpt } from './run-excerpt.ts';

/** One graded submission, as a report sees it. What is hidden from the report's readers is in neither part. */
export interface Subject {
  readonly result: SubmissionResult;
  /** For the result's scenarios. Reports of a class do not use them. */
  readonly runs: readonly RunExcerpt[];
  /** Path of its report below the reports' folder, with `/` and without an extension. */
  readonly path: string;
}

/** Whose submission it is. */
export type Named = Pick<SubmissionResult, 'name' | 'students'>;

/** An option of a format; on the command line `--<format>-<name>`. */
export interface FormatOption {
  /** `file`: a path on the command line, the file's text for the format. */
  readonly value: 'text' | 'file';
  readonly required: boolean;
  readonly describe: string;
}

export type OptionTable = Readonly<Record<string, FormatOption>>;

/** The options' values: a required one is there. */
export type Values<Options extends OptionTable> = {
  readonly [Name in keyof Options]: Options[Name]['required'] extends true ? string : string | undefined;
};

/** A file that a format makes: one for each submission, `<path>.<extension>`, or one for all of them, `class.<extension>`. */
export type Part<Options extends OptionTable> =
  | {
      readonly scope: 'submission';
      readonly extension: string;
      /** null: this submission has no such file. */
      render(subject: Subject, values: Values<Options>): string | null;
    }
  | {
      readonly scope: 'class';
      readonly extension: string;
      /**
       * The text, or its parts as they come: one for each submission, where each may have much to say. `missing`: students of the
       * roster who handed in nothing.
       */
      render(subjects: readonly Subject[], values: Values<Options>, missing: readonly Student[]): string | Iterable<string>;
    };

export interface Format<Options extends OptionTable = OptionTable> {
  readonly describe: string;
  /**
   * Whose result it is given: `record`, as the JSON beside it; `print`, as the terminal shows it: for files that go where students
   * look (a CI's log, their repository), which show nothing hidden unless the user asks for it.
   */
  readonly audience: 'record' | 'print';
  readonly options: Options;
  readonly parts: readonly Part<Options>[];
  /** What is wrong with the options' values, in one sentence; null if nothing is. */
  mistake?(values: Values<Options>): string | null;
  /** What the user should know before anything is graded, such as submissions without a row in a gradebook. */
  warnings?(values: Values<Options>, submissions: readonly Named[]): string[];
}

/** All of what a format has rendered as one text, for a small class. */
export function wholeText(rendered: string | Iterable<string>): string {
  return typeof rendered === 'string' ? rendered : [...rendered].join('');
}

/** Gives the functions of a format types with the names of its options. */
export function format<const Options extends OptionTable>(definition: Format<Options>): Format<Options> {
  return definition;
}
