/** Which accesses of two harts are races: by the rules of the memory model, whatever order they came in. */
import { describe, expect, it } from 'vitest';
import { assemble } from '../testkit/assembler.ts';
import { createMachine } from '../virt-machine.ts';
import { RaceDetector } from './race-detector.ts';

/** Both harts run their part and then wait. Shared words lie from s1 on; t0 is 1. */
function racesOf(first: string, second: string, both = ''): string[] {
  const source = `
    csrr s0, mhartid
    li s1, 0x80400000
    li t0, 1
    ${both}
    bnez s0, second
    ${first}
    j end
  second:
    ${second}
  end:
    csrw mie, zero
    wfi
    j end`;
  const { bytes, symbols } = assemble(source, 0x8000_0000n);
  const machine = createMachine({
    harts: 2,
    bios: 'none',
    kernel: bytes,
    cpu: 'rv64',
    memory: 32 << 20,
    drives: [],
    live: false,
    onConsole: () => undefined,
  });
  const detector = new RaceDetector();
  machine.logAccesses(detector);
  machine.run(1e7);
  const second0 = symbols.get('second')!;
  const part = (pc: bigint) => (pc < second0 ? 'first' : 'second');
  return detector
    .races()
    .map(({ address, accesses }) =>
      [`${address - 0x80400000n}:`, ...accesses.map(({ pc, kind, hart }) => `${part(pc)} ${kind} ${hart}`).sort()].join(' '),
    );
}

/** xv6's: amoswap and fences, with the holder beside the word. */
const ACQUIRE = (n: number) => `
  addi a0, s1, 256
again${n}:
  amoswap.w.aq a1, t0, (a0)
  bnez a1, again${n}
  fence rw, rw
  sd s0, 8(a0)`;
const RELEASE = 'sd zero, 8(a0)\nfence rw, rw\namoswap.w zero, zero, (a0)';
const HOLDING = 'addi a0, s1, 256\nlw a1, 0(a0)\nld a2, 8(a0)';
const INCREMENT = 'lw t1, 0(s1)\naddi t1, t1, 1\nsw t1, 0(s1)';
const WAIT = (n: number) => `wait${n}:\nlw t1, 64(s1)\nbeqz t1, wait${n}`;

describe('a race is', () => {
  it('an increment without a lock', () => {
    expect(racesOf(INCREMENT, INCREMENT)).toEqual(
      expect.arrayContaining(['0: first load 0 second store 1', '0: first store 0 second load 1', '0: first store 0 second store 1']),
    );
  });

  it('an access under a different lock, or without the lock that the other one takes', () => {
    const other = (code: string) => code.replaceAll('256', '512');
    expect(racesOf(`${ACQUIRE(1)}\n${INCREMENT}\n${RELEASE}`, `${other(ACQUIRE(2))}\n${INCREMENT}\n${RELEASE}`)).toContain(
      '0: first store 0 second load 1',
    );
    expect(racesOf(`${ACQUIRE(1)}\n${INCREMENT}\n${RELEASE}`, 'sw zero, 0(s1)')).toContain('0: first store 0 second store 1');
  });

  it('what a lock protects that is released by a plain store without a fence', () => {
    const release = 'sw zero, 0(a0)';
    const loop = (n: number) => `li s4, 40\nloop${n}:\n${ACQUIRE(n)}\n${INCREMENT}\n${release}\naddi s4, s4, -1\nbnez s4, loop${n}`;
    expect(racesOf(loop(1), loop(2)).length).toBeGreaterThan(0);
    const fenced = (n: number) => loop(n).replace(release, `fence rw, w\n${release}`);
    expect(racesOf(fenced(1), fenced(2))).toEqual([]);
  });

  it('data that is announced by a flag without a fence on either side', () => {
    const write = 'sw t0, 0(s1)\nfence w, w\nsw t0, 64(s1)';
    const read = `${WAIT(1)}\nfence r, r\nlw t1, 0(s1)`;
    expect(racesOf(write, read)).toEqual([]);
    expect(racesOf(write.replace('fence w, w', 'nop'), read)).toContain('0: first store 0 second load 1');
    expect(racesOf(write, read.replace('fence r, r', 'nop'))).toContain('0: first store 0 second load 1');
  });
});

describe('no race is', () => {
  it('what a lock of amoswap and fences protects, nor the lock itself and its holder', () => {
    const part = (n: number) =>
      `li s4, 40\nloop${n}:\n${HOLDING}\n${ACQUIRE(n)}\n${INCREMENT}\n${RELEASE}\naddi s4, s4, -1\nbnez s4, loop${n}`;
    expect(racesOf(part(1), part(2))).toEqual([]);
  });

  it('what a lock of LR and SC, or a ticket lock, protects', () => {
    const lrsc = (n: number) =>
      `addi a0, s1, 256\nli s4, 40\nloop${n}:\nagain${n}:\nlr.w.aq a1, (a0)\nbnez a1, again${n}\nsc.w a1, t0, (a0)\nbnez a1, again${n}\n${INCREMENT}\namoswap.w.rl zero, zero, (a0)\naddi s4, s4, -1\nbnez s4, loop${n}`;
    expect(racesOf(lrsc(1), lrsc(2))).toEqual([]);
    const ticket = (n: number) =>
      `addi a0, s1, 256\naddi a3, s1, 320\nli s4, 40\nloop${n}:\namoadd.w a1, t0, (a0)\nagain${n}:\nlw a2, 0(a3)\nbne a1, a2, again${n}\nfence r, rw\n${INCREMENT}\naddi a2, a2, 1\nfence rw, w\nsw a2, 0(a3)\naddi s4, s4, -1\nbnez s4, loop${n}`;
    expect(racesOf(ticket(1), ticket(2))).toEqual([]);
  });

  it('different bytes of a word, and what harts only read', () => {
    expect(racesOf('sb t0, 0(s1)\nlw t1, 8(s1)', 'sb t0, 1(s1)\nsh t0, 2(s1)\nlw t1, 8(s1)')).toEqual([]);
  });

  it('what one hart does before it interrupts the other one', () => {
    const ready = 'fence rw, rw\nsw t0, 64(s1)';
    const send = `${WAIT(1)}\nfence rw, rw\nsw t0, 0(s1)\nli t2, 0x2000004\nsw t0, 0(t2)`;
    const receive = `li t1, 8\ncsrw mie, t1\n${ready}\nsleep:\nwfi\ncsrr t1, mip\nandi t1, t1, 8\nbeqz t1, sleep\nlw t1, 0(s1)`;
    expect(racesOf(send, receive)).toEqual([]);
  });
});
