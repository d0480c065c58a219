/**
 * The dialogue with a guest's console: keys that are typed once a text was shown, and the text that ends the run.
 *
 * Pairs are taken in order, each after the text that released the one before. The end's text counts wherever it is
 * shown, but for a place where it releases keys: so `when "# "`, `type "ls\n"`, `until "# "` ends at the second prompt.
 */
import type { Scenario } from '../vocabulary/scenario.ts';
import { ConsoleWatch } from './console-watch.ts';

/** Once the console has shown `when` (not empty), since the pair before, `type` is sent. */
export interface KeyPair {
  readonly when: string;
  readonly type: Uint8Array;
}

export class Dialogue {
  readonly #until: string | undefined;
  readonly #pairs: readonly KeyPair[];
  #end: ConsoleWatch | undefined;
  #prompt: ConsoleWatch | undefined;
  #next = 0;
  #due: Uint8Array[] = [];
  #reached = false;

  /** `until`: not empty. */
  constructor(until: string | undefined, pairs: readonly KeyPair[]) {
    this.#until = until;
    this.#pairs = pairs;
    this.#end = watch(until);
    this.#prompt = watch(pairs[0]?.when);
  }

  /** The text that ends the run, once it was shown. */
  get reached(): string | undefined {
    return this.#reached ? this.#until : undefined;
  }

  /** Takes the console's next byte; true when there is something to do: keys to send, or the end. */
  push(byte: number): boolean {
    const end = this.#end?.push(byte) ?? false;
    if (this.#prompt?.push(byte)) {
      this.#due.push(this.#pairs[this.#next++]!.type);
      this.#prompt = watch(this.#pairs[this.#next]?.when);
      return true;
    }
    this.#reached ||= end;
    return end;
  }

  /** The keys that are to be sent now; each is handed out once. */
  takeKeys(): Uint8Array[] {
    const due = this.#due;
    this.#due = [];
    return due;
  }

  save() {
    return { next: this.#next, due: [...this.#due], reached: this.#reached, end: this.#end?.matched, prompt: this.#prompt?.matched };
  }

  restore({ next, due, reached, end, prompt }: ReturnType<Dialogue['save']>): void {
    this.#next = next;
    this.#due = [...due];
    this.#reached = reached;
    if (this.#end) this.#end.matched = end ?? 0;
    this.#prompt = watch(this.#pairs[next]?.when);
    if (this.#prompt) this.#prompt.matched = prompt ?? 0;
  }
}

function watch(text: string | undefined): ConsoleWatch | undefined {
  return text === undefined ? undefined : new ConsoleWatch(text);
}

/** What a scenario waits for and types. */
export function dialogueOf({ until, keys }: Scenario): Dialogue {
  const encoder = new TextEncoder();
  return new Dialogue(
    until?.console,
    keys.map(({ when, type }) => ({ when, type: encoder.encode(type) })),
  );
}
