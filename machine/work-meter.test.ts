import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, type MachineOptions, memoryDisk } from './index.ts';
import { assemble } from './testkit/assembler.ts';
import { writeElf } from './testkit/elf-writer.ts';
import { Program } from './testkit/program.ts';
import { WORK, WORK_PRICES, WorkMeter } from './work-meter.ts';

const TRAPS = WORK_PRICES.traps;

describe('the meter', () => {
  it('adds a fixed price for each thing, and tells how many there were', () => {
    const meter = new WorkMeter();
    meter.add(WORK.traps);
    meter.add(WORK['console-bytes'], 10);
    expect(meter.done()).toEqual({ units: TRAPS + 10 * WORK_PRICES['console-bytes'], counts: { traps: 1, 'console-bytes': 10 } });
    expect(meter.over).toBe(false);
  });

  it('is over at its limit, stays so, and can be given more', () => {
    const meter = new WorkMeter(3 * TRAPS);
    meter.add(WORK.traps, 2);
    expect(meter.over).toBe(false);
    meter.add(WORK.traps);
    expect([meter.over, meter.over, meter.end]).toEqual([true, true, 'work']);
    meter.allow(2 * TRAPS);
    expect([meter.over, meter.end]).toEqual([false, undefined]);
    meter.add(WORK.traps, 2);
    expect(meter.over).toBe(true);
  });

  it('lets the host look from time to time, and end the run', () => {
    let looks = 0;
    const meter = new WorkMeter(Number.POSITIVE_INFINITY, () => ++looks === 3);
    const step = () => meter.add(WORK.traps, Math.ceil(50_000_000 / TRAPS));
    const over = [1, 2, 3, 4].map(() => {
      step();
      return meter.over;
    });
    expect(over).toEqual([false, false, true, true]);
    expect([looks, meter.end]).toEqual([3, 'interrupted']);
  });

  it('stops for as long as it is halted', () => {
    const meter = new WorkMeter();
    meter.halt();
    expect([meter.over, meter.end]).toEqual([true, undefined]);
    meter.goOn();
    expect(meter.over).toBe(false);
  });
});

/** Registers of the drive's slot, and a queue of 1024 entries at 0x81000000 with one chain for all its heads. */
const SET_UP = `
      li s0, 0x10008000
      li t0, 1024
      sw t0, 0x38(s0)
      li t0, 0x81000000
      li t1, 1
      sw t1, 0x28(s0)
      sw t0, 0x40(s0)
      li t1, 7
      sw t1, 0x70(s0)`;

/**
 * A chain: header (type in a0), data at 0x82000000 (a1 bytes, flags in a2), status. Then it is made available (a3 times) and announced, again
 * and again.
 */
const CHAIN = `
      li t1, 0x81010000
      sd t1, 0(t0)
      li t2, ${16n | (1n << 32n) | (1n << 48n)}
      sd t2, 8(t0)
      sw a0, 0(t1)
      li t1, 0x82000000
      sd t1, 16(t0)
      slli t2, a2, 32
      or t2, t2, a1
      li t3, ${2n << 48n}
      or t2, t2, t3
      sd t2, 24(t0)
      li t1, 0x81010100
      sd t1, 32(t0)
      li t2, ${1n | (2n << 32n)}
      sd t2, 40(t0)
      li t4, 0x81004002
again: lhu t1, 0(t4)
      add t1, t1, a3
      sh t1, 0(t4)
      sw zero, 0x50(s0)
      j again`;

function boot(code: string, options: Partial<MachineOptions> = {}): Machine {
  const base = 0x80200000n;
  const { bytes } = assemble(code, base);
  return createMachine({
    cpu: 'rv64',
    memory: 256 << 20,
    drives: [{ disk: memoryDisk(64 << 20), serial: 'blk' }],
    kernel: writeElf({ entry: base, segments: [{ address: base, bytes }] }),
    bios: 'builtin',
    onConsole: () => undefined,
    live: false,
    ...options,
  });
}

