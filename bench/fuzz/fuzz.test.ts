/** The fuzzer itself: bugs that were planted are found, bounded, kept and repeated; and it goes on after them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../bundle.mjs';
import { type Finding, type FuzzOptions, fuzz } from './fuzz.ts';
import { KINDS } from './kinds/index.ts';
import { caseAt, randomOf } from './plan.ts';

const ROOT = join(import.meta.dirname, '../..');
const SEED = 5;
const CASES = 12;

let folder: string;
let worker: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-fuzz-test-'));
  await bundle({ planted: join(import.meta.dirname, 'planted-worker.ts') }, join(folder, 'code'));
  worker = join(folder, 'code/planted.mjs');
});
afterAll(() => rmSync(folder, { recursive: true }));

function optionsFor(kind: string, changes: Partial<FuzzOptions> = {}): FuzzOptions {
  return {
    plan: { seed: SEED, kinds: [kind], corpus: [] },
    from: 0,
    to: CASES,
    jobs: 1,
    worker,
    root: ROOT,
    scratch: join(folder, 'scratch'),
    keep: join(folder, `keep-${kind}`),
    signal: new AbortController().signal,
    ...changes,
  };
}

async function run(options: FuzzOptions) {
  const findings: Finding[] = [];
  const summary = await fuzz(options, { tried: () => undefined, found: (finding) => findings.push(finding) });
  expect(findings).toEqual(summary.findings);
  return summary;
}

/** As planted-worker.ts has it. */
const isPlanted = (index: number, kind: string): boolean => randomOf(SEED, { kind, index }).below(256) < 64;
const plantedIn = (kind: string): number[] => Array.from({ length: CASES }, (_, index) => index).filter((index) => isPlanted(index, kind));

describe('a planted bug', () => {
  it.each([
    ['loops', /^took more than 0\.3 s of processor time$/],
    ['hogs', /^took more than 300 MiB of memory$/],
    ['throws', /^TypeError: planted\n[\s\S]*planted-worker\.ts/],
    ['violates', /^what must hold does not$/],
    ['dies', /^ended the process \(SIGABRT\)/],
  ])(
    'that %s is found in every case that has it, and the others are tried',
    async (kind, what) => {
      const planted = plantedIn(kind);
      expect(planted.length).toBeGreaterThan(1);
      const { cases, findings, more } = await run(optionsFor(kind));
      expect(cases).toBe(CASES);
      expect(findings.length + more).toBe(planted.length);
      for (const finding of findings) {
        expect(finding.what).toMatch(what);
        expect(finding.again).toBe(true);
      }
      const [first] = findings;
      expect(first!.command).toBe(`npm run fuzz -- --seed ${SEED} --kind ${kind} --case ${planted[0]}`);
      expect([...readFileSync(first!.file!)]).toEqual([randomOf(SEED, { kind, index: planted[0]! }).below(256)]);
    },
    120_000,
  );

  it('is found when its case is tried alone, and from its file', async () => {
    const index = plantedIn('throws')[0]!;
    const alone = await run(optionsFor('throws', { from: index, to: index + 1 }));
    expect(alone).toMatchObject({ cases: 1, more: 0, findings: [{ one: { kind: 'throws', index } }] });
    const corpus = [{ kind: 'throws', file: alone.findings[0]!.file! }];
    const again = await run(optionsFor('throws', { plan: { seed: 0, kinds: ['throws'], corpus }, from: 0, to: 1 }));
    expect(again.findings).toMatchObject([{ one: corpus[0], command: expect.stringContaining(`--kind throws --file ${corpus[0]!.file}`) }]);
  });

  it('is not seen where there is none', async () => {
    expect(await run(optionsFor('fine'))).toEqual({ cases: CASES, findings: [], more: 0 });
    expect(readdirSync(folder)).not.toContain('keep-fine');
  });
});

describe('a run', () => {
  it('ends when it is told to, in the middle of a case that does not', async () => {
    const end = new AbortController();
    setTimeout(() => end.abort(), 500);
    const { cases } = await run(optionsFor('loops', { signal: end.signal }));
    expect(cases).toBeLessThan(CASES);
  });

  it('gives each kind its turn, and the same case whatever else is tried', () => {
    const plan = { seed: SEED, kinds: ['a', 'b'], corpus: [{ kind: 'b', file: 'f' }] };
    expect([0, 1, 2, 3].map((number) => caseAt(plan, number))).toEqual([
      { kind: 'b', file: 'f' },
      { kind: 'a', index: 0 },
      { kind: 'b', index: 0 },
      { kind: 'a', index: 1 },
    ]);
    expect(caseAt({ ...plan, kinds: ['b'], corpus: [] }, 1)).toEqual({ kind: 'b', index: 1 });
  });
});

describe('every kind', () => {
  it.each(Object.entries(KINDS))('%s makes the same input from the same numbers', async (kind, { make }) => {
    const one = await make(randomOf(SEED, { kind, index: 3 }));
    expect(await make(randomOf(SEED, { kind, index: 3 }))).toEqual(one);
    expect(await make(randomOf(SEED, { kind, index: 4 }))).not.toEqual(one);
  });
});

describe('the command', () => {
  const command = (...args: string[]) => execa('node', ['bench/fuzz/run.mjs', ...args], { cwd: ROOT, reject: false });

  it('says which seed it has taken, and in its last line what it has found', async () => {
    const { exitCode, stdout } = await command('--seed', '1', '--kind', 'roster', '--cases', '20');
    expect(stdout).toMatch(/^seed 1\n/);
    expect(stdout.split('\n').at(-1)).toBe('0 findings');
    expect(exitCode).toBe(0);
  });

  it.each([[['--kind', 'nothing']], [['--case', '1']], [['--minutes', 'x']], [['--kind', 'elf', '--case', '1']]])(
    'refuses %j in one line',
    async (args) => {
      const { exitCode, stderr, stdout } = await command(...args);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    },
  );
});
