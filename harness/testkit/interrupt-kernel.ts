/**
 * A kernel for tests: a driver for virtio-mmio version 2 that reads two sectors with interrupts through the PLIC, and powers off. Each of its
 * steps can be left out or replaced, which is a mistake that people make.
 *
 * Registers: VIRTIO 1.2, 4.2.2. PLIC: source 8 is the last slot's, context 1 is hart 0's S mode (RISC-V PLIC specification, 3).
 */
import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';

const STEPS = {
  beforeQueue: '',
  priority: 'li t0, 0xc000020\n li t1, 1\n sw t1, 0(t0)',
  enable: 'li t0, 0xc002080\n li t1, 0x100\n sw t1, 0(t0)',
  threshold: 'li t0, 0xc201000\n sw zero, 0(t0)',
  sie: 'li t0, 0x200\n csrs sie, t0',
  sstatus: 'csrsi sstatus, 2',
  /** Puts the first and the second request into the available ring, and notifies the device. */
  requests: 'call first\n call second\n sw zero, 0x50(s0)',
  beforeWait: '',
  wait: 'wait: csrci sstatus, 2\n lw t0, 8(s1)\n li t1, 2\n beq t0, t1, off\n wfi\n csrsi sstatus, 2\n j wait',
  off: 'li a7, 8\n ecall',
  claim: 'li t3, 0xc201004\n lw t4, 0(t3)',
  acknowledge: 'lw t5, 0x60(s0)\n sw t5, 0x64(s0)',
  /** Takes elements of the used ring: how many there were is at 0(s1), how many are done at 8(s1). */
  take: `more: lhu t5, 2(s4)
    lw t6, 0(s1)
    beq t5, t6, taken
    slli t5, t6, 3
    add t5, t5, s4
    lw t5, 4(t5)
    addi t6, t6, 1
    sw t6, 0(s1)
    sw t6, 8(s1)
    j more
  taken: nop`,
  complete: 'sw t4, 0(t3)',
} as const;

export type Steps = Partial<Record<keyof typeof STEPS, string>>;

/** s0: the device; s1: variables; s2, s3, s4: descriptors, available ring, used ring; s5: headers, data, status bytes. */
const source = (step: Record<keyof typeof STEPS, string>): string => `
    la t0, vector
    csrw stvec, t0
    li s0, 0x10008000
    la s1, end
    addi s1, s1, 2047
    srli s1, s1, 11
    slli s1, s1, 11
    addi s2, s1, 256
    addi s3, s1, 512
    addi s4, s1, 768
    addi s5, s1, 1024
    sw zero, 0x70(s0)
    li t0, 1
    sw t0, 0x70(s0)
    li t0, 3
    sw t0, 0x70(s0)
    lw t0, 0x10(s0)
    li t0, 1
    sw t0, 0x24(s0)
    sw t0, 0x20(s0)
    li t0, 11
    sw t0, 0x70(s0)
    lw t0, 0x70(s0)
    ${step.beforeQueue}
    sw zero, 0x30(s0)
    li t0, 8
    sw t0, 0x38(s0)
    sw s2, 0x80(s0)
    sw s3, 0x90(s0)
    sw s4, 0xa0(s0)
    li t0, 1
    sw t0, 0x44(s0)
    li t0, 15
    sw t0, 0x70(s0)
    ${step.priority}
    ${step.enable}
    ${step.threshold}
    ${step.sie}
    ${step.sstatus}
    ${step.requests}
    ${step.beforeWait}
    ${step.wait}
  off: ${step.off}

  first: li t6, 0
    j offer
  second: li t6, 3
    # Descriptors t6 to t6 + 2: the header, 512 bytes of data, the status byte.
  offer: slli t0, t6, 4
    add t0, t0, s2
    slli t1, t6, 4
    add t1, t1, s5
    sd t1, 0(t0)
    li t2, 16
    sw t2, 8(t0)
    li t2, 1
    sh t2, 12(t0)
    addi t2, t6, 1
    sh t2, 14(t0)
    li t2, 2048
    add t2, t2, s5
    sd t2, 16(t0)
    li t2, 512
    sw t2, 24(t0)
    li t2, 3
    sh t2, 28(t0)
    addi t2, t6, 2
    sh t2, 30(t0)
    addi t1, t1, 32
    sd t1, 32(t0)
    li t2, 1
    sw t2, 40(t0)
    li t2, 2
    sh t2, 44(t0)
    lhu t0, 2(s3)
    slli t1, t0, 1
    add t1, t1, s3
    sh t6, 4(t1)
    addi t0, t0, 1
    sh t0, 2(s3)
    ret

    .align 2
  vector: j handler
  handler: ${step.claim}
    ${step.acknowledge}
    ${step.take}
    ${step.complete}
    sret
  end: nop`;

/** With symbols, and without debug information. */
export function interruptKernel(steps: Steps = {}): Uint8Array<ArrayBuffer> {
  return kernelOf(source({ ...STEPS, ...steps }));
}

/** A kernel from assembler text, where every label is a symbol, with another name as `names` says; after the firmware's memory. */
export function kernelOf(text: string, names: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  return kernelAt(0x8020_0000n, text, names);
}

/** The same at the start of RAM, where a machine without firmware begins. */
export function machineModeKernel(text: string): Uint8Array<ArrayBuffer> {
  return kernelAt(BigInt(RAM_BASE), text, {});
}

function kernelAt(base: bigint, text: string, names: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const code = assemble(text);
  const symbols = Object.fromEntries([...code.symbols].map(([name, address]) => [names[name] ?? name, base + address - BigInt(RAM_BASE)]));
  return writeElf({ segments: [{ address: base, virtualAddress: base, bytes: code.bytes, memorySize: 0x8000n, flags: 7 }], symbols });
}
