/** All conformance rules, by topic. A new rule is one entry in its topic's file, and a case in the file of the same name in cases/. */
import { DESCRIPTOR_RULES } from './descriptors.ts';
import { ENTROPY_RULES } from './entropy.ts';
import { FEATURE_RULES } from './features.ts';
import { HANDSHAKE_RULES } from './handshake.ts';
import { INDIRECT_RULES } from './indirect.ts';
import { NOTIFICATION_RULES } from './notification.ts';
import { OWNERSHIP_RULES } from './ownership.ts';
import { QUEUE_RULES } from './queue.ts';
import { REGISTER_RULES } from './registers.ts';
import { REQUEST_RULES } from './requests.ts';
import type { Rule } from './rule.ts';

export { SEVERITIES, type Severity } from '../record/finding.ts';

export const RULE_TOPICS: Readonly<Record<string, readonly Rule[]>> = {
  'Status and initialisation': HANDSHAKE_RULES,
  Features: FEATURE_RULES,
  Queues: QUEUE_RULES,
  'Registers and configuration': REGISTER_RULES,
  'Rings and descriptors': DESCRIPTOR_RULES,
  'Indirect tables': INDIRECT_RULES,
  'Requests of a disk': REQUEST_RULES,
  'Requests of an entropy device': ENTROPY_RULES,
  'Notifications and interrupts': NOTIFICATION_RULES,
  'Races for memory': OWNERSHIP_RULES,
};

export const RULES: readonly Rule[] = Object.values(RULE_TOPICS).flat();

/** Rules about events that are only seen in a run that watches the buffers' memory. */
export const RACE_RULES: ReadonlySet<string> = new Set(OWNERSHIP_RULES.map(({ id }) => id));
