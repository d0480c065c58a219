/** Keys that are typed at guest times, and runs that end with the call of a function. */
import { describe, expect, it } from 'vitest';
import { ranKernel } from '../testkit/checked-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';

/** Prints A, and then each key that is typed; q powers off. */
const ECHO = kernelOf(`
    li s0, 0x10000000
    li a0, 65
  show: sb a0, 0(s0)
  poll: lbu t0, 5(s0)
    andi t0, t0, 1
    beqz t0, poll
    lbu a0, 0(s0)
    li t0, 113
    bne a0, t0, show
  off: li a7, 8
    ecall`);

const MS = 1_000_000;

describe('keys', () => {
  const typed = async (keys: string, kernel = ECHO) => {
    const { evidence } = await ranKernel(kernel, `limit: 50ms guest, keys: ${keys}`, 'console: A');
    return { console: Buffer.from(evidence.console, 'base64').toString(), stop: evidence.stop.reason, time: evidence.time };
  };

  it('are typed at a time after power-on, even if the kernel does nothing but wait for them', async () => {
    const { time, ...rest } = await typed('[{ after: 7ms, type: xq }]');
    expect(rest).toEqual({ console: 'Ax', stop: 'poweroff' });
    // From power-on: no instruction before it may see the keys, and the kernel needs less than 10 µs to read both.
    expect(time).toBeGreaterThanOrEqual(7 * MS);
    expect(time).toBeLessThan(7.01 * MS);
  });

  it('are typed so much later than a text is shown, or than the keys before', async () => {
    const keys =
      '[{ when: A, after: 2ms, press: up }, { after: 3ms, type: b }, { prompt: b, after: 4ms, lines: [c] }, { when: c, type: q }]';
    const { time, ...rest } = await typed(keys);
    expect(rest).toEqual({ console: 'A\x1b[Abc\n', stop: 'poweroff' });
    expect(time).toBeGreaterThanOrEqual(9 * MS);
    expect(time).toBeLessThan(9.02 * MS);
  });

  it('wake a kernel that sleeps, as the clock of a board does: it is idle only after the last of them', async () => {
    const { time, ...rest } = await typed('[{ after: 6ms, type: x }]', kernelOf('sleep: wfi\n j sleep'));
    expect(rest).toEqual({ console: '', stop: 'idle' });
    expect(time).toBe(6 * MS);
  });
});

describe('until a function is reached', () => {
  const CALLING = kernelOf('li a0, 65\n li a7, 1\n ecall\n call test_done\n off: li a7, 8\n ecall\n test_done: li a0, 66\n ecall\n ret');
  const ran = (until: string, ...checks: string[]) => ranKernel(CALLING, `limit: 5ms guest, until: ${until}`, ...checks);

  it('the run ends with its call', async () => {
    const { evidence, verdicts } = await ran(
      '{ reaches: test_done }',
      'stop: until',
      'reached: { function: test_done, count: 1 }',
      'console: AB',
    );
    expect(evidence.stop).toEqual({ reason: 'until', reaches: 'test_done' });
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'failed']);
  });

  it('of a list, or of functions and texts, what comes first ends it', async () => {
    expect((await ran('{ reaches: [off, test_done] }', 'stop: until')).evidence.stop).toEqual({ reason: 'until', reaches: 'test_done' });
    expect((await ran('{ console: A, reaches: test_done }', 'stop: until')).evidence.stop).toEqual({ reason: 'until', console: 'A' });
  });

  it('a kernel without the function runs on, and a check of why it stopped says so', async () => {
    const { evidence, verdicts } = await ran('{ reaches: test_dome }', 'stop: until');
    expect(evidence.stop).toEqual({ reason: 'poweroff' });
    expect(verdicts[0]).toMatchObject({
      reason: 'the machine stopped for a different reason',
      details: [
        { kind: 'expected' },
        { kind: 'found' },
        { text: 'The run was to end with a call of test_dome: the kernel has no function of this name.' },
      ],
    });
  });
});
