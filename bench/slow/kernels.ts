/**
 * Kernels that do one costly thing for ever. Each runs in S mode at the address where a kernel is loaded, and counts, so that it is not a loop
 * that changes nothing. `plain` is what the others are compared with.
 */

/** A handler that skips the instruction that trapped, all of which are four bytes long. */
const SKIPPING_HANDLER = `
.align 2
handler: csrr t2, sepc
 addi t2, t2, 4
 csrw sepc, t2
 sret`;

const WITH_HANDLER = 'la t0, handler\n csrw stvec, t0';

/** The registers of the disk's slot, and of the other devices. */
const DISK = 'li s0, 0x10008000';
const PLIC = 'li s0, 0xc000000';
const UART = 'li s0, 0x10000000';

/** Enters U mode at `user`: the first gigabyte of RAM is mapped for S mode where it lies, and for U mode a gigabyte below. */
const ENTER_USER = `
 la t0, handler
 csrw stvec, t0
 la t0, table
 li t1, 0x200000df
 sd t1, 8(t0)
 li t1, 0x200000cf
 sd t1, 16(t0)
 srli t0, t0, 12
 li t1, 0x8000000000000000
 or t0, t0, t1
 csrw satp, t0
 la t0, user
 li t1, 0x40000000
 sub t0, t0, t1
 csrw sepc, t0
 sret`;
const TABLE = '\n.align 12\ntable: .dword 0\n.org 0x80202ff8\n.dword 0';

const setFloat = 'li t0, 0x6000\n csrs sstatus, t0';

