import type { ConformingDriver } from '../../../testkit/conforming-driver.ts';
import type { RuleCase } from './case.ts';

const without = (register: 'MagicValue' | 'Version' | 'DeviceID') => (d: ConformingDriver) => {
  const identify = () => {
    for (const one of ['MagicValue', 'Version', 'DeviceID'] as const) if (one !== register) d.peek(one);
  };
  d.start({ instead: { identify } });
};

/** Offers a chain that breaks the device. */
export const malformed = (d: ConformingDriver) =>
  d.chain({ type: 0 }).describe(0, { address: 0x8000_0000n, length: 16, flags: 1, next: 99 }).run();

export const HANDSHAKE_CASES: readonly RuleCase[] = [
  { rule: 'magic-unchecked', breaks: without('MagicValue') },
  { rule: 'version-unchecked', breaks: without('Version') },
  { rule: 'device-id-unchecked', breaks: without('DeviceID') },
  { rule: 'reset-missing', breaks: (d) => d.start({ without: ['reset'] }) },
  { rule: 'reset-unconfirmed', breaks: (d) => d.start({ without: ['confirmReset'] }) },
  {
    rule: 'acknowledge-missing',
    breaks: (d) => d.start({ without: ['acknowledge'], instead: { driver: () => d.poke('Status', 2) } }),
    keeps: (d) => d.start().poke('Status', 0x87),
  },
  {
    rule: 'acknowledge-lost',
    breaks: (d) => {
      d.start().poke('Status', 0);
      d.poke('Status', 2);
    },
    keeps: (d) => {
      d.start();
      d.start();
    },
  },
  { rule: 'driver-bit-missing', breaks: (d) => d.start({ without: ['driver'], instead: { driverOk: () => d.poke('Status', 5) } }) },
  { rule: 'status-bits-merged', breaks: (d) => d.start({ without: ['acknowledge'] }) },
  { rule: 'status-bit-cleared', breaks: (d) => d.start({ instead: { driverOk: () => d.poke('Status', 4) } }) },
  { rule: 'status-bit-unknown', breaks: (d) => d.start({ instead: { driverOk: () => d.poke('Status', 0x17) } }) },
  { rule: 'needs-reset-by-driver', breaks: (d) => d.start({ instead: { driverOk: () => d.poke('Status', 0x47) } }) },
  {
    rule: 'failed-without-reset',
    breaks: (d) => d.start({ instead: { readConfig: () => d.poke('Status', 0x83), driverOk: () => d.poke('Status', 0x87) } }),
    keeps: (d) => {
      d.start({ instead: { driverOk: () => d.poke('Status', 0x83) } });
      d.start();
    },
  },
  {
    rule: 'features-ok-missing',
    transport: 'modern',
    breaks: (d) => d.start({ without: ['featuresOk'], instead: { driverOk: () => d.poke('Status', 7) } }),
  },
  { rule: 'features-ok-unread', transport: 'modern', breaks: (d) => d.start({ without: ['confirmFeatures'] }) },
  { rule: 'features-ok-legacy', breaks: (d) => d.start({ instead: { driverOk: () => d.poke('Status', 0xf) } }) },
  {
    rule: 'notify-before-driver-ok',
    breaks: (d) =>
      d
        .start({ without: ['driverOk'] })
        .chain({ type: 0 })
        .run(),
  },
  {
    rule: 'notify-needs-reset',
    transport: 'modern',
    breaks: (d) => malformed(d.start() && d).notify(),
    keeps: (d) => {
      malformed(d.start() && d);
      d.start().request({ type: 0 });
    },
  },
];
