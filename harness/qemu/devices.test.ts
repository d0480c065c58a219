import { describe, expect, it } from 'vitest';
import { parseSeed } from './device.ts';
import { resolveDevices } from './devices.ts';
import { Mistakes } from './mistakes.ts';

const drive = (id: string, more = '') => `file=${id}.img,if=none,id=${id},format=raw${more}`;
const device = (id: string, more = '') => `virtio-blk-device,drive=${id}${more}`;

function resolve(
  drives: string[],
  devices: string[],
  more: { snapshot?: boolean; modernVirtio?: boolean; objects?: string[]; netdevs?: string[]; seed?: number } = {},
) {
  const mistakes = new Mistakes();
  const resolved = resolveDevices({ drives, devices, objects: [], netdevs: [], modernVirtio: false, snapshot: false, ...more }, mistakes);
  if (mistakes.lines.length > 0) throw new Error(mistakes.lines.join('\n'));
  return resolved;
}

describe('resolveDevices', () => {
  // Where QEMU puts them: board.md's map, measured; the address of slot N is 0x10001000 + N * 0x1000.
  it('puts disks on the highest free slot, or where bus= says', () => {
    const ids = ['a', 'b', 'c'];
    const { drives } = resolve(
      ids.map((id) => drive(id)),
      [device('a'), device('b', ',bus=virtio-mmio-bus.6'), device('c')],
    );
    expect(drives.map(({ id, slot }) => [id, slot])).toEqual([
      ['a', 7],
      ['b', 6],
      ['c', 5],
    ]);
  });

  it('knows serial, readonly and snapshot', () => {
    const { drives } = resolve(
      [drive('a', ',readonly=on'), drive('b', ',snapshot=on,cache=none')],
      [device('a', `,serial=${'s'.repeat(30)}`), device('b', ',id=disk1')],
    );
    expect(drives).toEqual([
      { id: 'a', file: 'a.img', serial: 's'.repeat(20), slot: 7, readOnly: true, snapshot: false },
      { id: 'b', file: 'b.img', serial: '', slot: 6, readOnly: false, snapshot: true },
    ]);
  });

  it('takes properties that say what a device is anyway, as lines of courses have them', () => {
    const { drives } = resolve([drive('a')], [device('a', ',scsi=off,num-queues=1,logical_block_size=512,bootindex=1')]);
    expect(drives).toMatchObject([{ id: 'a', slot: 7 }]);
    const nic = 'virtio-net-device,netdev=n,csum=off,gso=off,guest_csum=off,bus=virtio-mmio-bus.1';
    expect(resolve([], [nic], { netdevs: ['user,id=n'], modernVirtio: true }).network).toMatchObject({ slot: 1 });
    expect(() => resolve([], [nic], { netdevs: ['user,id=n'] })).toThrow('gso=off: the legacy device offers GSO; leave it out');
    expect(() => resolve([], [], { objects: ['filter-dump,id=d,netdev=n,file=p.pcap'] })).not.toThrow();
  });

  it('lets -snapshot keep all images', () => {
    expect(resolve([drive('a')], [device('a')], { snapshot: true }).drives[0]).toMatchObject({ snapshot: true });
  });

  it('names drives that no device uses', () => {
    expect(resolve([drive('a'), drive('b')], [device('b')]).unused).toEqual(['a']);
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
      ['virtio-gpu-device'],
      '-device virtio-gpu-device: this machine has no such device; leave it out (there are virtio-blk-device, virtio-rng-device, virtio-net-device and loader)',
    ],
    [
      'an unknown property',
      [drive('a')],
      [device('a', ',packets=on')],
      '-device virtio-blk-device: unknown key "packets"; known: driver, drive, serial, bus, id',
    ],
    [
      'a property with a value that this device does not have',
      [drive('a')],
      [device('a', ',packed=on')],
      '-device virtio-blk-device,packed=on: not in this machine; leave it out or write packed=off',
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
    ['an unknown -drive key', [drive('a', ',foo=1')], [], '-drive: unknown key "foo"; known: file, if, id, format'],
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
      '-drive if=virtio: QEMU puts such a disk on PCI, which this machine does not have; write if=none,id=NAME here and -device virtio-blk-device,drive=NAME beside it',
    ],
    ['no interface', ['file=a,id=a'], [], '-drive without if=: QEMU puts such a disk on PCI'],
    ['no image', ['if=none,id=a'], [], 'no image named'],
    ['no id', ['file=a,if=none'], [], 'needs id=NAME'],
    ['readonly=maybe', [drive('a', ',readonly=maybe')], [], '-drive: readonly=maybe: say "on" or "off"'],
    ['JSON', [], ['{"driver":"virtio-blk-device"}'], 'the JSON form is not known here'],
  ])('refuses %s', (_name, drives, devices, message) => {
    expect(() => resolve(drives, devices)).toThrow(message);
  });

  it('has room for eight disks', () => {
    const ids = Array.from({ length: 9 }, (_, index) => `d${index}`);
    const attempt = (count: number) =>
      resolve(
        ids.slice(0, count).map((id) => drive(id)),
        ids.slice(0, count).map((id) => device(id)),
      );
    expect(attempt(8).drives.at(-1)).toMatchObject({ slot: 0 });
    expect(() => attempt(9)).toThrow('all 8 virtio-mmio slots are taken');
  });

  it('places the entropy device among the disks, with the seed that was given', () => {
    expect(resolve([drive('a')], ['virtio-rng-device', device('a')])).toMatchObject({
      entropy: { seed: 0, slot: 7 },
      drives: [{ id: 'a', slot: 6 }],
    });
    const named = resolve([], ['virtio-rng-device,rng=r,bus=virtio-mmio-bus.2'], {
      objects: ['rng-random,id=r,filename=/dev/urandom'],
      seed: 9,
    });
    expect(named.entropy).toEqual({ seed: 9, slot: 2 });
    expect(resolve([drive('a')], [device('a')]).entropy).toBeUndefined();
  });

  it('places the network device, and does not mind what its other end would be', () => {
    const { network, drives } = resolve([drive('a')], ['virtio-net-device,netdev=net0,id=nic', device('a')], {
      netdevs: ['user,id=net0,hostfwd=tcp::2222-:22,hostfwd=udp::5555-:2000', 'tap,id=other,ifname=tap0,script=no'],
    });
    expect([network, drives[0]!.slot]).toEqual([{ mac: '52:54:00:12:34:56', slot: 7 }, 6]);
    expect(resolve([], ['virtio-net-device,mac=52:54:00:00:00:01,bus=virtio-mmio-bus.1']).network).toEqual({
      mac: '52:54:00:00:00:01',
      slot: 1,
    });
    expect(resolve([], [], { netdevs: ['user,id=net0'] }).network).toBeUndefined();
  });

  it.each<[string, () => unknown, string]>([
    [
      'two network devices',
      () => resolve([], ['virtio-net-device', 'virtio-net-device']),
      '-device virtio-net-device: this machine has at most one; leave the second one out',
    ],
    [
      'an unknown network',
      () => resolve([], ['virtio-net-device,netdev=n']),
      '-device virtio-net-device,netdev=n: there is no -netdev with id=n; write -netdev user,id=n',
    ],
    ['a network without a name', () => resolve([], [], { netdevs: ['user'] }), '-netdev user: needs id=NAME for a -device to refer to'],
    [
      'an unknown kind of network',
      () => resolve([], [], { netdevs: ['usr,id=n'] }),
      '-netdev usr: QEMU has no such network; write -netdev user,id=n',
    ],
    [
      'an address of a group',
      () => resolve([], ['virtio-net-device,mac=53:54:00:12:34:56']),
      '-device virtio-net-device,mac=53:54:00:12:34:56: not an address of a device; write for example mac=52:54:00:12:34:56',
    ],
    [
      "the network card of xv6's lab",
      () => resolve([], ['e1000,netdev=net0,bus=pcie.0']),
      '-device e1000: this machine has no PCI; write virtio-net-device, which sits on virtio-mmio',
    ],
    [
      'two of them',
      () => resolve([], ['virtio-rng-device', 'virtio-rng-device']),
      '-device virtio-rng-device: this machine has at most one',
    ],
    [
      'an unknown backend',
      () => resolve([], ['virtio-rng-device,rng=r']),
      '-device virtio-rng-device,rng=r: there is no -object with id=r',
    ],
    [
      'another backend',
      () => resolve([], [], { objects: ['memory-backend-ram,id=m,size=1G'] }),
      '-object memory-backend-ram: this machine has no such backends',
    ],
    [
      'the PCI device',
      () => resolve([], ['virtio-rng-pci']),
      '-device virtio-rng-pci: this machine has no PCI; write virtio-rng-device, which sits on virtio-mmio',
    ],
    ['a seed with a sign', () => parseSeed('-1'), '-seed -1: not a number from 0 to 4294967295'],
    ['a seed that is too large', () => parseSeed('4294967296'), '-seed 4294967296: not a number from 0 to 4294967295'],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
