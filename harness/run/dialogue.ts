/**
 * The dialogue with a guest's console: keys that are typed once a text was shown, and what ends the run.
 *
 * Pairs are taken in order, each after the text that released the one before. What ends the run counts wherever it is
 * shown, but for a place where keys are released: so `when "# "`, `type "ls\n"`, `until "# "` ends at the second prompt.
 */
import { ConsoleWatch } from './console-watch.ts';
import type { LineWatch } from './line-watch.ts';

/** Once the console has shown `when` (not empty), since the pair before, `type` is sent. */
export interface KeyPair {
  readonly when: string;
  readonly type: Uint8Array;
}

/** What the console has shown of what ends the run, and the expression where it was one. */
export interface Reached {
  readonly console: string;
  readonly matches?: string;
}

/** What ends the run: texts (not empty), and lines that match. */
export interface Awaited {
  readonly console: readonly string[];
  readonly lines?: LineWatch | undefined;
}

export class Dialogue {
  readonly #pairs: readonly KeyPair[];
  readonly #texts: readonly { readonly text: string; readonly watch: ConsoleWatch }[];
  readonly #lines: LineWatch | undefined;
  #prompt: ConsoleWatch | undefined;
  #next = 0;
  #due: Uint8Array[] = [];
  #reached: Reached | undefined;

  constructor({ console, lines }: Awaited, pairs: readonly KeyPair[]) {
    this.#pairs = pairs;
    this.#texts = console.map((text) => ({ text, watch: new ConsoleWatch(text) }));
    this.#lines = lines;
    this.#prompt = watch(pairs[0]?.when);
  }

  /** What ends the run, once it was shown. */
  get reached(): Reached | undefined {
    return this.#reached;
  }

  /** Takes the console's next byte; true when there is something to do: keys to send, or the end. */
  push(byte: number): boolean {
    const end = this.#endAt(byte);
    if (this.#prompt?.push(byte)) {
      this.#due.push(this.#pairs[this.#next++]!.type);
      this.#prompt = watch(this.#pairs[this.#next]?.when);
      return true;
    }
    this.#reached ??= end;
    return end !== undefined;
  }

  /** Each watch has to see the byte, so none is left out once one of them has found its text. */
  #endAt(byte: number): Reached | undefined {
    let end: Reached | undefined;
    for (const { text, watch: one } of this.#texts) if (one.push(byte)) end ??= { console: text };
    const matched = this.#lines?.push(byte);
    return end ?? matched;
  }

  /** The keys that are to be sent now; each is handed out once. */
  takeKeys(): Uint8Array[] {
    const due = this.#due;
    this.#due = [];
    return due;
  }

  save() {
    return {
      next: this.#next,
      due: [...this.#due],
      reached: this.#reached,
      texts: this.#texts.map(({ watch: one }) => one.matched),
      line: this.#lines?.save(),
      prompt: this.#prompt?.matched,
    };
  }

  restore({ next, due, reached, texts, line, prompt }: ReturnType<Dialogue['save']>): void {
    this.#next = next;
    this.#due = [...due];
    this.#reached = reached;
    this.#texts.forEach(({ watch: one }, index) => {
      one.matched = texts[index] ?? 0;
    });
    if (line !== undefined) this.#lines?.restore(line);
    this.#prompt = watch(this.#pairs[next]?.when);
    if (this.#prompt) this.#prompt.matched = prompt ?? 0;
  }
}

function watch(text: string | undefined): ConsoleWatch | undefined {
  return text === undefined ? undefined : new ConsoleWatch(text);
}
