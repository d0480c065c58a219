/**
 * What a conformance rule is: one entry of a topic's table. It judges one event by what happened before it (view.ts), and has no effects.
 *
 * Severities: `must` is what the specification requires of a driver, by its MUST or by a format that the device relies on; `should` is its
 * SHOULD, or a step of its procedures; `note` is what is allowed or harmless here but worth knowing, including habits of legacy drivers that
 * QEMU accepts.
 */

import type { DeviceKind } from '../device-type.ts';
import type { Transport } from '../features.ts';
import type { Culprit, Severity } from '../record/finding.ts';
import type { EventKind, EventOf } from './event.ts';
import type { View } from './view.ts';

/** Details in a few words, and the descriptor that is to blame. */
export interface Blame {
  readonly detail: string;
  readonly culprit: Culprit | undefined;
}

export interface RuleOn<Kind extends EventKind> {
  readonly id: string;
  /** Of VIRTIO 1.2. */
  readonly section: string;
  readonly severity: Severity;
  /** Where the same thing weighs more: then with another severity and sentence. */
  readonly graver?: {
    readonly severity: Severity;
    readonly sentence: string;
    readonly when: (event: EventOf<Kind>) => boolean;
  };
  /** What is wrong and what to do instead, for students; ends with a full stop. */
  readonly sentence: string;
  /** If it is left out, the rule holds for both transports. */
  readonly transport?: Transport;
  /** If it is left out, the rule holds for every kind of device. */
  readonly device?: DeviceKind;
  readonly on: Kind;
  /** If the event breaks the rule, details in a few words ('' if there are none); otherwise undefined. */
  readonly broken: (event: EventOf<Kind>, view: View) => string | Blame | undefined;
}

export type Rule = { [Kind in EventKind]: RuleOn<Kind> }[EventKind];

/** The detail (or '') if the rule is broken. */
export const brokenIf = (broken: boolean, detail = ''): string | undefined => (broken ? detail : undefined);

/** The same about a field of the chain's descriptor at a position. */
export const blame = (position: number, field: Culprit['field'], detail: string): Blame => ({ detail, culprit: { position, field } });

/** The part of a rule about writes to one register, which has the modern transport's name. */
export const onWrite = (register: string, broken: (value: number, view: View) => string | undefined) =>
  ({
    on: 'register-write',
    broken: (event: EventOf<'register-write'>, view: View) => (event.register === register ? broken(event.value, view) : undefined),
  }) as const;
