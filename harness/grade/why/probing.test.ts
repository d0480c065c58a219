import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { device, evidence } from '../../testkit/evidence.ts';
import { probing } from './probing.ts';

const texts = (part: Partial<Evidence>) => probing(evidence(part)).map((detail) => ('text' in detail ? detail.text : ''));
const UNSEEN = device({ accessed: false, statusWrites: [] });
const VECTOR = { register: 'stvec', value: '0x80200040', state: 'set', written: null } as const;
const STOPPED = {
  pc: '0x80200010',
  mode: 'S',
  cause: 13,
  value: '0x10002000',
  instructions: 9,
  time: 9,
  times: 1,
  vector: VECTOR,
  next: null,
  further: 0,
  unreturned: 0,
} as const;
const LOOKED_AT = device({ statusWrites: [], version: 1 });

describe('a kernel that has not found its device', () => {
  it('is told which slot it looked at, and where the device is', () => {
    expect(texts({ devices: [UNSEEN], emptySlots: ['0x10001000'] })).toEqual([
      'the kernel looked at 0x10001000, a virtio-mmio slot that is empty (its DeviceID is 0), and never at the one with a device: blk is at 0x10008000. Look at all eight slots, or at that one',
    ]);
    const [many] = texts({ devices: [UNSEEN], emptySlots: ['0x10001000', '0x10002000', '0x10003000', '0x10004000'] });
    expect(many).toContain('looked at 0x10001000, 0x10002000, 0x10003000 and 1 more, virtio-mmio slots that are empty');
  });

  it('is not advised to look at all slots where an exception kept it from that', () => {
    const [text] = texts({ devices: [UNSEEN], emptySlots: ['0x10001000'], exception: STOPPED });
    expect(text).toMatch(/and never at the one with a device: blk is at 0x10008000$/);
  });

  it('is told the version of a device that it looked at and left', () => {
    const [text] = texts({ devices: [LOOKED_AT], console: 'panicked at src/main.rs:1:1:\nno disk\n' });
    expect(text).toBe(
      'blk: the kernel looked at the device at 0x10008000, but never wrote to its Status. What it reads there is MagicValue 0x74726976 (the letters "virt", the first one in the lowest byte), Version 1 (the legacy interface) and DeviceID 2 (a block device): does the driver compare with these, and read them at the offsets 0, 4 and 8?',
    );
    expect(texts({ devices: [LOOKED_AT], stop: { reason: 'hang' } })).toEqual([text]);
    // One that an exception stopped may have found what it looked for.
    const [stopped] = texts({ devices: [LOOKED_AT], stop: { reason: 'trap-loop' }, exception: STOPPED });
    expect(stopped).toMatch(/Version 1 \(the legacy interface\) and DeviceID 2 \(a block device\)$/);
  });
});

describe('nothing is said', () => {
  it.each<[string, Partial<Evidence>]>([
    ['of a driver that searches all slots and finds its device', { emptySlots: ['0x10001000', '0x10002000'] }],
    ['of a kernel that looks for no device', { devices: [UNSEEN] }],
    ['of one that lists the devices and powers off', { devices: [LOOKED_AT] }],
    ['of a drive that is not there', { devices: [device({ version: null, accessed: false })], emptySlots: ['0x10008000'] }],
    ['of a second drive that is not used', { devices: [device(), { ...UNSEEN, drive: 'other' }], emptySlots: ['0x10001000'] }],
  ])('%s', (_, part) => {
    expect(texts(part)).toEqual([]);
  });
});
