/**
 * Physical memory protection as code experiences it. Reference: Privileged Architecture, "Physical Memory Protection". The accesses were
 * compared with QEMU 10 case by case, except those that contain a whole entry: QEMU checks only the first and the last byte of an access.
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;
const REGION = 0x8000_4000n;
const OPEN = [-1n, 0x1f] as const;
/** The L bit and the values of the A field. */
const [LOCKED, TOR, NA4, NAPOT] = [0x80, 0x08, 0x10, 0x18];
const [R, W, X] = [1, 2, 4];

type Rule = readonly [address: bigint, config: number];

/** pmpaddr for a naturally aligned power of two. */
const napot = (base: bigint, size: bigint): bigint => (base >> 2n) | ((size >> 3n) - 1n);
const PAGE = napot(REGION, 4096n);

const program = (rules: readonly Rule[], lines: string): Program => {
  const config = rules.reduce((value, [, byte], index) => value | (BigInt(byte) << BigInt(8 * index)), 0n);
  const p = new Program(`
    csrw pmpcfg0, zero
    ${rules.map(([address], index) => `li t0, ${address}\n csrw pmpaddr${index}, t0`).join('\n')}
    li t0, ${config}
    csrw pmpcfg0, t0
    start: ${lines}
    end: j end
    .org ${REGION}
    .dword 0x8082808280828082, 0x8082808280828082, 0x8082808280828082, 0x8082808280828082`);
  p.setX('a1', REGION);
  p.runTo('start');
  return p;
};

function enter(p: Program, privilege: number): void {
  p.hart.state.setSmall('privilege', privilege);
  p.hart.core.refresh();
}

/** The cause of the trap that the line ends in, or undefined. */
function attempt(rules: readonly Rule[], privilege: number, lines: string): number | undefined {
  const p = program(rules, lines);
  enter(p, privilege);
  p.run(8);
  return p.trap?.cause;
}

const { loadAccess, storeAccess, instructionAccess } = EXCEPTION;
const FETCH = 'jalr ra, 0(a1)';

describe('without an entry', () => {
  it.each([supervisor, user])('privilege %i reaches nothing', (privilege) => {
    const p = program([], 'ld a0, 0(a1)');
    enter(p, privilege);
    p.run(1);
    expect(p.trap).toEqual({ cause: instructionAccess, interrupt: false, tval: p.address('start'), pc: p.address('start') });
  });

  it('M mode reaches everything', () => expect(attempt([], machine, 'ld a0, 0(a1)')).toBeUndefined());
});

describe('permissions', () => {
  it.each([
    [R, undefined, storeAccess, instructionAccess],
    [R | X, undefined, storeAccess, undefined],
    [R | W, undefined, undefined, instructionAccess],
    [X, loadAccess, storeAccess, undefined],
    [R | W | X, undefined, undefined, undefined],
    [0, loadAccess, storeAccess, instructionAccess],
  ])('%i: load %s, store %s, fetch %s in S and U mode, all in M mode', (bits, load, store, fetch) => {
    const rules: Rule[] = [[PAGE, NAPOT | bits], OPEN];
    for (const privilege of [supervisor, user]) {
      expect(attempt(rules, privilege, 'ld a0, 0(a1)')).toBe(load);
      expect(attempt(rules, privilege, 'sd a0, 0(a1)')).toBe(store);
      expect(attempt(rules, privilege, 'amoadd.d a0, a0, (a1)')).toBe(store);
      expect(attempt(rules, privilege, FETCH)).toBe(fetch);
    }
    for (const line of ['ld a0, 0(a1)', 'sd a0, 0(a1)', FETCH]) expect(attempt(rules, machine, line)).toBeUndefined();
  });

  it.each([
    ['ld a0, 0(a1)', loadAccess],
    ['sd a0, 0(a1)', storeAccess],
    [FETCH, instructionAccess],
  ])('of a locked entry bind M mode: %s', (line, cause) => {
    expect(attempt([[PAGE, LOCKED | NAPOT], OPEN], machine, line)).toBe(cause);
  });

  it('are those of MPP under MPRV', () => {
    const p = program([[PAGE, NAPOT], OPEN], 'ld a0, 0(a1)');
    p.hart.state.set('mstatus', p.csr('mstatus') | STATUS.MPRV | (1n << 11n));
    enter(p, machine);
    p.run(1);
    expect(p.trap).toMatchObject({ cause: loadAccess, tval: REGION });
  });
});

