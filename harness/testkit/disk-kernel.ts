/**
 * Kernels for tests of disks: a driver for a legacy virtio-blk device (in slot 7, unless said) that makes one request after the other, waits for each, and
 * does what a test writes of the steps below. Registers and queue: VIRTIO 1.2, 4.2.4 and 2.7; requests: 5.2.6. Left out: what a driver has to
 * do about errors.
 */
import { kernelOf } from './interrupt-kernel.ts';

const [IN, OUT, FLUSH] = [0, 1, 4];

const request = (type: number, sector: number) => `li a0, ${type}\n li a1, ${sector}\n call io`;

/** Reads a sector into the buffer. */
export const read = (sector: number): string => request(IN, sector);

/** Fills the buffer with a text and zeroes, and writes it to a sector. */
export const write = (sector: number, text: string): string => {
  const bytes = [...Buffer.from(text)];
  return `call clear\n ${bytes.map((byte, at) => `li t0, ${byte}\n sb t0, ${at}(s5)`).join('\n')}\n ${request(OUT, sector)}`;
};

/** Writes the buffer as it is. */
export const writeBuffer = (sector: number): string => request(OUT, sector);

export const flush = (): string => request(FLUSH, 0);

/** Prints the text that the buffer begins with. */
export const printBuffer = 'call print';

export const say = (text: string): string => [...Buffer.from(text)].map((byte) => `li a0, ${byte}\n li a7, 1\n ecall`).join('\n');

let labels = 0;

/** Does one thing where the buffer begins with this character, and else the other one. */
export function ifBuffer(character: string, then: string, otherwise = ''): string {
  const label = `branch${labels++}`;
  return `lbu t0, 0(s5)
    li t1, ${character.charCodeAt(0)}
    beq t0, t1, ${label}
    ${otherwise}
    j ${label}end
  ${label}: nop
    ${then}
  ${label}end: nop`;
}

/** Waits until enter (`\r`) was typed. The buffer then holds what was typed before it. */
export function readLine(): string {
  const label = `line${labels++}`;
  return `call clear
    mv t3, s5
  ${label}: li a7, 2
    ecall
    blt a0, zero, ${label}
    li t0, 13
    beq a0, t0, ${label}end
    sb a0, 0(t3)
    addi t3, t3, 1
    j ${label}
  ${label}end: nop`;
}

export const powerOff = 'li a7, 8\n ecall';

/** Feature bit 9: the driver knows that it has to flush. */
const F_FLUSH = 1 << 9;

/** `steps` are done in their order; then the kernel powers off. `flushes`: VIRTIO_BLK_F_FLUSH is accepted. */
export function diskKernel(steps: readonly string[], { flushes = false, slot = 7 } = {}): Uint8Array<ArrayBuffer> {
  // s0: the device; s1: descriptors, and 128 bytes on the available ring; s3: the used ring; s4: header and status byte; s5: the buffer; s6: requests.
  return kernelOf(`
    li s0, ${0x10001000 + slot * 0x1000}
    la s1, end
    li t0, 4095
    add s1, s1, t0
    srli s1, s1, 12
    slli s1, s1, 12
    li t0, 4096
    add s3, s1, t0
    add s4, s3, t0
    addi s5, s4, 512
    li s6, 0
    lw t0, 0(s0)
    lw t0, 4(s0)
    lw t0, 8(s0)
    sw zero, 0x70(s0)
    li t0, 1
    sw t0, 0x70(s0)
    li t0, 3
    sw t0, 0x70(s0)
    sw zero, 0x14(s0)
    lw t0, 0x10(s0)
    sw zero, 0x24(s0)
    li t0, ${flushes ? F_FLUSH : 0}
    sw t0, 0x20(s0)
    li t0, 4096
    sw t0, 0x28(s0)
    sw zero, 0x30(s0)
    lw t0, 0x34(s0)
    li t0, 8
    sw t0, 0x38(s0)
    li t0, 4096
    sw t0, 0x3c(s0)
    srli t0, s1, 12
    sw t0, 0x40(s0)
    li t0, 7
    sw t0, 0x70(s0)
    ${steps.join('\n')}
    ${powerOff}

  io: sw a0, 0(s4)
    sw zero, 4(s4)
    sd a1, 8(s4)
    sd s4, 0(s1)
    li t0, 16
    sw t0, 8(s1)
    li t0, 1
    sh t0, 12(s1)
    sh t0, 14(s1)
    li t1, ${FLUSH}
    beq a0, t1, nodata
    sd s5, 16(s1)
    li t1, 512
    sw t1, 24(s1)
    li t1, 3
    beqz a0, isread
    li t1, 1
  isread: sh t1, 28(s1)
    li t1, 2
    sh t1, 30(s1)
    j status
  nodata: li t0, 2
    sh t0, 14(s1)
  status: addi t1, s4, 32
    sd t1, 32(s1)
    li t1, 1
    sw t1, 40(s1)
    li t1, 2
    sh t1, 44(s1)
    andi t1, s6, 7
    slli t1, t1, 1
    add t1, t1, s1
    sh zero, 132(t1)
    addi s6, s6, 1
    fence
    sh s6, 130(s1)
    fence
    sw zero, 0x50(s0)
  wait: lhu t0, 2(s3)
    slli t1, s6, 48
    srli t1, t1, 48
    bne t0, t1, wait
    ret

  clear: mv t0, s5
    addi t1, s5, 512
  zero: sd zero, 0(t0)
    addi t0, t0, 8
    bne t0, t1, zero
    ret

  print: mv t3, s5
  next: lbu a0, 0(t3)
    beqz a0, printed
    li a7, 1
    ecall
    addi t3, t3, 1
    j next
  printed: ret
  end: nop`);
}
