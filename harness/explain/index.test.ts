/** Explanations of small kernels made for it, and of the samples with less and less to go by. */
import { describe, expect, it } from 'vitest';
import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Explanations, type StoreQuestion, storeKey } from '../evidence/explanation.ts';
import { explainKernel as explained } from '../testkit/explained-kernel.ts';
import { lineOf, sampleKernel, stripped, withoutSections } from '../testkit/sample-kernels.ts';

/** The flags of the second descriptor of the last request (VIRTIO 1.2, 2.7.5: 12 bytes into it). */
function flagsOfData({ requests }: Evidence): StoreQuestion[] {
  const { table, descriptors, time } = requests.at(-1)!;
  return [{ address: `0x${(BigInt(table) + BigInt(16 * descriptors[1]!.index + 12)).toString(16)}`, length: 2, before: time }];
}

function placesOf(explanations: Explanations | null, questions: readonly StoreQuestion[]): string[] {
  const store = explanations?.stores[storeKey(questions[0]!)];
  if (store?.by !== 'kernel') throw new Error(`stored by ${store?.by}`);
  return store.stack.places.flatMap(({ address, frames }) =>
    frames.length === 0 ? [address] : frames.map(({ file, line, function: name }) => `${file}:${line} ${name}`),
  );
}

const FLAGS = lineOf('c/virtqueue.c', 'desc->flags =');
const ADDED = lineOf('source/writable-data/write_block.c', 'virtqueue_add(');
const CALLED = lineOf('c/main.c', 'write_block(&');
const STACK = [`virtqueue.c:${FLAGS} virtqueue_add`, `variants/writable-data.c:${ADDED} write_block`, `main.c:${CALLED} test_write`];

