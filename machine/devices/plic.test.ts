import { describe, expect, it } from 'vitest';
import { RecordedLine } from '../testkit/manual-clock.ts';
import { Plic } from './plic.ts';

const UART = 10;
const RTC = 11;
const priority = (source: number): number => 4 * source;
const PENDING = 0x1000;
const ENABLE = [0x2000, 0x2080] as const;
const THRESHOLD = [0x200000, 0x201000] as const;
const CLAIM = [0x200004, 0x201004] as const;
const M = 0;
const S = 1;

function setup() {
  const outputs = [new RecordedLine(), new RecordedLine()] as const;
  const plic = new Plic([{ machine: outputs[M], supervisor: outputs[S] }]);
  const uart = plic.line(UART);
  const rtc = plic.line(RTC);
  plic.write(priority(UART), 1);
  plic.write(priority(RTC), 1);
  plic.write(ENABLE[M], (1 << UART) | (1 << RTC));
  return { plic, outputs, uart, rtc, pending: () => plic.read(PENDING), claim: (context = M) => plic.read(CLAIM[context] ?? 0) };
}

describe('PLIC', () => {
  it('goes from pending through claim to complete', () => {
    const { plic, outputs, uart, pending, claim } = setup();
    uart.set(true);
    expect([pending(), outputs[M].level, outputs[S].level]).toEqual([1 << UART, true, false]);
    expect([claim(), pending(), outputs[M].level, claim()]).toEqual([UART, 0, false, 0]);
    plic.write(CLAIM[M], UART);
    uart.set(true);
    expect(claim()).toBe(UART);
  });

  it('holds back a source that is raised again before it is completed', () => {
    const { plic, outputs, uart, pending, claim } = setup();
    uart.set(true);
    claim();
    uart.set(true);
    expect([pending(), outputs[M].level, claim()]).toEqual([1 << UART, false, 0]);
    plic.write(CLAIM[M], UART);
    expect([outputs[M].level, claim()]).toEqual([true, UART]);
  });

  it('interrupts once for a line that stays high, and keeps what a lowered line had raised (as QEMU 10)', () => {
    const { plic, outputs, uart, pending, claim } = setup();
    uart.set(true);
    claim();
    plic.write(CLAIM[M], UART);
    expect([pending(), outputs[M].level]).toEqual([0, false]);
    uart.set(true);
    uart.set(false);
    expect([pending(), outputs[M].level]).toEqual([1 << UART, true]);
  });

  it('is not woken by a line that stays low', () => {
    const { outputs, uart, pending } = setup();
    uart.set(false);
    expect([pending(), outputs[M].level]).toEqual([0, false]);
  });

  it('claims by priority, and of equals the lowest number', () => {
    const { plic, uart, rtc, claim } = setup();
    rtc.set(true);
    uart.set(true);
    expect([claim(), claim()]).toEqual([UART, RTC]);
    plic.write(CLAIM[M], RTC);
    plic.write(CLAIM[M], UART);
    plic.write(priority(RTC), 3);
    rtc.set(true);
    uart.set(true);
    expect([claim(), claim()]).toEqual([RTC, UART]);
  });

  it('never delivers priority 0, and lets only priorities above the threshold through', () => {
    const { plic, outputs, uart, claim } = setup();
    plic.write(priority(UART), 0);
    uart.set(true);
    expect([outputs[M].level, claim()]).toEqual([false, 0]);
    plic.write(priority(UART), 3);
    plic.write(THRESHOLD[M], 3);
    expect([outputs[M].level, claim()]).toEqual([false, 0]);
    plic.write(THRESHOLD[M], 2);
    expect([outputs[M].level, claim()]).toEqual([true, UART]);
  });

  it('keeps the contexts apart', () => {
    const { plic, outputs, uart, claim } = setup();
    plic.write(ENABLE[M], 0);
    plic.write(ENABLE[S], 1 << UART);
    uart.set(true);
    expect([outputs[M].level, outputs[S].level, claim(M), claim(S)]).toEqual([false, true, 0, UART]);
  });

  it('recomputes its outputs with the next event after an enable was written (as QEMU 10)', () => {
    const { plic, outputs, uart } = setup();
    plic.write(ENABLE[M], 0);
    uart.set(true);
    plic.write(ENABLE[M], 1 << UART);
    expect(outputs[M].level).toBe(false);
    plic.write(THRESHOLD[M], 0);
    expect(outputs[M].level).toBe(true);
  });

  it('has registers for 95 sources of 3 priority bits, and nothing beyond', () => {
    const { plic } = setup();
    for (const offset of [priority(0), priority(95), priority(96), 0x2008, 0x200c, 0x200000, 0x202000, 0x200008]) plic.write(offset, 0xff);
    expect(plic.read(priority(0))).toBe(0);
    expect(plic.read(priority(95))).toBe(7);
    expect(plic.read(priority(96))).toBe(0);
    expect([plic.read(0x2008), plic.read(0x200c)]).toEqual([0xff, 0]);
    expect([plic.read(0x200000), plic.read(0x202000), plic.read(0x200008)]).toEqual([7, 0, 0]);
    plic.write(PENDING, 0xffff_ffff);
    expect([plic.read(PENDING), plic.read(PENDING + 12)]).toEqual([0, 0]);
  });

  it('tells which sources were used, and how', () => {
    let now = 5;
    const plic = new Plic([{ machine: new RecordedLine(), supervisor: new RecordedLine() }], () => now++);
    plic.write(priority(UART), 3);
    plic.write(ENABLE[S], 1 << UART);
    plic.write(THRESHOLD[S], 2);
    plic.line(RTC).set(true);
    plic.line(UART).set(true);
    const quiet = { pending: false, claimed: false, claims: 0, completions: 0, lastClaim: undefined };
    expect(plic.sources()).toEqual([
      { ...quiet, source: UART, priority: 3, pending: true },
      { ...quiet, source: RTC, priority: 0, pending: true },
    ]);
    expect(plic.contexts()).toEqual([
      { mode: 'M', threshold: 0, enabled: [] },
      { mode: 'S', threshold: 2, enabled: [UART] },
    ]);
    plic.read(CLAIM[S]);
    expect(plic.sources()[0]).toMatchObject({ pending: false, claimed: true, claims: 1, completions: 0, lastClaim: 5 });
    plic.write(CLAIM[S], UART);
    expect(plic.sources()[0]).toMatchObject({ claimed: false, claims: 1, completions: 1, lastClaim: 5 });
  });

  it('takes a completion of anything', () => {
    const { plic, outputs, uart, claim } = setup();
    for (const source of [0, 5, 96, 0xffff_ffff]) plic.write(CLAIM[M], source);
    uart.set(true);
    claim();
    plic.write(ENABLE[M], 0);
    plic.write(CLAIM[S], UART);
    plic.write(ENABLE[M], 1 << UART);
    uart.set(true);
    expect([outputs[M].level, claim()]).toEqual([true, UART]);
  });

  it('has the highest source, 95, in the last word', () => {
    const { plic, claim } = setup();
    plic.write(priority(95), 1);
    plic.write(ENABLE[M] + 8, 0x8000_0000);
    plic.line(95).set(true);
    expect([plic.read(PENDING + 8), claim()]).toEqual([0x8000_0000, 95]);
    expect(() => plic.line(96)).toThrow(RangeError);
  });
});
