import { describe, expect, it } from 'vitest';
import { device, evidence, finding, request } from '../testkit/evidence.ts';
import type { DeviceEvidence } from './evidence.ts';
import type { FindingEvidence } from './finding.ts';
import { unserved } from './unserved.ts';

const EARLY = finding({ rule: 'notify-without-chain', severity: 'note', request: null, time: 500 });

function textOf(part: Partial<DeviceEvidence>, findings: FindingEvidence[] = [], requests = [request({ time: 100 })]): string | null {
  return unserved(device(part), evidence({ findings, requests }))?.text ?? null;
}

describe('a device that found nothing', () => {
  it('was never notified, or not since', () => {
    expect(textOf({ unnotified: 1, notifies: 0 }, [], [])).toBe('request #1 is in the available ring, but QueueNotify was never written');
    expect(textOf({ unnotified: 2, notifies: 1 })).toBe(
      'requests #2 to #3 are in the available ring, but QueueNotify was not written since',
    );
  });

  it('was notified by a store of a width that it ignores', () => {
    const narrow = finding({ rule: 'register-width', request: null, register: 'QueueNotify', time: 50 });
    expect(textOf({ unnotified: 1, notifies: 0 }, [narrow], [])).toBe(
      'request #1 is in the available ring, but QueueNotify was not written with 32 bits, and the device ignores any other width',
    );
    const other = finding({
      rule: 'register-width',
      request: null,
      register: 'Status',
      time: 50,
      message: 'A register … (QueueNotify, 8 bits)',
    });
    expect(textOf({ unnotified: 1, notifies: 0 }, [other], [])).toContain('but QueueNotify was never written');
  });

  it('is not said to have been offered more requests than the queue has entries', () => {
    const text = textOf({ unnotified: 65_535, notifies: 3, queueSize: 8 });
    expect(text).toMatch(/^the index of the available ring \(avail\.idx\) is 65,535 ahead .* cleared without a reset/);
  });

  it('was notified before the index was raised', () => {
    expect(textOf({ unnotified: 1, notifies: 2 }, [EARLY])).toMatch(
      /^request #2 is .* wrote QueueNotify before it raised .*: raise the index first$/,
    );
  });

  it('was notified, and the index was never raised', () => {
    expect(textOf({ notifies: 2 }, [EARLY])).toMatch(
      /found nothing new in the available ring: where it looks .* in a queue of 64 entries, nothing has changed\. Was the index raised, /,
    );
    expect(textOf({ notifies: 2, queueSize: 0 }, [EARLY])).toMatch(/QueueNum was never written/);
    // The driver has raised its index, but the device does not look there.
    const refused = finding({ rule: 'queue-too-large', request: null, time: 400 });
    expect(textOf({ notifies: 2 }, [refused, EARLY])).toMatch(/it has refused the queue's size/);
  });

  it('was notified of a queue that it does not have', () => {
    const unknown = finding({ rule: 'notify-unknown-queue', request: null, time: 500 });
    expect(textOf({ unnotified: 1, notifies: 0 }, [unknown])).toMatch(/for a queue that the device does not have/);
  });

  it('has a queue outside memory, or none', () => {
    const outside = finding({ rule: 'queue-outside-memory', request: null, time: 500 });
    expect(textOf({ notifies: 1 }, [EARLY, outside])).toBe('the device finds no chain, since its queue does not lie in memory');
    expect(textOf({}, [finding({ rule: 'queue-missing', request: null, time: 500 })])).toMatch(/has no queue/);
  });
});

describe('a device that found all there is', () => {
  it('has no such sentence', () => {
    expect(textOf({})).toBeNull();
  });

  it('nor for what was put right, since a request came later', () => {
    expect(textOf({}, [EARLY], [request({ time: 501 })])).toBeNull();
  });

  it('nor on a broken device, which has a reason of its own, nor for another drive', () => {
    expect(textOf({ broken: 'unmapped', unnotified: 1 })).toBeNull();
    expect(textOf({}, [{ ...EARLY, drive: 'other' }])).toBeNull();
  });
});
