/**
 * What compilers complain of, out of what a build printed: gcc, clang, GNU as and ld, rustc. Paths are brought below the top of the tree, so
 * that they name files as the student knows them.
 *
 * Reference: GCC's "Formatting Messages" (file:line:column: severity: text), which clang and GNU as keep to as well; rustc's book, "JSON
 * Output", whose readable form has the place in a line of its own, after `-->`; make's "Entering directory" (GNU make, 5.7.3).
 */
import type { BuildMessage } from '../result/build.ts';
import type { SourceFile } from './overlay.ts';

/** Messages that are kept. */
export const MOST_MESSAGES = 100;
/** Characters of one. */
const LONGEST_TEXT = 500;
/** Lines longer than this are not a compiler's. */
const LONGEST_LINE = 2000;
/** Lines after rustc's message in which its place is looked for. */
const PLACE_WITHIN = 3;

export interface Messages {
  readonly messages: readonly BuildMessage[];
  readonly leftOut: number;
}

/** `top`: the tree's path as the build knows it; `folder`: below it, where the steps run. */
export function messagesOf(outputs: readonly string[], files: readonly SourceFile[], top: string, folder: string): Messages {
  const reader = new MessageReader(files, top, folder);
  for (const output of outputs) reader.read(output);
  const all = [...reader.errors, ...reader.warnings];
  return { messages: all.slice(0, MOST_MESSAGES), leftOut: all.length + reader.uncounted - Math.min(all.length, MOST_MESSAGES) };
}

// In each expression the parts cannot match the same text in two ways, so that matching is linear.
const GNU = /^([^\s:][^:]*):(\d{1,9}):(?:(\d{1,9}):)? (?:fatal |internal compiler )?(error|warning|Error|Warning): (.+)$/;
/** What a tool says under its own name: `riscv64-linux-gnu-ld: …`, `gcc: error: …`. */
const TOOL = /^[^\s:]*(?:ld|ld\.lld|ld\.bfd|gcc|g\+\+|cc|cc1|clang|as): (.+)$/;
/** Without debug information, ld names a section instead of a line. */
const UNDEFINED = /^([^\s:]+):(?:(\d{1,9})|\([^)]*\)): (undefined reference to .+|multiple definition of .+)$/;
const SEVERITY = /^(?:fatal )?(error|warning): (.+)$/;
const RUST = /^(error|warning)(?:\[[A-Z]\d+\])?: (.+)$/;
const RUST_PLACE = /^ *--> ([^:]+):(\d{1,9}):(\d{1,9})$/;
const ENTERING = /^make(?:\[\d+\])?: (Entering|Leaving) directory '([^']*)'$/;

/** Cargo's own summaries of what rustc has said. */
const SUMMARY = /^(?:aborting due to|could not compile|build failed|\d+ warnings? emitted|`[^`]*` \([^)]*\) generated )/;

class MessageReader {
  readonly errors: BuildMessage[] = [];
  readonly warnings: BuildMessage[] = [];
  uncounted = 0;
  readonly #top: string;
  readonly #folder: string;
  readonly #paths: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  /** Folders that make has entered. */
  readonly #entered: string[] = [];

  constructor(files: readonly SourceFile[], top: string, folder: string) {
    this.#top = top;
    this.#folder = folder;
    this.#paths = new Set(files.map(({ path }) => path));
  }

  read(output: string): void {
    this.#entered.length = 0;
    const lines = output.split('\n');
    lines.forEach((line, index) => {
      if (line.length <= LONGEST_LINE) this.#line(line.trimEnd(), lines, index);
    });
  }

  #line(line: string, lines: readonly string[], index: number): void {
    const [, verb, folder] = ENTERING.exec(line) ?? [];
    if (folder !== undefined) {
      if (verb === 'Entering') this.#entered.push(folder);
      else this.#entered.pop();
      return;
    }
    const [, file, at, column, severity, text] = GNU.exec(line) ?? [];
    if (file !== undefined) {
      this.#add(severity!, { file, line: at!, column }, text!);
      return;
    }
    const [, said] = TOOL.exec(line) ?? [];
    const [, linked, linkedAt, complaint] = UNDEFINED.exec(said ?? line) ?? [];
    if (linked !== undefined) this.#add('error', { file: linked, line: linkedAt, column: undefined }, complaint!);
    else if (said !== undefined) this.#tool(said);
    else this.#rust(line, lines, index);
  }

  /** A line such as `main.o: in function `main':` only leads to the next. */
  #tool(said: string): void {
    const [, severity = 'error', text = said] = SEVERITY.exec(said) ?? [];
    if (!said.endsWith(':')) this.#add(severity, null, text);
  }

  #rust(line: string, lines: readonly string[], index: number): void {
    const [, severity, text] = RUST.exec(line) ?? [];
    if (severity === undefined || text === undefined || SUMMARY.test(text)) return;
    const after = lines.slice(index + 1, index + 1 + PLACE_WITHIN).map((one) => RUST_PLACE.exec(one.slice(0, LONGEST_LINE).trimEnd()));
    const [, file, at, column] = after.find((match) => match !== null) ?? [];
    this.#add(severity, file === undefined ? null : { file, line: at!, column }, text);
  }

  #add(severity: string, place: { file: string; line: string | undefined; column: string | undefined } | null, text: string): void {
    const message: BuildMessage = {
      severity: /^[eE]/.test(severity) ? 'error' : 'warning',
      file: place === null ? null : this.#below(place.file),
      line: place?.line === undefined ? null : Number(place.line),
      column: place?.column === undefined ? null : Number(place.column),
      text: text.slice(0, LONGEST_TEXT),
    };
    const list = message.severity === 'error' ? this.errors : this.warnings;
    const name = JSON.stringify(message);
    // A header's warning comes with each file that includes it.
    if (this.#seen.has(name)) return;
    if (list.length >= MOST_MESSAGES) {
      this.uncounted++;
      return;
    }
    this.#seen.add(name);
    list.push(message);
  }

  /** The path below the top of the tree, where the file is one of it. */
  #below(file: string): string {
    const entered = this.#entered.at(-1);
    const folders = [entered, `${this.#top}/${this.#folder}`, this.#top].filter((folder) => folder !== undefined);
    const absolute = file.startsWith('/') ? [file] : folders.map((folder) => `${folder}/${file}`);
    const candidates = absolute.flatMap((path) => this.#relative(path) ?? []);
    return candidates.find((path) => this.#paths.has(path)) ?? candidates[0] ?? file;
  }

  /** undefined: it lies elsewhere. */
  #relative(path: string): string | undefined {
    const parts: string[] = [];
    for (const part of path.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    const plain = `/${parts.join('/')}`;
    return plain.startsWith(`${this.#top}/`) ? plain.slice(this.#top.length + 1) : undefined;
  }
}
