/** A test case of a conformance rule: what a driver does to break it, and how a driver that keeps it does the same thing. */

import type { Disk } from '../../../ports.ts';
import type { ConformingDriver } from '../../../testkit/conforming-driver.ts';
import type { VirtioType } from '../../device-type.ts';
import type { Transport } from '../../features.ts';

export interface RuleCase {
  readonly rule: string;
  /** Default: legacy. */
  readonly transport?: Transport;
  /** Default: a disk. */
  readonly device?: () => Disk | VirtioType;
  readonly breaks: (driver: ConformingDriver) => unknown;
  /** How a driver keeps the rule; by default with the whole handshake, a read and a write. */
  readonly keeps?: (driver: ConformingDriver) => unknown;
}
