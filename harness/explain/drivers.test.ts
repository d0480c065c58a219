/**
 * Drivers that use a queue's memory wrongly, or look for the answer where it is not: each with what is said of it, and the same driver done right,
 * of which nothing is said. All of them are small kernels that are run twice.
 */
import { describe, expect, it } from 'vitest';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { interruptKernel } from '../testkit/interrupt-kernel.ts';
import { type PollingSteps, pollingKernel } from '../testkit/polling-kernel.ts';

const legacy = (steps: PollingSteps) => gradedKernel(pollingKernel('legacy', steps), { transport: 'legacy' });
const said = (steps: PollingSteps): string => legacy(steps).says;
const panics = (message: string) =>
  `li a7, 1\n ${[...`panic: ${message}\n`].map((one) => `li a0, ${one.charCodeAt(0)}\n ecall`).join('\n ')}\n li a7, 8\n ecall`;
/** Variables after the code: a buffer, a status byte, and a stack that grows down to a pointer. */
const VARIABLES = 'j fin\n in: .space 520\n other: .space 520\n st: .space 8\n low: .space 64\n top: .space 600\n fin: nop';

describe('data that the kernel does not read where the device has written them', () => {
  const load = (from: string) => `la t3, ${from}\n lbu t4, 0(t3)\n ${VARIABLES}`;
  const one = { requests: 'call request' };

  it('are 4 bytes further on in the buffer', () => {
    const { says, stop } = legacy({ ...one, data: 'la a2, in\n addi a2, a2, 4', after: load('in') });
    expect([stop, says]).toEqual([
      'poweroff',
      expect.stringMatching(
        /^disk: the device wrote the data of request #1 to in\+0x4 \(0x802\w+\), which the kernel has not read; it read in \(0x802\w+\), where the device has written nothing: does the descriptor have the address at which the kernel looks\?\nread at\naddress of desc 1 stored at$/,
      ),
    ]);
  });

  it.each<[string, PollingSteps]>([
    ['lie where it reads', { data: 'la a2, in', after: load('in') }],
    ['lie where it reads only a part', { data: 'la a2, in', after: `la t3, in\n lbu t4, 511(t3)\n lbu t4, 516(t3)\n ${VARIABLES}` }],
    ['are in a different variable than what it reads', { data: 'la a2, in', after: load('other') }],
    ['are never read', { data: 'la a2, in', after: VARIABLES }],
  ])('%s: nothing is said', (_, steps) => {
    expect(said({ ...one, ...steps })).toBe('');
  });

  const onStack = (data: string, more: PollingSteps = {}): PollingSteps => ({
    requests: 'la sp, top\n la t0, in\n sd t0, 0(sp)\n call request',
    data,
    after: load('in'),
    ...more,
  });
  const WRITE =
    'slli t3, a0, 4\n add t3, t3, s2\n li t4, 1\n sw t4, 0(a1)\n sh t4, 28(t3)\n andi t1, t0, 7\n slli t1, t1, 1\n add t1, t1, s3\n sh a0, 4(t1)';

  it('are on the stack, where the pointer to the buffer was', () => {
    expect(said(onStack('mv a2, sp'))).toMatch(
      /^disk: the data of request #1 are at 0x802\w+, on the stack, where the address of in \(0x802\w+\) stood when the device was notified, and the kernel has not read what the device wrote there: does the descriptor have the address of a pointer \(&buf\) instead of the address that the pointer holds \(buf\)\?\naddress of desc 1 stored at$/,
    );
    expect(said(onStack('mv a2, sp', { offer: WRITE }))).toContain('stood when the device was notified: does the descriptor have');
  });

  it.each<[string, PollingSteps]>([
    ['lie where the pointer leads', onStack('ld a2, 0(sp)')],
    ['lie there, of a write', onStack('ld a2, 0(sp)', { offer: WRITE })],
    ['are on the stack on purpose', onStack('mv a2, sp', { after: `lbu t3, 0(sp)\n la t3, in\n lbu t4, 0(t3)\n ${VARIABLES}` })],
  ])('%s: nothing is said', (_, steps) => {
    expect(said(steps)).toBe('');
  });
});

