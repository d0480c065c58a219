/** The entropy device as a rubric asks for it: in the machine, in evidence, and the same in each run. */
import { expect, it } from 'vitest';
import { createMachine } from '../../machine/index.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import { loadRubric } from '../rubric/loader.ts';
import { initialImage } from '../vocabulary/image.ts';
import { runScenario } from './scenario.ts';

/** Asks the device on the last free slot for 16 bytes, with the flag that is given, and powers off. */
const kernel = (flags: number): Uint8Array => {
  const base = 0x80200000n;
  const { bytes } = assemble(
    `
    li s0, 0x10007000
    li s2, 0x80400000
    li t0, 3
    sw t0, 0x70(s0)
    li t0, 8
    sw t0, 0x38(s0)
    li t0, 4096
    sw t0, 0x28(s0)
    srli t0, s2, 12
    sw t0, 0x40(s0)
    li t0, 7
    sw t0, 0x70(s0)
    li t0, 0x80410000
    sd t0, 0(s2)
    li t0, ${16n | (BigInt(flags) << 32n)}
    sd t0, 8(s2)
    li t0, 1
    sh t0, 130(s2)
    sw zero, 0x50(s0)
    li t1, 100000
wait: addi t1, t1, -1
    bnez t1, wait
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .`,
    base,
  );
  return writeElf({ entry: base, segments: [{ address: base, bytes }] });
};

async function evidenceOf(rng: string, flags = 2) {
  const text = `rubric: 1
title: random
machine: { memory: 64M, drives: { blk: { size: 4K } }, rng: ${rng} }
submission: { kernel: kernel.elf }
scenarios: { run: {} }
checks: [{ id: a, points: 1, stop: exit }]
`;
  const loaded = await loadRubric('random.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  const scenario = loaded.rubric.scenarios[0]!;
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const host = { createMachine, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade test' };
  return runScenario(scenario, images, { bytes: kernel(flags), sha256: '00'.repeat(32) }, host);
}

it('gives a kernel bytes that depend on the seed alone, and evidence has the request', async () => {
  const [first, again, other] = [await evidenceOf('{ seed: 5 }'), await evidenceOf('{ seed: 5 }'), await evidenceOf('{ seed: 6 }')];
  expect(JSON.stringify(again)).toBe(JSON.stringify(first));
  const [request] = first.requests;
  expect(request).toMatchObject({
    drive: 'rng',
    number: 1,
    type: null,
    sector: null,
    dataLength: 16,
    completion: { status: null, usedLength: 16 },
  });
  expect(request!.roles.map(({ role, length }) => `${role} ${length}`)).toEqual(['data 16']);
  expect(request!.data).toMatch(/^[0-9a-f]{32}$/);
  expect(other.requests[0]!.data).not.toBe(request!.data);
  expect(first.devices.map(({ drive, notifies }) => [drive, notifies])).toEqual([
    ['blk', 0],
    ['rng', 1],
  ]);
});

it('finds a buffer that the device may not write', async () => {
  const { requests, findings } = await evidenceOf('{}', 0);
  expect(requests[0]!.completion).toBeNull();
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'entropy-buffer-readable', drive: 'rng', request: 1 }));
});
