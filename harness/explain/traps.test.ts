/** What is said of faults of jumps, stacks and traps, in testdata/traps.c: each even number is a fault, and the odd one after it does it right. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { readElf } from '../run/elf.ts';
import { assembled, explainKernel } from '../testkit/explained-kernel.ts';

const DATA = join(import.meta.dirname, 'testdata');
const SOURCE = readFileSync(join(DATA, 'traps.c'), 'utf8').split('\n');
const lineOf = (text: string) => SOURCE.findIndex((line) => line.includes(text)) + 1;

/** The kernel that commits a fault. */
function kernel(choice: number): Uint8Array {
  const bytes = new Uint8Array(readFileSync(join(DATA, 'traps.elf')));
  const { symbols, sections } = readElf(bytes);
  const { address } = symbols.find(({ name }) => name === 'choice')!;
  const section = [...sections.values()].find((one) => one.address <= address && address < one.address + BigInt(one.bytes.length))!;
  const view = new DataView(bytes.buffer, section.bytes.byteOffset, section.bytes.length);
  view.setUint32(Number(address - section.address), choice, true);
  return bytes;
}

/** The report's sentences, and each place as `lead LINE function`. */
function report(choice: number): string[] {
  const { evidence, explanations } = explainKernel(kernel(choice));
  return whyStopped({ ...evidence, explanations }).flatMap((detail) => {
    if (detail.kind === 'text') return [detail.text];
    if (detail.kind !== 'code') return [];
    const [frame] = detail.stack.places[0]?.frames ?? [];
    return [`${detail.text} ${frame?.line ?? ''} ${frame?.function ?? ''}`];
  });
}

const told = (choice: number) => report(choice).join('\n');

describe('a jump to where no code is', () => {
  it('into data names what lies there, and the line of the call', () => {
    expect(told(0)).toMatch(/the kernel jumped to 0x[0-9a-f]+, where no code is: table lies there \(\.data\)/);
    expect(report(0)).toContain(`that call is at ${lineOf('call of data')} kernel_main`);
    expect(report(1)).toEqual([]);
  });

  it('by a return address that was overwritten names who stored there, and what', () => {
    const lines = report(4);
    expect(lines.join('\n')).toContain('a function returned to 0x4343434343434342: its return address was overwritten');
    expect(lines.join('\n')).toContain('0x4343434343434343, which is the text "CCCCCCCC") was loaded from the stack');
    expect(lines.join('\n')).toContain('has an array on the stack run over?');
    expect(lines).toContain(`that return is at ${lineOf('returns to text')} greet`);
    expect(lines).toContain(`stored at ${lineOf('runs over')} copy`);
    expect(report(5)).toEqual([]);
  });

  it('by sret names the line of the return', () => {
    const lines = report(30);
    expect(lines).toContain(`that return is at ${lineOf('/* sret */')} enter`);
    expect(lines).toContain('sret went to 0x10 in S mode: that was in sepc');
  });
});

it('a pointer that was never set is named, with the variable that holds it', () => {
  const text = told(2);
  expect(text).toContain('load access fault at address 0x8');
  expect(text).toMatch(/the address \(0x0\) was loaded from the variable driver at 0x[0-9a-f]+, where nothing has stored anything/);
  expect(report(2)).toContain(`trapped at ${lineOf('never set */')} kernel_main`);
  expect(report(3)).toEqual([]);
});

describe('a trap entry', () => {
  it('that takes sp from sscratch, which is 0, is told so', () => {
    expect(told(6)).toContain('sscratch was 0 when the trap came: does the trap entry take sp from sscratch?');
    expect(told(7)).not.toContain('sscratch');
  });

  it('that lies on a page without X is named with the new page table', () => {
    const lines = report(26);
    expect(lines).toContain(`satp written at ${lineOf('/* satp */')} translate`);
    expect(lines.join('\n')).toContain('satp was just written. The new page table must map the code that writes satp');
    expect(lines).toContain('X is not set in that entry: code needs pages with R and X');
    expect(lines.join('\n')).toContain('The page table that is in force does not let the handler run');
  });
});