describe('a status byte', () => {
  const kernel = (status: string, message: string): PollingSteps => ({
    requests: 'call request',
    status,
    after: `la t3, st\n lbu t4, 0(t3)\n ${panics(message)}\n ${VARIABLES}`,
  });

  it('is not where the driver reads it', () => {
    expect(said(kernel('la a3, st\n addi a3, a3, 1', 'read failed'))).toMatch(
      /\ndisk: the device wrote its answer to request #1 \(OK\) to st\+0x1 \(0x802\w+\), which the kernel has not read; it read st \(0x802\w+\), where the device has written nothing: does the descriptor have the address of the byte in which the driver looks for the answer\?\nread at\naddress of desc 2 stored at$/,
    );
  });

  it('says OK, and is taken for a failure', () => {
    expect(said(kernel('la a3, st', 'read failed'))).toContain(
      'disk: the device answered request #1 with OK (0), and the kernel read that shortly before it panicked: 0 is success. Does the driver take it for a failure?',
    );
  });

  it.each(['what was read back differs', 'no such file', 'virtio: out of descriptors', 'data error'])(
    'says OK, and the kernel panics for a different reason: %s',
    (message) => {
      expect(said(kernel('la a3, st', message))).not.toMatch(/answer|OK/);
    },
  );
});

describe('the used ring', () => {
  const CLEARED = 'poll: lhu t0, 2(s4)\n beq t0, s7, poll\n mv s7, t0\n sh zero, 2(s4)';

  it('is changed by the driver', () => {
    expect(said({ wait: CLEARED })).toContain(
      'disk: before request #2 the kernel changed used.idx (at 0x80202002) from 1, which the device had written, to 0: only the device writes to the used ring, and it goes on from its own count',
    );
    expect(said({ wait: CLEARED.replace('sh zero, 2(s4)', 'sd zero, 0(s4)') })).toContain('from 1, which the device had written, to 0');
  });

  const RESET = 'sw zero, 0x70(s0)';
  const SET_UP = `li t0, 1\n sw t0, 0x70(s0)\n li t0, 3\n sw t0, 0x70(s0)\n lw t0, 0x10(s0)\n sw zero, 0x20(s0)\n li t0, 4096\n sw t0, 0x28(s0)
    sw zero, 0x30(s0)\n lw t0, 0x34(s0)\n li t0, 8\n sw t0, 0x38(s0)\n li t0, 4096\n sw t0, 0x3c(s0)\n srli t0, s1, 12\n sw t0, 0x40(s0)\n li t0, 7\n sw t0, 0x70(s0)`;
  const ZERO = 'sd zero, 0(s3)\n sd zero, 8(s3)\n sd zero, 0(s4)';
  const again = (code: string, after = ''): PollingSteps => ({ requests: `call request\n ${code}\n call request`, after });

  it.each<[string, string]>([
    ['after a reset', `${RESET}\n ${ZERO}\n ${SET_UP}\n li s7, 0`],
    ['before a reset', `${ZERO}\n ${RESET}\n ${SET_UP}\n li s7, 0`],
  ])('is set to zero %s: nothing is said', (_, code) => {
    const { says, evidence } = legacy(again(code, panics('no such file')));
    expect(evidence.requests.map(({ completion }) => completion?.status)).toEqual([0, 0]);
    expect(says).toBe('the kernel panicked: no such file\npanicked in');
  });

  it('is compared with an index from before the reset', () => {
    expect(said(again(`${RESET}\n ${ZERO}\n ${SET_UP}`, panics('write failed')))).toContain(
      'disk: the device was reset between request #1 and request #2, and counts the elements of its used ring from 0 again, but the kernel did not wait for the answer to request #2: does the driver still compare used.idx',
    );
  });

  it('is left as it was at a reset', () => {
    const zeroes = (one: string) => one.includes('used ring') && one.includes('zero both rings');
    expect(legacy(again(`${RESET}\n ${SET_UP}`)).findings.filter(zeroes)).toEqual([
      expect.stringContaining('index 1; the device was in use before its last reset, after which it counts from 0 again'),
    ]);
    const { findings } = legacy({ requests: 'li t0, 5\n sh t0, 2(s4)\n li s7, 5\n call request' });
    expect(findings.filter((one) => one.includes('index 5'))).toHaveLength(1);
    expect(findings.filter(zeroes)).toEqual([]);
  });
});