describe('the instruction that stored some bytes last', () => {
  it('is named with its calls, by call frame information', () => {
    const { explanations, questions } = explained(sampleKernel('writable-data'), flagsOfData);
    expect(placesOf(explanations, questions).slice(0, 3)).toEqual(STACK);
    expect(explanations!.stores[storeKey(questions[0]!)]).toMatchObject({ instruction: expect.stringMatching(/^sh a\d, 12\(a\d\)$/) });
  });

  it('is named with its calls, by frame pointers alone', () => {
    const { explanations, questions } = explained(withoutSections(sampleKernel('writable-data'), ['.debug_frame']), flagsOfData);
    expect(placesOf(explanations, questions).slice(0, 3)).toEqual(STACK);
  });

  it('is an address in a kernel without symbols, with a remedy', () => {
    const { explanations, questions } = explained(stripped(sampleKernel('writable-data')), flagsOfData);
    expect(placesOf(explanations, questions).every((place) => /^0x802[0-9a-f]+$/.test(place))).toBe(true);
    const [store] = Object.values(explanations!.stores);
    expect(store).toMatchObject({ by: 'kernel', stack: { notes: [] } });
    expect(explanations!.remedy).toMatch(/^the kernel has neither symbols nor debug information\..*-g.*do not strip/);
  });

  it('is a function in a kernel without debug information, with a remedy that fits its compiler', () => {
    const sections = ['.debug_info', '.debug_line', '.debug_frame'];
    const { explanations, questions } = explained(withoutSections(sampleKernel('writable-data'), sections), flagsOfData);
    expect(placesOf(explanations, questions).slice(0, 2)).toEqual(['null:null virtqueue_add', 'null:null write_block']);
    const [store] = Object.values(explanations!.stores);
    expect(store).toMatchObject({
      by: 'kernel',
      stack: { notes: [], places: [{ frames: [{ symbol: expect.stringMatching(/^virtqueue_add\+0x/) }] }, {}, {}] },
    });
    // Four instructions before the store, and one after it.
    const { around = [], instruction } = store as Extract<typeof store, { by: 'kernel' }>;
    expect(around.map(({ text }) => text).indexOf(instruction)).toBe(4);
    expect(around).toHaveLength(6);
    expect(explanations!.remedy).toMatch(/no debug information.*add -g .*\(gcc\)\. That changes no verdict\.$/);
  });

  it('is a function of the submission in a Rust kernel without debug information, with its path', () => {
    const kernel = withoutSections(sampleKernel('ostd-writable-data'), ['.debug_info', '.debug_line']);
    const { explanations } = explained(kernel, flagsOfData);
    const [store] = Object.values(explanations!.stores);
    const frames = store?.by === 'kernel' ? store.stack.places.flatMap((place) => place.frames) : [];
    expect(frames.map(({ symbol, library }) => [symbol?.replace(/\+0x.*/, ''), library])).toEqual([
      ['lab13_ostd::kernel_main', false],
      ['__ostd_main', false],
      ['ostd::boot::call_ostd_main', true],
      ['riscv_boot', true],
    ]);
    expect(explanations!.remedy).toMatch(/`CARGO_PROFILE_RELEASE_DEBUG=true cargo build --release`/);
  });

  it('has no instructions of a library around it, which are not those of the place that is named', () => {
    const kernel = withoutSections(sampleKernel('ostd-passes'), ['.debug_info', '.debug_line']);
    const dataOfLast = ({ requests }: Evidence): StoreQuestion[] => {
      const { roles, time } = requests.at(-1)!;
      return [{ address: roles.find(({ role }) => role === 'data')!.address, length: 8, before: time }];
    };
    const [store] = Object.values(explained(kernel, dataOfLast).explanations!.stores);
    const innermost = store?.by === 'kernel' ? store.stack.places[0]?.frames : undefined;
    expect(innermost).toMatchObject([{ function: 'memmove', library: true }]);
    expect(store).not.toHaveProperty('around');
  });

  it('is found in Rust through what is inlined and mangled', () => {
    const { explanations, questions } = explained(sampleKernel('ostd-writable-data'), flagsOfData);
    const own = placesOf(explanations, questions).filter((place) => place.startsWith('src/'));
    const queue = 'ostd/src/drivers/virtio/queue.rs';
    expect(own.slice(0, 4)).toEqual([
      `src/drivers/virtio/queue.rs:${lineOf(queue, 'self.memory.write_once(')} write`,
      `src/drivers/virtio/queue.rs:${lineOf(queue, 'descriptor::FLAGS, if')} write_descriptors`,
      `src/drivers/virtio/queue.rs:${lineOf(queue, 'self.write_descriptors(chain)')} submit_and_wait`,
      `src/drivers/virtio/blk.rs:${lineOf('ostd/src/drivers/virtio/blk.rs', 'self.queue.submit_and_wait(', 'pub fn write_block')} write_block`,
    ]);
  });

  it('may be the device, or nobody', () => {
    const used = ({ requests }: Evidence): StoreQuestion[] => {
      const { roles, time } = requests.at(-1)!;
      return [
        { address: roles.find(({ role }) => role === 'status')!.address, length: 1, before: time + 1_000_000 },
        { address: '0x9ffff000', length: 4, before: time },
      ];
    };
    const { explanations } = explained(sampleKernel('passes'), used);
    expect(
      Object.values(explanations!.stores)
        .map(({ by }) => by)
        .sort(),
    ).toEqual(['device', 'nobody']);
  });

  it('is found however often the bytes were stored before', () => {
    const code = assemble(`
      la t0, data
      li t1, 100000
    loop: sw t1, 0(t0)
      addi t1, t1, -1
      bnez t1, loop
      li t2, 2000000
    wait: addi t2, t2, -1
      bnez t2, wait
    last: sw zero, 0(t0)
    end: j end
      .align 3
    data: .dword 0`);
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    const loaded = (label: string) => 0x8020_0000n + code.symbols.get(label)! - BigInt(RAM_BASE);
    const question = { address: `0x${loaded('data').toString(16)}`, length: 4, before: 4_500_000 };
    const { explanations } = explained(kernel, () => [question]);
    expect(explanations!.stores[storeKey(question)]).toMatchObject({
      by: 'kernel',
      instruction: 'sw zero, 0(t0)',
      stack: { places: [{ address: `0x${loaded('last').toString(16)}` }] },
    });
  });
});

