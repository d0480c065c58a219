/**
 * What checks ask of a run's requests. It is known before the run, which keeps only some of its requests whole: it looks for those that a check
 * is about while they are made (harness/run/request-watch.ts).
 */
import { hexOf } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';

/** Which requests are meant. */
export interface RequestSelection {
  /** Only those that were made once the console had shown this text for the first time. */
  readonly after?: { readonly console: string } | undefined;
  /** Only those that were made before the console showed this text, after that of `after`. */
  readonly before?: { readonly console: string } | undefined;
  /** Without it, all disks. */
  readonly drive?: string | undefined;
  /** Of virtio's. */
  readonly type?: number | undefined;
  readonly sector?: { readonly min: number; readonly max: number } | undefined;
}

/** What a request must be: harness/checks/request-expect.ts says it of each property. */
export interface RequestExpectation {
  readonly type?: number | undefined;
  readonly sector?: number | undefined;
  readonly header?: Part | undefined;
  readonly data?: (Part & { readonly text?: Uint8Array | undefined; readonly hex?: Uint8Array | undefined }) | undefined;
  readonly status?: Part | undefined;
  /** null: there must be none. */
  readonly answer?: number | null | undefined;
}

interface Part {
  readonly length?: number | undefined;
  readonly 'device-writable'?: boolean | undefined;
}

export interface RequestInterest {
  readonly of: RequestSelection;
  /** The one that is looked at, from 1; null: all of them. */
  readonly nth: number | null;
  /** What each of them must be; null: anything. */
  readonly all: RequestExpectation | null;
  /** Which of them must have been made one after the other. */
  readonly steps: readonly Pick<RequestSelection, 'drive' | 'type' | 'sector'>[];
}

/** The identity of what is asked: a SHA-256, since evidence must not say what a hidden check looks for. */
export function interestKey(interest: RequestInterest): string {
  return sha256(JSON.stringify(interest, canonical));
}

/** With an object's keys in the order of the alphabet, whoever made it. */
function canonical(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hexOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Each once. */
export function distinctInterests(interests: readonly RequestInterest[]): RequestInterest[] {
  return [...new Map(interests.map((one) => [interestKey(one), one])).values()];
}
