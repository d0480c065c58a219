/** Kernels that have nothing to run, as xv6 at its prompt: with interrupts on they look through a table. Each has a twin that waits for one thing. */
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { explainKernel } from '../testkit/explained-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';

interface Parts {
  /** Before each round. */
  readonly on?: string;
  /** After it. */
  readonly after?: string;
  /** Bytes from one entry to the next. */
  readonly stride?: number;
  readonly from?: string;
}

/** A scheduler over 8 entries, each with a lock that is taken and a state that is never 3; it prints `$ ` first. */
function scheduler({ on = 'csrsi sstatus, 2', after = '', stride = 64, from = 'table' }: Parts = {}) {
  return kernelOf(`
    li s1, 0x10000000
    li t0, 0x24
    sb t0, 0(s1)
    li t0, 0x20
    sb t0, 0(s1)
    la t0, trap
    csrw stvec, t0
    la sp, stack
    li s3, 3
  rounds: ${on}
    la s0, ${from}
    la s2, table_end
  entries: call acquire
  look: lw a5, 8(s0)
    bne a5, s3, next
    li a7, 8
    ecall
  next: call release
    addi s0, s0, ${stride}
    bltu s0, s2, entries
    ${after}
    j rounds
  acquire: addi sp, sp, -16
    li a4, 1
    amoswap.w.aq a4, a4, (s0)
    bnez a4, acquire
    addi sp, sp, 16
    ret
  release: addi sp, sp, -16
    sw zero, 0(s0)
    addi sp, sp, 16
    ret
    .align 3
  trap: j trap
    .align 3
  table: ${dwords(56)}
  last: ${dwords(8)}
  table_end: ${dwords(32)}
  stack: .dword 0`);
}

const dwords = (count: number): string => '.dword 0\n'.repeat(count);

function said(bytes: Uint8Array): { stop: string; says: string; places: (string | null | undefined)[] } {
  const { evidence, explanations } = explainKernel(bytes);
  const all = whyStopped({ ...evidence, explanations });
  return {
    stop: evidence.stop.reason,
    says: all.flatMap((detail) => (detail.kind === 'text' ? [detail.text] : [])).join('\n'),
    places: all.flatMap((detail) => (detail.kind === 'code' ? [detail.stack.places[0]?.frames[0]?.function] : [])),
  };
}

const IDLE =
  /^the kernel has nothing to do: with interrupts on, it looks again and again at 8 entries of 64 bytes, from the variable table\+0x8 at 0x[0-9a-f]+ on, as a scheduler looks for something to run/;

describe('a kernel that has nothing to run', () => {
  it('spins over its table', () => {
    const { stop, says, places } = said(scheduler());
    expect(stop).toBe('hang');
    expect(says).toMatch(IDLE);
    expect(says).toContain('The console ends with "$ ": if that is a prompt, it waits for a key that nobody types');
    expect(says).not.toContain('polls');
    expect(places).toEqual(['look']);
  });

  it('sleeps between its rounds', () => {
    const { stop, says } = said(scheduler({ after: 'wfi' }));
    expect(stop).toBe('idle');
    expect(says).toMatch(IDLE);
    expect(says).toContain('and then sleeps (WFI) until the next interrupt');
  });

  it('but not one whose interrupts are off: nothing can come', () => {
    expect(said(scheduler({ on: 'csrci sstatus, 2' })).says).not.toMatch(/nothing to do/);
  });

  it('but not one that looks at a single entry, or at parts that are smaller than things to run', () => {
    expect(said(scheduler({ from: 'last' })).says).not.toMatch(/nothing to do/);
    expect(said(scheduler({ stride: 16 })).says).not.toMatch(/nothing to do/);
  });
});
