import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { CheckResult, Detail, FindingResult, ScenarioResult } from '../result/result.ts';
import { finding as evidenceOf } from '../testkit/evidence.ts';
import { stack } from '../testkit/sample-hostile.ts';
import { check, scenario } from '../testkit/sample-results.ts';
import { findingLines } from './findings.ts';
import { plain } from './lines.ts';

const PLAIN = picocolors.createColors(false);
const linesOf = (scenarios: readonly ScenarioResult[], checks: readonly CheckResult[] = []) =>
  findingLines({ scenarios, checks }, PLAIN).map(plain);
const finding = (part: Partial<FindingResult>): FindingResult => ({
  ...evidenceOf(part),
  stack: part.stack ?? null,
  details: part.details ?? [],
});
const NOTE = finding({ severity: 'note', rule: 'page-size-missing' });
const SHOULD = finding({ severity: 'should', rule: 'reset-unconfirmed', section: '2.4.2', request: null, message: 'Advice.' });
const MUST = finding({ count: 2, message: 'Wrong length. (100 bytes)' });

it('shows what must and should be, graver first, and counts the notes', () => {
  expect(linesOf([scenario({ findings: [NOTE, SHOULD, MUST] })])).toEqual([
    'rules of the virtio specification that the driver breaks (1 note more in the JSON report):',
    '  must   data-length (virtio 1.2, 5.2.6.1), request #2, 2 times: Wrong length. (100 bytes)',
    '  should reset-unconfirmed (virtio 1.2, 2.4.2): Advice.',
  ]);
});

it('counts notes that are alone, and is silent where there is nothing', () => {
  expect(linesOf([scenario({ findings: [NOTE, NOTE] })])).toEqual(['2 notes on the virtio specification (in the JSON report)']);
  expect(linesOf([scenario()])).toEqual([]);
});

it('names the scenarios where there are several, and says the same once', () => {
  const scenarios = [
    scenario({ findings: [MUST] }),
    scenario({ name: 'again', findings: [MUST] }),
    scenario({ name: 'third', hidden: true, findings: [SHOULD] }),
  ];
  expect(linesOf(scenarios).filter((line) => line.endsWith(':'))).toEqual([
    'in scenarios write and again: rules of the virtio specification that the driver breaks:',
    'third (hidden): rules of the virtio specification that the driver breaks:',
  ]);
});

it('lets nothing reach the terminal as a command, and not too much of anything', () => {
  const evil = finding({ message: '\u001b[2J' });
  const lines = linesOf([scenario({ findings: Array.from({ length: 30 }, () => evil) })]);
  expect(lines.join('')).not.toContain('\u001b');
  expect([lines.length, lines.at(-1)]).toEqual([22, '  … and 10 more']);
  const counted = linesOf([scenario({ findings: [evil], racesLeftOut: 4096 })]);
  expect(counted.at(-1)).toBe('  … and 4,096 further races, which are only counted');
});

it('names the line of a race instead of the instruction, with its callers', () => {
  const race = finding({ rule: 'race-load', section: '2.7.8.3', pc: '0x80200800', message: 'Too early.', stack: stack('blk.c', 16) });
  expect(linesOf([scenario({ findings: [race] })]).slice(1, 3)).toEqual([
    '  must   race-load (virtio 1.2, 2.7.8.3), request #2: Too early.',
    expect.stringMatching(/^ +read at {2}blk\.c:16 /) as string,
  ]);
});

it('draws the request and names the store that is to blame, unless a check has done so', () => {
  const question = { address: '0x80a3004c', length: 2, before: 5 };
  const stored = {
    by: 'kernel',
    instructions: 4,
    instruction: 'sh a0, 12(a1)',
    address: '0x80a3004c',
    length: 2,
    stack: stack('queue.c', 9),
  } as const;
  const rows = [{ descriptor: 4, role: 'data', address: '0x1000', length: 512, deviceWritable: true, expected: 'device reads' }];
  const details: Detail[] = [
    { kind: 'request', text: 'request #2, OUT', rows },
    { kind: 'origin', text: 'flags of desc 4', question, stored },
  ];
  const scenarios = [scenario({ findings: [finding({ message: 'Wrong.', stack: stack('blk.c', 16), details })] })];
  const below = (checks: CheckResult[]) =>
    linesOf(scenarios, checks)
      .slice(2)
      .map((line) => line.trim());
  const notified = expect.stringMatching(/^notified at {2}blk\.c:16 /) as string;
  expect(below([])).toEqual([
    'request #2, OUT',
    'desc 4  data  0x1000  512 B  device WRITES   expected: device reads',
    expect.stringMatching(/^flags of desc 4 stored at {2}queue\.c:9 /),
    notified,
  ]);
  const failed = check('it', { outcome: 'failed', score: 0, scenario: scenarios[0]!.name, details });
  expect(below([failed])).toEqual([notified]);
  expect(below([{ ...failed, scenario: 'another' }])).toHaveLength(4);
});

it('tells what a library does from what the submission does, which comes first', () => {
  const of = (file: string, { library }: { library: boolean }) => {
    const [place] = stack(file, 16).places;
    return { places: [{ ...place!, frames: place!.frames.map((frame) => ({ ...frame, library })) }], leftOut: 0, notes: [] };
  };
  const given = finding({ rule: 'queue-max-unread', message: 'Given.', stack: of('virtio-0.1.0/lib.rs', { library: true }) });
  const own = finding({ rule: 'data-length', message: 'Own.', stack: of('src/blk.rs', { library: false }) });
  const lines = linesOf([scenario({ findings: [given, own] })]);
  expect(lines.filter((line) => line.startsWith('  must')).map((line) => line.slice(line.indexOf(': ') + 2))).toEqual([
    'Own.',
    'Given. (in a library that the kernel uses)',
  ]);
});

it('shows the races for one request once, with the number and the lines of the others', () => {
  const race = (rule: string, line: number, request = 2) =>
    finding({ rule, request, pc: `0x8020080${line}`, message: `Line ${line}.`, stack: stack('blk.c', line) });
  const races = [race('race-store', 1), race('race-descriptor', 2), race('race-load', 3), race('race-store', 4, 3)];
  const lines = linesOf([scenario({ findings: races })]);
  expect(lines.filter((line) => line.startsWith('  must')).map((line) => line.slice(line.lastIndexOf(': ') + 2))).toEqual([
    'Line 1.',
    'Line 4.',
  ]);
  expect(lines.filter((line) => line.includes('more instruction')).map((line) => line.trim())).toEqual([
    '2 more instructions touch the memory of request #2 too early: blk.c:2, blk.c:3',
  ]);
});

it('leaves out what only follows from the place of the queue, and says so', () => {
  const following = finding({ rule: 'used-ring-not-zeroed', message: 'It was not zeroed.', follows: 'queue-place' });
  const head = 'rules of the virtio specification that the driver breaks:';
  const rest =
    'what follows from the place of the queue, which the device and the driver do not agree on: used-ring-not-zeroed (in the JSON report)';
  expect(linesOf([scenario({ findings: [MUST, following] })])).toEqual([
    head,
    '  must   data-length (virtio 1.2, 5.2.6.1), request #2, 2 times: Wrong length. (100 bytes)',
    `  … and ${rest}`,
  ]);
  expect(linesOf([scenario({ findings: [following] })])).toEqual([head, `  only ${rest}`]);
});
