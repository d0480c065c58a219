import { expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { check, result } from '../testkit/sample-results.ts';
import { autograding } from './autograding.ts';
import { csv } from './csv.ts';
import { PLAIN } from './entries.ts';
import { html } from './html.ts';
import { markdown } from './markdown.ts';
import { terminalReport } from './terminal.ts';

const GROUP = { hidden: false, cap: null, allOrNothing: false };
const late: SubmissionResult = result({
  score: 20,
  maxScore: 40,
  checks: [
    check('a', { score: 30, maxScore: 30, group: 'traps' }),
    check('b', { score: 10, maxScore: 20, group: 'files', outcome: 'failed' }),
    check('c', { score: 5, maxScore: 5, bonus: true }),
  ],
  points: {
    earned: 25,
    bonus: 5,
    groups: [
      { ...GROUP, id: 'traps', title: 'Traps', earned: 30, score: 20, maxScore: 20, cap: 20 },
      { ...GROUP, id: 'files', title: '', earned: 10, score: 0, maxScore: 20, allOrNothing: true },
    ],
    late: { days: 2, percent: 20, deducted: 5 },
  },
});

const LINES = [
  'group traps: Traps  20/20, at most 20: 30 earned',
  'group files  0/20, all or nothing: 10 earned',
  'bonus: 5 points, which count on top',
  'late: 2 days, 20% of the points are deducted: 25 - 5 = 20 points',
];

const subject = { result: late, runs: [], path: 'alice' };
const unmarked = (text: string) => text.replaceAll('\\', '');

it('reports say how the score came about', () => {
  const texts = [
    terminalReport(late, PLAIN),
    markdown.parts[0]!.render(subject as never, {} as never, []),
    html.parts[0]!.render(subject as never, {} as never, []),
  ];
  for (const text of texts) for (const line of LINES) expect(unmarked(String(text))).toContain(line);
  expect(texts[0]).toContain('20/40');
  expect(texts[0]).toMatch(/c +5\/5 +Title of c \(bonus\)/);
});

it('the class’s table has the points before and after', () => {
  const [head, row] = String(csv.parts[0]!.render([subject] as never, {} as never, [])).split('\r\n');
  expect(head).toContain('score,max score');
  expect(head).toContain('earned,bonus,deducted for lateness,group traps (of 20),group files (of 20),a (of 30)');
  expect(row).toMatch(/^alice,passed,20,40,.*,25,5,5,20,0,30,10,5$/);
});

it('a platform that adds up gets what is deducted as a test', () => {
  const { tests, max_score } = JSON.parse(String(autograding.parts[0]!.render(subject as never, {} as never, []))) as {
    tests: { score: number }[];
    max_score: number;
  };
  expect(tests.reduce((sum, { score }) => sum + score, 0)).toBe(20);
  expect(max_score).toBe(40);
});