describe('a rule that the driver breaks', () => {
  it('has the instruction that broke it, with its calls', () => {
    const { evidence, explanations } = explained(sampleKernel('wrong-length'));
    const found = explanations!.findings.find(({ finding }) => finding.rule === 'data-length')!;
    expect(evidence.findings).toContainEqual(found.finding);
    expect(found.stack.places[0]!.address).toBe(found.finding.pc);
    const places = found.stack.places.flatMap(({ frames }) => frames.map(({ file, line, function: name }) => `${file}:${line} ${name}`));
    expect(places.slice(1, 3)).toEqual([
      `virtqueue.c:${lineOf('c/virtqueue.c', 'QUEUE_NOTIFY')} virtqueue_notify`,
      `variants/wrong-length.c:${lineOf('source/wrong-length/write_block.c', 'virtqueue_notify(')} write_block`,
    ]);
  });

  it('has none if it is about what was never done', () => {
    const { evidence, explanations } = explained(sampleKernel('no-notify'));
    expect(evidence.findings.find(({ rule }) => rule === 'notify-missing')?.pc).toBeNull();
    expect(explanations!.findings.map(({ finding }) => finding.rule)).not.toContain('notify-missing');
  });
});

describe('the end of a run', () => {
  it('is a panic, with the calls that led to it', () => {
    const { explanations } = explained(sampleKernel('panics'));
    const names = explanations!.panic!.places.flatMap(({ frames }) => frames.map(({ function: name }) => name));
    expect(names.slice(names.indexOf('panic_at'))).toEqual(['panic_at', 'write_block', 'test_write', 'riscv_boot']);
  });

  it('is a loop, with its line, what it polls, and since when', () => {
    const { evidence, explanations } = explained(sampleKernel('no-notify'));
    expect(evidence.stop).toEqual({ reason: 'hang' });
    expect(evidence.loop!.loads[0]).toMatchObject({ what: { kind: 'used-index', drive: 'blk' }, width: 2 });
    const loop = explanations!.loop!;
    const places = loop.stack.places.flatMap(({ frames }) => frames.map(({ file, line }) => `${file}:${line}`));
    expect(places.slice(0, 2)).toEqual([
      `virtqueue.c:${lineOf('c/virtqueue.c', 'while (queue->memory->used.idx')}`,
      `variants/no-notify.c:${lineOf('source/no-notify/write_block.c', 'virtqueue_wait(')}`,
    ]);
    // After the last line on the console, and long before the proof.
    expect(loop.since).toBeGreaterThan(evidence.requests[0]!.instructions);
    expect(loop.since).toBeLessThan(100_000);
  });

  it('is a loop under timer ticks, at the limit', () => {
    // A tick each millisecond (10,000 ticks of 100 ns) through Sstc; the kernel waits for a variable that nobody writes.
    const code = assemble(`
      la t0, handler
      csrw stvec, t0
      csrr t0, time
      li t1, 10000
      add t0, t0, t1
      csrw stimecmp, t0
      li t0, 0x20
      csrs sie, t0
      csrsi sstatus, 2
      la t0, flag
    wait: lw t1, 0(t0)
      beqz t1, wait
    end: j end
      .align 2
    handler: csrr t5, time
      li t6, 10000
      add t5, t5, t6
      csrw stimecmp, t5
      sret
      .align 3
    flag: .dword 0`);
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    const { evidence, explanations } = explained(kernel);
    expect(evidence.stop).toEqual({ reason: 'limit', limit: '100ms guest' });
    const flag = 0x8020_0000n + code.symbols.get('flag')! - BigInt(RAM_BASE);
    expect(evidence.loop).toMatchObject({
      period: 2,
      loads: [{ physical: `0x${flag.toString(16)}`, value: '0x0', what: { kind: 'memory' } }],
    });
    // 15 instructions come before the loop at most (la and li are two each).
    expect(explanations!.loop!.since).toBeGreaterThan(8);
    expect(explanations!.loop!.since).toBeLessThan(20);
  });

  it.each([
    ['a limit, in a loop that reads the time', `csrr t0, time\n${'nop\n'.repeat(200)}`, 'limit'],
    ['a hart that waits for nothing', 'wfi', 'idle'],
  ])('is %s, and where the kernel was', (_, instruction, reason) => {
    const code = assemble(`li t1, 1000\n loop: ${instruction}\n j loop\n end: nop`);
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    const { evidence, explanations } = explained(kernel);
    expect([evidence.stop.reason, evidence.exception]).toEqual([reason, null]);
    const stack = explanations!.end ?? explanations!.loop!.stack;
    const at = BigInt(stack.places[0]!.address) - 0x8020_0000n + BigInt(RAM_BASE);
    expect(at).toBeGreaterThanOrEqual(code.symbols.get('loop')!);
    expect(at).toBeLessThan(code.symbols.get('end')!);
  });

  it.each([
    ['a store to nowhere', 'la t0, fail\n  sd zero, 16(zero)', { cause: 7, value: '0x10' }],
    ['a call into nowhere', 'la t0, fail\n  li t1, 4\n  jalr ra, 0(t1)', { cause: 1, value: '0x4', pc: '0x4' }],
  ])('is %s, where the trap handler panics', (_, fault, exception) => {
    const code = assemble(`
      la t0, handler
      csrw stvec, t0
      jal ra, past
    past: ${fault}
    fail: nop
    handler: li a7, 1
      li a0, 33
      ecall
      li a7, 8
      ecall`);
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    const { evidence, explanations } = explained(kernel);
    expect(evidence.stop).toEqual({ reason: 'poweroff' });
    expect(evidence.exception).toMatchObject(exception);
    const addresses = explanations!.exception!.stack.places.map(({ address }) => address);
    // A called function's address is that of the instruction behind the call.
    const fail = `0x${(0x8020_0000n + code.symbols.get('fail')! - BigInt(RAM_BASE)).toString(16)}`;
    expect(addresses).toEqual([evidence.exception!.pc, exception.cause === 7 ? expect.any(String) : fail]);
  });

  it('is not an exception that the kernel returned from', () => {
    const code = assemble(`
      la t0, handler
      csrw stvec, t0
      sd zero, 16(zero)
      li a7, 8
      ecall
    handler: csrr t0, sepc
      addi t0, t0, 4
      csrw sepc, t0
      sret`);
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    expect(explained(kernel).evidence).toMatchObject({ stop: { reason: 'poweroff' }, exception: null });
  });

  it('is a trap loop, with the exception that began it', () => {
    const code = assemble('nop\nli t0, 0x10\nfaulty: sd t0, 0(t0)\nend: j end');
    const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, flags: 7 }] });
    const { evidence, explanations } = explained(kernel);
    expect(evidence.stop).toEqual({ reason: 'trap-loop' });
    // Store/AMO access fault: translation is off, and there is no memory.
    expect(evidence.exception).toMatchObject({ cause: 7, value: '0x10', vector: { value: '0x80200000', state: 'unset' } });
    expect(explanations!.exception).toMatchObject({ instruction: 'sd t0, 0(t0)', walk: [] });
  });

  it('is a page fault, with the walk that ended in it', () => {
    // A root table that is empty but for one gigabyte at 0x80000000, where the kernel is; stvec stays 0.
    const code = assemble(`
      la t0, table
      li t1, 0x200000cf
      sd t1, 16(t0)
      srli t0, t0, 12
      li t1, 8
      slli t1, t1, 60
      or t0, t0, t1
      csrw satp, t0
      li t0, 0x40001000
      lw t1, 8(t0)
    end: j end
      .align 12
    table: .dword 0`);
    const kernel = writeElf({
      segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: code.bytes, memorySize: 0x4000n, flags: 7 }],
    });
    const { evidence, explanations } = explained(kernel);
    expect(evidence.exception).toMatchObject({ cause: 13, value: '0x40001008' });
    expect(explanations!.exception).toMatchObject({
      instruction: 'lw t1, 8(t0)',
      walk: [{ level: 2, entry: '0x0' }],
      walkEnd: 'the entry is not valid (V is 0)',
    });
  });

  it('of a kernel that passed is not explained', () => {
    expect(explained(sampleKernel('passes')).explanations).toBeNull();
  });
});
