/** Drivers that do not know the disk that they look at, each with what is said of its comparison, and the same driver done right. */
import { describe, expect, it } from 'vitest';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

const panics = (message: string) =>
  `li a7, 1\n ${[...`panic: ${message}\n`].map((one) => `li a0, ${one.charCodeAt(0)}\n ecall`).join('\n ')}`;

/** Looks at the last slot as a driver does, and panics where one of its registers is not what it wants. */
const driver = ({ magic = '0x74726976', version = 'li t1, 1\n bne t0, t1, none', id = 2 } = {}) =>
  kernelOf(`
    li s0, 0x10008000
    lw t0, 0(s0)
    li t1, ${magic}
    magic: bne t0, t1, none
    version: lw t0, 4(s0)
    ${version}
    id: lw t0, 8(s0)
    addi t0, t0, -${id}
    compare: bnez t0, none
    sw zero, 0x70(s0)
    j off
  none: ${panics('no disk')}
  off: li a7, 8
    ecall`);

const told = (bytes: Uint8Array) => gradedKernel(bytes, { transport: 'legacy' }).says;

describe('a driver that does not know its disk', () => {
  it.each<[string, Parameters<typeof driver>[0], string]>([
    [
      'reads the magic value the other way round',
      { magic: '0x76697274' },
      'disk: the kernel compares MagicValue, which is 0x74726976, with 0x76697274: that is the same with its bytes reversed, and all registers of virtio are little-endian',
    ],
    [
      'is written for the modern interface',
      { version: 'li t1, 2\n bne t0, t1, none' },
      'disk: the kernel compares Version, which is 1, with 2: the driver is written for the modern interface, and the device has the legacy interface',
    ],
    ['looks for a network device', { id: 1 }, 'disk: the kernel compares DeviceID, which is 2, with 1 (a network device)'],
  ])('%s', (_, steps, sentence) => {
    const says = told(driver(steps));
    expect(says).toContain(sentence);
    expect(says).not.toContain('does the driver compare');
  });

  it('has the place of the comparison', () => {
    const { places } = toldOf(driver({ version: 'li t1, 1\n bne t0, t1, none' }));
    expect(places['compared at']).toBe('version');
  });

  it('knows it: nothing is said', () => {
    expect(told(driver())).toBe('');
  });
});

describe('a panic in the handler of an interrupt', () => {
  const kernel = (cause: string) =>
    kernelOf(`
      la t0, vector
      csrw stvec, t0
      li a7, 0x54494d45
      li a6, 0
      li a0, 100
      ecall
      li t0, 32
      csrs sie, t0
      csrsi sstatus, 2
      ${cause}
      wait: wfi
      j wait
      .align 2
    vector: csrr t0, scause
      ${panics('unexpected trap')}
      li a7, 8
      ecall`);

  it('is told what scause holds there', () => {
    expect(toldOf(kernel('')).says).toContain(
      'that was in the handler of the supervisor timer interrupt, before it had returned. scause is 0x8000000000000005 there: the highest bit (63) says ' +
        'that it is an interrupt, and the rest, 5, which one: does the handler compare with both, before it takes the trap for a fault?',
    );
  });

  it('is not one in the handler of an exception', () => {
    expect(toldOf(kernel('ebreak')).says).not.toContain('the handler of the');
  });
});
