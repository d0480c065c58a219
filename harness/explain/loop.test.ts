/** Kernels that wait for ever: testdata/ has their sources. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import { whyStopped } from '../grade/why/index.ts';
import { explainKernel as explained } from '../testkit/explained-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { withoutSections } from '../testkit/sample-kernels.ts';

const DATA = join(import.meta.dirname, 'testdata');
const kernel = (name: string) => new Uint8Array(readFileSync(join(DATA, `${name}.elf`)));
const lineOf = (text: string) =>
  readFileSync(join(DATA, 'wait.c'), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;

/** The sentences about the end of a kernel's run, and the lines that they name. */
function why(bytes: Uint8Array): string[] {
  const { evidence, explanations } = explained(bytes);
  expect(evidence.stop).toEqual({ reason: 'hang' });
  return whyStopped({ ...evidence, explanations }).map((detail) => {
    if (detail.kind !== 'code') return 'text' in detail ? detail.text : '';
    const [frame] = detail.stack.places.flatMap(({ frames }) => frames);
    return `${detail.text} ${frame?.file}:${frame?.line} ${frame?.function}`;
  });
}

const TAKEN_OUT =
  /was loaded once, just before the loop, as 0, .* most likely the compiler has taken the load out of the loop\. Is it volatile/;

describe('a loop that waits for a variable', () => {
  it('which it swaps: a lock that nobody gives back', () => {
    const loop =
      'la a4, lock\n li a3, 1\n loop: mv a5, a3\n amoswap.w.aq a5, a5, (a4)\n addiw a5, a5, 0\n bnez a5, loop\n li a7, 8\n ecall';
    const lines = why(kernelOf(`${loop}\n .align 3\n lock: .dword 1`));
    expect(lines[0]).toMatch(/^the kernel polls the variable lock at 0x[0-9a-f]+, which stays 1, and it waits for the value 0/);
    expect(lines.join('\n')).toContain(
      'each round tries to take it by amoswap.w.aq, as one does with a lock: if the variable lock is one, it is held',
    );
    expect(lines.join()).not.toContain('loaded once');
  });

  it('but loads nothing: the compiler has taken the load out', () => {
    const [first, at, cause] = why(kernel('hoisted'));
    expect(first).toMatch(/^the kernel spins in a loop that loads nothing/);
    expect(at).toBe(`looping at wait.c:${lineOf('while (ready == 0)')} kernel_main`);
    expect(cause).toMatch(/^the variable ready at 0x80201/);
    expect(cause).toMatch(TAKEN_OUT);
  });

  it('but loads nothing, where an interrupt came between the load and the end', () => {
    const lines = why(kernel('interrupted'));
    expect(lines[0]).toMatch(/^the kernel spins in a loop that loads nothing/);
    expect(lines[1]).toBe(`looping at wait.c:${lineOf('while (ready == 0)')} kernel_main`);
    expect(lines.join('\n')).toMatch(TAKEN_OUT);
    // The handler has printed its dot: the variable is set, and a kernel that looks at it goes on, to its last loop.
    const { evidence, explanations } = explained(kernel('interrupted-volatile'));
    expect([atob(evidence.console), atob(explained(kernel('interrupted')).evidence.console)]).toEqual(['.', '.']);
    expect(
      whyStopped({ ...evidence, explanations })
        .map((detail) => ('text' in detail ? detail.text : ''))
        .join(),
    ).not.toContain('taken the load');
  });

  it('without lines: the same as a question', () => {
    const lines = why(withoutSections(kernel('hoisted'), ['.debug_info', '.debug_line']));
    expect(lines.join('\n')).toMatch(
      /if the loop is meant to wait for the variable ready, the compiler has taken the load out of it\. Is it volatile/,
    );
  });

  it('that is volatile: what it would have to be', () => {
    const lines = why(kernel('volatile'));
    expect(lines[0]).toMatch(
      /^the kernel polls the variable ready at 0x80201[0-9a-f]+, which stays 0, and it waits for another value \(a round of 2/,
    );
    expect(lines.join('\n')).not.toContain('taken the load out');
  });

  it('and stops on purpose on another line: nothing is said of a load', () => {
    const lines = why(kernel('stop'));
    expect(lines[0]).toMatch(/^the kernel spins in a loop that loads nothing/);
    expect(lines.join('\n')).not.toContain('loaded once');
  });

  it('in more instructions than are listed: with its line, its calls, and since when', () => {
    const { evidence, explanations } = explained(kernel('long'));
    expect(evidence.loop!.period).toBeGreaterThan(64);
    expect(evidence.loop!.instructions).toHaveLength(64);
    const { since, stack, symbol, polled } = explanations!.loop!;
    // It lies so close above the stack that only its symbol tells it from what is on the stack.
    expect(polled).toMatchObject({ what: { kind: 'memory' }, awaited: { relation: 'other', value: '0x0', mask: '0xffff' } });
    const frames = stack.places.flatMap((place) => place.frames);
    expect(frames.map((frame) => frame.function).slice(0, 5)).toEqual(['load', 'index_of', 'is_used', 'is_done', 'kernel_main']);
    expect(frames[4]).toMatchObject({ file: 'wait.c', line: lineOf('while (!is_done(') });
    expect(symbol).toBe('ring+0x2');
    // `_start` and the prologue of kernel_main come first.
    expect(since).toBeGreaterThan(3);
    expect(since).toBeLessThan(12);
  });
});

it('a loop that jumps through a table polls what chooses the entry, and not the table', () => {
  const code = assemble(`
      la t3, table
      la t0, state
    loop: lw a5, 0(t0)
      slli a3, a5, 2
      add a3, a3, t3
      lw a3, 0(a3)
      add a3, a3, t3
      jr a3
    done: j done
      .align 3
    table: .word back - table
      .word done - table
    back: j loop
      .align 3
    state: .dword 0`);
  const segments = [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }];
  const state = 0x8020_0000n + code.symbols.get('state')! - BigInt(RAM_BASE);
  const [first] = why(writeElf({ segments }));
  expect(first).toContain(`the kernel polls memory at 0x${state.toString(16)}, which stays 0 (`);
});
