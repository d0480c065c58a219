import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { device, evidence } from '../testkit/evidence.ts';

const seen = (part: Parameters<typeof device>[0]) => evidence({ devices: [device(part)] });

describe('device', () => {
  const handshake = 'device: { status: [ACKNOWLEDGE, DRIVER, DRIVER_OK] }';

  it('status: bits in order, one write may set several (the lab writes 0, 3, 0xf)', async () => {
    expectPassed(await judgeOne(handshake, seen({ statusWrites: [0, 1, 3, 7] })));
    expectPassed(await judgeOne(handshake, seen({ statusWrites: [0, 3, 0xf] })));
  });

  it('status: a bit out of order or missing fails', async () => {
    const verdict = expectFailed(await judgeOne(handshake, seen({ statusWrites: [0, 4, 7] })));
    expect(linesOf(verdict.details)).toEqual([
      'expected status: ACKNOWLEDGE, then DRIVER, then DRIVER_OK',
      'found status: DRIVER_OK, then ACKNOWLEDGE|DRIVER|DRIVER_OK',
    ]);
    expectFailed(await judgeOne(handshake, seen({ statusWrites: [0, 1, 3] })));
  });

  it('status: what came before a reset does not count', async () => {
    const verdict = expectFailed(await judgeOne(handshake, seen({ statusWrites: [1, 3, 7, 0] })));
    expect(linesOf(verdict.details)[1]).toBe('found status: no status bit was set');
  });

  it('features: by the numbers of virtio 1.2, 5.2.3 and 6', async () => {
    // FLUSH is bit 9, EVENT_IDX bit 29, INDIRECT_DESC bit 28.
    const part = { deviceFeatures: '0x31006ed4', driverFeatures: '0x10000200' };
    expectPassed(await judgeOne('device: { features: { negotiated: [FLUSH, INDIRECT_DESC], not: [EVENT_IDX] } }', seen(part)));
    const verdict = expectFailed(await judgeOne('device: { features: { negotiated: [EVENT_IDX], not: [FLUSH] } }', seen(part)));
    expect(verdict.reason).toBe('not as expected: feature EVENT_IDX, feature FLUSH');
  });

  it('features: every name of what QEMU offers by default, 0x31006ed4, and none of the others', async () => {
    const offered =
      'SEG_MAX, GEOMETRY, BLK_SIZE, SCSI, FLUSH, TOPOLOGY, CONFIG_WCE, DISCARD, WRITE_ZEROES, NOTIFY_ON_EMPTY, INDIRECT_DESC, EVENT_IDX';
    const all = seen({ deviceFeatures: '0x31006ed4', driverFeatures: '0x31006ed4' });
    expectPassed(await judgeOne(`device: { features: { negotiated: [${offered}], not: [SIZE_MAX, RO, MQ, ANY_LAYOUT, VERSION_1] } }`, all));
    const others = seen({ deviceFeatures: '0x108001022', driverFeatures: '0x108001022' });
    expectPassed(
      await judgeOne(`device: { features: { negotiated: [SIZE_MAX, RO, MQ, ANY_LAYOUT, VERSION_1], not: [${offered}] } }`, others),
    );
  });

  it('features: what the device never offered is not negotiated', async () => {
    // RO is bit 5, which the device does not offer.
    expectFailed(await judgeOne('device: { features: { negotiated: [RO] } }', seen({ driverFeatures: '0x20' })));
  });

  it('queue size and interrupts: exact or bounded', async () => {
    const part = { queueSize: 64, interruptsRaised: 2, interruptsAcknowledged: 0 };
    expectPassed(await judgeOne('device: { queue-size: 64, interrupts: { raised: { min: 1, max: 2 }, acknowledged: 0 } }', seen(part)));
    const verdict = expectFailed(
      await judgeOne('device: { queue-size: { max: 32 }, interrupts: { raised: 1, acknowledged: { min: 1 } } }', seen(part)),
    );
    expect(linesOf(verdict.details)).toEqual([
      'expected queue size: at most 32',
      'found queue size: 64',
      'expected interrupts raised: 1',
      'found interrupts raised: 2',
      'expected interrupts acknowledged: at least 1',
      'found interrupts acknowledged: 0',
    ]);
  });
});
