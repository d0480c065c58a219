/**
 * The same kernel, image and rubric give the same evidence, byte for byte: again and again, while the host is busy, interpreted and
 * translated (architecture.md, decision 3).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOT } from '../../machine/exec/translator.ts';
import { readRubric } from '../cli/read-rubric.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { Rubric } from '../rubric/types.ts';
import { initialImage } from '../vocabulary/image.ts';
import { runScenario } from './scenario.ts';

const ROOT = join(import.meta.dirname, '../..');
const host = machineHost('bootgrade test');
let rubric: Rubric;

beforeAll(async () => {
  rubric = await readRubric(join(ROOT, 'rubrics/lab13.yaml'));
});

function evidenceOf(submission: string): string {
  const bytes = readFileSync(join(ROOT, 'submissions/class', submission, 'kernel.elf'));
  const [scenario] = rubric.scenarios;
  const images = new Map(scenario!.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const kernel = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  return JSON.stringify(runScenario(scenario!, images, kernel, host));
}

/** Threads that keep every core busy until `stop`. */
async function busyHost<T>(work: () => T): Promise<T> {
  const workers = Array.from({ length: cpus().length * 2 }, () => new Worker('for (;;) Math.sqrt(Math.random())', { eval: true }));
  try {
    await Promise.all(workers.map((worker) => new Promise((online) => worker.once('online', online))));
    return work();
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

describe('a run', () => {
  it.each(['passes', 'no-notify'])('of %s gives the same evidence twenty times', (submission) => {
    const runs = new Set(Array.from({ length: 20 }, () => evidenceOf(submission)));
    expect(runs.size).toBe(1);
  });

  it('of the OSTD kernel gives the same evidence on an idle and on a busy host', async () => {
    const idle = evidenceOf('ostd-passes');
    expect(await busyHost(() => evidenceOf('ostd-passes'))).toBe(idle);
  });

  it.each(['passes', 'no-notify', 'panics', 'ostd-writable-data'])(
    'of %s gives the same evidence interpreted and translated',
    (submission) => {
      const asSet = { ...HOT };
      const evidenceWith = (samples: number): string => {
        Object.assign(HOT, { samples, firstSlice: 29, slice: 4_000 });
        return evidenceOf(submission);
      };
      try {
        // Many more samples than a run has: nothing is translated.
        expect(evidenceWith(1)).toBe(evidenceWith(1_000_000));
      } finally {
        Object.assign(HOT, asSet);
      }
    },
  );
});
