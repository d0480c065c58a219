/** A loop over sectors whose offset in the buffer is kept in 16 bits, and the same one with wide offsets, or with data that are read in time. */
import { expect, it } from 'vitest';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { type PollingSteps, pollingKernel } from '../testkit/polling-kernel.ts';

const WIDE = 'slli a2, s8, 9';
const NARROW = `${WIDE}\n slli a2, a2, 48\n srli a2, a2, 48`;

/** Reads 130 sectors one after the other to where `offset` says, from 0x80400000 on. */
const said = (offset: string, more: PollingSteps = {}): string =>
  gradedKernel(
    pollingKernel('legacy', {
      requests: 'li s8, 0\n li s9, 130\n again: call request\n addi s9, s9, -1\n bnez s9, again',
      data: `sd s8, 8(a1)\n ${offset}\n li t2, 0x804\n slli t2, t2, 20\n add a2, a2, t2\n addi s8, s8, 1`,
      ...more,
    }),
    { transport: 'legacy' },
  ).says;

it('is told at the first read that goes back to the beginning', () => {
  expect(said(NARROW)).toMatch(
    /^disk: the data of request #129 \(sector 128\) are at 0x80400000, over those of request #1 \(sector 0\), which the kernel has not read before\. .* begins 65,536 bytes before that, as with an offset that is kept in 16 bits\. If the kernel means to use these data: is the type of a variable too narrow\?\nnotified at$/,
  );
});

it.each<[string, string, PollingSteps]>([
  ['an offset is wide enough', WIDE, {}],
  ['the data are read before the next ones come', NARROW, { wait: 'poll: lhu t0, 2(s4)\n beq t0, s7, poll\n mv s7, t0\n lbu t0, 0(a2)' }],
])('is not told where %s', (_, offset, more) => {
  expect(said(offset, more)).toBe('');
});
