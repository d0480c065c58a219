/** The real rubric, rubrics/lab13.yaml, against evidence as kernels of the lab leave it. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { device, evidence, image, request, WRITE_CHAIN } from '../testkit/evidence.ts';
import { initialImage } from '../vocabulary/image.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import { gradeSubmission } from './grade.ts';
import { gradeRuns, type ScenarioRun } from './grade-run.ts';

let rubric: Rubric;

beforeAll(async () => {
  const text = await readFile(new URL('../../rubrics/lab13.yaml', import.meta.url), 'utf8');
  const loaded = await loadRubric('lab13.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  rubric = loaded.rubric;
});

/** The console of the finished lab (board.md), with what it read. */
const consoleOf = (read: string) => `Enter riscv_boot
Virtio MMIO device found at 0x10008000 with size 0x1000, device id 2, version: 1
Testing block device read...
Read string: ${read}
Testing block device write...
[INIT] Starting Shell...`;

const BEFORE_WRITE = Buffer.byteLength(consoleOf('Hello World from Image!').split('[INIT]')[0]!);

const WRITTEN = Buffer.concat([Buffer.from('Hello, Virtio Block Device!'), Buffer.alloc(485)]).toString('hex');

function grade(write: Partial<Evidence>, otherConsole = consoleOf('Different bytes, same driver')) {
  const runs = new Map<string, ScenarioRun>();
  for (const { name, machine } of rubric.scenarios) {
    const images = new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]));
    const changed = name === 'write' ? (write.images?.[0]?.changed ?? {}) : {};
    const recorded = [...images].map(([drive, { size, sha256 }]) => image({ drive, size, initialSha256: sha256, changed }));
    const seen = name === 'write' ? write : { console: otherConsole };
    runs.set(name, { evidence: evidence({ scenario: name, ...seen, images: recorded }), images });
  }
  const { score, maxScore, outcome, checks } = gradeSubmission(
    rubric,
    { name: 'x', tool: 'bootgrade 0.0.0', kernel: null, attempt: 1, runs: gradeRuns(rubric, runs) },
    'instructor',
  );
  const lost = Object.fromEntries(checks.filter((check) => check.outcome !== 'passed').map((check) => [check.id, check.outcome]));
  return { score, maxScore, outcome, lost };
}

const read = request({ number: 1, type: 0, consoleBytes: 140 });
const write = request({ number: 2, consoleBytes: BEFORE_WRITE });
const finished = { console: consoleOf('Hello World from Image!'), images: [image({ changed: { 0: WRITTEN } })] };

describe('lab 13', () => {
  it('has the checks and points of the assignment, 100 in all', () => {
    expect(rubric.checks.map(({ id, points }) => `${id} ${points}`)).toEqual([
      'finds-device 10',
      'reads-block 5',
      'write-issued 10',
      'write-type 20',
      'write-sector 5',
      'write-flags 14',
      'write-header 2',
      'write-length 2',
      'write-status-byte 2',
      'write-status 5',
      'image 15',
      'image-elsewhere 5',
      'really-reads 5',
    ]);
  });

  it('the finished lab: all of it', () => {
    expect(grade({ ...finished, requests: [read, write] })).toEqual({ score: 100, maxScore: 100, outcome: 'passed', lost: {} });
  });

  it('the data marked device-writable, which QEMU forgives: 66', () => {
    const chain = WRITE_CHAIN.map((link) => ({ ...link, deviceWritable: link.roles[0]![0] !== 'header' }));
    const requests = [read, request({ ...write, ...request({ number: 2, consoleBytes: BEFORE_WRITE, chain }) })];
    expect(grade({ ...finished, images: [], requests })).toEqual({
      score: 66,
      maxScore: 100,
      outcome: 'failed',
      lost: { 'write-flags': 'failed', image: 'failed', 'image-elsewhere': 'skipped' },
    });
  });

  it('no write at all: what follows from it is skipped', () => {
    const { score, lost } = grade({ ...finished, images: [], requests: [read], devices: [device()] });
    expect(score).toBe(20);
    expect(Object.entries(lost).filter(([, outcome]) => outcome === 'failed')).toEqual([['write-issued', 'failed']]);
  });

  it('a kernel that prints the text without reading is found out', () => {
    const { score, lost } = grade({ ...finished, requests: [read, write] }, consoleOf('Hello World from Image!'));
    expect([score, lost]).toEqual([95, { 'really-reads': 'failed' }]);
  });
});
