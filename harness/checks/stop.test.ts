import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { evidence } from '../testkit/evidence.ts';

describe('stop', () => {
  it('passes for the reason, or one of several', async () => {
    expectPassed(await judgeOne('stop: poweroff', evidence({ stop: { reason: 'poweroff' } })));
    expectPassed(await judgeOne('stop: { reason: [idle, waiting-for-input] }', evidence({ stop: { reason: 'idle' } })));
    expectPassed(await judgeOne('stop: [idle, waiting-for-input]', evidence({ stop: { reason: 'idle' } })));
    expectPassed(await judgeOne('stop: [idle, poweroff]', evidence({ stop: { reason: 'exit', code: 0 } })));
    const verdict = expectFailed(await judgeOne('stop: [idle, poweroff]', evidence({ stop: { reason: 'hang' } })));
    expect(linesOf(verdict.details)[0]).toBe('expected idle or poweroff');
  });

  it('fails for another reason and says which', async () => {
    const verdict = expectFailed(await judgeOne('stop: poweroff', evidence({ stop: { reason: 'limit', limit: '10s guest' } })));
    expect(linesOf(verdict.details)).toEqual(['expected poweroff', 'found the limit of 10s guest was reached']);
  });

  it.each([
    [{ reason: 'hang' }, 'hang: the kernel provably runs for ever'],
    [{ reason: 'trap-loop' }, 'trap-loop: the kernel traps for ever'],
    [{ reason: 'reset' }, 'reset: the kernel asked for a reset'],
  ] as const)('says the word for %o once', async (stop, found) => {
    const verdict = expectFailed(await judgeOne('stop: poweroff', evidence({ stop })));
    expect(linesOf(verdict.details)).toEqual(['expected poweroff', `found ${found}`]);
  });

  it('takes success at the test finisher for a power-off, and failure not', async () => {
    expectPassed(await judgeOne('stop: poweroff', evidence({ stop: { reason: 'exit', code: 0 } })));
    expectFailed(await judgeOne('stop: poweroff', evidence({ stop: { reason: 'exit', code: 1 } })));
    expectFailed(await judgeOne('stop: idle', evidence({ stop: { reason: 'exit', code: 0 } })));
  });

  it('grades the exit code', async () => {
    expectPassed(await judgeOne('stop: { reason: exit, code: 3 }', evidence({ stop: { reason: 'exit', code: 3 } })));
    const verdict = expectFailed(await judgeOne('stop: { reason: exit, code: 3 }', evidence({ stop: { reason: 'exit', code: 4 } })));
    expect(verdict.reason).toBe('the exit code is not the expected one');
    expect(linesOf(verdict.details)).toEqual(['expected exit with code 3', 'found exit: the kernel exited with code 4']);
  });
});
