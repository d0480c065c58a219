/**
 * Checks one device's events by the rules and keeps what it finds.
 *
 * A loop of reads that changes nothing may be skipped (exec/loop-proof.ts), and the findings must be the same then. So among equal accesses
 * between two other events only the first one counts. That also makes a driver that polls a register cheap.
 */
import type { TracedFinding } from '../record/finding.ts';
import type { EventKind, EventOf, VirtioEvent } from './event.ts';
import { RULES } from './index.ts';
import type { Blame, RuleOn } from './rule.ts';
import { type DeviceFacts, initialView, reduce, type View } from './view.ts';

export interface ConformancePorts {
  readonly now: () => number;
  readonly instructions: () => bigint;
  readonly pc: () => bigint;
  /** Called for a race that does not become a finding, since there are too many. */
  readonly raceLeftOut: () => void;
}

/** Most findings of one device that are races: these are one for each instruction. Other rules have one finding each. */
const MOST_RACES = 100;
/** Most characters of the details in a message. */
const LONGEST_DETAIL = 400;

/** The kinds of events that happen while the hart executes an access. The others come with time, or with the end of the run. */
const CAUSED_BY_ACCESS: Readonly<Record<EventKind, boolean>> = {
  'register-read': true,
  'register-write': true,
  'refused-access': true,
  'config-read': true,
  'config-read-wide': true,
  'config-write': true,
  'queue-placed': true,
  notify: true,
  chain: true,
  scattered: true,
  completion: false,
  broken: true,
  interrupt: false,
  touch: true,
  unordered: true,
  end: false,
};

const BY_KIND = new Map<EventKind, (typeof RULES)[number][]>();
for (const rule of RULES) BY_KIND.set(rule.on, [...(BY_KIND.get(rule.on) ?? []), rule]);

export class Conformance {
  readonly findings: TracedFinding[] = [];
  readonly #ports: ConformancePorts;
  #byKey = new Map<string, TracedFinding>();
  #races = 0;
  #seenReads = new Set<string>();
  /** The last read of a register, if nothing else came since: a driver that polls repeats it millions of times. */
  #lastRead: EventOf<'register-read'> | undefined;
  #view: View;

  constructor(facts: DeviceFacts, ports: ConformancePorts) {
    this.#view = initialView(facts);
    this.#ports = ports;
  }

  observe(event: VirtioEvent): void {
    if (this.#repeats(event)) return;
    for (const rule of BY_KIND.get(event.kind) ?? []) {
      if (rule.transport !== undefined && rule.transport !== this.#view.transport) continue;
      if (rule.device !== undefined && rule.device !== this.#view.kind) continue;
      // In the table each kind has rules for its own events, but the type of a lookup by a union of kinds cannot express that.
      const detail = (rule as RuleOn<EventKind>).broken(event, this.#view);
      if (detail !== undefined) this.#add(rule, event, typeof detail === 'string' ? { detail, culprit: undefined } : detail);
    }
    this.#view = reduce(this.#view, event);
  }

  #repeats(event: VirtioEvent): boolean {
    const last = this.#lastRead;
    this.#lastRead = event.kind === 'register-read' ? event : undefined;
    if (last?.register === this.#lastRead?.register && last?.value === this.#lastRead?.value && last !== undefined) return true;
    const key = readKey(event);
    if (key === undefined) {
      this.#seenReads.clear();
      return false;
    }
    if (this.#seenReads.has(key)) return true;
    this.#seenReads.add(key);
    return false;
  }

  #add(rule: (typeof RULES)[number], event: VirtioEvent, { detail, culprit }: Blame): void {
    const { id, section, graver } = rule as RuleOn<EventKind>;
    const { severity, sentence } = graver?.when(event) ? graver : rule;
    const touch = event.kind === 'touch' ? event.touch : undefined;
    // What is reported later than it happened says when that was.
    const moment = event.kind === 'scattered' ? event.scattered.moment : touch;
    const unordered = event.kind === 'unordered' ? event.unordered : undefined;
    const key = `${id} ${(touch ?? unordered)?.pc ?? ''}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if ((touch ?? unordered) !== undefined && ++this.#races > MOST_RACES) return this.#ports.raceLeftOut();
    const finding: TracedFinding = {
      rule: id,
      section,
      severity,
      request: requestOf(event),
      culprit,
      register: registerOf(event),
      time: moment?.time ?? this.#ports.now(),
      instructions: moment?.instructions ?? this.#ports.instructions(),
      pc: moment?.pc ?? unordered?.pc ?? (CAUSED_BY_ACCESS[event.kind] ? this.#ports.pc() : undefined),
      count: 1,
      message: detail === '' ? sentence : `${sentence} (${detail.slice(0, LONGEST_DETAIL)})`,
    };
    this.#byKey.set(key, finding);
    this.findings.push(finding);
  }

  save() {
    return { findings: this.findings, byKey: this.#byKey, races: this.#races, seenReads: this.#seenReads, view: this.#view };
  }

  /** The list of findings stays the same object, since others hold it. */
  restore({ findings, byKey, races, seenReads, view }: ReturnType<Conformance['save']>): void {
    this.findings.length = 0;
    this.findings.push(...findings);
    this.#byKey = byKey;
    this.#races = races;
    this.#seenReads = seenReads;
    this.#lastRead = undefined;
    this.#view = view;
  }
}

/** A key that is the same for equal reads; undefined for an event that is not a read. */
function readKey(event: VirtioEvent): string | undefined {
  switch (event.kind) {
    case 'register-read':
      return `${event.register} ${event.value}`;
    case 'config-read':
      return `config ${event.offset} ${event.width}`;
    case 'config-read-wide':
      return `wide config ${event.offset}`;
    case 'refused-access':
      return `${event.why} ${event.offset} ${event.width}`;
    default:
      return undefined;
  }
}

function requestOf(event: VirtioEvent): number | undefined {
  if (event.kind === 'chain' || event.kind === 'completion') return (event as EventOf<'chain'>).number;
  if (event.kind === 'scattered') return event.scattered.moment.request;
  return event.kind === 'touch' ? event.touch.request : undefined;
}

function registerOf(event: VirtioEvent): string | undefined {
  switch (event.kind) {
    case 'register-read':
    case 'register-write':
    case 'refused-access':
      return event.register;
    default:
      return undefined;
  }
}
