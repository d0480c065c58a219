import { describe, expect, it } from 'vitest';
import { resolveDrives } from './qemu-block.ts';

const drive = (id: string, more = '') => `file=${id}.img,if=none,id=${id},format=raw${more}`;
const device = (id: string, more = '') => `virtio-blk-device,drive=${id}${more}`;

describe('resolveDrives', () => {
  // Where QEMU puts them: board.md's map, measured; the address of slot N is 0x10001000 + N * 0x1000.
  it('puts disks on the highest free slot, or where bus= says', () => {
    const ids = ['a', 'b', 'c'];
    const { drives } = resolveDrives(
      ids.map((id) => drive(id)),
      [device('a'), device('b', ',bus=virtio-mmio-bus.6'), device('c')],
      false,
    );
    expect(drives.map(({ id, slot }) => [id, slot])).toEqual([
      ['a', 7],
      ['b', 6],
      ['c', 5],
    ]);
  });

  it('knows serial, readonly and snapshot', () => {
    const { drives } = resolveDrives(
      [drive('a', ',readonly=on'), drive('b', ',snapshot=on,cache=none')],
      [device('a', `,serial=${'s'.repeat(30)}`), device('b', ',id=disk1')],
      false,
    );
    expect(drives).toEqual([
      { id: 'a', file: 'a.img', serial: 's'.repeat(20), slot: 7, readOnly: true, snapshot: false },
      { id: 'b', file: 'b.img', serial: '', slot: 6, readOnly: false, snapshot: true },
    ]);
  });

  it('lets -snapshot keep all images', () => {
    expect(resolveDrives([drive('a')], [device('a')], true).drives[0]).toMatchObject({ snapshot: true });
  });

  it('names drives that no device uses', () => {
    expect(resolveDrives([drive('a'), drive('b')], [device('b')], false).unused).toEqual(['a']);
  });

  it.each<[string, string[], string[], string]>([
    [
      'a PCI device',
      [drive('a')],
      ['virtio-blk-pci,drive=a'],
      '-device virtio-blk-pci: this machine has no PCI; write virtio-blk-device, which sits on virtio-mmio',
    ],
    [
      'another device',
      [],
      ['virtio-net-device,netdev=n'],
      '-device virtio-net-device: this machine has no such device; the only one is virtio-blk-device',
    ],
    [
      'an unknown property',
      [drive('a')],
      [device('a', ',packed=on')],
      '-device virtio-blk-device: there is no "packed" here; known: driver, drive, serial, bus, id',
    ],
    ['no drive=', [], ['virtio-blk-device'], '-device virtio-blk-device: needs drive=NAME, the id of a -drive'],
    ['an unknown drive', [drive('a')], [device('b')], '-device drive=b: there is no -drive with id=b'],
    ['a drive used twice', [drive('a')], [device('a'), device('a')], '-device drive=a: another device has this drive already'],
    ['an id used twice', [drive('a'), drive('a')], [], '-drive id=a: two drives have this id'],
    [
      'an unknown bus',
      [drive('a')],
      [device('a', ',bus=virtio-mmio-bus.8')],
      'there is no bus "virtio-mmio-bus.8"; known: virtio-mmio-bus.0 to virtio-mmio-bus.7',
    ],
    [
      'a taken slot',
      [drive('a'), drive('b')],
      [device('a'), device('b', ',bus=virtio-mmio-bus.7')],
      '-device bus=virtio-mmio-bus.7: this slot is taken',
    ],
    ['an unknown -drive key', [drive('a', ',foo=1')], [], '-drive: there is no "foo" here; known: file, if, id, format'],
    [
      'another format',
      ['file=a.qcow2,if=none,id=a,format=qcow2'],
      [],
      '-drive format=qcow2: only raw images; convert with: qemu-img convert -O raw a.qcow2 disk.img',
    ],
    [
      'another interface',
      ['file=a,if=virtio,id=a'],
      [],
      '-drive if=virtio: write if=none,id=NAME here and -device virtio-blk-device,drive=NAME beside it',
    ],
    ['no interface', ['file=a,id=a'], [], '-drive without if=: write if=none'],
    ['no image', ['if=none,id=a'], [], 'no image named'],
    ['no id', ['file=a,if=none'], [], 'needs id=NAME'],
    ['readonly=maybe', [drive('a', ',readonly=maybe')], [], '-drive: readonly=maybe: say "on" or "off"'],
    ['JSON', [], ['{"driver":"virtio-blk-device"}'], 'the JSON form is not known here'],
  ])('refuses %s', (_name, drives, devices, message) => {
    expect(() => resolveDrives(drives, devices, false)).toThrow(message);
  });

  it('has room for eight disks', () => {
    const ids = Array.from({ length: 9 }, (_, index) => `d${index}`);
    const attempt = (count: number) =>
      resolveDrives(
        ids.slice(0, count).map((id) => drive(id)),
        ids.slice(0, count).map((id) => device(id)),
        false,
      );
    expect(attempt(8).drives.at(-1)).toMatchObject({ slot: 0 });
    expect(() => attempt(9)).toThrow('all 8 virtio-mmio slots are taken');
  });
});
