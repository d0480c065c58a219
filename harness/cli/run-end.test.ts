import { describe, expect, it } from 'vitest';
import type { RunEnd } from '../emulator/run-loop.ts';
import { endLine, exitCode } from './run-end.ts';

describe('endLine', () => {
  it('says why, after how many instructions, and at what guest time', () => {
    expect(endLine({ end: { reason: 'poweroff' }, instructions: 22310118n, time: 22_310_500 })).toBe(
      'stopped: the kernel powered off after 22,310,118 instructions, 0.0223105 s of guest time',
    );
    expect(endLine({ end: { reason: 'left' }, instructions: 1n, time: 10e9 })).toBe(
      'stopped: left with Ctrl-A x after 1 instruction, 10 s of guest time',
    );
    expect(endLine({ end: { reason: 'limit', limit: '10s' }, instructions: 999n, time: 1 })).toBe(
      'stopped: the limit of 10s was reached after 999 instructions, 0.000000001 s of guest time',
    );
  });
});

describe('exitCode', () => {
  it.each<[RunEnd, number]>([
    [{ reason: 'exit', code: 0 }, 0],
    [{ reason: 'exit', code: 3 }, 3],
    [{ reason: 'exit', code: 256 }, 1],
    [{ reason: 'exit', code: 0x103 }, 3],
    [{ reason: 'poweroff' }, 0],
    [{ reason: 'until', console: 'x' }, 0],
    [{ reason: 'reset' }, 0],
    [{ reason: 'left' }, 0],
    [{ reason: 'limit', limit: '10s' }, 124],
    [{ reason: 'idle' }, 1],
    [{ reason: 'waiting-for-input' }, 1],
    [{ reason: 'hang' }, 1],
    [{ reason: 'trap-loop' }, 1],
    [{ reason: 'output-closed' }, 1],
  ])('%j: %i', (end, code) => {
    expect(exitCode(end)).toBe(code);
  });

  it('says of a kernel that waits for keys that none will come', () => {
    expect(endLine({ end: { reason: 'waiting-for-input' }, instructions: 1n, time: 1 })).toContain(
      'the kernel waits for console input, and its input has ended after 1 instruction',
    );
  });
});