export const SLOW_KERNELS: Readonly<Record<string, string>> = {
  plain: `la t0, data
loop: addi t1, t1, 1
 sd t1, 0(t0)
 ld t2, 0(t0)
 xor t3, t2, t1
 beqz t3, loop
.align 12
data: .dword 0`,
  'call-of-firmware': 'loop: li a7, 0x10\n li a6, 3\n addi s1, s1, 1\n ecall\n j loop',
  'console-poll-by-firmware': 'loop: li a7, 2\n ecall\n addi s1, s1, 1\n j loop',
  'system-call': `${ENTER_USER}
user: addi s1, s1, 1
 ecall
 j user${SKIPPING_HANDLER}${TABLE}`,
  'breakpoint-every-instruction': `la t0, handler
 csrw stvec, t0
 .align 2
handler: addi s1, s1, 1
 ebreak`,
  'illegal-instruction': `${WITH_HANDLER}
loop: addi s1, s1, 1
 .word 0
 j loop${SKIPPING_HANDLER}`,
  'load-fault': `${WITH_HANDLER}
loop: addi s1, s1, 1
 ld t1, 0(zero)
 j loop${SKIPPING_HANDLER}`,
  'software-interrupts': `${WITH_HANDLER}
 li s2, 2
 csrs sie, s2
 csrsi sstatus, 2
loop: addi s1, s1, 1
 csrs sip, s2
 j loop
 .align 2
handler: csrc sip, s2
 sret`,
  'timer-set': `li t0, 0x400000000000
loop: addi t0, t0, -1
 csrw stimecmp, t0
 j loop`,
  fence: 'loop: addi s1, s1, 1\n sfence.vma\n j loop',
  'fence-and-load': 'la t0, data\nloop: ld t1, 0(t0)\n addi s1, s1, 1\n sfence.vma\n j loop\n.align 12\ndata: .dword 1',
  satp: 'loop: csrw satp, zero\n addi s1, s1, 1\n j loop',
  'satp-changes': `la t0, table
 li t1, 0x200000cf
 sd t1, 16(t0)
 srli t0, t0, 12
 li t1, 0x8000000000000000
 or t0, t0, t1
loop: csrw satp, t0
 addi s1, s1, 1
 csrw satp, zero
 j loop${TABLE}`,
  mxr: 'li t3, 0x80000\nloop: csrs sstatus, t3\n csrc sstatus, t3\n addi s1, s1, 1\n j loop',
  sum: 'li t3, 0x40000\nloop: csrs sstatus, t3\n csrc sstatus, t3\n addi s1, s1, 1\n j loop',
  'interrupt-enable': 'li t3, 0x200\nloop: csrs sie, t3\n csrc sie, t3\n csrr t2, sip\n addi s1, s1, 1\n j loop',
  counters: 'loop: csrr t0, cycle\n csrr t1, instret\n add s1, s1, t0\n j loop',
  'time-csr': 'loop: csrr t0, time\n add s1, s1, t0\n j loop',
  denormals: `${setFloat}
 li t0, 1
 fmv.d.x f1, t0
 fmv.d.x f2, zero
loop: fadd.d f2, f2, f1
 addi s1, s1, 1
 j loop`,
  'rounding-upwards': `${setFloat}
 li t0, 0x3ff0000000000001
 fmv.d.x f1, t0
 fmv.d.x f2, t0
 fmv.d.x f3, t0
loop: fmadd.d f3, f1, f2, f3, rup
 fdiv.d f4, f3, f1, rup
 fsqrt.d f5, f4, rup
 fadd.d f6, f5, f4, rup
 addi s1, s1, 1
 j loop`,
  'fused-multiply-add': `${setFloat}
 li t0, 0x3ff0000000000001
 fmv.d.x f1, t0
 fmv.d.x f2, t0
loop: fmadd.d f3, f1, f2, f3
 addi s1, s1, 1
 j loop`,
  'float-conversions': `${setFloat}
loop: fcvt.d.l f1, s1
 fcvt.l.d t0, f1
 flt.d t1, f1, f2
 addi s1, s1, 1
 j loop`,
  'virtio-configuration': `${DISK}\nloop: lw t0, 0x100(s0)\n addi s1, s1, 1\n j loop`,
  'virtio-features': `${DISK}\nloop: lw t0, 0x14(s0)\n sw s1, 0x20(s0)\n sw s1, 0x24(s0)\n addi s1, s1, 1\n j loop`,
  'virtio-identity': `${DISK}\nloop: lw t0, 0(s0)\n addi s1, s1, 1\n j loop`,
  'virtio-empty-notify': `${DISK}
 li t5, 0x83000000
 li t6, 1024
 sw t6, 0x38(s0)
 li t6, 4096
 sw t6, 0x28(s0)
 srli t5, t5, 12
 sw t5, 0x40(s0)
 li t6, 7
 sw t6, 0x70(s0)
loop: sw zero, 0x50(s0)
 addi s1, s1, 1
 j loop`,
  'virtio-reset': `${DISK}\nloop: sw zero, 0x70(s0)\n addi s1, s1, 1\n j loop`,
  'virtio-unknown-register': `${DISK}\nloop: lw t0, 0x1c(s0)\n addi s1, s1, 1\n j loop`,
  plic: `${PLIC}\nloop: lw t0, 4(s0)\n sw t0, 4(s0)\n addi s1, s1, 1\n j loop`,
  'plic-claim': `li s0, 0xc201000\nloop: lw t0, 4(s0)\n addi s1, s1, 1\n j loop`,
  uart: `${UART}\nloop: lbu t0, 5(s0)\n sb s1, 7(s0)\n addi s1, s1, 1\n j loop`,
  'page-crossing': 'la t0, data\nloop: ld t1, -4(t0)\n addi s1, s1, 1\n j loop\n.align 12\n.dword 0\n.align 12\ndata: .dword 1',
  misaligned: 'la t0, data\nloop: ld t1, 3(t0)\n sd s1, 11(t0)\n addi s1, s1, 1\n j loop\n.align 12\ndata: .dword 1, 2, 3, 4',
  'code-that-changes': 'la t0, loop\nloop: addi s1, s1, 1\n lw t1, 0(t0)\n sw t1, 0(t0)\n j loop',
  atomics: 'la t0, data\nloop: amoadd.d t1, s1, (t0)\n addi s1, s1, 1\n j loop\n.align 12\ndata: .dword 1',
};
