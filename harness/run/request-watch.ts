/**
 * Looks at the requests of a run for its checks, while they are made: a machine keeps a bounded number of them whole. Those that a check
 * is about are kept, and of those that are dropped it is counted what the checks will ask. So no check depends on how many are kept.
 *
 * It must select as the checks do (checks/request-select.ts): a request is after a text if the whole text was on the console when the driver
 * notified the device, and one that no driver made is never meant.
 */
import { wrongProperties } from '../checks/request-expect.ts';
import { isMeant } from '../checks/request-select.ts';
import type { RequestEvidence } from '../evidence/evidence.ts';
import type { SelectionEvidence } from '../evidence/request-counts.ts';
import { interestKey, type RequestInterest } from '../vocabulary/request-interest.ts';
import { RNG_NAME } from '../vocabulary/scenario.ts';
import { ConsoleWatch } from './console-watch.ts';

/** A request when it is made. */
export type Made = Pick<RequestEvidence, 'drive' | 'number' | 'phantom' | 'type' | 'sector' | 'consoleBytes'>;

/** Of those that are meant, so many first ones are kept for the report. */
const FIRST_KEPT = 5;

/** A text that the console has to show. */
class Text {
  readonly #watch: ConsoleWatch | undefined;
  /** Bytes of the console at its end; undefined: it was not shown yet. */
  end: number | undefined;

  /** Without a text, nothing is waited for. */
  constructor(text: string | undefined) {
    this.#watch = text === undefined ? undefined : new ConsoleWatch(text);
    this.end = text === undefined ? 0 : undefined;
  }

  /** `length`: bytes of the console with this one. */
  push(byte: number, length: number): void {
    if (this.end === undefined && this.#watch?.push(byte)) this.end = length;
  }

  save() {
    return { matched: this.#watch?.matched ?? 0, end: this.end };
  }

  restore({ matched, end }: ReturnType<Text['save']>): void {
    if (this.#watch) this.#watch.matched = matched;
    this.end = end;
  }
}

class Watched {
  readonly interest: RequestInterest;
  readonly #key: string;
  readonly #after: Text;
  readonly #before: Text;
  #made = 0;
  /** The step of its order that is to come next. */
  #next = 0;
  /** By step, whether such a request was made. */
  #met: boolean[];
  #leftOut = 0;
  #wrong = 0;
  #hasWrong = false;
  #request: SelectionEvidence['request'] = null;

  constructor(interest: RequestInterest) {
    this.interest = interest;
    this.#key = interestKey(interest);
    this.#after = new Text(interest.of.after?.console);
    this.#before = new Text(interest.of.before?.console);
    this.#met = interest.steps.map(() => false);
  }

  get waits(): boolean {
    const { before } = this.interest.of;
    return this.#after.end === undefined || (before !== undefined && this.#before.end === undefined);
  }

  push(byte: number, length: number): void {
    if (this.#after.end === undefined) this.#after.push(byte, length);
    else this.#before.push(byte, length);
  }

  isOf({ drive, phantom, consoleBytes, ...request }: Made): boolean {
    const { of } = this.interest;
    if (phantom || (of.drive === undefined && drive === RNG_NAME)) return false;
    if (this.#after.end === undefined || consoleBytes < this.#after.end) return false;
    if (of.before !== undefined && this.#before.end !== undefined && consoleBytes >= this.#before.end) return false;
    return isMeant(of, { drive, ...request });
  }

  /** Whether it is kept. */
  taken(request: Made): boolean {
    if (!this.isOf(request)) return false;
    const { nth, steps } = this.interest;
    this.#made++;
    if (this.#made === nth) this.#request = { drive: request.drive, number: request.number };
    return [this.#made <= FIRST_KEPT || this.#made === nth, ...steps.map((_, index) => this.#isStep(index, request))].includes(true);
  }

  /** Whether it is the one that such a step meets, or the first such request of all, which a report shows. */
  #isStep(index: number, request: Made): boolean {
    if (!isMeant(this.interest.steps[index]!, request)) return false;
    const isFirst = !this.#met[index];
    this.#met[index] = true;
    const isNext = index === this.#next;
    return isFirst || isNext;
  }

  /** Goes on with the next step where the request was the one that was waited for. */
  advance(request: Made): void {
    const step = this.interest.steps[this.#next];
    if (step !== undefined && this.isOf(request) && isMeant(step, request)) this.#next++;
  }

  /** Whether it is the first that is not as it must be. */
  isFirstWrong(request: RequestEvidence): boolean {
    if (this.#hasWrong || !this.#isWrong(request)) return false;
    this.#hasWrong = true;
    return true;
  }

  #isWrong(request: RequestEvidence): boolean {
    const { all } = this.interest;
    return all !== null && this.isOf(request) && wrongProperties(all, request).length > 0;
  }

  leaveOut(request: RequestEvidence): void {
    if (!this.isOf(request)) return;
    this.#leftOut++;
    if (this.#isWrong(request)) this.#wrong++;
  }

  evidence(): SelectionEvidence {
    return { key: this.#key, leftOut: this.#leftOut, wrong: this.#wrong, request: this.#request };
  }

  save() {
    return {
      after: this.#after.save(),
      before: this.#before.save(),
      made: this.#made,
      next: this.#next,
      met: [...this.#met],
      leftOut: this.#leftOut,
      wrong: this.#wrong,
      hasWrong: this.#hasWrong,
      request: this.#request,
    };
  }

  restore(state: ReturnType<Watched['save']>): void {
    this.#after.restore(state.after);
    this.#before.restore(state.before);
    this.#made = state.made;
    this.#next = state.next;
    this.#met = [...state.met];
    this.#leftOut = state.leftOut;
    this.#wrong = state.wrong;
    this.#hasWrong = state.hasWrong;
    this.#request = state.request;
  }
}

export class RequestWatch {
  readonly #watched: readonly Watched[];
  /** Those that wait for a text. */
  #waiting: readonly Watched[];
  #length = 0;

  constructor(interests: readonly RequestInterest[]) {
    this.#watched = interests.map((interest) => new Watched(interest));
    this.#waiting = this.#watched.filter(({ waits }) => waits);
  }

  /** Takes the console's next byte. */
  push(byte: number): void {
    this.#length++;
    if (this.#waiting.length === 0) return;
    for (const one of this.#waiting) one.push(byte, this.#length);
    if (this.#waiting.some(({ waits }) => !waits)) this.#waiting = this.#waiting.filter(({ waits }) => waits);
  }

  /** A device has taken the request: whether it is kept. */
  taken(request: Made): boolean {
    let isKept = false;
    for (const one of this.#watched) {
      if (one.taken(request)) isKept = true;
      one.advance(request);
    }
    return isKept;
  }

  /** Whether anybody wants to see a request before it is dropped. */
  get asks(): boolean {
    return this.#watched.length > 0;
  }

  /** The request is about to be dropped: whether it is kept nevertheless. */
  dropped(request: RequestEvidence): boolean {
    const wrong = this.#watched.filter((one) => one.isFirstWrong(request));
    if (wrong.length > 0) return true;
    for (const one of this.#watched) one.leaveOut(request);
    return false;
  }

  evidence(): SelectionEvidence[] {
    return this.#watched.map((one) => one.evidence());
  }

  save() {
    return { length: this.#length, watched: this.#watched.map((one) => one.save()) };
  }

  restore({ length, watched }: ReturnType<RequestWatch['save']>): void {
    this.#length = length;
    this.#watched.forEach((one, index) => {
      one.restore(watched[index]!);
    });
    this.#waiting = this.#watched.filter(({ waits }) => waits);
  }
}
