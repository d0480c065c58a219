/** What explains a run: watched stores with their instruction, walks, the last exception, and the loop that the kernel is in. */

import { describe, expect, it } from 'vitest';
import type { WatchedAccess } from '../exec/watchpoints.ts';
import { createMachine, memoryDisk } from '../index.ts';
import { ACCESS } from '../mmu/walk.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { assemble } from '../testkit/assembler.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';
import { HartDebugger } from './debugger.ts';

/** Runs to the label `end` with a watch on `length` bytes of `data + at`. Returns the reports, each with the instruction's label or address. */
function watched(source: string, at: number, length: number) {
  const program = new Program(source);
  const inspect = new HartDebugger([program.hart]);
  const told: (WatchedAccess & { pc: bigint })[] = [];
  const base = program.address('data') + BigInt(at);
  inspect.watch([{ address: base, length }], (access) => told.push({ ...access, pc: inspect.pc() }));
  program.runTo('end');
  const labelOf = (pc: bigint) => [...program.symbols].find(([, address]) => address === pc)?.[0];
  return { program, told: told.map(({ pc, address, length: bytes, by }) => [labelOf(pc), Number(address - base), bytes, by]) };
}

const DATA = '\nend: j end\n.align 12\ndata: .dword 0\n';

describe('watched memory', () => {
  it('tells each store to it with its instruction, and none beside it', () => {
    const { told, program } = watched(
      `la t0, data\nli t1, -1\nsd t1, 0(t0)\nwide: sd t1, 8(t0)\nexact: sh t1, 12(t0)\nsb t1, 16(t0)${DATA}`,
      12,
      2,
    );
    expect(told).toEqual([
      ['wide', -4, 8, 'hart'],
      ['exact', 0, 2, 'hart'],
    ]);
    expect(program.load(program.address('data') + 16n, 1)).toBe(0xffn);
  });

  it('tells every store of a loop, though the page was stored to before', () => {
    const { told } = watched(`la t0, data\nli t1, 50\nloop: sw t1, 4(t0)\nsw t1, 8(t0)\naddi t1, t1, -1\nbnez t1, loop${DATA}`, 8, 4);
    expect(told).toHaveLength(50);
  });

  it('tells atomics, stores that cross a page, and compressed ones', () => {
    const amo = watched(`la t0, data\nli t1, 3\nadd: amoadd.w t2, t1, (t0)\nlr.d t2, (t0)\nconditional: sc.d t2, t1, (t0)${DATA}`, 0, 8);
    expect(amo.told.map(([pc]) => pc)).toEqual(['add', 'conditional']);
    const crossing = watched(`la t0, data\nli t1, 4092\nadd t0, t0, t1\nsd t1, 0(t0)${DATA}`, 4096, 1);
    expect(crossing.told.map(([, at, length]) => [at, length])).toEqual([[0, 1]]);
    expect(watched(`la a0, data\nli a1, 7\nshort: c.sw a1, 4(a0)${DATA}`, 4, 4).told).toEqual([['short', 0, 4, 'hart']]);
  });

  it('changes nothing of what the guest does', () => {
    const source = `la t0, data\nli t1, 1000\nloop: sd t1, 0(t0)\nld t2, 0(t0)\nadd t3, t3, t2\naddi t1, t1, -1\nbnez t1, loop${DATA}`;
    const plain = new Program(source).runTo('end');
    const { program } = watched(source, 0, 8);
    expect([program.hart.now(), program.hart.retired(), program.hart.state.x(28)]).toEqual([
      plain.hart.now(),
      plain.hart.retired(),
      plain.hart.state.x(28),
    ]);
  });

  it('is told of until the watch is taken away', () => {
    const program = new Program(`la t0, data\nloop: sw t0, 0(t0)\nj loop${DATA}`);
    const inspect = new HartDebugger([program.hart]);
    let told = 0;
    inspect.watch([{ address: program.address('data'), length: 4 }], () => told++);
    program.run(11);
    expect(told).toBeGreaterThan(3);
    const before = told;
    inspect.watch([], () => told++);
    program.run(100);
    expect(told).toBe(before);
  });
});

describe('a page-table walk', () => {
  it.each([3, 4] as const)('of %i levels ends where the hart does', (levels) => {
    const program = new Program(`nop${DATA}`, { ramBytes: 0x20_0000 });
    const table = new PageTable(program, levels, BigInt(RAM_BASE) + 0x10_0000n);
    table.map(0x4000_3000n, BigInt(RAM_BASE) + 0x5000n);
    table.enter(BigInt(RAM_BASE));
    const { steps, end } = new HartDebugger([program.hart]).walk(0x4000_3123n);
    expect(steps.map(({ level }) => level)).toEqual(levels === 3 ? [2, 1, 0] : [3, 2, 1, 0]);
    expect(end).toMatchObject({ physical: BigInt(RAM_BASE) + 0x5123n });
    expect(program.hart.core.locate(0x4000_3123n, 1, ACCESS.load)).toBe(BigInt(RAM_BASE) + 0x5123n);
  });

  it('says why there is no page, and leaves the tables as they are', () => {
    const program = new Program(`nop${DATA}`, { ramBytes: 0x20_0000 });
    const table = new PageTable(program, 3, BigInt(RAM_BASE) + 0x10_0000n);
    table.map(0x4000_3000n, BigInt(RAM_BASE) + 0x5000n, 0x3n);
    table.enter(BigInt(RAM_BASE));
    const inspect = new HartDebugger([program.hart]);
    const before = program.bytes(BigInt(RAM_BASE) + 0x10_0000n, 0x4000);
    expect(inspect.walk(0x4000_3000n).end).toMatchObject({ leaf: expect.any(BigInt) });
    expect(inspect.walk(0x4000_4000n).end).toEqual({ problem: 'invalid' });
    expect(inspect.walk(1n << 40n).end).toEqual({ problem: 'not-canonical' });
    expect(program.bytes(BigInt(RAM_BASE) + 0x10_0000n, 0x4000)).toEqual(before);
    expect(inspect.readVirtual(0x4000_3ff0n, 64)).toHaveLength(16);
  });
});

