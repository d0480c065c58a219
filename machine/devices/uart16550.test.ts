import { describe, expect, it } from 'vitest';
import { ManualClock, RecordedLine } from '../testkit/manual-clock.ts';
import { Uart16550 } from './uart16550.ts';

const [DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const FCR = IIR;
const text = (bytes: number[]): string => String.fromCharCode(...bytes);
const keys = (value: string): Uint8Array => new TextEncoder().encode(value);

function setup() {
  const clock = new ManualClock();
  const line = new RecordedLine();
  const sent: number[] = [];
  const uart = new Uart16550({ clock, interrupt: line, transmit: (byte) => sent.push(byte) });
  const readAll = (): string => {
    const bytes: number[] = [];
    while (uart.read(LSR) & 1) bytes.push(uart.read(DATA));
    return text(bytes);
  };
  return { clock, line, sent, uart, readAll };
}

describe('16550 registers', () => {
  it('come up as after a reset', () => {
    const { uart } = setup();
    expect([IER, IIR, LCR, MCR, LSR, MSR, SCR].map((offset) => uart.read(offset))).toEqual([0, 1, 0, 8, 0x60, 0xb0, 0]);
  });

  it('keep the bits that exist', () => {
    const { uart } = setup();
    for (const offset of [IER, MCR, SCR, LSR, MSR]) uart.write(offset, 0xff);
    expect([IER, MCR, SCR, LSR].map((offset) => uart.read(offset))).toEqual([0x0f, 0x1f, 0xff, 0x60]);
  });

  it('have the divisor behind the latch bit, and it sends nothing', () => {
    const { sent, uart } = setup();
    uart.write(LCR, 0x80);
    uart.write(DATA, 0x34);
    uart.write(IER, 0x12);
    expect([uart.read(DATA), uart.read(IER), uart.divisor]).toEqual([0x34, 0x12, 0x1234]);
    uart.write(LCR, 0x03);
    expect([uart.read(IER), sent.length]).toEqual([0, 0]);
  });
});

describe('16550 transmitter', () => {
  it('passes every byte on and is always empty', () => {
    const { sent, uart } = setup();
    for (const byte of keys('hello')) uart.write(DATA, byte | 0x4100);
    expect([text(sent), uart.read(LSR)]).toEqual(['hello', 0x60]);
  });

  it('interrupts when it is empty, until that is identified or a byte is written', () => {
    const { line, uart } = setup();
    uart.write(IER, 2);
    expect([line.level, uart.read(IIR), line.level, uart.read(IIR)]).toEqual([true, 2, false, 1]);
    uart.write(DATA, 0x78);
    expect([line.level, uart.read(IIR), uart.read(IIR)]).toEqual([true, 2, 1]);
    uart.write(IER, 2);
    expect(uart.read(IIR)).toBe(1);
    uart.write(IER, 3);
    expect(uart.read(IIR)).toBe(1);
    uart.write(IER, 0);
    uart.write(IER, 2);
    expect(uart.read(IIR)).toBe(2);
  });

  it('interrupts after its FIFO was reset', () => {
    const { uart } = setup();
    uart.write(FCR, 1);
    uart.write(IER, 2);
    expect([uart.read(IIR), uart.read(IIR)]).toEqual([0xc2, 0xc1]);
    uart.write(FCR, 5);
    expect(uart.read(IIR)).toBe(0xc2);
  });
});

describe('16550 receiver', () => {
  it('hands out the keys one by one without FIFO', () => {
    const { line, uart, readAll } = setup();
    uart.write(IER, 1);
    uart.type(keys('ab'));
    expect([uart.read(LSR), uart.read(IIR), line.level, uart.pending()]).toEqual([0x61, 4, true, 2]);
    expect(uart.read(DATA)).toBe(0x61);
    expect([uart.pending(), readAll(), line.level]).toEqual([1, 'b', false]);
    expect([uart.read(LSR), uart.pending()]).toEqual([0x60, 0]);
  });

  it('refills its FIFO from the queue, so that no key is lost', () => {
    const { uart, readAll } = setup();
    uart.write(FCR, 1);
    const long = 'the quick brown fox jumps over the lazy dog\n'.repeat(50);
    uart.type(keys(long.slice(0, 7)));
    uart.type(keys(long.slice(7)));
    expect(uart.pending()).toBe(long.length);
    expect(readAll()).toBe(long);
    expect([uart.pending(), uart.read(DATA), uart.read(LSR)]).toEqual([0, 0, 0x60]);
  });

  it('interrupts at the trigger level, and below it after four characters of silence', () => {
    const { clock, line, uart } = setup();
    uart.write(FCR, 0x81);
    uart.write(LCR, 3);
    uart.write(IER, 1);
    uart.type(keys('1234567'));
    expect([line.level, uart.read(IIR)]).toEqual([false, 0xc1]);
    uart.type(keys('8'));
    expect([line.level, uart.read(IIR)]).toEqual([true, 0xc4]);
    uart.read(DATA);
    expect(line.level).toBe(false);
    // 8N1 at 399193 / 12 baud: a character takes 300.6 microseconds.
    clock.advance(1_202_000);
    expect(line.level).toBe(false);
    clock.advance(1_000);
    expect([line.level, uart.read(IIR)]).toEqual([true, 0xcc]);
    uart.read(DATA);
    expect(line.level).toBe(false);
  });

  it('discards the FIFO when it is reset or switched, but not the keys behind it', () => {
    const { uart, readAll } = setup();
    uart.write(FCR, 1);
    uart.type(keys('0123456789abcdefXYZ'));
    uart.write(FCR, 3);
    expect([uart.pending(), readAll()]).toEqual([3, 'XYZ']);
    uart.type(keys('q'));
    uart.write(FCR, 0);
    expect([uart.read(LSR), uart.pending(), uart.read(IIR)]).toEqual([0x60, 0, 1]);
  });
});

describe('16550 loopback', () => {
  it('receives what it sends, with overruns, and connects the modem lines', () => {
    const { line, sent, uart } = setup();
    uart.write(MCR, 0x1f);
    uart.type(keys('outside'));
    uart.write(DATA, 0x61);
    uart.write(DATA, 0x62);
    expect([uart.read(LSR), uart.read(LSR), uart.read(DATA), uart.read(MSR)]).toEqual([0x63, 0x61, 0x62, 0xf0]);
    uart.write(FCR, 1);
    uart.write(IER, 4);
    for (let i = 0; i < 17; i++) uart.write(DATA, 0x41 + i);
    expect([line.level, uart.read(IIR), uart.read(LSR), line.level]).toEqual([true, 0xc6, 0x63, false]);
    expect([uart.read(DATA), sent.length]).toEqual([0x41, 0]);
    uart.write(FCR, 3);
    uart.write(MCR, 8);
    expect(uart.read(DATA)).toBe(0x6f);
  });
});
