import { describe, expect, it } from 'vitest';
import { workersThatPay } from './schedule.ts';

describe('worker processes', () => {
  it('pay for a large class at once, on all cores', () => {
    expect(workersThatPay({ left: 300, ended: 0, spent: 0 }, 8)).toBe(8);
  });

  it('do not pay for a small class of quick kernels', () => {
    expect(workersThatPay({ left: 17, ended: 0, spent: 0 }, 2)).toBe(0);
    expect(workersThatPay({ left: 16, ended: 1, spent: 0.1 }, 2)).toBe(0);
  });

  it('pay for what is left as soon as kernels turn out to be slow', () => {
    expect(workersThatPay({ left: 10, ended: 2, spent: 2 }, 4)).toBe(4);
    expect(workersThatPay({ left: 3, ended: 1, spent: 10 }, 8)).toBe(3);
  });

  it('are none with one job, or for one submission', () => {
    expect(workersThatPay({ left: 1000, ended: 10, spent: 1000 }, 1)).toBe(0);
    expect(workersThatPay({ left: 1, ended: 10, spent: 1000 }, 8)).toBe(0);
  });
});
