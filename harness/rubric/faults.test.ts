/** Faults and places of drives in a rubric: what they mean, and every way to get them wrong. `«` marks where a mistake must be shown. */
import { describe, expect, it } from 'vitest';
import { formatProblem, type Problem, type ProblemCode } from '../vocabulary/problem.ts';
import { loadRubric } from './loader.ts';
import type { Rubric } from './types.ts';

const loadAny = (text: string) => loadRubric('lab.yaml', text, { readFile: () => Promise.reject(new Error('none')) });

async function load(text: string): Promise<Rubric> {
  const loaded = await loadAny(text);
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

async function problemsOf(text: string): Promise<Problem[]> {
  const loaded = await loadAny(text);
  return 'problems' in loaded ? loaded.problems : [];
}

const HEAD = 'rubric: 1\ntitle: Lab\nsubmission: { kernel: kernel.elf }\n';
const CHECKS = 'checks: [{ id: a, points: 1, console: x }]\n';
const withMachine = (machine: string) => `${HEAD}${machine}\nscenarios: { run: {} }\n${CHECKS}`;
const withScenarios = (scenarios: string) => `${HEAD}machine: { drives: { blk: { size: 4K } } }\nscenarios:\n${scenarios}\n${CHECKS}`;
const withFaults = (faults: string) => withScenarios(`  run: { faults: [${faults}] }`);

const WRONG: { code: ProblemCode; text: string; says?: string; remedy?: string }[] = [
  { code: 'unknown-drive', text: withFaults('{ drive: «log, request: {}, answer: IOERR }'), says: 'no drive "log"' },
  { code: 'unknown-drive', text: `${HEAD}scenarios: { run: { faults: [«{ request: {}, after: next }] } }\n${CHECKS}`, says: 'no drive' },
  { code: 'unknown-name', text: withFaults('{ drive: blk, request: { type: «OUTT }, answer: IOERR }'), remedy: 'did you mean "OUT"?' },
  { code: 'unknown-name', text: withFaults('{ drive: blk, request: {}, answer: «OK }') },
  { code: 'unknown-name', text: withFaults('{ drive: blk, request: { type: «OUT }, data: { text: x } }') },
  { code: 'bad-unit', text: withFaults('{ drive: blk, request: {}, late: «10ms guest }'), says: 'not a delay' },
  { code: 'bad-unit', text: withFaults('{ drive: blk, request: {}, late: «5 }'), says: 'a delay needs its unit' },
  { code: 'one-of', text: withFaults('{ drive: blk, request: {}, answer: IOERR, «late: 1ms }'), says: '"late" does not go with "answer"' },
  {
    code: 'one-of',
    text: withFaults('«{ drive: blk, request: {} }'),
    says: 'one of answer, late, after, interrupt, power, data is missing',
  },
  {
    code: 'overlap',
    text: withFaults('{ request: { type: OUT }, answer: IOERR }, { drive: blk, request: «{ type: 1, nth: 1 }, late: 1ms }'),
    says: 'item 1 has a fault for this request already',
  },
  {
    code: 'overlap',
    text: withScenarios(
      '  run: { extends: base }\n  base: { faults: [{ request: {}, after: next }, { request: «{ nth: 1 }, interrupt: lost }] }\n  other: { extends: base }',
    ),
  },
  { code: 'out-of-range', text: withMachine('machine: { drives: { blk: { size: 4K, slot: «8 } } }'), says: 'at most 7' },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { a: { size: 4K }, b: { size: 4K, slot: «7 } } }'),
    says: 'the drive "a" is in slot 7 already',
  },
  {
    code: 'overlap',
    text: `${HEAD}machine: { drives: { a: { size: 4K, slot: 2 }, b: { size: 4K } } }\nscenarios: { run: {}, moved: { drives: { b: { slot: «2 } } } }\n${CHECKS}`,
  },
  {
    code: 'out-of-range',
    text: withMachine(`machine: { drives: { ${[...'abcdefgh'].map((name) => `${name}: { size: 4K }`).join(', ')}, i: «{ size: 4K } } }`),
    says: 'the machine has 8 slots',
  },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { a: { size: 4K } }, rng: { slot: «7 } }'),
    says: 'the drive "a" is in slot 7 already',
  },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { a: { size: 4K, slot: 3 }, rng: «{ size: 4K } }, rng: { seed: 4 } }'),
    says: 'what evidence calls the entropy device',
  },
  { code: 'out-of-range', text: withMachine('machine: { rng: { seed: «4294967296 } }'), says: 'at most 4294967295' },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { a: { size: 4K } }, rng: {}, network: { slot: «6 } }'),
    says: 'the entropy device is in slot 6 already',
  },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { rng: «{ size: 4K } }, rng: {}, network: {} }'),
    says: 'what evidence calls the entropy device',
  },
  { code: 'out-of-range', text: withMachine('machine: { network: { mac: «53:54:00:12:34:56 } }'), says: 'not an address of a device' },
  {
    code: 'out-of-range',
    text: withMachine('machine: { fw-cfg: «[{ name: opt/a, text: x }, { name: opt/a, hex: "00" }] }'),
    says: 'two files have this name',
  },
  {
    code: 'out-of-range',
    text: withMachine('machine: { fw-cfg: «[{ name: bootorder, text: x }] }'),
    says: 'has a file of this name already',
  },
  { code: 'out-of-range', text: withMachine('machine: { fw-cfg: «[{ name: "a b", text: x }] }'), says: '1 to 55 printable characters' },
  { code: 'missing-key', text: withMachine('machine: { fw-cfg: [«{ text: x }] }'), says: '"name" is missing' },
  { code: 'unknown-key', text: withMachine('machine: { network: { «netdev: user } }'), says: 'netdev' },
];

