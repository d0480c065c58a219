/** A buffer among the kernel's constants. What the other sentences need is run in harness/explain/drivers.test.ts. */
import { expect, it } from 'vitest';
import type { AnswerExplanation } from '../../evidence/driver.ts';
import { evidence, explained, request } from '../../testkit/evidence.ts';
import { answers } from './answers.ts';

const ANSWER: AnswerExplanation = {
  request: 2,
  part: 'data',
  address: '0x802005a0',
  symbol: null,
  constants: '.rodata',
  onStack: false,
  descriptor: 1,
  given: null,
  read: null,
  readAt: null,
  instead: null,
  pointer: null,
};

function told(answer: AnswerExplanation): string[] {
  const driver = { drive: 'blk', answers: [answer], usedStore: null, entry: null, element: null, reused: null };
  const run = evidence({ requests: [request({ number: 2, type: 0, sector: '7' })], explanations: explained({ drivers: [driver] }) });
  return answers(run).flatMap((detail) => ('text' in detail ? [detail.text] : []));
}

it('is named with its section', () => {
  const [data] = told(ANSWER);
  expect(data).toBe(
    "blk: request #2 (IN, sector 7) had the device write the data to 0x802005a0, in .rodata, where the kernel's constants are, such as strings: was a constant given for the buffer?",
  );
  expect(told({ ...ANSWER, part: 'status' })[0]).toContain('write the status byte to 0x802005a0, in .rodata');
  expect(told({ ...ANSWER, constants: null })).toEqual([]);
});
