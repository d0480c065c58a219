/** Which bytes a failed check asks about: addresses worked out by hand from VIRTIO 1.2, 2.7.5 and 5.2.6. */
import { describe, expect, it } from 'vitest';
import { expectFailed, judgeOne } from '../testkit/checks.ts';
import { evidence, explained, type Link, request, WRITE_CHAIN } from '../testkit/evidence.ts';
import { dataByte, descriptorField, headerField, originQuestions, problemField } from './origin.ts';

// The table is at 0x80a30000 and the chain's descriptors are 3, 4, 5; their buffers at 0x80a30000, 0x80a31000, 0x80a32000.
const WRITE = request();

describe('the bytes of a wrong property', () => {
  it('are a field of a descriptor in its table', () => {
    expect(descriptorField(WRITE, 1, 'flags')).toEqual([{ text: 'flags of desc 4', address: 0x80a3_004cn, length: 2 }]);
    expect(descriptorField(WRITE, 2, 'length')).toEqual([{ text: 'length of desc 5', address: 0x80a3_0058n, length: 4 }]);
    expect(descriptorField(WRITE, 0, 'next')).toEqual([{ text: 'next of desc 3', address: 0x80a3_003en, length: 2 }]);
    expect(descriptorField(WRITE, 3, 'flags')).toEqual([]);
  });

  it('go on at address 0 after the last address', () => {
    const atTheEnd = { ...WRITE, table: '0xffffffffffffffd0' };
    expect(descriptorField(atTheEnd, 0, 'length')).toEqual([{ text: 'length of desc 3', address: 8n, length: 4 }]);
  });

  it('are a field of the header', () => {
    expect(headerField(WRITE, 'type')).toEqual([{ text: 'type', address: 0x80a3_0000n, length: 4 }]);
    expect(headerField(WRITE, 'sector')).toEqual([{ text: 'sector', address: 0x80a3_0008n, length: 8 }]);
  });

  it('are found in a header that is in two pieces', () => {
    const [header, ...rest] = WRITE_CHAIN;
    const halves = [0, 1].map(() => ({ ...header!, roles: [['header', 8]] as [['header', number]] }));
    expect(headerField(request({ chain: [...halves, ...rest] }), 'sector')).toEqual([{ text: 'sector', address: 0x80a3_1000n, length: 8 }]);
  });

  it('are a byte of the data', () => {
    expect(dataByte(WRITE, 6)).toEqual([{ text: 'byte 6 of the data', address: 0x80a3_1006n, length: 1 }]);
    expect(dataByte(WRITE, 512)).toEqual([]);
  });

  it.each([
    ['head-out-of-range', 'head in the available ring', 0x80a3_0402n],
    ['loop', 'next of desc 5', 0x80a3_005en],
    ['zero-length', 'length of desc 5', 0x80a3_0058n],
    ['status-missing', 'flags of desc 5', 0x80a3_005cn],
    ['header-missing', 'flags of desc 3', 0x80a3_003cn],
  ])('are what the device stumbled over: %s', (problem, text, address) => {
    expect(problemField(request({ problem }))).toMatchObject([{ text, address }]);
  });
});

describe('a device-readable descriptor after a writable one', () => {
  const status: Link = { roles: [['status', 1]], deviceWritable: true };
  const data: Link = { roles: [['data', 512]], deviceWritable: false };

  it('is to blame itself, unless the header is writable: then that is', () => {
    const header = ({ deviceWritable }: Pick<Link, 'deviceWritable'>): Link => ({ roles: [['header', 16]], deviceWritable });
    const of = (chain: Link[]) => problemField(request({ chain, problem: 'readable-after-writable' }))[0]!.text;
    expect(of([header({ deviceWritable: true }), data])).toBe('flags of desc 3');
    expect(of([header({ deviceWritable: false }), status, data])).toBe('flags of desc 5');
  });
});

describe('the question', () => {
  it('is asked once', () => {
    const origins = [...descriptorField(WRITE, 1, 'flags'), ...descriptorField(WRITE, 1, 'flags')];
    const question = { address: '0x80a3004c', length: 2, before: WRITE.time };
    expect(originQuestions(origins, WRITE)).toEqual([{ about: 'store', text: 'flags of desc 4', question }]);
  });

  it('is answered where the evidence has the answer', async () => {
    const check = 'request: { expect: { data: { device-writable: true } } }';
    const open = expectFailed(await judgeOne(check, evidence({ requests: [WRITE] })));
    expect(open.details.at(-1)).toMatchObject({ kind: 'origin', text: 'flags of desc 4', stored: null });
    const stores = { [`0x80a3004c+2@${WRITE.time}`]: { by: 'nobody' } as const };
    const explanations = explained({ stores });
    const answered = expectFailed(await judgeOne(check, evidence({ requests: [WRITE], explanations })));
    expect(answered.details.at(-1)).toMatchObject({ kind: 'origin', text: 'flags of desc 4', stored: { by: 'nobody' } });
  });
});
