import type { ConformingDriver } from '../../../testkit/conforming-driver.ts';
import type { RuleCase } from './case.ts';

const CONFIG = 0x100;

/** Two accesses that the transport refuses, each for its own reason. */
const unknown = (d: ConformingDriver) => d.start().slot.device.read(0x44, 4);
const readOnly = (d: ConformingDriver) => d.start().poke('DeviceID', 2);

export const REGISTER_CASES: readonly RuleCase[] = [
  { rule: 'register-width', breaks: (d) => d.start().slot.device.read(0x60, 1), keeps: unknown },
  { rule: 'register-width', breaks: (d) => d.start().slot.device.write(0x50, 0, 2), keeps: readOnly },
  { rule: 'register-unknown', breaks: unknown, keeps: readOnly },
  {
    rule: 'register-unknown',
    transport: 'modern',
    breaks: (d) => d.start().slot.device.write(0x40, 0x80001, 4),
    keeps: (d) => d.start().peek('QueueReady'),
  },
  { rule: 'register-read-only', breaks: readOnly, keeps: unknown },
  { rule: 'register-write-only', breaks: (d) => d.start().peek('QueueNotify'), keeps: readOnly },
  {
    rule: 'config-width',
    breaks: (d) => d.start().slot.device.read(CONFIG + 0x10, 4),
    keeps: (d) => d.start().slot.device.read(CONFIG + 0x10, 2),
  },
  {
    rule: 'config-too-wide',
    breaks: (d) => d.start().slot.device.aboutToSplit?.(CONFIG),
    keeps: (d) => d.start().slot.device.read(CONFIG, 4),
  },
  {
    rule: 'config-not-offered',
    breaks: (d) => d.start().slot.device.read(CONFIG + 8, 4),
    keeps: (d) => d.start().slot.device.read(CONFIG + 0x14, 4),
  },
  {
    rule: 'config-written-early',
    transport: 'modern',
    breaks: (d) => d.start({ instead: { readFeatures: () => d.slot.device.write(CONFIG + 0x20, 0, 1) } }),
    keeps: (d) => d.start().slot.device.write(CONFIG + 0x20, 0, 1),
  },
  {
    rule: 'writeback-read-early',
    transport: 'modern',
    breaks: (d) => d.start({ instead: { readFeatures: () => d.slot.device.read(CONFIG + 0x20, 1) } }),
    keeps: (d) => d.start().slot.device.read(CONFIG + 0x20, 1),
  },
  {
    rule: 'config-outside',
    breaks: (d) => d.start().slot.device.read(CONFIG + 0x48, 4),
    keeps: (d) => d.start().slot.device.read(CONFIG + 0x38, 1),
  },
];
