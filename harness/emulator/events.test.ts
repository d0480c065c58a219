import { describe, expect, it } from 'vitest';
import type { TracedRequest } from '../../machine/index.ts';
import type { NamedDevice } from '../run/request-evidence.ts';
import { EventLines } from './events.ts';

function traced(change: Partial<TracedRequest> = {}): TracedRequest {
  return {
    number: 1,
    queue: 0,
    head: 3,
    ringEntry: 0x80a30402n,
    table: 0x80a30000n,
    notifiedAt: 1000,
    instructions: 900n,
    phantom: false,
    consoleBytes: 12,
    descriptors: [
      { index: 3, indirect: false, address: 0x80a31010n, length: 16, flags: 1, next: 4 },
      { index: 4, indirect: false, address: 0x80a32200n, length: 512, flags: 3, next: 5 },
      { index: 5, indirect: false, address: 0x80a33001n, length: 1, flags: 2, next: 0 },
    ],
    type: 1,
    reserved: 0,
    sector: 2n ** 60n,
    data: new Uint8Array(512).fill(0xab),
    completion: { at: 21000, status: 0, usedLength: 513 },
    ...change,
  };
}

const X0: NamedDevice = { name: 'x0', kind: 'block' };

/** The text for requests of one machine, each with its device's position. */
function linesOf(devices: readonly NamedDevice[], ...requests: (readonly [number, TracedRequest])[]): string {
  let text = '';
  const lines = new EventLines(devices, (more) => {
    text += more;
  });
  for (const [device, request] of requests) lines.taken(device, request);
  lines.end();
  return text;
}

describe('event lines', () => {
  it('has a line of JSON with what the device saw and answered', () => {
    const text = linesOf([X0], [0, traced()]);
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      boot: 1,
      number: 1,
      drive: 'x0',
      queue: 0,
      head: 3,
      ringEntry: '0x80a30402',
      table: '0x80a30000',
      time: 1000,
      instructions: 900,
      consoleBytes: 12,
      descriptors: [
        { index: 3, indirect: false, address: '0x80a31010', length: 16, flags: 1, next: 4, deviceWritable: false, role: 'header' },
        { index: 4, indirect: false, address: '0x80a32200', length: 512, flags: 3, next: 5, deviceWritable: true, role: 'data' },
        { index: 5, indirect: false, address: '0x80a33001', length: 1, flags: 2, next: 0, deviceWritable: true, role: 'status' },
      ],
      type: 1,
      sector: (2n ** 60n).toString(),
      data: 'ab'.repeat(64),
      dataLength: 512,
      completion: { time: 21000, status: 0, usedLength: 513 },
      reserved: 0,
      phantom: false,
      problem: null,
    });
  });

  it('says so where a request was malformed or had no answer', () => {
    const broken = traced({
      descriptors: [],
      type: undefined,
      sector: undefined,
      data: new Uint8Array(),
      completion: undefined,
      problem: 'loop',
    });
    expect(JSON.parse(linesOf([X0], [0, broken]))).toMatchObject({
      type: null,
      sector: null,
      data: '',
      completion: null,
      problem: 'loop',
      descriptors: [],
    });
  });

  it('names every role of a descriptor that holds several', () => {
    const one = traced({ descriptors: [{ index: 0, indirect: true, address: 16n, length: 529, flags: 0, next: 0 }] });
    expect(JSON.parse(linesOf([X0], [0, one])).descriptors[0].role).toBe('header+data+status');
  });

  it('come one power-on after the other', () => {
    const told: string[] = [];
    const lines = new EventLines([X0, { name: 'x1', kind: 'block' }], (text) => told.push(text));
    lines.taken(0, traced({ notifiedAt: 5 }));
    lines.taken(1, traced({ notifiedAt: 20 }));
    lines.reboot();
    lines.taken(0, traced({ notifiedAt: 1 }));
    lines.end();
    const all = told.join('').trimEnd().split('\n');
    expect(all.map((line) => JSON.parse(line)).map(({ boot, drive, time }) => `${boot} ${drive} ${time}`)).toEqual([
      '1 x0 5',
      '1 x1 20',
      '2 x0 1',
    ]);
  });

  it('come while the machine runs, and never before an earlier one', () => {
    let told = '';
    const lines = new EventLines([X0], (text) => {
      told += text;
    });
    const late = traced({ number: 1, completion: undefined });
    lines.taken(0, late);
    for (let number = 2; number < 3000; number++) lines.taken(0, traced({ number }));
    expect(told).toBe('');
    late.completion = { at: 30_000, status: 1, usedLength: 1 };
    for (let number = 3000; number < 3300; number++) lines.taken(0, traced({ number }));
    expect(told.split('\n').length).toBeGreaterThan(3000);
    lines.end();
    const all = told
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 3299 }, (_, index) => index + 1));
    expect(all[0].completion).toEqual({ time: 30_000, status: 1, usedLength: 1 });
  });

  it('do not wait for ever for an answer that never comes', () => {
    let told = 0;
    const lines = new EventLines([X0], (text) => {
      told += text.split('\n').length - 1;
    });
    lines.taken(0, traced({ number: 1, completion: undefined }));
    for (let number = 2; number < 10_000; number++) lines.taken(0, traced({ number }));
    expect(told).toBeGreaterThan(1000);
  });

  it('gives the entropy device no header and no status', () => {
    const asked = traced({ descriptors: [{ index: 0, indirect: false, address: 16n, length: 20, flags: 2, next: 0 }], type: undefined });
    const [line] = linesOf([{ name: 'rng', kind: 'entropy' }], [0, asked]).split('\n');
    expect(JSON.parse(line!)).toMatchObject({ drive: 'rng', type: null, dataLength: 20, descriptors: [{ role: 'data' }] });
  });

  it('is empty where nothing was asked of the disks', () => {
    expect(linesOf([X0])).toBe('');
  });
});