describe('a head in the available ring', () => {
  const at = (slot: string, store = 'sh a0, 4(t1)') => `${slot}\n add t1, t1, s3\n ${store}`;

  it.each<[string, PollingSteps, string]>([
    [
      'in the slot of its number',
      { offer: at('slli t1, a0, 1') },
      'disk: for request #2 the device took avail.ring[1], which holds 0, and the driver had put its head (3) into avail.ring[3]: the slot is avail.idx % 8, before avail.idx is raised, whatever the head is\nstored at',
    ],
    [
      'as four bytes',
      { offer: at('andi t1, t0, 7\n slli t1, t1, 2', 'sw a0, 4(t1)') },
      'the driver had stored its head (3) as 4 bytes at avail.ring[2]: an entry of the available ring has 2 bytes (u16)',
    ],
    [
      'after the notify',
      { offer: '', notify: `sw zero, 0x50(s0)\n addi t0, t0, -1\n ${at('andi t1, t0, 7\n slli t1, t1, 1')}` },
      'disk: for request #2 the device took avail.ring[1] when it was notified, and 0 stood there: the driver stored 3 there only afterwards. Store the head first',
    ],
    [
      'with an index that is raised by 2',
      { raise: 'andi t2, a0, 1\n addi t0, t0, 1\n add t0, t0, t2\n sh t0, 2(s3)' },
      'which holds 0, and the driver had put one head into the ring, in avail.ring[1]: raise avail.idx by 1 for each head, and not by more',
    ],
  ])('%s', (_, steps, sentence) => {
    expect(said(steps)).toContain(sentence);
  });

  it('is stored after the end of the ring, since the index is not wrapped', () => {
    // Nine requests, of which the last one has a different head.
    const nine = {
      requests: Array(9).fill('call request').join('\n'),
      choose: 'lhu t0, 2(s3)\n sltiu a0, t0, 8\n xori a0, a0, 1\n slli t1, a0, 1\n add a0, a0, t1',
    };
    expect(said({ ...nine, offer: 'slli t1, t0, 1\n add t1, t1, s3\n sh a0, 4(t1)', after: panics('wrong') })).toContain(
      'disk: for request #9 the device took avail.ring[0], which holds 0, and the driver had put its head (3) into avail.ring[8]: the slot is avail.idx % 8',
    );
    expect(said({ ...nine, after: panics('wrong') })).not.toContain('avail.ring');
  });

  it.each<[string, PollingSteps]>([
    ['in its slot', {}],
    ['that was put there long before', { requests: 'li t0, 3\n sh t0, 6(s3)\n call request\n call request', offer: '' }],
    ['in the slot of its number, which is the right one', { requests: 'call request', offer: at('slli t1, a0, 1') }],
    ['as four bytes, which does no harm', { choose: 'li a0, 0', offer: at('andi t1, t0, 7\n slli t1, t1, 2', 'sw a0, 4(t1)') }],
  ])('%s: nothing is said', (_, steps) => {
    expect(said(steps)).toBe('');
  });
});