describe('faults and slots', () => {
  it('are of any type and the first one where nothing else is said; times are nanoseconds', async () => {
    const rubric = await load(
      withFaults(`{ drive: blk, request: { type: IN, nth: 2 }, answer: UNSUPP }, { request: {}, late: 1ms }, { request: { type: 0x99 }, late: 5K instructions },
        { request: { type: FLUSH }, after: next }, { request: { nth: 7 }, interrupt: lost },
        { request: { nth: 8 }, interrupt: joined }, { request: { type: IN }, data: { text: A, length: 2 } },
        { request: { type: OUT, nth: 12 }, power: cut }`),
    );
    expect(rubric.scenarios[0]!.faults.map(({ drive, type, nth, fault }) => [drive, type, nth, fault])).toEqual([
      ['blk', 0, 2, { kind: 'answer', answer: 'UNSUPP' }],
      ['blk', null, 1, { kind: 'late', nanoseconds: 1_000_000 }],
      ['blk', 0x99, 1, { kind: 'late', nanoseconds: 5000 }],
      ['blk', 4, 1, { kind: 'after-next' }],
      ['blk', null, 7, { kind: 'interrupt-lost' }],
      ['blk', null, 8, { kind: 'interrupt-joined' }],
      ['blk', 0, 1, { kind: 'data', bytes: new Uint8Array([0x41, 0]) }],
      ['blk', 1, 12, { kind: 'power-cut' }],
    ]);
  });

  it.each(WRONG)('$code: $text', async ({ code, text, says, remedy }) => {
    const at = text.indexOf('«');
    const before = text.slice(0, at);
    const problems = await problemsOf(text.replace('«', ''));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    const { line, column, message, remedy: advice } = problems[0]!;
    expect({ line, column }).toEqual({ line: before.split('\n').length, column: at - before.lastIndexOf('\n') });
    if (says !== undefined) expect(message).toContain(says);
    if (remedy !== undefined) expect(advice).toBe(remedy);
  });
});
