import { expect, it } from 'vitest';
import { device, evidence, explained } from '../../testkit/evidence.ts';
import { usedRing } from './used-ring.ts';

/** A driver that has looked at 9 of 10 elements, with so many interrupts claimed. */
function said(claims: number): string {
  const line = { drive: 'blk', source: 8, status: 0, refused: false, used: { ring: '0x80203094', size: 8, index: 10 } };
  const interrupts = {
    mode: 'S',
    waiting: true,
    ahead: null,
    firmware: true,
    mstatus: '0x2',
    mip: '0x0',
    mie: '0x200',
    mideleg: '0x222',
    stvec: '0x80200100',
    mtvec: '0x80000100',
    time: '0',
    stimecmp: '0',
    mtimecmp: '0',
    taken: [],
    inARow: 0,
    sources: [{ source: 8, priority: 1, pending: false, claimed: false, claims, completions: claims, lastClaim: null }],
    contexts: [],
    lines: [line],
    uart: { unread: 0, enabled: 0 },
    timeWait: null,
  } as const;
  const awaited = { controls: [], claims: [], handler: null, looked: [{ drive: 'blk', elements: 9 }], handlers: [], variable: null };
  const explanations = explained({ interrupts: awaited });
  const details = usedRing(line, evidence({ interrupts, explanations, devices: [device({ interruptsRaised: 10 })] }));
  return details.map((detail) => ('text' in detail ? detail.text : '')).join('\n');
}

it('asks where the driver looks, if it has had an interrupt for each element', () => {
  expect(said(10)).toContain(
    'blk: the used index is 10, and the driver has not looked at the element that the device wrote last, used.ring[1] at 0x802030a0, although it ' +
      'has claimed 10 interrupts of the device: does it look at used.ring[i % 8]',
  );
  expect(said(10)).not.toContain('while');
});

it('advises to look at all elements, if it has had fewer interrupts', () => {
  expect(said(9)).toContain('and at all up to used.idx (`while`, not `if`)');
});