describe('matching', () => {
  const inside: readonly [string, Rule[]][] = [
    ['NA4', [[(REGION + 8n) >> 2n, NA4], OPEN]],
    ['TOR', [[(REGION + 8n) >> 2n, 0], [(REGION + 12n) >> 2n, TOR], OPEN]],
  ];

  it.each(inside)('%s: the four bytes at 8 alone are denied', (_, rules) => {
    for (const [line, cause] of [
      ['lw a0, 8(a1)', loadAccess],
      ['lb a0, 11(a1)', loadAccess],
      ['lb a0, 12(a1)', undefined],
      ['lw a0, 4(a1)', undefined],
      ['ld a0, 16(a1)', undefined],
      ['sw a0, 8(a1)', storeAccess],
      ['sw a0, 12(a1)', undefined],
      ['jalr ra, 8(a1)', instructionAccess],
      ['jalr ra, 12(a1)', undefined],
    ] as const) {
      expect(attempt(rules, supervisor, line), line).toBe(cause);
    }
  });

  it.each(inside)('%s: an access that the entry matches in part fails, in M mode too', (_, rules) => {
    for (const line of ['ld a0, 8(a1)', 'ld a0, 4(a1)', 'ld a0, 6(a1)', 'lw a0, 7(a1)']) {
      for (const privilege of [machine, supervisor]) expect(attempt(rules, privilege, line), line).toBe(loadAccess);
    }
  });

  it('an access that was allowed opens nothing else in a divided page', () => {
    const [, rules] = inside[0]!;
    expect(attempt(rules, supervisor, 'lw a0, 0(a1)\n lw a0, 8(a1)')).toBe(loadAccess);
    expect(attempt(rules, supervisor, 'sw a0, 0(a1)\n sw a0, 8(a1)')).toBe(storeAccess);
    // c.nop, c.nop, and then the denied instruction.
    const p = program(rules, 'li t0, 0x00010001\n sw t0, 4(a1)\n addi t1, a1, 4\n jr t1');
    enter(p, supervisor);
    p.run(20);
    expect(p.trap).toMatchObject({ cause: instructionAccess, tval: REGION + 8n, pc: REGION + 8n });
  });

  it('an instruction whose second half is denied faults there', () => {
    const [, rules] = inside[0]!;
    const p = program(rules, 'li t0, 0x13\n sh t0, 6(a1)\n jalr ra, 6(a1)');
    enter(p, supervisor);
    p.run(20);
    expect(p.trap).toMatchObject({ cause: instructionAccess, tval: REGION + 8n, pc: REGION + 6n });
  });

  it('the lowest entry decides', () => {
    const hole: Rule = [napot(REGION + 8n, 8n), NAPOT | R];
    expect(attempt([hole, [PAGE, NAPOT], OPEN], supervisor, 'ld a0, 8(a1)')).toBeUndefined();
    expect(attempt([[PAGE, NAPOT], hole, OPEN], supervisor, 'ld a0, 8(a1)')).toBe(loadAccess);
  });

  it('a TOR entry whose bounds are reversed matches nothing', () => {
    const reversed: Rule[] = [[(REGION + 24n) >> 2n, 0], [(REGION + 8n) >> 2n, TOR], OPEN];
    expect(attempt(reversed, supervisor, 'ld a0, 8(a1)')).toBeUndefined();
  });

  it('a load or store into the next page fails by that page', () => {
    const rules: Rule[] = [[PAGE, NAPOT], OPEN];
    for (const [line, cause] of [
      ['ld a0, -4(a1)', loadAccess],
      ['sd a0, -4(a1)', storeAccess],
    ] as const) {
      const p = program(rules, line);
      enter(p, supervisor);
      p.run(1);
      expect(p.trap).toMatchObject({ cause, tval: REGION });
      expect(p.load(REGION - 4n, 4)).toBe(0n);
    }
  });
});

