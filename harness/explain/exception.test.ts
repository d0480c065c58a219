/** Exceptions that kernels did not survive, each with a twin that has none. */
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { assembled, explainKernel } from '../testkit/explained-kernel.ts';

/** What is said of how a kernel ended, without calls. */
function told(source: string, options: Parameters<typeof assembled>[1] = {}): string[] {
  const { evidence, explanations } = explainKernel(assembled(source, options));
  return whyStopped({ ...evidence, explanations }).flatMap((detail) => (detail.kind === 'text' ? [detail.text] : []));
}

const POWER_OFF = `
    li a7, 8
    ecall`;
const PRINT = `
    li a0, 33
    li a7, 1
    ecall`;

describe('a trap vector', () => {
  const early = (vector: string) => `${vector}
    ebreak${POWER_OFF}
      .align 2
    handler: csrr t0, sepc
    addi t0, t0, 4
    csrw sepc, t0
    sret`;

  it('that was never set restarts the kernel, as with OpenSBI', () => {
    const { evidence } = explainKernel(assembled(early('')));
    expect(evidence.stop).toEqual({ reason: 'trap-loop' });
    expect(told(early('')).join('\n')).toContain('each exception starts it again');
  });

  it('that is not aligned to 4 bytes is no vector: the write has no effect', () => {
    expect(told(early('la t0, handler\n addi t0, t0, 2\n csrw stvec, t0')).join('\n')).toMatch(/wrote 0x[0-9a-f]+ to stvec.*no effect/);
  });

  it('that is set is not mentioned', () => {
    expect(told(early('la t0, handler\n csrw stvec, t0'))).toEqual([]);
  });
});

describe('a stack', () => {
  /** With a page table of one gigabyte at 0x80000000 right below the stack, that the calls grow into. */
  const recursion = (depth: number) => `
      la t0, table
      la sp, top
      li t1, 0x200000cf
      sd t1, 16(t0)
      srli t0, t0, 12
      li t1, 8
      slli t1, t1, 60
      or t0, t0, t1
      csrw satp, t0
      li a0, ${depth}
      call deeper${POWER_OFF}
    deeper: addi sp, sp, -16
      sd ra, 8(sp)
      sd a0, 0(sp)
      sfence.vma
      addi a0, a0, -1
      blt a0, zero, back
      call deeper
    back: ld ra, 8(sp)
      addi sp, sp, 16
      ret
      .align 12
    table: .dword 0
      .dword 0
      .dword 0
      .align 12
    top: .dword 0`;

  it('that grows into the page table is found by the entry that it overwrote', () => {
    const text = told(recursion(1000)).join('\n');
    expect(text).toMatch(/page fault/);
    expect(text).toMatch(/stored last by sd (ra|a0), [08]\(sp\): it has written to its stack, which has grown into the page table/);
  });

  it('that is deep enough is not', () => {
    expect(told(recursion(10))).toEqual([]);
  });

  it('that was never set lies in the memory of the firmware', () => {
    expect(told(`sd ra, -8(sp)${POWER_OFF}`).join('\n')).toContain("in the firmware's memory: the kernel has not set its stack pointer");
  });
});

/** A kernel under a page table: one gigabyte at 0x80000000, and at 0x40000000 what `entry` says. Ends with a load from there. */
const translated = (entry: bigint, { load = 'li t0, 0x40000000' } = {}) => `
      la t0, table
      la sp, top
      li t1, 0x200000cf
      sd t1, 16(t0)
      li t1, ${entry}
      sd t1, 8(t0)
      srli t0, t0, 12
      li t1, 8
      slli t1, t1, 60
      or t0, t0, t1
      csrw satp, t0
      sfence.vma
      ${load}
      lb t1, 8(t0)${POWER_OFF}
      .align 12
    table: .dword 0
      .align 12
    top: .dword 0`;
/** A page of one gigabyte with all permissions, A and D. */
const gigabyte = (physical: bigint) => ((physical >> 12n) << 10n) | 0xcfn;

describe('an address that the page table maps to where nothing is', () => {
  it('is said with the physical address, and with who stored the entry', () => {
    const text = told(translated(gigabyte(0x2_0000_0000n))).join('\n');
    expect(text).toMatch(
      /the page table leads 0x40000008 to the physical address 0x200000008 \(level 2: entry at 0x[0-9a-f]+ is 0x800000cf\)/,
    );
    expect(text).toContain('nothing answers at 0x200000008');
    expect(text).not.toContain('nothing answers at 0x40000008');
    expect(text).toContain('that entry was stored last by sd t1, 8(t0)');
  });

  it('is not, where there is memory', () => {
    expect(told(translated(gigabyte(0x8000_0000n), { load: 'li t0, 0x40200000' }))).toEqual([]);
  });

  it('is the address itself without a page table', () => {
    const text = told(`li t0, 0x40000000\n lb t1, 8(t0)${POWER_OFF}`).join('\n');
    expect(text).toMatch(/nothing answers at 0x40000008: neither RAM \(0x80000000 to 0x[89a-f]\w{2}fffff\) nor a device/);
    expect(text).not.toContain('page table');
  });
});

