/**
 * The dialogue with a guest: keys that are typed once a text was shown or a time has passed, and what ends the run.
 *
 * Pairs are taken in order, each after the text that released the one before. What ends the run counts wherever it is
 * shown, but for a place where keys are released: so `when "# "`, `type "ls\n"`, `until "# "` ends at the second prompt.
 */
import type { Machine } from '../../machine/index.ts';
import { ConsoleWatch } from './console-watch.ts';
import type { LineWatch } from './line-watch.ts';

/** As KeyPress of vocabulary/scenario.ts says; `when` is not an empty text. */
export interface KeyPair {
  readonly when: string | null;
  readonly after: number;
  readonly type: Uint8Array;
}

/** What ended the run: what the console has shown, and the expression where it was one; or the function that was called. */
export type Reached = { readonly console: string; readonly matches?: string } | { readonly reaches: string };

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
  /** The next pair waits for a time: for the alarm that was asked for, or the delay that is still to be asked for. */
  #isTimed = false;
  #delay: number | undefined;
  #due: Uint8Array[] = [];
  #reached: Reached | undefined;

  constructor({ console, lines }: Awaited, pairs: readonly KeyPair[]) {
    this.#pairs = pairs;
    this.#texts = console.map((text) => ({ text, watch: new ConsoleWatch(text) }));
    this.#lines = lines;
    this.#await();
  }

  /** What ends the run, once it was shown or reached. */
  get reached(): Reached | undefined {
    return this.#reached;
  }

  /** A function that ends the run was called. */
  reach(reaches: string): void {
    this.#reached ??= { reaches };
  }

  /** Takes the console's next byte; true when there is something to do: keys to send, a delay to wait, or the end. */
  push(byte: number): boolean {
    const end = this.#endAt(byte);
    if (this.#prompt?.push(byte)) {
      this.#prompt = undefined;
      if (this.#pairs[this.#next]!.after === 0) this.#release();
      else this.#wait();
      return true;
    }
    this.#reached ??= end;
    return end !== undefined;
  }

  /** The delay of the next pair is over. */
  ring(): void {
    if (this.#isTimed) this.#release();
  }

  #release(): void {
    this.#due.push(this.#pairs[this.#next++]!.type);
    this.#await();
  }

  /** Begins to wait for what releases the next pair. */
  #await(): void {
    const pair = this.#pairs[this.#next];
    this.#isTimed = false;
    this.#prompt = watch(pair?.when ?? undefined);
    if (pair?.when === null) this.#wait();
  }

  #wait(): void {
    this.#isTimed = true;
    this.#delay = this.#pairs[this.#next]!.after;
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

  /** Nanoseconds from now until `ring` is to be called; handed out once. */
  takeDelay(): number | undefined {
    const delay = this.#delay;
    this.#delay = undefined;
    return delay;
  }

  save() {
    return {
      next: this.#next,
      due: [...this.#due],
      isTimed: this.#isTimed,
      delay: this.#delay,
      reached: this.#reached,
      texts: this.#texts.map(({ watch: one }) => one.matched),
      line: this.#lines?.save(),
      prompt: this.#prompt?.matched,
    };
  }

  restore({ next, due, isTimed, delay, reached, texts, line, prompt }: ReturnType<Dialogue['save']>): void {
    this.#next = next;
    this.#due = [...due];
    this.#isTimed = isTimed;
    this.#delay = delay;
    this.#reached = reached;
    this.#texts.forEach(({ watch: one }, index) => {
      one.matched = texts[index] ?? 0;
    });
    if (line !== undefined) this.#lines?.restore(line);
    this.#prompt = isTimed ? undefined : watch(this.#pairs[next]?.when ?? undefined);
    if (this.#prompt) this.#prompt.matched = prompt ?? 0;
  }
}

function watch(text: string | undefined): ConsoleWatch | undefined {
  return text === undefined ? undefined : new ConsoleWatch(text);
}

/** Does what the dialogue has to do at this moment: types keys, and has the machine ring when others are due. */
export function answer(dialogue: Dialogue, machine: Machine): void {
  for (const keys of dialogue.takeKeys()) machine.type(keys);
  const delay = dialogue.takeDelay();
  if (delay !== undefined) machine.alarm(machine.now() + delay);
}
