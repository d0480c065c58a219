/** The entropy device: alone, and on the board compared with QEMU's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { createMachine } from '../index.ts';
import { assemble } from '../testkit/assembler.ts';
import { AT, MockDriver } from '../testkit/mock-driver.ts';
import { DRAIN_AND_FINISH } from '../testkit/power-off.ts';
import { EntropyDevice, entropy } from './rng.ts';

const QEMU = 'qemu-system-riscv64';
const WRITE = 2;
const NEXT = 1;

const entropyDriver = (seed = 1) => new MockDriver(new EntropyDevice(seed, 'legacy'));

describe('the bytes', () => {
  const bytes = (seed: number, position: number, length: number) => entropy(seed, position, length);

  it('depend on the seed and their position alone', () => {
    const whole = bytes(7, 0, 1000);
    expect(bytes(7, 300, 100)).toEqual(whole.subarray(300, 400));
    expect(bytes(8, 0, 1000)).not.toEqual(whole);
  });

  it.each([0, 1, 2, 0xffff_ffff])('are spread evenly for seed %i, and no byte tells the next', (seed) => {
    const counts = new Array<number>(256).fill(0);
    let rising = 0;
    const sequence = bytes(seed, 0, 65_536);
    sequence.forEach((byte, i) => {
      counts[byte]! += 1;
      if (i > 0 && byte > sequence[i - 1]!) rising++;
    });
    // The bounds are six standard deviations of a fair source: 16 for a count, 105 for the rises (a Bernoulli sequence would have 128).
    expect(Math.max(...counts.map((count) => Math.abs(count - 256)))).toBeLessThan(6 * 16);
    expect(Math.abs(rising - (65_535 * 255) / 512)).toBeLessThan(6 * 128);
  });
});

describe('the device', () => {
  it('fills a request whole, says so in the used ring, and interrupts', () => {
    const driver = entropyDriver().handshake();
    driver.describe(0, { address: AT.data, length: 100, flags: WRITE | NEXT, next: 1 });
    driver.describe(1, { address: AT.data + 0x1000n, length: 28, flags: WRITE }).run();
    expect([driver.usedIndex(), driver.usedElement(0).length, driver.line.level]).toEqual([1, 128, true]);
    const got = [...driver.memory.read(AT.data, 100)!, ...driver.memory.read(AT.data + 0x1000n, 28)!];
    expect(got).toEqual([...entropy(1, 0, 128)]);
    const [request] = driver.slot.trace.requests;
    expect([request!.type, request!.completion!.status, [...request!.data]]).toEqual([undefined, undefined, got]);
  });

  it('goes on in its sequence, over a reset as well', () => {
    const driver = entropyDriver().handshake();
    driver.describe(0, { address: AT.data, length: 10, flags: WRITE }).run();
    driver.handshake();
    driver.describe(0, { address: AT.data, length: 10, flags: WRITE }).run();
    expect(driver.memory.read(AT.data, 10)).toEqual(entropy(1, 10, 10));
  });

  it('never answers a buffer that it may not write, and the finding says why', () => {
    const driver = entropyDriver().handshake();
    driver.describe(0, { address: AT.data, length: 10 }).run();
    expect([driver.usedIndex(), driver.line.level]).toEqual([0, false]);
    expect(driver.slot.trace.findings.map(({ rule }) => rule)).toContain('entropy-buffer-readable');
    driver.describe(0, { address: AT.data, length: 10, flags: WRITE }).run();
    expect(driver.usedIndex()).toBe(1);
  });
});

/** A raw kernel in M mode: prints words of four bytes, and ends the machine. The device is in the last slot. */
function asks(modern: boolean): Uint8Array {
  const place = modern
    ? `sw s2, 0x80(s0)
       sw zero, 0x84(s0)
       addi t0, s2, 128
       sw t0, 0x90(s0)
       li t0, 0x80201000
       sw t0, 0xa0(s0)
       li t0, 1
       sw t0, 0x44(s0)`
    : `li t0, 4096
       sw t0, 0x28(s0)
       sw t0, 0x3c(s0)
       srli t0, s2, 12
       sw t0, 0x40(s0)`;
  return assemble(
    `
    li s0, 0x10008000
    li s1, 0x10000000
    li s2, 0x80200000
    lw a0, 8(s0)
    jal ra, word
    lw a0, 0x10(s0)
    jal ra, word
    li t0, 1
    sw t0, 0x14(s0)
    lw a0, 0x10(s0)
    jal ra, word
    lw a0, 0x100(s0)
    jal ra, word
    lbu a0, 0x101(s0)
    jal ra, word
    lw a0, 0x34(s0)
    jal ra, word
    li t0, ${modern ? 11 : 3}
    sw t0, 0x70(s0)
    li t0, 8
    sw t0, 0x38(s0)
    ${place}
    li t0, ${modern ? 15 : 7}
    sw t0, 0x70(s0)
    # Two buffers in one chain: 16 and 5 bytes.
    li t0, 0x80210000
    sd t0, 0(s2)
    li t0, ${16n | (3n << 32n) | (1n << 48n)}
    sd t0, 8(s2)
    li t0, 0x80211000
    sd t0, 16(s2)
    li t0, ${5n | (2n << 32n)}
    sd t0, 24(s2)
    li t0, 1
    sh t0, 130(s2)
    sw zero, 0x50(s0)
    li s3, 0x80201000
wait: lhu t0, 2(s3)
    beqz t0, wait
    lw a0, 4(s3)
    jal ra, word
    lw a0, 8(s3)
    jal ra, word
    lw a0, 0x60(s0)
    jal ra, word
    # What lies beyond the buffers is untouched.
    li s4, 0x80211000
    lw a0, 8(s4)
    jal ra, word
    lbu a0, 5(s4)
    jal ra, word
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

/** What it prints if all is well: DeviceID, features, configuration space, QueueNumMax; used element, InterruptStatus; memory beyond. */
const EXPECTED = {
  legacy: [4, 0x39000000, 0, 0xffffffff, 0xff, 1024, 0, 21, 1, 0, 0],
  modern: [4, 0x30000000, 0x101, 0xffffffff, 0xff, 1024, 0, 21, 1, 0, 0],
};

const wordsOf = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length / 4 }, (_, i) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true));

describe.each(['legacy', 'modern'] as const)('on the board, %s transport', (transport) => {
  it('is found, set up, and asked for bytes', () => {
    const printed: number[] = [];
    const machine = createMachine({
      cpu: 'rv64',
      memory: 16 << 20,
      bios: 'none',
      kernel: asks(transport === 'modern'),
      modernVirtio: transport === 'modern',
      drives: [],
      entropy: { seed: 5 },
      onConsole: (byte) => printed.push(byte),
      live: false,
    });
    expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
    expect(wordsOf(Uint8Array.from(printed))).toEqual(EXPECTED[transport]);
    const { kind, drive, trace } = machine.devices[0]!;
    expect([kind, drive, trace.requests.length]).toEqual(['entropy', undefined, 1]);
    const got = [...machine.debug.readMemory(0x80210000n, 16)!, ...machine.debug.readMemory(0x80211000n, 5)!];
    expect(got).toEqual([...entropy(5, 0, 21)]);
  });

  it.skipIf(lacks('QEMU 10'))('answers as QEMU 10 does, the bytes aside', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootgrade-rng-'));
    try {
      writeFileSync(join(folder, 'kernel'), asks(transport === 'modern'));
      const machine = ['-machine', 'virt', '-cpu', 'rv64', '-m', '16', '-bios', 'none', '-display', 'none', '-monitor', 'none'];
      const options = ['-global', `virtio-mmio.force-legacy=${transport === 'legacy'}`, '-device', 'virtio-rng-device'];
      const files = ['-serial', `file:${join(folder, 'console')}`, '-kernel', join(folder, 'kernel')];
      const { status, stderr } = spawnSync(QEMU, [...machine, ...options, ...files], { encoding: 'utf8', timeout: 60_000 });
      expect(status, stderr).toBe(0);
      expect(wordsOf(new Uint8Array(readFileSync(join(folder, 'console'))))).toEqual(EXPECTED[transport]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
