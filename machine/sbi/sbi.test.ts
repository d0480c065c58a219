/**
 * The SBI as a kernel sees it: registers in, registers out. The expected values are the specification's (SBI v2.0) and were
 * measured on QEMU 10 with OpenSBI 1.5.1, except where a test says why ours differs.
 */
import { describe, expect, test } from 'vitest';
import { FakeSbiPort, type SbiCall } from '../testkit/fake-sbi-port.ts';
import { TRANSFER_LIMIT } from './dbcn.ts';

const BASE = 0x10n;
const TIME = 0x54494d45n;
const IPI = 0x735049n;
const RFENCE = 0x52464e43n;
const HSM = 0x48534dn;
const SRST = 0x53525354n;
const DBCN = 0x4442434en;
const PMU = 0x504d55n;
const ALL = 0xffff_ffff_ffff_ffffn;

const call = (id: bigint, fid: bigint, ...args: bigint[]): SbiCall => new FakeSbiPort().call(id, fid, ...args);
const ok = (value = 0n): SbiCall => ({ error: 0n, value });
const FAILED = { error: -1n, value: 0n };
const NOT_SUPPORTED = { error: -2n, value: 0n };
const INVALID_PARAM = { error: -3n, value: 0n };
const INVALID_ADDRESS = { error: -5n, value: 0n };
const ALREADY_AVAILABLE = { error: -6n, value: 0n };

describe('calling convention', () => {
  test('unknown extensions and functions are not supported', () => {
    for (const id of [9n, 0xfn, 0x999n, 0x1_0000_0010n, 0x53555350n, ALL]) expect(call(id, 0n)).toEqual(NOT_SUPPORTED);
    for (const [id, fid] of [
      [BASE, 7n],
      [TIME, 1n],
      [IPI, 1n],
      [RFENCE, 7n],
      [HSM, 4n],
      [SRST, 1n],
      [DBCN, 3n],
      [PMU, 8n],
      [BASE, ALL],
    ] as const) {
      expect(call(id, fid)).toEqual(NOT_SUPPORTED);
    }
  });

  test('only a0 and a1 change', () => {
    const port = new FakeSbiPort();
    port.call(BASE, 0n, 1n, 2n, 3n, 4n, 5n, 6n);
    expect(port.registers.slice(2)).toEqual([3n, 4n, 5n, 6n, 0n, BASE]);
  });
});

describe('BASE', () => {
  test('specification 2.0, OpenSBI 1.5', () => {
    expect(call(BASE, 0n)).toEqual(ok(0x0200_0000n));
    expect(call(BASE, 1n)).toEqual(ok(1n));
    expect(call(BASE, 2n)).toEqual(ok(0x1_0005n));
  });

  test('probes find what there is', () => {
    for (const id of [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, PMU, 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n])
      expect(call(BASE, 3n, id)).toEqual(ok(1n));
    for (const id of [9n, 0xfn, 0x53555350n, 0x43505043n, 0x1_0000_0010n, ALL]) expect(call(BASE, 3n, id)).toEqual(ok(0n));
  });

  test("the machine's identity is passed on", () => {
    expect([4n, 5n, 6n].map((fid) => call(BASE, fid))).toEqual([ok(0x11n), ok(0x22n), ok(0x33n)]);
  });
});

describe('TIME and IPI', () => {
  test('the timer is set', () => {
    const port = new FakeSbiPort();
    expect(port.call(TIME, 0n, ALL)).toEqual(ok());
    expect(port.log).toEqual([`timer ${ALL}`]);
  });

  test.each([
    [1n, 0n, ok(), true],
    [0n, ALL, ok(), true], // a base of -1 is every hart
    [0n, 0n, ok(), false],
    [2n, 0n, ok(), false], // a hart that does not exist: OpenSBI forgives
    [ALL, 0n, ok(), true],
    [1n, 1n, INVALID_PARAM, false],
    [0n, 1n, INVALID_PARAM, false],
    [1n, 64n, INVALID_PARAM, false],
  ])('IPI with mask %i and base %i', (mask, base, result, sent) => {
    const port = new FakeSbiPort();
    expect(port.call(IPI, 0n, mask, base)).toEqual(result);
    expect(port.log).toEqual(sent ? ['ipi true'] : []);
  });
});