describe('an entry that maps no page', () => {
  it('since it has R and W though it points to a table is not blamed for A and D', () => {
    const text = told(translated(((0x8021_0000n >> 12n) << 10n) | 0x7n)).join('\n');
    expect(text).toContain('Is it meant to point to the next table? Then R, W and X must be 0');
    expect(text).not.toContain('A is not set');
  });

  it('since W is set without R is said so', () => {
    expect(told(translated(gigabyte(0x8000_0000n) & ~2n & ~8n)).join('\n')).toContain('W is set in that entry and R is not');
  });

  it('since it is empty has nothing of this', () => {
    expect(told(translated(0n)).join('\n')).not.toMatch(/maps memory itself|W is set/);
  });
});

it('the timer of M mode is not blamed for the size of the access', () => {
  const text = told(`li t0, 0x2004000\n sd zero, 0(t0)${POWER_OFF}`).join('\n');
  expect(text).toContain('the CLINT is at 0x2004000, which belongs to M mode');
  expect(text).not.toContain('refuses an access of this size');
});

it('an entry with U that maps the kernel itself is to be without U, as soon as satp is written', () => {
  const text = told(translated(gigabyte(0x8000_0000n)).replace('0x200000cf', '0x200000df')).join('\n');
  expect(text).toContain("clear U in the entries that map the kernel's own code");
  expect(text).not.toContain('was sret meant');
});

describe('where an address came from', () => {
  it('is not where the number was loaded that it was calculated from', () => {
    const load = 'li t1, 1\n sd t1, -8(sp)\n la t2, put\n jr t2\n put: ld t0, -8(sp)\n slli t0, t0, 30';
    const text = told(translated(0n, { load })).join('\n');
    expect(text).toContain('load page fault at address 0x40000008');
    expect(text).not.toContain('was loaded from');
    expect(text).toContain('the address was made by slli t0, t0, 30');
  });

  it('is not the stack where a function puts back a register that it has saved for its caller', () => {
    const far = (by: string) => `
      addi sp, sp, -16
      li s1, 0x40000000
      mv t3, s1
      sd ${by}, 8(sp)
      li t1, 20000
    wait: addi t1, t1, -1
      bnez t1, wait
      ld s1, 8(sp)
      mv t0, s1`;
    expect(told(translated(0n, { load: far('s1') })).join('\n')).not.toContain('was loaded from');
    expect(told(translated(0n, { load: far('t3') })).join('\n')).toContain('(0x40000000) was loaded from the stack');
  });
});

describe('a stack pointer that is close to 0', () => {
  it('is not said to be unset where it was loaded from memory, which is named', () => {
    const text = told(`la t0, saved\n ld sp, 0(t0)\n sd ra, -8(sp)${POWER_OFF}\n .align 3\n saved: .dword 0`).join('\n');
    expect(text).toContain('sp is 0x0, which is close to 0: was it never set, or loaded from where none had been saved?');
    expect(text).toMatch(/the stack pointer \(0x0\) was loaded from .* where nothing has stored anything/);
    expect(text).not.toMatch(/has not set its stack pointer|sscratch/);
  });
});

describe('an interrupt in vectored mode', () => {
  /** Waits for the timer, and then loads from where nothing is. */
  const timer = (mode: number, table = '') => `la t0, vector
      ori t0, t0, ${mode}
      csrw stvec, t0
      li s1, 0
      csrr t0, time
      csrw stimecmp, t0
      li t0, 32
      csrs sie, t0
      csrsi sstatus, 2
    wait: beq s1, zero, wait
      lb t0, 0(s2)${POWER_OFF}
      .align 6
    vector: ${table}
      ${'nop\n'.repeat(24)}
      csrr t1, scause
      bge t1, zero, fault
      li s1, 1
      li s2, 0x80200000
      csrw sie, zero
      sret
    fault: ebreak`;

  it('begins in the middle of a handler, which is said with the place', () => {
    const broken = (mode: number) => timer(mode).replace('lb t0, 0(s2)', 'li s2, 0x40000000\n lb t0, 0(s2)');
    const text = told(broken(1)).join('\n');
    expect(text).toMatch(/interrupt 5 did not begin at the handler's first instruction, but 20 bytes \(4 × 5\) after it, at 0x[0-9a-f]+/);
    expect(text).not.toContain('the address was made by');
    expect(told(broken(0)).join('\n')).not.toContain('did not begin at');
    const table = 'j body\n j body\n j body\n j body\n j body\n j body\n body:';
    expect(told(timer(1, table).replace('lb t0, 0(s2)', 'li s2, 0x40000000\n lb t0, 0(s2)')).join('\n')).not.toContain('did not begin at');
  });

  it('finds a table of jumps of 2 bytes', () => {
    // c.j to the next instruction.
    const text = told(timer(1, '.half 0xa009\n'.repeat(6)).replace('lb t0, 0(s2)', 'li s2, 0x40000000\n lb t0, 0(s2)')).join('\n');
    expect(text).toMatch(
      /interrupt 5 began 20 bytes \(4 × 5\) after the vector, at 0x[0-9a-f]+: .*have 2 bytes each, and must have 4: put \.option norvc/,
    );
  });

  it('is not mentioned where all went well', () => {
    expect(told(timer(0))).toEqual([]);
  });
});

describe('a kernel whose boot code is not first', () => {
  const source = `print: sb zero, 0(zero)
    boot: ${PRINT}${POWER_OFF}`;

  it('is told what is there instead, where it fails', () => {
    expect(told(source, { entry: 0x8020_0004n })[0]).toContain(
      "the file's entry is 0x80200004, but the machine starts a kernel at its lowest address: 0x80200000",
    );
    expect(told(source, { entry: 0x8020_0000n })[0]).not.toContain('entry');
  });
});