describe('the registers', () => {
  /** What pmpcfg0 or pmpaddr reads after these lines. */
  const read = (csr: string, lines: string): bigint => {
    const p = program([], `${lines}\n csrr a0, ${csr}`);
    p.runTo('end');
    return p.x('a0');
  };

  it('keep 54 bits of address, and of the configuration what means something', () => {
    expect(read('pmpaddr0', 'li t0, -1\n csrw pmpaddr0, t0')).toBe((1n << 54n) - 1n);
    expect(read('pmpcfg2', 'li t0, 0x7f\n csrw pmpcfg2, t0')).toBe(0x1fn);
  });

  it('are sixteen addresses and two configurations', () => {
    for (const csr of ['0x3bf', '0x3a2']) expect(read(csr, '')).toBe(0n);
    for (const csr of [0x3c0, 0x3a1, 0x3a3, 0x3a4]) expect(attempt([], machine, `csrr a0, ${csr}`)).toBe(EXCEPTION.illegalInstruction);
    for (const csr of ['pmpaddr0', 'pmpcfg0']) expect(attempt([OPEN], supervisor, `csrr a0, ${csr}`)).toBe(EXCEPTION.illegalInstruction);
  });

  it('of a locked entry stay as they are; so does the lower bound of a locked TOR entry', () => {
    const lock = `li t0, 5\n csrw pmpaddr0, t0\n csrw pmpaddr1, t0\n li t0, ${((LOCKED | TOR) << 8) | NAPOT}\n csrw pmpcfg0, t0`;
    expect(read('pmpcfg0', `${lock}\n csrw pmpcfg0, zero`)).toBe(BigInt((LOCKED | TOR) << 8));
    for (const csr of ['pmpaddr0', 'pmpaddr1']) expect(read(csr, `${lock}\n csrw ${csr}, zero`)).toBe(5n);
    expect(read('pmpaddr2', `${lock}\n csrwi pmpaddr2, 3`)).toBe(3n);
  });

  it('act at once, on loads, stores and fetches that were allowed before', () => {
    const close = `li t0, ${PAGE}\n csrw pmpaddr0, t0\n li t0, ${LOCKED | NAPOT}\n csrw pmpcfg0, t0`;
    for (const [line, cause] of [
      ['ld a0, 0(a1)', loadAccess],
      ['sd a0, 0(a1)', storeAccess],
      [FETCH, instructionAccess],
    ] as const) {
      const restore = 'li t1, 0x8082\n sh t1, 0(a1)';
      const p = program([], `${line}\n ${restore}\n ${close}\n ${line}`);
      p.run(40);
      expect(p.trap?.cause, line).toBe(cause);
    }
  });

  it('make a page whole again', () => {
    const divide = `li t0, ${(REGION + 8n) >> 2n}\n csrw pmpaddr0, t0\n li t0, ${LOCKED | NA4 | R | X}\n`;
    // The code is fetched while its page is divided, and again while it is not.
    const p = program([], `${divide} li t0, ${NA4}\n csrw pmpcfg0, t0\n ${FETCH}\n csrw pmpcfg0, zero\n jalr ra, 8(a1)\n li a0, 7`);
    p.runTo('end');
    expect([p.trap, p.x('a0')]).toEqual([undefined, 7n]);
  });
});

describe('page tables', () => {
  const TABLES = 0x8001_0000n;
  const walk = (bits: number, line: string, flags: bigint): number | undefined => {
    const p = program([[napot(TABLES, 0x10000n), NAPOT | bits], OPEN], line);
    const table = new PageTable(p, 3, TABLES);
    table.map(0x4000_0000n, 0x8000_0000n, 0xcfn);
    table.map(0x4000_4000n, REGION, flags);
    p.setX('a1', 0x4000_4000n);
    table.enter(0x4000_0000n + p.address('start') - 0x8000_0000n);
    p.run(1);
    return p.trap?.cause;
  };

  it('have to be readable', () => {
    expect(walk(R, 'ld a0, 0(a1)', 0xcfn)).toBeUndefined();
    expect(walk(W, 'ld a0, 0(a1)', 0xcfn)).toBe(instructionAccess);
  });

  it('have to be writable where A or D is set', () => {
    expect(walk(R, 'ld a0, 0(a1)', 0x0fn)).toBe(loadAccess);
    expect(walk(R, 'sd a0, 0(a1)', 0x4fn)).toBe(storeAccess);
    expect(walk(R | W, 'sd a0, 0(a1)', 0x0fn)).toBeUndefined();
  });
});

describe('without memory protection, as QEMU’s profiles', () => {
  it.each(['pmpcfg0', 'pmpcfg2', 'pmpaddr0', 'pmpaddr15'])('there is no %s', (name) => {
    expect(new Program(`csrr a0, ${name}\n end: j end`, { pmp: false }).runTo('end').trap?.cause).toBe(EXCEPTION.illegalInstruction);
    expect(new Program(`csrr a0, ${name}\n end: j end`).runTo('end').trap).toBeUndefined();
  });

  it('S mode may access all memory, which with it and no entry it may not', () => {
    const loaded = (pmp: boolean) => {
      const p = new Program('la t0, there\n csrw mepc, t0\n li t0, 0x800\n csrs mstatus, t0\n mret\nthere: ld a0, 0(a1)\n end: j end', {
        pmp,
      });
      p.hart.state.set('pmpcfg0', 0n);
      p.hart.protectionChanged();
      p.setX('a1', 0x8000_0000n);
      p.runTo('end');
      return p.trap?.cause;
    };
    expect([loaded(false), loaded(true)]).toEqual([undefined, EXCEPTION.instructionAccess]);
  });
});