describe('a user program', () => {
  it('whose system call is made again and again has a handler that leaves sepc as it is', () => {
    expect(told(8)).toMatch(/the system call \(ecall\) at 0x[0-9a-f]+ of a user program is made again and again: [0-9,]+ times in a row/);
    expect(told(8)).toContain('it never writes sepc. It must add 4 to sepc');
    expect(report(8)).toContain('it returns at  entry');
    expect(report(9)).toEqual([]);
  });

  it('whose pages have no U faults in user mode', () => {
    expect(told(10)).toContain('in a user program (U mode)');
    expect(told(10)).toContain('U is not set in that entry');
    expect(report(11)).toEqual([]);
  });

  it('that jumps into the kernel is where the jump is, and not in the kernel’s function that started it', () => {
    const { evidence, explanations } = explainKernel(kernel(32));
    const details = whyStopped({ ...evidence, explanations });
    const jumps = details.flatMap((detail) => (detail.kind === 'code' && detail.text === 'that jump is at' ? [detail.stack] : []));
    expect(jumps.map(({ places }) => places.map(({ frames }) => frames))).toEqual([[[]]]);
  });

  it('that sret enters in S mode is told that SPP was 1', () => {
    const lines = report(14);
    expect(lines.join('\n')).toContain('sret went there, and stayed in S mode since SPP was 1: clear sstatus.SPP before it');
    expect(lines.join('\n')).not.toContain('satp');
    expect(lines).toContain(`that return is at ${lineOf('/* sret */')} enter`);
  });

  it('has memory that the kernel may read only with SUM', () => {
    expect(told(12)).toContain('sstatus.SUM is 0, so that the kernel may not access it: set SUM');
    expect(report(12)).toContain(`trapped at ${lineOf('/* SUM */')} kernel_main`);
    expect(report(13)).toEqual([]);
  });
});

it('a recursion without end is named, and ends the run soon', () => {
  const { evidence } = explainKernel(kernel(16));
  expect(evidence.stop).toEqual({ reason: 'limit', limit: '250,000 exceptions in a row' });
  expect(told(16)).toContain("deeper calls itself again and again: the stack has run over, down into the firmware's memory");
  expect(report(17)).toEqual([]);
});

describe('an illegal instruction', () => {
  it.each([
    [18, "the register mhartid belongs to M mode (the firmware), and the hart was in S mode: the hart's number is in a0"],
    [20, 'floating point is off: FS (bits 13 and 14 of sstatus) is 0'],
    [22, 'an instruction of the extension v, which this cpu does not have or has off'],
  ])('%i says why', (choice, sentence) => {
    expect(told(choice)).toContain(sentence);
    expect(report(choice + 1)).toEqual([]);
  });

  it('of code that was overwritten names who did it', () => {
    expect(told(24)).toMatch(/the code at 0x[0-9a-f]+ was overwritten: the kernel file has 0x478d there, and memory has \.word 0xffffffff/);
    expect(report(24)).toContain(`overwritten at ${lineOf('over code')} kernel_main`);
    expect(report(25)).toEqual([]);
  });
});

it('an atomic instruction that is misaligned is told apart from other accesses', () => {
  expect(told(28)).toContain('an atomic instruction needs an address that is aligned to its size');
  expect(report(29)).toEqual([]);
});

it('a page that a program uses for the first time ends nothing, whatever the program does afterwards', () => {
  const { evidence } = explainKernel(
    assembled(`
    la t0, handler
    csrw stvec, t0
    la t0, user
    csrw sepc, t0
    li t0, 0x100
    csrc sstatus, t0
    sret
    user: lw t1, 0(zero)
    spin: j spin
      .align 2
    handler: la t0, spin
    csrw sepc, t0
    sret`),
  );
  expect([evidence.stop.reason, evidence.exception]).toEqual(['hang', null]);
});
