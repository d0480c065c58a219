import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import type { FindingResult } from '../result/result.ts';
import { finding as evidenceOf } from '../testkit/evidence.ts';
import { stack } from '../testkit/sample-hostile.ts';
import { scenario } from '../testkit/sample-results.ts';
import { findingLines } from './findings.ts';
import { plain } from './lines.ts';

const PLAIN = picocolors.createColors(false);
const linesOf = (scenarios: Parameters<typeof findingLines>[0]) => findingLines(scenarios, PLAIN).map(plain);
const finding = (part: Partial<FindingResult>): FindingResult => ({ ...evidenceOf(part), stack: part.stack ?? null });
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
    'write: rules of the virtio specification that the driver breaks:',
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
