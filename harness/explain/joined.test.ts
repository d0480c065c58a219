/** A run that went well is repeated with two requests done at once, for a driver that takes one element of the used ring for each interrupt. */
import { expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { explainRun } from '../testkit/explained-kernel.ts';
import { interruptKernel, type Steps } from '../testkit/interrupt-kernel.ts';
import type { FaultSetup } from '../vocabulary/scenario.ts';

const ONE_BY_ONE = { requests: 'call first\n sw zero, 0x50(s0)\n call second\n sw zero, 0x50(s0)' };
const ONE_ELEMENT = {
  take: 'lhu t5, 2(s4)\n lw t6, 0(s1)\n beq t5, t6, taken\n slli t5, t6, 3\n add t5, t5, s4\n lw t5, 4(t5)\n addi t6, t6, 1\n sw t6, 0(s1)\n sw t6, 8(s1)\n taken: nop',
};
/** The second request is made when the first one is done. */
const IN_TURN = {
  requests: 'call first\n sw zero, 0x50(s0)\n spin: lw t0, 0(s1)\n beqz t0, spin\n call second\n sw zero, 0x50(s0)',
};

function said(steps: Steps, faults: FaultSetup[] = []) {
  const { evidence, explanations } = explainRun(interruptKernel(steps), { faults }, { passes: true });
  expect(evidence.stop.reason).toBe('poweroff');
  return whyStopped({ ...evidence, explanations });
}

it('is told to take all elements, with the place of its look', () => {
  const [sentence, place] = said({ ...ONE_BY_ONE, ...ONE_ELEMENT });
  expect(sentence).toMatchObject({
    text: expect.stringMatching(
      /^disk: this run went well, but .* with request #1 and request #2 done together, .* It ended so: idle: .*: the used index is 2 then, and the driver has looked at 1 of the elements\. .*`while`, not `if`\)$/,
    ),
  });
  expect(place).toMatchObject({ text: 'the handler looks at', stack: { places: [{ frames: [{ function: 'handler' }] }] } });
});

it.each<[string, Steps, FaultSetup[]]>([
  ['takes all', ONE_BY_ONE, []],
  ['has one request under way at a time', { ...IN_TURN, ...ONE_ELEMENT }, []],
  // The rubric has its own faults.
  ['is tried by its rubric', { ...ONE_BY_ONE, ...ONE_ELEMENT }, [{ drive: 'disk', type: null, nth: 9, fault: { kind: 'interrupt-lost' } }]],
])('nothing is said of a driver that %s', (_, steps, faults) => {
  expect(said(steps, faults)).toEqual([]);
});
