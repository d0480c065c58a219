/** Scenarios that are run under many schedules. The kernels are those of submissions/harts, with one mistake between harts each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');
const kernel = (name: string) => new Uint8Array(readFileSync(join(CLASS, name, 'kernel.elf')));

/** Of M mode, at the beginning of RAM. */
function kernelAt(source: string): Uint8Array {
  const address = 0x8000_0000n;
  const { bytes } = assemble(source, address);
  return writeElf({ segments: [{ address, virtualAddress: address, bytes, memorySize: BigInt(bytes.length), flags: 7 }] });
}

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

function rubric(schedules: string, harts = 2): string {
  const text = `rubric: 1
title: Harts
machine: { harts: ${harts}, memory: 32M }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 20ms guest, schedules: ${schedules} } }
checks: [{ id: right, points: 5, console: { contains: ": right" } }]
`;
  return folder.put('lab.yaml', text);
}

async function grade(file: string, name: string): Promise<SubmissionResult> {
  folder.put('class/s1001/kernel.elf', kernel(name));
  const { out, err } = await run('grade', file, folder.at('class'), '--out', folder.at('out'), '--json');
  if (out === '') throw new Error(err);
  return (JSON.parse(out) as { results: SubmissionResult[] }).results[0]!;
}

const evidence = () => JSON.parse(folder.read('out/s1001.run.evidence.json')) as Evidence;
const printed = ({ console }: Evidence) => Buffer.from(console, 'base64').toString();

describe('schedules', () => {
  it('fail a lost update, show the simplest of them, and say how to see it again', async () => {
    const { checks, scenarios } = await grade(rubric('40'), 'lost-update');
    expect(checks[0]!.outcome).toBe('failed');
    expect(checks[0]!.reason).toMatch(/^fails under [1-9]\d* of 40 schedules: /);
    const { schedules, faults } = scenarios[0]!;
    expect(schedules).toMatchObject({ seed: 1, tried: 40, left: 0 });
    // The simplest need not be the first.
    expect(schedules!.first).toBeGreaterThanOrEqual(1);
    expect(schedules!.first).toBeLessThanOrEqual(schedules!.shown!.number);
    const { schedule } = schedules!.shown!;
    // One preemption between a load and its store is enough for a lost update.
    expect(schedule).toMatch(/^hart[01]@\d+\+\d+(ns|us)$/);
    expect(evidence().schedule).toBe(schedule);
    expect(printed(evidence())).toMatch(/^count \d\d of 100: wrong\n$/);
    const other = { 0: 1, 1: 0 }[schedule[4]!];
    const line = 'lost-update\\.c:19';
    expect(schedules!.shown!.story.join('\n')).toMatch(
      new RegExp(
        `^hart ${schedule[4]} loads count, which is \\d+, at ${line}\nhart ${schedule[4]} is preempted for .*, before ${line}\nhart ${other} stores \\d+ to count at ${line}.*\nhart ${schedule[4]} stores \\d+ to count at ${line}: what was stored in between is lost$`,
      ),
    );
    expect(faults[1]).toBe(`to see it again: bootgrade run -nographic -smp 2 -m 32M -cpu rv64 -kernel KERNEL --schedule '${schedule}'`);
    const again = await grade(rubric(`{ only: "${schedule}" }`), 'lost-update');
    expect(again.checks[0]!.reason).toMatch(/^fails under 1 of 1 schedules: /);
    const html = await run('regrade', rubric('40'), folder.at('out'), '--out', folder.at('new'));
    expect(html.out + html.err).toContain('only one of these runs is kept');
  });

  it('pass its correct twin, whose evidence is that of the run without one', async () => {
    const { checks, scenarios } = await grade(rubric('40'), 'lost-update-correct');
    expect(checks[0]!.outcome).toBe('passed');
    expect(scenarios[0]!.schedules).toEqual({ seed: 1, tried: 40, left: 0, first: null, shown: null });
    expect(evidence().schedule).toBeUndefined();
  });

  it('let the timer come anywhere in a critical section, with one hart', async () => {
    const { checks, scenarios } = await grade(rubric('40', 1), 'interrupt');
    expect(checks[0]!.reason).toMatch(/^fails under [1-9]\d* of [1-9]\d* schedules/);
    expect(scenarios[0]!.schedules!.shown!.schedule).toMatch(/^hart0@\d+\+event$/);
    expect((await grade(rubric('40', 1), 'interrupt-correct')).checks[0]!.outcome).toBe('passed');
  });

  it('let the timer come after a flag was looked at, and before the hart waits for it', async () => {
    const source = (wait: string) => `
      la t0, handler
      csrw mtvec, t0
      li t1, 0x2004000
      li t2, 0x200bff8
      ld t3, 0(t2)
      addi t3, t3, 300
      sd t3, 0(t1)
      li t0, 0x80
      csrw mie, t0
      la s1, flag
      csrsi mstatus, 8
      ${wait}
    done:
      li t5, 0x10000000
      li a0, 0x3a
      sb a0, 0(t5)
      li t5, 0x100000
      li t6, 0x5555
      sw t6, 0(t5)
      j .
      .align 2
    handler:
      li t5, -1
      sd t5, 0(t1)
      li t4, 1
      sw t4, 0(s1)
      mret
    flag: .word 0`;
    const judged = async (wait: string) => {
      const file = rubric('20', 1);
      folder.put('lab.yaml', folder.read('lab.yaml').replace('memory: 32M', 'memory: 32M, bios: none').replace('": right"', '":"'));
      folder.put('class/s1001/kernel.elf', kernelAt(source(wait)));
      const { out, err } = await run('grade', file, folder.at('class'), '--out', folder.at('out'), '--json');
      if (out === '') throw new Error(err);
      return (JSON.parse(out) as { results: SubmissionResult[] }).results[0]!.checks[0]!;
    };
    const wrong = await judged('again: lw t0, 0(s1)\n bnez t0, done\n wfi\n j again');
    expect(wrong.reason).toMatch(/^fails under [1-9]\d* of 20 schedules/);
    const right = await judged('again: csrci mstatus, 8\n lw t0, 0(s1)\n bnez t0, done\n wfi\n csrsi mstatus, 8\n j again');
    expect(right.outcome).toBe('passed');
  });

  it('leave evidence that is the same each time', async () => {
    await grade(rubric('{ runs: 30, seed: 5 }'), 'missing-lock');
    const first = folder.read('out/s1001.run.evidence.json');
    await grade(rubric('{ runs: 30, seed: 5 }'), 'missing-lock');
    expect(folder.read('out/s1001.run.evidence.json')).toBe(first);
  });

  it('are not tried where a check fails in any order', async () => {
    const file = rubric('40');
    folder.put('lab.yaml', folder.read('lab.yaml').replace('": right"', '": never"'));
    const { checks, scenarios } = await grade(file, 'lost-update');
    expect(checks[0]).toMatchObject({ outcome: 'failed', reason: expect.not.stringContaining('schedules') });
    expect(scenarios[0]!.schedules).toBeUndefined();
  });
});
