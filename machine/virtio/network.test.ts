/** The network device, whose link is down: alone, and on the board compared with QEMU's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { createMachine } from '../index.ts';
import { assemble } from '../testkit/assembler.ts';
import { DRAIN_AND_FINISH } from '../testkit/power-off.ts';
import { NetworkDevice } from './network.ts';

const QEMU = 'qemu-system-riscv64';
/** QEMU's default. */
const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

/** Sets up a queue of 8 entries: descriptors at `at`, available ring after them, used ring at `at` + 4096. */
function queueAt(queue: number, at: number, modern: boolean): string {
  const place = modern
    ? `sw s2, 0x80(s0)
       sw zero, 0x84(s0)
       addi t0, s2, 128
       sw t0, 0x90(s0)
       li t0, ${at + 0x1000}
       sw t0, 0xa0(s0)
       li t0, 1
       sw t0, 0x44(s0)`
    : `li t0, 4096
       sw t0, 0x28(s0)
       sw t0, 0x3c(s0)
       srli t0, s2, 12
       sw t0, 0x40(s0)`;
  return `li s2, ${at}
    li t0, ${queue}
    sw t0, 0x30(s0)
    li t0, 8
    sw t0, 0x38(s0)
    ${place}`;
}

const print = (load: string) => `${load}
    jal ra, word`;

/** A raw kernel in M mode: prints words of four bytes, and ends the machine. The device is in the last slot. */
function asks(modern: boolean): Uint8Array {
  return assemble(
    `
    li s0, 0x10008000
    li s1, 0x10000000
    ${print('lw a0, 8(s0)')}
    ${print('lw a0, 0x10(s0)')}
    li t0, 1
    sw t0, 0x14(s0)
    ${print('lw a0, 0x10(s0)')}
    ${print('lw a0, 0x100(s0)')}
    ${print('lhu a0, 0x104(s0)')}
    ${print('lhu a0, 0x106(s0)')}
    ${print('lhu a0, 0x108(s0)')}
    ${print('lbu a0, 0x10a(s0)')}
    ${[0, 1, 2, 3].map((queue) => `li t0, ${queue}\n sw t0, 0x30(s0)\n${print('lw a0, 0x34(s0)')}`).join('\n')}
    # Accept MAC and STATUS, and over the modern transport VERSION_1.
    sw zero, 0x24(s0)
    li t0, 0x10020
    sw t0, 0x20(s0)
    li t0, 1
    sw t0, 0x24(s0)
    li t0, ${modern ? 1 : 0}
    sw t0, 0x20(s0)
    li t0, ${modern ? 11 : 3}
    sw t0, 0x70(s0)
    ${queueAt(0, 0x80200000, modern)}
    ${queueAt(1, 0x80210000, modern)}
    li t0, ${modern ? 15 : 7}
    sw t0, 0x70(s0)
    # A buffer for what is received.
    li s2, 0x80200000
    li t0, 0x80220000
    sd t0, 0(s2)
    li t0, ${1526n | (2n << 32n)}
    sd t0, 8(s2)
    li t0, 1
    sh t0, 130(s2)
    sw zero, 0x50(s0)
    # Two packets to send: one in two buffers, one in one.
    li s2, 0x80210000
    li t0, 0x80230000
    sd t0, 0(s2)
    li t0, ${12n | (1n << 32n) | (1n << 48n)}
    sd t0, 8(s2)
    li t0, 0x80231000
    sd t0, 16(s2)
    li t0, 60
    sd t0, 24(s2)
    sd t0, 40(s2)
    li t0, 0x80232000
    sd t0, 32(s2)
    li t0, ${2n << 16n}
    sw t0, 132(s2)
    li t0, 2
    sh t0, 130(s2)
    li t0, 1
    sw t0, 0x50(s0)
    li s3, 0x80211000
wait: lhu t0, 2(s3)
    addi t0, t0, -2
    bnez t0, wait
    ${[4, 8, 12, 16].map((offset) => print(`lw a0, ${offset}(s3)`)).join('\n')}
    ${print('lw a0, 0x60(s0)')}
    li t0, 3
    sw t0, 0x64(s0)
    ${print('lw a0, 0x60(s0)')}
    li s3, 0x80201000
    ${print('lhu a0, 2(s3)')}
    ${DRAIN_AND_FINISH}
word: li t1, 4
byte: sb a0, 0(s1)
    srli a0, a0, 8
    addi t1, t1, -1
    bnez t1, byte
    ret`,
    0x8000_0000n,
  ).bytes;
}

