/** Kernels that take .bss for zeroes, where that is not so at each start, and the same ones that set it to zero. */
import { expect, it } from 'vitest';
import { machineOf } from '../testkit/explained-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

const RESET = 'li a7, 0x53525354\n li a6, 0\n li a0, 1\n li a1, 0\n ecall';
const OFF = 'li a7, 8\n ecall';
/** Counts in memory that the file has no bytes for. */
const counts = (zero: string, stop: string) =>
  kernelOf(`la s0, end\n ${zero}\n count: lw t1, 64(s0)\n addi t1, t1, 1\n sw t1, 64(s0)\n ${stop}\n end: nop`);
const ZEROED = 'sd zero, 64(s0)';
const FILLED = { machine: machineOf({ fillRam: 0xa5 }) };

it('of a kernel that resets the machine: what it would find the next time', () => {
  const { stop, says, places } = toldOf(counts('', RESET));
  expect(stop).toBe('reset');
  expect(says).toMatch(
    /the kernel read the variable end\+0x40 at 0x802\w+ before anything had stored to it, as 0, and it holds 1 at the reset\. For an ELF file .* and end\+0x40 would be 1 then\. Set \.bss to zero/,
  );
  expect(places['read at']).toBe('count');
});

it('of one in RAM that is filled with something else: what it has found', () => {
  expect(toldOf(counts('', OFF), FILLED).says).toContain(
    'before anything had stored to it, as 0xa5a5a5a5: that is what RAM holds at power-on in this scenario (fill-ram)',
  );
});

it.each([
  ['sets it to zero, and resets the machine', counts(ZEROED, RESET), {}],
  ['sets it to zero in RAM that is filled', counts(ZEROED, OFF), FILLED],
  ['needs no zeroes a second time', counts('', OFF), {}],
])('not of one that %s', (_, bytes, more) => {
  expect(toldOf(bytes, more).says).toBe('');
});