describe('a descriptor', () => {
  const CHAIN = 'slli t3, a0, 4\n add t3, t3, s2';
  const OFFER = 'andi t1, t0, 7\n slli t1, t1, 1\n add t1, t1, s3\n sh a0, 4(t1)';

  it('is filled in for each part of the chain', () => {
    const says = said({ offer: `${CHAIN}\n sd a2, 0(t3)\n sd a3, 0(t3)\n li t4, 1\n sw t4, 8(t3)\n li t4, 2\n sh t4, 12(t3)\n ${OFFER}` });
    expect(says).toContain(
      'disk: desc 0 was filled in 3 times for request #1, with a different address each time, and only the last one is left: each part of a chain needs a descriptor of its own',
    );
    expect(says).not.toContain('alone');
  });

  it('is the only one, with the status', () => {
    const alone = `${CHAIN}\n sd zero, 0(t3)\n li t4, 1\n sw t4, 8(t3)\n li t4, 2\n sh t4, 12(t3)\n sd a1, 0(t3)\n ${OFFER}`;
    expect(said({ offer: alone })).toContain(
      'the chain of request #1 is desc 0 alone, with 1 byte that the device writes, as for a status',
    );
  });

  it('is cleared first: nothing is said', () => {
    expect(said({ offer: `${CHAIN}\n sd zero, 0(t3)\n sd a1, 0(t3)\n ${OFFER}` })).toBe('');
  });
});

describe('an element of the used ring', () => {
  /** Takes elements; `slot` makes the place of the element in t5 out of the driver's index t6. */
  const take = (slot: string, before = '', after = 'addi t6, t6, 1') =>
    `more: lhu t5, 2(s4)\n lw t6, 0(s1)\n beq t5, t6, taken\n ${before}\n ${slot}\n slli t5, t5, 3\n add t5, t5, s4\n lw t5, 4(t5)\n ${after}
      sw t6, 0(s1)\n sw t6, 8(s1)\n j more\n taken: nop`;
  const ONE_BY_ONE = 'call first\n sw zero, 0x50(s0)\n one: lw t0, 8(s1)\n beqz t0, one\n call second\n sw zero, 0x50(s0)';
  const told = (taken: string, wait?: string) =>
    gradedKernel(interruptKernel({ take: taken, requests: ONE_BY_ONE, ...(wait === undefined ? {} : { wait }) }), { transport: 'modern' });

  it('is not the next one, since the index is raised first', () => {
    expect(told(take('andi t5, t6, 7', 'addi t6, t6, 1', '')).says).toContain(
      "disk: the driver read used.ring[1], which the device had not written yet, when used.idx was 1, and used.ring[0] was next: that is used.ring[i % 8], where i is the driver's own index, before it is raised\nread at",
    );
  });

  it('is always the same one', () => {
    expect(told(take('andi t5, t6, 8')).says).toContain(
      'disk: the driver read used.ring[0] once more when used.idx was 2, and used.ring[1] was next',
    );
  });

  it('is none of a queue: memory that is cleared is read afterwards, and nothing is said', () => {
    // Two elements are left unread, since the driver only counts them.
    const counts = 'lw t6, 0(s1)\n lhu t5, 2(s4)\n sw t5, 0(s1)\n sw t5, 8(s1)';
    const off = 'sd zero, 0(s4)\n sd zero, 8(s4)\n lw t0, 60(s4)\n li a7, 8\n ecall';
    const { stop, says } = gradedKernel(interruptKernel({ take: counts, requests: ONE_BY_ONE, off }), { transport: 'modern' });
    expect([stop, says]).toEqual(['poweroff', '']);
  });

  it('is the next one: nothing is said', () => {
    const { stop, says } = told(take('andi t5, t6, 7'));
    expect([stop, says]).toEqual(['poweroff', '']);
  });

  it('is blamed, and not that the driver has not looked at all of them', () => {
    const never = 'wait: csrci sstatus, 2\n lw t0, 8(s1)\n li t1, 3\n beq t0, t1, off\n wfi\n csrsi sstatus, 2\n j wait';
    const { stop, says } = told(take('andi t5, t6, 8'), never);
    expect([stop, says]).toEqual(['idle', expect.stringContaining('the driver read used.ring[0] once more')]);
    expect(says).not.toContain('`while`, not `if`');
    // The same element twice is not two of them.
    expect(says).not.toContain('has looked at');
  });
});
