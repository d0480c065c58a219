/** What the built-in SBI leaves to S mode. Reference: OpenSBI 1.5 on QEMU 10, at hand-over. */
import { describe, expect, it } from 'vitest';
import { createMachine } from '../index.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import { assemble } from '../testkit/assembler.ts';

/** The test finisher's value for success. */
const SUCCESS = 0x5555;

/** The value of a0, in hexadecimal, after these lines in S mode. They are a raw kernel, and do not run at the address that the assembler assumes. */
function supervisor(lines: string, cpu = 'rv64'): string {
  const source = `
    ${lines}
    j print
    handler:
    csrr a0, scause
    print:
    li t0, 0x10000000
    li t1, 60
    digit:
    srl t2, a0, t1
    andi t2, t2, 15
    addi t2, t2, 48
    li t3, 58
    blt t2, t3, put
    addi t2, t2, 39
    put: sb t2, 0(t0)
    addi t1, t1, -4
    bge t1, zero, digit
    li t0, 0x100000
    li t1, ${SUCCESS}
    sw t1, 0(t0)
    end: j end`;
  let console = '';
  const machine = createMachine({
    cpu,
    memory: 64 << 20,
    drives: [],
    kernel: assemble(source).bytes,
    bios: 'builtin',
    live: false,
    onConsole: (byte) => {
      console += String.fromCharCode(byte);
    },
  });
  machine.run(1e6);
  return console;
}

const trapping = (line: string): string => supervisor(`la t0, handler\n csrw stvec, t0\n li a1, 0\n ${line}\n li a0, -1`);
const hex = (value: number | bigint): string => value.toString(16).padStart(16, '0');

describe('memory', () => {
  it.each([
    ['the first byte of the firmware', 0x8000_0000],
    ['its last', 0x8005_fff8],
    ['the timer of M mode', 0x200_bff8],
  ])('%s is hidden', (_, address) => {
    expect(trapping(`li a1, ${address}\n ld a0, 0(a1)`)).toBe(hex(EXCEPTION.loadAccess));
    expect(trapping(`li a1, ${address}\n sd zero, 0(a1)`)).toBe(hex(EXCEPTION.storeAccess));
  });

  it.each([
    ['what follows the firmware', 0x8006_0000, 'ld'],
    ['the PLIC', 0xc00_0000, 'lw'],
    ['the UART', 0x1000_0005, 'lb'],
  ])('%s is open', (_, address, load) => {
    expect(trapping(`li a1, ${address}\n ${load} a0, 0(a1)`)).toBe('f'.repeat(16));
  });
});

it('sstatus: floating point is on, interrupts are off', () => {
  // SIE, SPP, FS (dirty, so SD is set as well), UXL = 64 bits.
  expect(BigInt(`0x${supervisor('csrr a0, sstatus')}`) & 0x8000_0003_0000_6102n).toBe(0x8000_0002_0000_6000n);
});

it('cache-block operations are on', () => {
  expect(trapping('li a1, 0x80070000\n cbo.zero (a1)\n cbo.clean (a1)\n cbo.inval (a1)')).toBe('f'.repeat(16));
});

describe.each(['rv64', 'rv64,sstc=off'])('the timer of SBI on -cpu %s', (cpu) => {
  /** Asks for an interrupt 50 ticks ahead, and waits for it; then puts it off for ever. */
  const waiting = `
    li t0, 32
    csrw sie, t0
    csrr s0, time
    addi a0, s0, 50
    call set_timer
    csrr s1, sip
    wfi
    csrr s2, sip
    csrr s3, time
    li a0, -1
    call set_timer
    csrr s4, sip
    j report
    set_timer:
    li a6, 0
    li a7, 0x54494d45
    ecall
    ret
    report:`;
  const result = (line: string): bigint => BigInt(`0x${supervisor(`${waiting} ${line}`, cpu)}`);

  it('is pending from its time on until it is put off', () => {
    const pending = ['s1', 's2', 's4'].map((register) => result(`srli a0, ${register}, 5\n andi a0, a0, 1`));
    expect(pending).toEqual([0n, 1n, 0n]);
  });

  it('wakes the hart at its time', () => {
    expect(result('sub a0, s3, s0')).toBe(50n);
  });
});