const wordsOf = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / 4 }, (_, i) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true));

/** By position: DeviceID, both words of features, MAC and link status, what follows, QueueNumMax of four queues; used ring; InterruptStatus; receive queue. */
const EXPECTED = {
  legacy: [1, 0x39018060, 0, 0x12005452, 0x5634, 0, 0xffff, 0xff, 1024, 1024, 0, 0, 0, 0, 2, 0, 1, 0, 0],
  modern: [1, 0x30018020, 0x101, 0x12005452, 0x5634, 0, 0xffff, 0xff, 1024, 1024, 0, 0, 0, 0, 2, 0, 1, 0, 0],
};
const CONTROL_QUEUE_MAX = 10;

describe('the device', () => {
  it('takes what is sent, and keeps the buffers for what would be received', () => {
    const device = new NetworkDevice(MAC, 'modern');
    expect(device.take(0)).toEqual({ ignored: true });
    expect(device.take(1)).toMatchObject({ usedLength: 0, status: undefined });
  });

  it.each([
    ['legacy', 9],
    ['modern', 0x52],
  ] as const)('%s: its address can be changed only over the legacy interface, and its link cannot be put up', (transport, first) => {
    const device = new NetworkDevice(MAC, transport);
    device.setConfig(Uint8Array.of(9, 8, 7, 6, 5, 4, 1, 0));
    expect([device.config()[0], device.config()[6]]).toEqual([first, 0]);
    const other = new NetworkDevice(MAC, transport);
    other.restore(device.save());
    expect(other.config()).toEqual(device.config());
  });
});

describe.each(['legacy', 'modern'] as const)('on the board, %s transport', (transport) => {
  it('is found and set up; what is sent is taken, and nothing is received', () => {
    const printed: number[] = [];
    const machine = createMachine({
      cpu: 'rv64',
      memory: 16 << 20,
      bios: 'none',
      kernel: asks(transport === 'modern'),
      modernVirtio: transport === 'modern',
      drives: [],
      network: { mac: MAC },
      onConsole: (byte) => printed.push(byte),
      live: false,
    });
    expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
    expect(wordsOf(Uint8Array.from(printed))).toEqual(EXPECTED[transport]);
    expect(machine.devices).toEqual([]);
  });

  it.skipIf(lacks('QEMU 10'))('answers as QEMU 10 does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootgrade-network-'));
    try {
      writeFileSync(join(folder, 'kernel'), asks(transport === 'modern'));
      const machine = ['-machine', 'virt', '-cpu', 'rv64', '-m', '16', '-bios', 'none', '-display', 'none', '-monitor', 'stdio', '-S'];
      const options = [
        '-global',
        `virtio-mmio.force-legacy=${transport === 'legacy'}`,
        '-netdev',
        'user,id=n',
        '-device',
        'virtio-net-device,netdev=n,id=card',
      ];
      const files = ['-serial', `file:${join(folder, 'console')}`, '-kernel', join(folder, 'kernel')];
      const { status, stderr } = spawnSync(QEMU, [...machine, ...options, ...files], {
        input: 'set_link card off\ncont\n',
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect(status, stderr).toBe(0);
      const words = wordsOf(new Uint8Array(readFileSync(join(folder, 'console'))));
      // Of QEMU's features those without a control queue, which is queue 2.
      const [, offered] = EXPECTED[transport];
      expect(words.map((word, index) => (index === 1 ? word & offered! : index === CONTROL_QUEUE_MAX ? 0 : word) >>> 0)).toEqual(
        EXPECTED[transport],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