describe('RFENCE', () => {
  test('FENCE.I and both SFENCE.VMA flush, for a mask with hart 0', () => {
    for (const fid of [0n, 1n, 2n]) {
      const port = new FakeSbiPort();
      expect(port.call(RFENCE, fid, 1n, 0n)).toEqual(ok());
      expect(port.log).toEqual(['flush']);
    }
    expect(call(RFENCE, 0n, 1n, 1n)).toEqual(INVALID_PARAM);
  });

  test('HFENCE needs a hypervisor, which this hart is not', () => {
    for (const fid of [3n, 4n, 5n, 6n]) expect(call(RFENCE, fid, 1n, 0n)).toEqual(NOT_SUPPORTED);
  });
});

describe('HSM', () => {
  test('hart 0 runs; there is no other', () => {
    expect(call(HSM, 0n, 0n, 0x8020_0000n)).toEqual(ALREADY_AVAILABLE);
    expect(call(HSM, 0n, 1n, 0x8020_0000n)).toEqual(INVALID_PARAM);
    expect(call(HSM, 2n, 0n)).toEqual(ok(0n));
    expect(call(HSM, 2n, 1n)).toEqual(INVALID_PARAM);
    expect(call(HSM, 2n, ALL)).toEqual(INVALID_PARAM);
  });

  test('stop', () => {
    const port = new FakeSbiPort();
    port.call(HSM, 1n);
    expect(port.log).toEqual(['stop']);
  });

  test.each([
    ['retentive', [0n], ok(), ['suspend']],
    ['a type has 32 bits', [0x1_0000_0000n], ok(), ['suspend']],
    ['non-retentive', [0x8000_0000n, 0x8020_0000n, 7n], ok(), ['suspend until 0x80200000 7']],
    ["to the SBI's memory", [0x8000_0000n, 0x8000_0000n], INVALID_ADDRESS, []],
    ['to a device', [0x8000_0000n, 0x200_0000n], INVALID_ADDRESS, []],
    ['reserved', [1n], INVALID_PARAM, []],
    ['reserved, non-retentive', [0x8000_0001n, 0x8020_0000n], INVALID_PARAM, []],
    ['platform, lowest', [0x1000_0000n], NOT_SUPPORTED, []],
    ['platform, highest', [0x7fff_ffffn], NOT_SUPPORTED, []],
    ['platform, non-retentive', [0x9000_0000n, 0x8020_0000n], NOT_SUPPORTED, []],
  ])('suspend: %s', (_, args, result, log) => {
    const port = new FakeSbiPort();
    expect(port.call(HSM, 3n, ...args)).toEqual(result);
    expect(port.log).toEqual(log);
  });
});

describe('SRST', () => {
  test.each([
    [0n, 0n, 'shutdown poweroff'],
    [0n, 1n, 'shutdown poweroff'],
    [1n, 0n, 'shutdown reset'],
    [2n, 1n, 'shutdown reset'],
  ])('type %i, reason %i: %s', (type, reason, entry) => {
    const port = new FakeSbiPort();
    port.call(SRST, 0n, type, reason);
    expect(port.log).toEqual([entry]);
  });

  test.each([
    [3n, 0n],
    [0xf000_0000n, 0n],
    [0x1_0000_0000n, 0n],
    [ALL, 0n],
    [0n, 2n],
    [0n, 0xe000_0000n],
    [0n, ALL],
  ])('type %i, reason %i is invalid and the machine runs on', (type, reason) => {
    const port = new FakeSbiPort();
    expect(port.call(SRST, 0n, type, reason)).toEqual(INVALID_PARAM);
    expect(port.log).toEqual([]);
  });
});

