import { describe, expect, it } from 'vitest';
import type { RequestEvidence } from '../evidence/evidence.ts';
import { expectFailed, expectPassed, judge, judgeOne, linesOf } from '../testkit/checks.ts';
import { device, evidence, type Link, request, TAKEN, WRITE_CHAIN } from '../testkit/evidence.ts';

const CONSOLE = 'read...\nwrite...\n';
const AFTER_WRITE = Buffer.byteLength(CONSOLE);

const read = request({ number: 1, type: 0, consoleBytes: 8 });
const write = request({ number: 2, consoleBytes: AFTER_WRITE });

/** A write whose data descriptor is marked device-writable. */
const FORGIVEN: Link[] = [WRITE_CHAIN[0]!, { roles: [['data', 512]], deviceWritable: true }, WRITE_CHAIN[2]!];

function seen(...requests: ReturnType<typeof request>[]) {
  return evidence({ console: CONSOLE, requests });
}

describe('which request', () => {
  it('after a text: notified once the whole text was on the console', async () => {
    const part = (nth: number, type: string) => `request: { after: { console: write... }, nth: ${nth}, expect: { type: ${type} } }`;
    expectPassed(await judgeOne(part(1, 'OUT'), seen(read, write)));
    const end = CONSOLE.indexOf('write...') + 'write...'.length;
    expectPassed(await judgeOne(part(1, 'OUT'), seen(read, { ...write, consoleBytes: end })));
    expectFailed(await judgeOne(part(1, 'OUT'), seen(read, { ...write, consoleBytes: end - 1 })));
  });

  it('nth alone counts from the first request', async () => {
    expectPassed(await judgeOne('request: { nth: 2, expect: { type: OUT } }', seen(read, write)));
    expectPassed(await judgeOne('request: { expect: { type: IN } }', seen(read, write)));
  });

  it('like is the very request of the other check, also in a row', async () => {
    const checks = ` - { id: a, points: 1, request: { nth: 2 } }
 - { id: b, points: 1, request: { like: a, expect: { type: OUT } } }
 - { id: c, points: 1, request: { like: b, expect: { type: OUT } } }`;
    expectPassed(await judge(checks, seen(read, write)));
    expectFailed(await judge(checks, seen(write, read)));
  });

  it('none: says what the device saw, and that a chain was never announced', async () => {
    const quiet = evidence({ console: CONSOLE, requests: [read], devices: [device({ unnotified: 1 })] });
    const verdict = expectFailed(await judgeOne('request: { after: { console: write... } }', quiet));
    expect(verdict.reason).toBe('no request reached the device after "write..."');
    expect(linesOf(verdict.details)).toEqual([
      'found 1 request in all: #1 IN, sector 0',
      'blk: request #2 is in the available ring, but QueueNotify was not written since.',
    ]);
    const trapped = expectFailed(await judgeOne('request: { after: { console: write... } }', { ...quiet, exception: TAKEN }));
    expect(linesOf(trapped.details)).toEqual(['found 1 request in all: #1 IN, sector 0']);
  });

  it('none: says that the text was never shown, and that the device is broken', async () => {
    const stuck = evidence({ console: 'wrote...\n', devices: [device({ broken: 'a loop of descriptors' })] });
    const verdict = expectFailed(await judgeOne('request: { after: { console: write... } }', stuck));
    expect(verdict.reason).toContain('the console never shows the text');
    expect(linesOf(verdict.details)).toEqual([
      '- wrote... line 1',
      '+ write... expected',
      '    ^',
      'found the device saw no request at all',
      'The device blk had stopped answering: a loop of descriptors.',
    ]);
  });

  it('too few: says how many', async () => {
    const verdict = expectFailed(await judgeOne('request: { nth: 3 }', seen(read, write)));
    expect(verdict.reason).toBe('only 2 requests reached the device, looked for number 3');
  });
});

it('like another check, without more to expect, only needs the request to be there', async () => {
  const checks = ' - { id: it, points: 1, request: { nth: 2, expect: { type: IN } } }\n - { id: alike, points: 1, request: { like: it } }';
  expectPassed(await judge(checks, evidence({ requests: [read, write] })));
  expect(expectFailed(await judge(checks, evidence({ requests: [read] }))).reason).toContain('looked for number 2');
});

