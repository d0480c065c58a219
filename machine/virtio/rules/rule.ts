/**
 * What a conformance rule is: one entry of a topic's table, a pure test of one event against what happened before it (view.ts).
 *
 * Severities: `must` is what the specification requires of a driver, with its MUST or by defining a format that the device relies on;
 * `should` is its SHOULD, or a step of its procedures; `note` is what is allowed or harmless here and still worth knowing, and the
 * legacy habits that QEMU accepts.
 */

import type { DeviceKind } from '../device-type.ts';
import type { Transport } from '../features.ts';
import type { Severity } from '../record/finding.ts';
import type { EventKind, EventOf } from './event.ts';
import type { View } from './view.ts';

export interface RuleOn<Kind extends EventKind> {
  readonly id: string;
  /** Of VIRTIO 1.2. */
  readonly section: string;
  readonly severity: Severity;
  /** What is wrong and what to do instead, for students; ends with a full stop. */
  readonly sentence: string;
  /** Left out: the rule holds for both transports. */
  readonly transport?: Transport;
  /** Left out: the rule holds for every kind of device. */
  readonly device?: DeviceKind;
  readonly on: Kind;
  /** What was seen, in a few words, where the event breaks the rule ('' where there is no more to say); undefined where it does not. */
  readonly broken: (event: EventOf<Kind>, view: View) => string | undefined;
}

export type Rule = { [Kind in EventKind]: RuleOn<Kind> }[EventKind];

/** '' or the detail where the rule is broken. */
export const brokenIf = (broken: boolean, detail = ''): string | undefined => (broken ? detail : undefined);

/** The part of a rule about what is written to one register, by the modern transport's name. */
export const onWrite = (register: string, broken: (value: number, view: View) => string | undefined) =>
  ({
    on: 'register-write',
    broken: (event: EventOf<'register-write'>, view: View) => (event.register === register ? broken(event.value, view) : undefined),
  }) as const;
