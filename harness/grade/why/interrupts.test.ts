import { describe, expect, it } from 'vitest';
import type { InterruptsEvidence } from '../../evidence/interrupts.ts';
import { device, evidence, request } from '../../testkit/evidence.ts';
import { whyStopped } from './index.ts';
import { distance } from './timers.ts';

/** A kernel in M mode with all set up as it must be for source 8, whose drive has answered one request. */
const MACHINE_MODE: InterruptsEvidence = {
  mode: 'M',
  waiting: true,
  ahead: null,
  firmware: false,
  mstatus: '0x8',
  mip: '0x880',
  mie: '0x800',
  mideleg: '0x0',
  stvec: '0x0',
  mtvec: '0x80000100',
  time: '50000000',
  stimecmp: '18446744073709551615',
  mtimecmp: '0',
  taken: [],
  inARow: 0,
  sources: [{ source: 8, priority: 1, pending: true, claimed: false, claims: 0, completions: 0, lastClaim: null }],
  contexts: [
    { mode: 'M', threshold: 0, enabled: [8] },
    { mode: 'S', threshold: 0, enabled: [] },
  ],
  lines: [{ drive: 'blk', source: 8, status: 1, refused: false, used: { ring: '0x80003000', size: 8, index: 1 } }],
  uart: { unread: 0, enabled: 0 },
  timeWait: null,
};

function says(part: Partial<InterruptsEvidence>, more: Parameters<typeof evidence>[0] = {}): string[] {
  const interrupts = { ...MACHINE_MODE, ...part };
  const details = whyStopped(evidence({ stop: { reason: 'idle' }, devices: [device()], requests: [request()], interrupts, ...more }));
  return details.map((detail) => ('text' in detail ? (detail.text ?? '') : ''));
}

const [CONTEXT_M, CONTEXT_S] = MACHINE_MODE.contexts as [InterruptsEvidence['contexts'][number], InterruptsEvidence['contexts'][number]];

describe('of a kernel in M mode', () => {
  it.each<[string, Partial<InterruptsEvidence>, string]>([
    ['mie', { mie: '0x200' }, 'the interrupt is pending at the hart (mip.MEIP), but mie.MEIE (bit 11) is 0: set it'],
    ['mstatus', { mstatus: '0x2' }, 'enabled in mie, but mstatus.MIE is 0, so that no trap is taken in M mode'],
    [
      "S mode's context",
      {
        contexts: [
          { ...CONTEXT_M, enabled: [] },
          { ...CONTEXT_S, enabled: [8] },
        ],
      },
      "source 8 of the PLIC is not enabled for hart 0's M mode, in which the kernel takes its interrupts (it is enabled for hart 0's S mode): set bit 8 of 0xc002000",
    ],
    ['no context', { contexts: [{ ...CONTEXT_M, enabled: [] }, CONTEXT_S] }, '(no source is): set bit 8 of 0xc002000'],
    [
      'the threshold',
      { contexts: [{ ...CONTEXT_M, threshold: 1 }, CONTEXT_S] },
      'only priorities above the threshold interrupt (0xc200000)',
    ],
  ])('it is %s that stops an interrupt', (_, part, sentence) => {
    expect(says(part).join('\n')).toContain(`blk: its interrupt is pending (InterruptStatus is 1): `);
    expect(says(part).join('\n')).toContain(sentence);
  });

  it('the timer is mtimecmp', () => {
    const quiet = { lines: [], sources: [] };
    const later = { ...quiet, mie: '0x80', mtimecmp: '350000000' };
    expect(says(later)).toEqual([
      'the timer is set to 350,000,000, and time is 50,000,000 (time counts at 10 MHz, 10,000,000 ticks a second): that is 30.0 seconds away',
    ]);
    expect(says({ ...quiet, mie: '0x0', mtimecmp: '40000000' }).join()).toContain('(mip.MTIP), but mie.MTIE (bit 7) is 0: set it');
    // After power-on MTIP is pending; who has never set the timer does not wait for it.
    expect(says({ ...quiet, mie: '0x0' })).toEqual([]);
  });
});

describe('of a kernel in S mode above its own M mode', () => {
  it('it may be mideleg that stops an interrupt', () => {
    const part = { mode: 'S', mip: '0x200', mie: '0x200', mstatus: '0x2', contexts: [CONTEXT_M, { ...CONTEXT_S, enabled: [8] }] } as const;
    expect(says(part).join()).toContain('(sip.SEIP), but bit 9 of mideleg is 0, so that it goes to M mode and not to the handler in stvec');
    // Its bit of sie cannot be set then.
    expect(says({ ...part, mie: '0x0' }).join()).toContain('but bit 9 of mideleg is 0');
    expect(says({ ...part, mideleg: '0x200', mie: '0x0' }).join()).toContain('but sie.SEIE (bit 9) is 0');
  });
});

describe('nothing', () => {
  it('is said of a kernel that has panicked, or ended in an exception', () => {
    const nobody = { mie: '0x0' };
    expect(says(nobody).length).toBeGreaterThan(0);
    expect(says(nobody, { console: 'panicked at a.c:1:\nno disk\n' }).join()).not.toContain('interrupt');
    const vector = { register: 'mtvec', value: '0x80000100', state: 'set', written: null } as const;
    const exception = {
      pc: '0x80000010',
      mode: 'M',
      cause: 5,
      value: '0x0',
      instructions: 1,
      time: 1,
      times: 1,
      vector,
      next: null,
      further: 0,
      unreturned: 0,
    } as const;
    expect(says(nobody, { exception }).join()).not.toContain('interrupt');
  });

  it('is said of a device that polls while others have interrupts', () => {
    const others = { sources: [{ ...MACHINE_MODE.sources[0]!, source: 10 }], contexts: [{ ...CONTEXT_M, enabled: [10] }, CONTEXT_S] };
    expect(says(others)).toEqual([]);
  });

  it('is said of a device that has nothing to tell', () => {
    expect(says({ lines: [{ ...MACHINE_MODE.lines[0]!, status: 0 }] })).toEqual([]);
  });
});

it('a distance in time is in the unit that a person would take', () => {
  expect([1234n, 5_000_000n, 1_000_000_000n, 10n ** 11n, 10n ** 13n, 10n ** 17n].map(distance)).toEqual([
    '0.123 ms',
    '0.5 seconds',
    '100.0 seconds',
    '2 hours',
    '11 days',
    '316 years',
  ]);
});