describe('what the request must be', () => {
  const all = `request: { expect: { type: OUT, sector: 0, header: { length: 16, device-writable: false },
    data: { length: 512, device-writable: false, text: Hello }, status: { length: 1, device-writable: true }, answer: OK } }`;
  const good = { ...write, data: Buffer.concat([Buffer.from('Hello'), Buffer.alloc(507)]).toString('hex') };

  it('passes where all is as expected, in three descriptors or in other layouts', async () => {
    expectPassed(await judgeOne(all, seen(good)));
    const split: Link[] = [
      {
        roles: [
          ['header', 16],
          ['data', 100],
        ],
        deviceWritable: false,
      },
      { roles: [['data', 412]], deviceWritable: false },
      { roles: [['status', 1]], deviceWritable: true },
    ];
    expectPassed(await judgeOne(all, seen({ ...good, ...request({ chain: split, data: good.data }) })));
  });

  it('recognises a sector in bytes, and one that stands where the reserved field is', async () => {
    const told = async (part: Partial<RequestEvidence>) =>
      linesOf(expectFailed(await judgeOne('request: { expect: { sector: 3 } }', seen({ ...good, ...part }))).details);
    expect(await told({ sector: '1536' })).toContain(
      'That is the byte at which the sector begins: a sector is counted in units of 512 bytes.',
    );
    const shifted = await told({ reserved: 3, sector: '0' });
    expect(shifted.join()).toContain(
      'Bytes 4 to 7 of the header hold 3. Its layout is: type, 4 bytes at 0; reserved, 4 bytes at 4; sector, 8 bytes at 8.',
    );
    expect((await told({ reserved: 7, sector: '4' })).join()).not.toMatch(/reserved|counted/);
  });

  it('recognises text that stands where the header should be, and asks who made it the header', async () => {
    // "Hell" and "orld, Vi", little-endian.
    const text = { ...good, type: 0x6c6c6548, sector: '7591052303361046383' };
    const { details, questions } = expectFailed(await judgeOne('request: { expect: { type: OUT, sector: 0 } }', seen(text)));
    const lines = linesOf(details);
    expect(lines).toContain('found type: 0x6c6c6548, which is the text "Hell"');
    expect(lines.join()).toContain('The chain begins with text, and not with a header');
    expect(lines.join()).not.toContain('expected sector');
    expect(questions.map((one) => one.text)).toEqual(['head in the available ring', 'address of desc 3']);
  });

  it('lists every wrong property', async () => {
    const verdict = expectFailed(
      await judgeOne(all, seen({ ...good, type: 0, sector: '7', completion: { time: 1, status: 1, usedLength: 1 } })),
    );
    expect(verdict.reason).toBe(
      'type: expected OUT (1), found IN (0); sector: expected 0, found 7; answer: expected OK (0), found IOERR (1)',
    );
    expect(linesOf(verdict.details).slice(4)).toEqual([
      'expected type: OUT (1)',
      'found type: IN (0)',
      'expected sector: 0',
      'found sector: 7',
      'expected answer: OK (0)',
      'found answer: IOERR (1)',
    ]);
  });

  it.each([
    [{ kind: 'answer', answer: 'UNSUPP' }, 'made to fail with UNSUPP'],
    [{ kind: 'late', nanoseconds: 5_000_000 }, 'made to complete 5 ms late'],
    [{ kind: 'after-next' }, 'made to complete after the next one'],
    [{ kind: 'interrupt-lost' }, 'made to complete without an interrupt'],
    [{ kind: 'interrupt-joined' }, 'made to complete together with the next one, with one interrupt for both'],
    [{ kind: 'data', bytes: 3 }, 'made to answer with other bytes than the disk holds'],
  ] as const)('says what was done to the request on purpose: %j', async (fault, says) => {
    const failed = request({ number: 2, consoleBytes: AFTER_WRITE, completion: { time: 1, status: 2, usedLength: 1 }, fault });
    const verdict = expectFailed(await judgeOne('request: { expect: { answer: OK } }', seen(failed)));
    expect(linesOf(verdict.details)[0]).toBe(`request #2, OUT, sector 0, after 20,114,331 instructions; ${says}`);
  });

  it('marks the wrong flag in the table, and says what QEMU forgave', async () => {
    const forgiven = request({ number: 2, consoleBytes: AFTER_WRITE, chain: FORGIVEN });
    const verdict = expectFailed(await judgeOne('request: { expect: { data: { length: 512, device-writable: false } } }', seen(forgiven)));
    expect(verdict.reason).toBe('data: expected device reads, found device writes');
    expect(linesOf(verdict.details)).toEqual([
      'request #2, OUT, sector 0, after 20,114,331 instructions',
      'header 16 reads',
      'data 512 writes expected device reads',
      'status 1 writes',
      'The device answered OK and wrote nothing: QEMU forgives this, real hardware may not (virtio 1.2, 2.7.5.1).',
    ]);
  });

  it('does not claim that nothing was written where a part was', async () => {
    const half: Link[] = [
      WRITE_CHAIN[0]!,
      { roles: [['data', 256]], deviceWritable: false },
      { roles: [['data', 256]], deviceWritable: true },
      WRITE_CHAIN[2]!,
    ];
    const verdict = expectFailed(
      await judgeOne('request: { expect: { data: { device-writable: false } } }', seen(request({ chain: half }))),
    );
    expect(linesOf(verdict.details).join('\n')).not.toContain('wrote nothing');
  });

  it('reports the other silent cases: a read into a readable buffer, and data where no memory is', async () => {
    const unread = request({ type: 0, chain: WRITE_CHAIN });
    const verdict = expectFailed(await judgeOne('request: { expect: { data: { device-writable: true } } }', seen(unread)));
    expect(linesOf(verdict.details).at(-1)).toContain('no data arrived');
    const nowhere = request({ chain: [WRITE_CHAIN[0]!, { ...WRITE_CHAIN[1]!, address: 0x1000n }, WRITE_CHAIN[2]!] });
    const lost = expectFailed(await judgeOne('request: { expect: { sector: 1 } }', seen(nowhere)));
    expect(linesOf(lost.details).at(-1)).toContain("no memory at the data's address");
  });

  it('shows a wrong length in the table, and a role that is missing in words', async () => {
    const short = request({ chain: [WRITE_CHAIN[0]!, { roles: [['data', 27]], deviceWritable: false }, WRITE_CHAIN[2]!] });
    const part = 'request: { expect: { data: { length: 512, device-writable: false } } }';
    expect(linesOf(expectFailed(await judgeOne(part, seen(short))).details)).toContain('data 27 reads expected 512 B');
    const none = request({ chain: [WRITE_CHAIN[0]!, WRITE_CHAIN[2]!] });
    expect(expectFailed(await judgeOne(part, seen(none))).reason).toBe(
      'data length: expected 512 B, found 0 B; data: expected device reads, found the chain has no data',
    );
  });

  it('shows an unknown type in hex, and one that is known by its name', async () => {
    const typed = (type: number) => judgeOne('request: { expect: { type: OUT } }', seen({ ...write, type }));
    expect(expectFailed(await typed(0x2a)).reason).toBe('type: expected OUT (1), found 0x2a');
    expect(expectFailed(await typed(11)).reason).toBe('type: expected OUT (1), found DISCARD (11)');
    expectPassed(await judgeOne('request: { expect: { type: 0x2a } }', seen({ ...write, type: 0x2a })));
  });

  it('compares data bytes: a prefix, or padded with zeroes', async () => {
    const data = Buffer.from('Hello!').toString('hex');
    const held = seen({ ...write, data, dataLength: 6 });
    expectPassed(await judgeOne('request: { expect: { data: { text: Hello } } }', held));
    expectPassed(await judgeOne('request: { expect: { data: { hex: "48 65" } } }', held));
    const verdict = expectFailed(await judgeOne('request: { expect: { data: { text: Help } } }', held));
    expect(verdict.reason).toBe('data: expected 4 given bytes, found different bytes from byte 3 on');
    expect(linesOf(verdict.details)).toContain('+ 00000000  48 65 6c 70                                      |Help| expected');
  });

  it('claims nothing of data beyond what the evidence holds', async () => {
    const data = Buffer.concat([Buffer.from('Hello'), Buffer.alloc(4091)]).toString('hex');
    const long: Link[] = [WRITE_CHAIN[0]!, { roles: [['data', 8192]], deviceWritable: false }, WRITE_CHAIN[2]!];
    expectPassed(await judgeOne('request: { expect: { data: { text: Hello, length: 8192 } } }', seen(request({ chain: long, data }))));
    expectFailed(await judgeOne('request: { expect: { data: { text: Hallo, length: 8192 } } }', seen(request({ chain: long, data }))));
  });

  it('answer: none where the device wrote no status', async () => {
    const part = (answer: string) => `request: { expect: { answer: ${answer} } }`;
    const unanswered = { ...write, completion: null, problem: 'no device-writable byte for the status' };
    expectPassed(await judgeOne(part('none'), seen(unanswered)));
    const verdict = expectFailed(await judgeOne(part('OK'), seen(unanswered)));
    expect(verdict.reason).toBe('answer: expected OK (0), found none: the device never completed the request');
    expect(linesOf(verdict.details).at(-1)).toBe('The device refused the chain: no device-writable byte for the status.');
    expectPassed(await judgeOne(part('UNSUPP'), seen({ ...write, completion: { time: 1, status: 2, usedLength: 1 } })));
  });

  it('says of a status that the device did not come to that it is unknown', async () => {
    const chain: Link[] = [
      { roles: [['header', 16]], deviceWritable: true },
      { roles: [['data', 512]], deviceWritable: false },
    ];
    const cut = request({ chain, completion: null, problem: 'a device-readable descriptor follows a device-writable one' });
    // The second descriptor has the flag NEXT: there is more of the chain.
    const descriptors = cut.descriptors.map((one) => ({ ...one, flags: one.flags | 1 }));
    const verdict = expectFailed(
      await judgeOne('request: { expect: { status: { device-writable: true } } }', seen({ ...cut, descriptors })),
    );
    expect(verdict.reason).toBe('status: expected device writes, found unknown: the device read the chain no further');
  });

  it('explains a data that is a byte short by the status byte that it has to hold', async () => {
    const chain: Link[] = [
      WRITE_CHAIN[0]!,
      {
        roles: [
          ['data', 511],
          ['status', 1],
        ],
        deviceWritable: false,
      },
    ];
    const short = (length: number) => `request: { expect: { data: { length: ${length} } } }`;
    const verdict = expectFailed(await judgeOne(short(512), seen(request({ chain, completion: null }))));
    expect(linesOf(verdict.details).at(-1)).toMatch(/^The last byte of a chain is its status byte/);
    const alone = expectFailed(await judgeOne(short(1024), seen(request())));
    expect(linesOf(alone.details).join()).not.toContain('status byte');
  });

  it('says of a status of four bytes that it is one', async () => {
    const last: Link = {
      roles: [
        ['data', 3],
        ['status', 1],
      ],
      deviceWritable: true,
    };
    const long = request({ chain: [WRITE_CHAIN[0]!, WRITE_CHAIN[1]!, last], completion: { time: 1, status: 1, usedLength: 4 } });
    const verdict = expectFailed(await judgeOne('request: { expect: { data: { length: 512 } } }', seen(long)));
    expect(linesOf(verdict.details).at(-1)).toBe(
      'The status is 1 byte, but desc 5 has 4: the device takes the last of them for the status, and the 3 before it for data.',
    );
  });

  it('shows the descriptors of a chain whose roles are unknown', async () => {
    const malformed = { ...write, roles: [], type: null, sector: null, completion: null, problem: 'the header is 8 bytes' };
    const verdict = expectFailed(await judgeOne('request: { expect: { type: OUT } }', seen(malformed)));
    expect(verdict.reason).toBe('type: expected OUT (1), found incomplete header');
    expect(linesOf(verdict.details).slice(0, 2)).toEqual(['request #2, incomplete header, after 20,114,331 instructions', ' 16 reads']);
    const both = expectFailed(await judgeOne('request: { expect: { type: OUT, sector: 0 } }', seen(malformed)));
    expect(linesOf(both.details).filter((line) => line.endsWith(': incomplete header'))).toHaveLength(1);
  });
});