describe('DBCN', () => {
  test('write and write byte', () => {
    const port = new FakeSbiPort({ at: 0x8020_0000n, bytes: 'Hello' });
    expect(port.call(DBCN, 0n, 5n, 0x8020_0000n, 0n)).toEqual(ok(5n));
    expect(port.call(DBCN, 2n, 0x121n)).toEqual(ok());
    expect(port.output).toBe('Hello!');
  });

  test('read takes what was typed, at most as much as fits', () => {
    const port = new FakeSbiPort({ keys: 'abc' });
    expect(port.call(DBCN, 1n, 2n, 0x8030_0000n, 0n)).toEqual(ok(2n));
    expect(port.call(DBCN, 1n, 9n, 0x8030_0002n, 0n)).toEqual(ok(1n));
    expect(port.call(DBCN, 1n, 9n, 0x8030_0003n, 0n)).toEqual(ok(0n));
    expect(port.text(0x8030_0000n, 4)).toBe('abc\0');
  });

  test('nothing to move is fine anywhere', () => {
    for (const address of [0n, 0x8000_0000n, ALL]) expect(call(DBCN, 0n, 0n, address, 0n)).toEqual(ok());
  });

  test('the last bytes of RAM', () => {
    expect(call(DBCN, 0n, 8n, 0xbfff_fff8n, 0n)).toEqual(ok(8n));
  });

  // OpenSBI itself hangs where an address is not memory at all; the specification wants this error.
  test.each([
    ["the SBI's memory", 3n, 0x8000_0000n],
    ['the end of it', 1n, 0x8005_ffffn],
    ['across its start', 16n, 0x7fff_fff8n],
    ['no memory', 3n, 1n],
    ['a device', 1n, 0x1000_0000n],
    ['past the end of RAM', 9n, 0xbfff_fff8n],
    ['all there is', ALL, 0x8020_0000n],
    ['a length that wraps to a good end', ALL - 0xfn, 0x8030_0000n],
  ])('a buffer in %s is invalid, and nothing moves', (_, length, address) => {
    const port = new FakeSbiPort({ keys: 'k' });
    expect(port.call(DBCN, 0n, length, address, 0n)).toEqual(INVALID_PARAM);
    expect(port.call(DBCN, 1n, length, address, 0n)).toEqual(INVALID_PARAM);
    expect(port.output).toBe('');
    expect(port.call(2n, 0n).error).toBe(0x6bn); // the key is still there
  });

  test('the high half of an address must be zero', () => {
    expect(call(DBCN, 0n, 3n, 0x8020_0000n, 1n)).toEqual(FAILED);
  });

  test('one call moves a bounded number of bytes', () => {
    const port = new FakeSbiPort();
    expect(port.call(DBCN, 0n, 0x2000_0000n, 0x8020_0000n, 0n)).toEqual(ok(BigInt(TRANSFER_LIMIT)));
    expect(port.output).toHaveLength(TRANSFER_LIMIT);
  });
});

describe('PMU', () => {
  test('there, but without counters', () => {
    expect(call(PMU, 0n)).toEqual(ok(0n));
    expect(call(PMU, 1n, 0n)).toEqual(INVALID_PARAM);
    expect(call(PMU, 2n, 0n, 1n, 0n)).toEqual(NOT_SUPPORTED);
    for (const fid of [3n, 4n, 5n, 6n]) expect(call(PMU, fid, 0n, 1n)).toEqual(INVALID_PARAM);
  });
});

describe('legacy', () => {
  test('a1 is kept and a6 does not matter', () => {
    expect(call(1n, 77n, 0x143n, 5n)).toEqual({ error: 0n, value: 5n });
  });

  test('console', () => {
    const port = new FakeSbiPort({ keys: 'x' });
    port.call(1n, 0n, 0x143n);
    expect(port.output).toBe('C');
    expect(port.call(2n, 0n).error).toBe(0x78n);
    expect(port.call(2n, 0n).error).toBe(-1n);
  });

  test('timer, interrupts, shutdown', () => {
    const port = new FakeSbiPort();
    port.call(0n, 0n, 99n);
    port.call(3n, 0n);
    port.call(8n, 0n);
    expect(port.log).toEqual(['timer 99', 'ipi false', 'shutdown poweroff']);
  });

  test.each([
    [4n, 'ipi true'],
    [5n, 'flush'],
    [6n, 'flush'],
    [7n, 'flush'],
  ])('EID %i goes to the harts of a mask in virtual memory, or to all', (id, entry) => {
    for (const [pointer, log] of [
      [0n, [entry]],
      [0x4000n, [entry]],
      [0x5000n, []],
    ] as const) {
      const port = new FakeSbiPort({
        virtual: new Map([
          [0x4000n, 3n],
          [0x5000n, 2n],
        ]),
      });
      expect(port.call(id, 0n, pointer).error).toBe(0n);
      expect(port.log).toEqual(log);
    }
  });

  test('a mask that cannot be loaded: the guest has its exception, and no register changes', () => {
    const port = new FakeSbiPort();
    expect(port.call(4n, 0n, 0x6000n, 5n)).toEqual({ error: 0x6000n, value: 5n });
    expect(port.log).toEqual([]);
  });
});