describe('a run ends by its work', () => {
  const GUEST_SECOND = 1e9;

  it('inside the requests that one notification announces', () => {
    // 1024 reads of 32 MiB each: 32 GiB by one store.
    const machine = boot(
      `${SET_UP}
      li a0, 0
      li a1, 0x2000000
      li a2, 3
      li a3, 1024${CHAIN}`,
      { work: 1e8 },
    );
    expect(machine.run(GUEST_SECOND)).toEqual({ reason: 'work' });
    const { units, counts } = machine.workDone();
    expect(counts.notifications).toBe(1);
    expect(units).toBeGreaterThanOrEqual(1e8);
    // The run exceeds the limit by one piece of the data at most.
    expect(units).toBeLessThan(1.01e8);
    // A request that was not delivered completely has not completed.
    expect(machine.devices[0]!.trace.requests.at(-1)!.completion).toBeUndefined();
  });

  it('inside one request', () => {
    const machine = boot(
      `${SET_UP}
      li a0, 1
      li a1, 0x2000000
      li a2, 1
      li a3, 1${CHAIN}`,
      { work: 1e6 },
    );
    expect(machine.run(GUEST_SECOND)).toEqual({ reason: 'work' });
    expect(machine.workDone().units).toBeLessThan(1.1e6);
    expect(machine.workDone().counts['kibibytes-moved']).toBeLessThan(32 << 10);
  });

  it('and not as a hang, where the kernel waits for a request that the end of the run has cut off', () => {
    // One read after the other, each waited for.
    const [before, after] = CHAIN.split('again:');
    const kernel = `${SET_UP}
      li a0, 0
      li a1, 512
      li a2, 3
      li a3, 1${before}
      li t5, 0x81005002
again:${after!.slice(0, after!.lastIndexOf('j again'))}
wait: lhu t6, 0(t5)
      bne t6, t1, wait
      j again`;
    for (let work = 1_000_000; work < 2_000_000; work += 20_000) {
      expect(boot(kernel, { work }).run(GUEST_SECOND)).toEqual({ reason: 'work' });
    }
  });

  it('at the same instruction each time, however it is run', () => {
    const code = `
      la t1, handler
      csrw stvec, t1
      li a1, 0x81000000
again: addi a0, a0, 1
      sd a0, 0(a1)
      li t2, 4096
      add a1, a1, t2
      ebreak
      j again
      .align 2
handler: csrr t3, sepc
      addi t3, t3, 2
      csrw sepc, t3
      li t2, 0x81800000
      blt a1, t2, back
      li a1, 0x81000000
back: sret`;
    const whole = boot(code, { work: 3e6 });
    expect(whole.run(GUEST_SECOND)).toEqual({ reason: 'work' });
    const pieces = boot(code, { work: 3e6 });
    let result = pieces.run(1);
    for (let time = 1; result.reason === 'time'; time += 977) result = pieces.run(time);
    expect(result).toEqual({ reason: 'work' });
    expect(pieces.workDone()).toEqual(whole.workDone());
    expect(pieces.instructions()).toBe(whole.instructions());
    expect(pieces.pc()).toBe(whole.pc());
  });

  it('inside the same request, whatever the slices are', () => {
    // 3000 pages are touched before the notification, all of that by generated code, whose work the meter does not know yet.
    const code = `
      li t1, 0x82000000
      li t2, 3000
      li t3, 4096
touch: ld t4, 0(t1)
      add t1, t1, t3
      addi t2, t2, -1
      bnez t2, touch
      ${SET_UP}
      li a0, 0
      li a1, 0x8000
      li a2, 3
      li a3, 1024${CHAIN}`;
    const whole = boot(code, { work: 1e7 });
    expect(whole.run(GUEST_SECOND)).toEqual({ reason: 'work' });
    expect(whole.workDone().counts['slow-accesses']).toBeGreaterThan(3000);
    expect(whole.workDone().counts.chains).toBeGreaterThan(10);
    const pieces = boot(code, { work: 1e7 });
    let result = pieces.run(1);
    for (let time = 1; result.reason === 'time'; time += 977) result = pieces.run(time);
    expect(result).toEqual({ reason: 'work' });
    expect(pieces.workDone()).toEqual(whole.workDone());
  });

  it('counts what watched memory takes by the pages of a buffer', () => {
    const stepsFor = (bytes: number): number => {
      const code = `${SET_UP}\nli a0, 0\nli a1, ${bytes}\nli a2, 3\nli a3, 1${CHAIN.replace('j again', 'j .')}`;
      const machine = boot(code, { races: true });
      machine.run(1e6);
      return machine.workDone().counts['watch-steps']!;
    };
    // 199 pages more, added and removed.
    expect(stepsFor(200 * 4096)).toBe(stepsFor(4096) + 2 * 199);
  });

  it('for changes of the context that generated code does by itself', () => {
    const machine = boot(
      `
      li t0, ${1n << 18n}
again: csrs sstatus, t0
      csrc sstatus, t0
      addi a0, a0, 1
      j again`,
      { work: 1e7 },
    );
    expect(machine.run(GUEST_SECOND)).toEqual({ reason: 'work' });
    const { counts } = machine.workDone();
    expect(counts['context-changes']! * WORK_PRICES['context-changes']).toBeGreaterThan(9e6);
  });

  it('when the host says so', () => {
    const machine = boot(
      `${SET_UP}
      li a0, 0
      li a1, 0x2000000
      li a2, 3
      li a3, 1024${CHAIN}`,
      { look: () => true },
    );
    expect(machine.run(GUEST_SECOND)).toEqual({ reason: 'interrupted' });
  });
});

describe('what a kernel does again and again', () => {
  it('leaves nothing behind that grows: a timer that is set anew', () => {
    // menvcfg.STCE, without which stimecmp sets no alarm.
    const p = new Program(`
      li t0, ${1n << 63n}
      csrw menvcfg, t0
      li t0, ${1n << 46n}
again: csrw stimecmp, t0
      addi t0, t0, -1
      j again`);
    p.run(100_000);
    expect(p.hart.engine.clock.save().alarms).toHaveLength(1);
  });
});
