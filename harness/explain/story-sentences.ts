/** Sentences about accesses and preemptions, with the lines of the source, and with callers where a function has several. */
import type { Preemption } from '../../machine/index.ts';
import type { CodePlace } from '../evidence/code-place.ts';
import { timeText } from '../vocabulary/schedule.ts';
import type { AccessDetails } from './access-details.ts';
import type { CallSites } from './call-sites.ts';
import type { KernelCode } from './code.ts';
import type { Access, InterleavingKind } from './interleavings.ts';

/** Numbers from here on are likely addresses. */
const LARGE = 1n << 24n;

/** What an access is in an interleaving. */
export interface Role {
  /** It is the first of a loop's that waits. */
  readonly waits: boolean;
  /** It is the last of so many stores. */
  readonly stores: number;
  /** Of which interleaving it is the last access; undefined where it is none's. */
  readonly isLast: InterleavingKind | undefined;
}

export class AccessSentences {
  readonly #code: KernelCode;
  readonly #callSites: CallSites;
  readonly #details: AccessDetails;
  readonly #harts: number;

  constructor(code: KernelCode, callSites: CallSites, details: AccessDetails, harts: number) {
    this.#code = code;
    this.#callSites = callSites;
    this.#details = details;
    this.#harts = harts;
  }

  ofAccess(access: Access, { stores, waits, isLast }: Role): string {
    const { hart, inHandler, kind, address } = access;
    const who = inHandler ? `the handler of an interrupt of hart ${hart}` : this.#harts === 1 ? 'the kernel' : `hart ${hart}`;
    const word = this.wordAt(address);
    const number = access.value ?? (kind === 'load' ? this.#details.of(access)?.value : undefined);
    const value = number === undefined ? undefined : this.#numberText(number);
    const holds = value === undefined ? word : `${word}, which is ${value},`;
    const stored = value === undefined ? word : `${value} to ${word}`;
    const does = waits ? `waits for ${holds}` : { load: `loads ${holds}`, store: `stores ${stored}`, atomic: `changes ${holds}` }[kind];
    const more = stores > 1 ? `, the last of ${stores} stores` : '';
    const end = isLast === undefined ? '' : (ENDS[isLast] ?? '');
    return `${who} ${does} at ${this.placeOf(access)}${more}${end}`;
  }

  ofPreemption({ hart, for: length }: Preemption, next: Access): string {
    const time = length === 'event' ? 'up to the next event' : `for ${timeText(length)}`;
    return `hart ${hart} is preempted ${time}, before ${this.placeOf(next)}`;
  }

  wordAt(physical: number): string {
    const address = BigInt(physical);
    return this.#code.variableAt(this.#code.fileAddress(address) ?? address) ?? `0x${physical.toString(16)}`;
  }

  #numberText(value: bigint): string {
    if (value < LARGE) return String(value);
    return this.#code.variableAt(value) ?? `0x${value.toString(16)}`;
  }

  /** A lock's own line says little without its caller, and nor does that of any function which has several callers. */
  placeOf(access: Access): string {
    const own = this.#code.place(access.pc);
    const isOfLock = access.kind === 'atomic' && own.frames.length === 1;
    const snapshot = isOfLock || this.#callSites.hasSeveral(access.pc) ? this.#details.of(access)?.snapshot : undefined;
    const caller = snapshot && this.#code.stack(snapshot).places[1];
    if (caller === undefined) return textOf(own);
    const name = own.frames.at(-1)?.function;
    return `${textOf(own)}${name == null || !textOf(own).includes(':') ? '' : ` in ${name}`}, called from ${textOf(caller)}`;
  }
}

/** What follows from an interleaving, after its last access. */
const ENDS: Partial<Record<InterleavingKind, string>> = {
  lost: ': what was stored in between is lost',
  'old-value': ': too late for the one that has loaded it before',
};

function textOf({ address, frames: [frame] }: CodePlace): string {
  if (frame === undefined) return address;
  if (frame.file !== null) return `${frame.file}:${frame.line}`;
  return frame.function === null ? address : `${frame.function} (${address})`;
}
