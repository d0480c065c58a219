import picocolors from 'picocolors';
import { expect, it } from 'vitest';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { terminalTable } from './table.ts';

const PLAIN = picocolors.createColors(false);

it('has a line for each submission, with the first check that did not pass', () => {
  const hiddenChecks = { count: 1, score: 0, maxScore: 5 };
  const results = [
    result(),
    writableData(),
    result({ name: 'c', outcome: 'failed', score: 0, checks: [check('x')], hiddenChecks }),
    result({ name: 'd\n', outcome: 'failed', score: 0, reason: 'no kernel was found' }),
    result({ name: 'e', outcome: 'errored', score: null, checks: [check('x', { outcome: 'errored', title: '' })] }),
  ];
  expect(terminalTable(results, PLAIN)).toBe(
    ` ✓ alice          passed   10/10
 ✗ writable-data  failed   15/60  write-flags: The data descriptor is not device-writable
 ✗ c              failed    0/10  (a hidden check)
 ✗ d\\n            failed    0/10  no kernel was found
 ! e              errored   –/10  x

5 submissions: 1 passed, 3 failed, 1 errored
`,
  );
});

it('has a column for the students and what the roster says of them', () => {
  const alice = { id: 's1001', name: 'Alice', columns: { section: 'A' }, ids: {} };
  const [first, second] = terminalTable([result({ students: [alice] }), result({ name: 'b' })], PLAIN).split('\n');
  expect(first).toBe(' ✓ alice  Alice (s1001; section: A)  passed  10/10');
  expect(second).toBe(' ✓ b                                 passed  10/10');
});

it('is not as wide as the longest name', () => {
  const lines = terminalTable([result({ name: 'x'.repeat(250) }), result()], PLAIN).split('\n');
  expect(lines[0]).toMatch(/^ ✓ x{50,}… +passed +10\/10$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(100);
});
