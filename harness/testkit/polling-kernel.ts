/**
 * A kernel for tests: a driver for virtio-mmio that reads sectors one after the other, waits for each in a loop, and powers off. Each of its
 * steps can be left out or replaced, which is a mistake that people make.
 *
 * Registers: VIRTIO 1.2, 4.2.2, and 4.2.4 for the legacy interface, whose queue of 8 entries is two pages.
 */
import { kernelOf } from './interrupt-kernel.ts';

const COMMON = {
  select: 'sw zero, 0x30(s0)',
  size: 'li t0, 8\n sw t0, 0x38(s0)',
  /** How many requests are made, before and after the first wait. */
  requests: 'call request\n call request',
  /** Which descriptors a request uses, from a0 on: 0 to 2, then 3 to 5, in turn. */
  choose: 'xori a0, s6, 3\n mv s6, a0',
  /** Puts the head a0 into the available ring, whose index is t0. */
  offer: 'andi t1, t0, 7\n slli t1, t1, 1\n add t1, t1, s3\n sh a0, 4(t1)',
  raise: 'addi t0, t0, 1\n sh t0, 2(s3)',
  notify: 'sw zero, 0x50(s0)',
  /** Waits until the used index is no longer what has been seen, s7. */
  wait: 'poll: lhu t0, 2(s4)\n beq t0, s7, poll\n mv s7, t0',
  /** Of the data, and of the status byte, in a2 and a3. */
  data: 'li a2, 2048\n add a2, a2, s5',
  status: 'addi a3, a1, 32',
  after: '',
  off: 'li a7, 8\n ecall',
} as const;

const LEGACY = {
  ...COMMON,
  layout: 'mv s2, s1\n addi s3, s1, 128\n li t0, 4096\n add s4, s1, t0',
  features: 'sw zero, 0x20(s0)\n li t0, 4096\n sw t0, 0x28(s0)',
  place: 'li t0, 4096\n sw t0, 0x3c(s0)\n srli t0, s1, 12\n sw t0, 0x40(s0)',
  ready: 'li t0, 7\n sw t0, 0x70(s0)',
} as const;

const MODERN = {
  ...COMMON,
  layout: 'addi s2, s1, 256\n addi s3, s1, 512\n addi s4, s1, 768',
  features: 'li t0, 1\n sw t0, 0x24(s0)\n sw t0, 0x20(s0)\n li t0, 11\n sw t0, 0x70(s0)\n lw t0, 0x70(s0)',
  place: 'sw s2, 0x80(s0)\n sw s3, 0x90(s0)\n sw s4, 0xa0(s0)\n li t0, 1\n sw t0, 0x44(s0)',
  ready: 'li t0, 15\n sw t0, 0x70(s0)',
} as const;

export type PollingSteps = Partial<Record<keyof typeof LEGACY, string>>;

/** s0: the device; s1: a page for the queue; s2, s3, s4: descriptors, available ring, used ring; s5: headers, status bytes, data. */
const source = (step: Record<keyof typeof LEGACY, string>): string => `
    li s0, 0x10008000
    la s1, end
    li t0, 4095
    add s1, s1, t0
    srli s1, s1, 12
    slli s1, s1, 12
    li t0, 12288
    add s5, s1, t0
    li s6, 3
    li s7, 0
    ${step.layout}
    sw zero, 0x70(s0)
    li t0, 1
    sw t0, 0x70(s0)
    li t0, 3
    sw t0, 0x70(s0)
    lw t0, 0x10(s0)
    ${step.features}
    ${step.select}
    lw t0, 0x34(s0)
    ${step.size}
    ${step.place}
    ${step.ready}
    ${step.requests}
    ${step.after}
    ${step.off}

  request: ${step.choose}
    slli t0, a0, 4
    add a1, t0, s5
    add t0, t0, s2
    sd zero, 0(a1)
    sd zero, 8(a1)
    sd a1, 0(t0)
    li t2, 16
    sw t2, 8(t0)
    li t2, 1
    sh t2, 12(t0)
    addi t2, a0, 1
    sh t2, 14(t0)
    ${step.data}
    sd a2, 16(t0)
    li t2, 512
    sw t2, 24(t0)
    li t2, 3
    sh t2, 28(t0)
    addi t2, a0, 2
    sh t2, 30(t0)
    ${step.status}
    sd a3, 32(t0)
    li t2, 1
    sw t2, 40(t0)
    li t2, 2
    sh t2, 44(t0)
    lhu t0, 2(s3)
    ${step.offer}
    ${step.raise}
    fence
    ${step.notify}
    ${step.wait}
    ret
  end: nop`;

/** With symbols, and without debug information. */
export function pollingKernel(transport: 'legacy' | 'modern', steps: PollingSteps = {}): Uint8Array<ArrayBuffer> {
  return kernelOf(source({ ...(transport === 'legacy' ? LEGACY : MODERN), ...steps }));
}