/** A kernel in M mode on a board with one drive. */
function boot(source: string) {
  const { bytes } = assemble(source);
  const drives = [{ disk: memoryDisk(4096), serial: '' }];
  return createMachine({ cpu: 'rv64', memory: 0x100_0000, drives, kernel: bytes, bios: 'none', onConsole: () => undefined, live: false });
}

describe('the loop that a kernel is in', () => {
  it('is shown with its instructions and what it loads', () => {
    const machine = boot('la t0, data\nli sp, 0x80008000\nloop: lw t1, 4(t0)\nld t2, 8(sp)\nbeqz t1, loop\n.align 3\ndata: .dword 0');
    expect(machine.run(1e9)).toEqual({ reason: 'hang' });
    const loop = machine.debug.loop()!;
    expect(loop.instructions.map(({ text }) => text)).toEqual(['lw t1, 4(t0)', 'ld t2, 8(sp)', 'beq t1, zero, 0x80000014']);
    expect([...loop.loads].sort((a, b) => a.width - b.width)).toMatchObject([
      { pc: 0x80000014n, address: 0x80000024n, physical: 0x80000024n, width: 4, value: 0n, onStack: false },
      { width: 8, onStack: true },
    ]);
    expect(loop.period).toBe(3);
  });

  it('names the register that is polled', () => {
    // 0x10008060: InterruptStatus of the last slot (VIRTIO 1.2, 4.2.2), where the first drive sits.
    const machine = boot('li t0, 0x10008000\nloop: lw t1, 0x60(t0)\nbeqz t1, loop');
    expect(machine.run(1e9)).toEqual({ reason: 'hang' });
    const { physical } = machine.debug.loop()!.loads[0]!;
    expect(machine.deviceAt(physical!)).toEqual({ device: 'virtio-mmio', virtio: 0, offset: 0x60, register: 'InterruptStatus' });
    expect(machine.deviceAt(0x10000005n)).toMatchObject({ device: 'uart16550', register: 'LSR' });
    expect(machine.deviceAt(0x80000000n)).toBeUndefined();
  });

  it('is none where a kernel waits for nothing', () => {
    const machine = boot('wfi');
    expect(machine.run(1e9)).toEqual({ reason: 'idle' });
    expect(machine.debug.loop()).toBeUndefined();
  });
});

describe('the last exception', () => {
  it('is kept with the one in its trap vector', () => {
    const machine = boot('nop\nli t0, 0x10\nsd t0, 0(t0)\nnop');
    expect(machine.run(1e9)).toEqual({ reason: 'trap-loop' });
    // mtvec is 0 after reset, and the board has nothing at that address.
    const first = { pc: 0x80000000n, cause: 7, tval: 0x10n, privilege: 3 };
    const taken = machine.debug.lastException()!;
    expect({ ...taken, pc: taken.pc & ~0xfn }).toMatchObject(first);
    expect(taken.next).toEqual({ pc: 0n, cause: 1, tval: 0n, instructions: taken.instructions });
    expect(taken.vector).toEqual({ register: 'mtvec', value: 0n, state: 'unset', written: undefined });
  });
});

describe('a hart that waits in WFI', () => {
  const sleeping = (source: string) => {
    const program = new Program(`${source}\nend: j end\n.align 12\ndata: .dword 0\n`);
    program.hart.engine.run(10_000, { live: false });
    return { program, view: new HartDebugger([program.hart]).sleep() };
  };

  it('in a loop: what a round of it loads, and what would end it', () => {
    const { program, view } = sleeping('la t0, data\nloop: look: lw t1, 0(t0)\nli t2, 3\nbeq t1, t2, end\nwfi\nwfi\nj loop');
    if (view?.comesBack !== true) throw new Error('it does not come back');
    expect(view.round.period).toBe(6);
    expect(view.round.loads).toMatchObject([
      { pc: program.address('look'), address: program.address('data'), decides: true, awaited: { relation: 'equal', value: 3n } },
    ]);
  });

  it('once: what it would load next', () => {
    const { program, view } = sleeping('la t0, data\nwfi\nnext: ld t1, 0(t0)\nbeqz t1, end\nnop');
    expect(view).toMatchObject({ comesBack: false, loads: [{ pc: program.address('next'), decides: true, value: 0n }] });
  });

  it('where it does not wait: nothing', () => {
    expect(sleeping('nop').view).toBeUndefined();
  });
});
