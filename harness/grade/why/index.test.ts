import { describe, expect, it } from 'vitest';
import type { CodeFrame } from '../../evidence/code-place.ts';
import type { LoopEvidence, LoopLoadEvidence } from '../../evidence/loop.ts';
import { device, evidence, explained, request } from '../../testkit/evidence.ts';
import { whyStopped } from './index.ts';

const texts = (...args: Parameters<typeof evidence>) =>
  whyStopped(evidence(...args)).map(({ ...detail }) => ('text' in detail ? detail.text : ''));

function loop(what: LoopLoadEvidence['what']): LoopEvidence {
  const load = { pc: '0x8020078c', address: '0x80208002', physical: '0x80208002', width: 2, value: '0x1', what, decides: true };
  return { period: 2, instructions: [{ pc: '0x8020078c', text: 'lhu a5, 2(a4)' }], loads: [load], lastEffect: 65_000, sleeps: false };
}

const HANG = { stop: { reason: 'hang' } } as const;
const frame = (name: string): CodeFrame => ({ function: name, file: 'a.c', line: 1, inlined: false, library: false });

describe('a hang', () => {
  it('says what is polled, since when, and that nobody was told of the request', () => {
    const used = loop({ kind: 'used-index', drive: 'blk' });
    const explanations = explained({ loop: { since: 65_303, stack: { places: [], leftOut: 0, notes: [] }, symbol: null } });
    const devices = [device({ unnotified: 1 })];
    expect(texts({ ...HANG, loop: used, explanations, devices, requests: [request({ number: 1 })] })).toEqual([
      'the kernel polls used.idx of queue 0 of blk at 0x80208002, which stays 1 (a round of 2 instructions, since instruction 65,303)',
      'the loop: 0x8020078c lhu a5, 2(a4)',
      'blk: request #2 is in the available ring, but QueueNotify was not written since',
      'no event is scheduled that could end the loop: it is proved to run for ever',
    ]);
  });

  it('says no number of instructions for a round in which the kernel has slept', () => {
    const explanations = explained({ loop: { since: 500, stack: { places: [], leftOut: 0, notes: [] }, symbol: null } });
    const first = (part: Partial<LoopEvidence>) => {
      const found = { ...loop({ kind: 'used-index', drive: 'blk' }), sleeps: true, ...part };
      return texts({ stop: { reason: 'idle' }, loop: found, explanations })[0];
    };
    expect(first({ period: 734 })).toMatch(/, which stays 1 \(since instruction 500\)$/);
    expect(first({ period: 1 })).toMatch(/ \(a round of 1 instruction, since instruction 500\)$/);
  });

  it('says what broke the device, and since when', () => {
    const devices = [device({ broken: 'status-missing' })];
    const requests = [request({ number: 1 }), request({ number: 2, problem: 'status-missing', completion: null })];
    expect(texts({ ...HANG, loop: loop({ kind: 'used-index', drive: 'blk' }), devices, requests })[2]).toBe(
      'blk: the device is broken since request #2: descriptor chain without a writable status; only a reset would end that',
    );
    // The reader finds no request that the driver never made.
    const never = [request({ number: 1 }), request({ number: 3, problem: 'status-missing', completion: null, phantom: true })];
    expect(texts({ ...HANG, loop: loop({ kind: 'used-index', drive: 'blk' }), devices, requests: never })[2]).toBe(
      'blk: the device is broken: descriptor chain without a writable status; only a reset would end that',
    );
  });

  it.each([
    [{ kind: 'register', device: 'virtio-mmio', drive: 'blk', register: 'InterruptStatus' }, 'InterruptStatus of blk'],
    [{ kind: 'register', device: 'uart16550', drive: null, register: 'LSR' }, 'LSR of uart16550'],
    [{ kind: 'status-byte', drive: 'blk', request: 2 }, 'the status byte of request #2 of blk'],
    [{ kind: 'memory' }, 'the variable done'],
    [{ kind: 'stack' }, 'a variable on its stack'],
  ] as const)('names what is polled: %o', (what, name) => {
    const explanations = explained({ loop: { since: null, stack: { places: [], leftOut: 0, notes: [] }, symbol: 'done' } });
    expect(texts({ ...HANG, loop: loop(what), explanations })[0]).toContain(`the kernel polls ${name} at `);
  });

  it.each([
    [{ relation: 'other', value: '0x1', mask: '0xffff' }, 'another value'],
    [{ relation: 'other', value: '0x0', mask: '0xffff' }, 'a value other than 0'],
    [{ relation: 'equal', value: '0x20', mask: '0xffff' }, 'the value 0x20'],
    [{ relation: 'at-least', value: '0x5', mask: '0xffff' }, 'a value of 5 or more'],
    [{ relation: 'below', value: '0x1', mask: '0xffff' }, 'a value below 1'],
    [{ relation: 'other', value: '0x0', mask: '0x20' }, 'bit 5 (mask 0x20) to be set'],
    [{ relation: 'equal', value: '0x20', mask: '0x20' }, 'bit 5 (mask 0x20) to be set'],
    [{ relation: 'equal', value: '0x0', mask: '0x1' }, 'bit 0 (mask 1) to be clear'],
    [{ relation: 'other', value: '0x1', mask: '0x1' }, 'bit 0 (mask 1) to be clear'],
    [{ relation: 'other', value: '0x0', mask: '0x3' }, 'one of bits 0 to 1 (mask 3) to be set'],
    [{ relation: 'other', value: '0x0', mask: '0x5' }, 'one of the bits of mask 5 to be set'],
    [{ relation: 'equal', value: '0x2', mask: '0x3' }, 'bits 0 to 1 (mask 3) to have the value 2'],
  ] as const)('says what the value would have to be: %o', (awaited, words) => {
    const { loads, ...rest } = loop({ kind: 'used-index', drive: 'blk' });
    const found = { ...rest, loads: [{ ...loads[0]!, awaited }] };
    expect(texts({ ...HANG, loop: found })[0]).toContain(`, which stays 1, and it waits for ${words} (a round`);
  });

  it('says when nothing that it loads decides', () => {
    const { loads, ...rest } = loop({ kind: 'memory' });
    expect(texts({ ...HANG, loop: { ...rest, loads: [{ ...loads[0]!, decides: false }] } })[0]).toMatch(
      /^the kernel spins in a loop that depends on nothing that it loads \(/,
    );
  });

  it('proves nothing at a limit', () => {
    const stop = { reason: 'limit', limit: '10s guest' } as const;
    expect(texts({ stop, loop: loop({ kind: 'used-index', drive: 'blk' }) }).join()).not.toContain('proved');
  });
});

describe('a panic', () => {
  it.each([
    ['panicked at src/main.rs:10:5:\nnot yet implemented\n', 'the kernel panicked at src/main.rs:10: not yet implemented'],
    ['panicked at variants/panics.c:8:\r\nnot yet\r\n', 'the kernel panicked at variants/panics.c:8: not yet'],
    ["panicked at 'index out of bounds', src/blk.rs:7:9\n", 'the kernel panicked at src/blk.rs:7: index out of bounds'],
    ['panicked at something else entirely', 'the kernel panicked: something else entirely'],
  ])('is told from its text: %s', (console, expected) => {
    expect(texts({ console: `Enter\n${console}` })).toEqual([expected]);
  });

  it('is placed where the kernel was, not where it prints', () => {
    const frames = ['print', 'panic_at', 'write_block', 'main'].map((name, n) => ({ address: `0x${n}`, frames: [frame(name)] }));
    const explanations = explained({ panic: { places: frames, leftOut: 0, notes: [] } });
    const [, code] = whyStopped(evidence({ console: 'panicked at a.c:1:\nx\n', explanations }));
    expect(code).toMatchObject({ kind: 'code', text: 'panicked in', stack: { places: [{ address: '0x2' }, { address: '0x3' }] } });
  });

  it('is not made up', () => {
    expect(texts({ console: 'all is well' })).toEqual([]);
  });
});
