/** What the log of accesses says, and that it changes nothing of what it looks at. */
import { describe, expect, it } from 'vitest';
import { ACCESS_LOG_END, ATOMIC_ORDER } from '../layout/access-log.ts';
import { DECODED_POOL, RAM } from '../layout/memory-map.ts';
import { visible } from '../testkit/both-engines.ts';
import { Program } from '../testkit/program.ts';
import { Random } from '../testkit/random.ts';
import { type Code, randomCode } from '../testkit/random-code.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { coreBytes, loggingCoreBytes } from './core-bytes.ts';
import type { HartBus } from './running-hart.ts';
import { SharedAccesses } from './shared-accesses.ts';

/** What was logged, a line for each record: time, kind, width and address in the data, what memory held and what is stored. */
class Lines implements AccessConsumer {
  readonly lines: string[] = [];
  readonly #from: number;

  constructor(from: bigint) {
    this.#from = Number(from);
  }

  take(batch: AccessBatch): void {
    for (let n = 0; n < batch.length; n++) this.lines.push(this.#line(batch, n));
  }

  #line(batch: AccessBatch, n: number): string {
    const kind = batch.kindName(n);
    const begin = `${batch.time(n)} ${kind}`;
    const place = batch.address(n) - this.#from;
    switch (kind) {
      case 'fence':
        return `${begin} ${batch.order(n).toString(2)}`;
      case 'trap':
        return `${begin} ${batch.interrupt(n) ?? `exception ${batch.address(n)}`}`;
      case 'device-load':
      case 'device-store':
        return `${begin} ${batch.width(n)} at ${batch.address(n).toString(16)}`;
      case 'store':
        return `${begin} ${batch.width(n)} at ${place}: ${batch.old(n)}, ${batch.value(n)}`;
      default:
        return `${begin} ${batch.width(n)} at ${place}: ${batch.old(n)}${batch.writes(n) ? ', writes' : ''}`;
    }
  }
}

const TP = 0x8004_0000n;

/** Random code that loads and stores around tp, with a timer that never rings. */
function randomProgram(code: readonly Code[]): Program {
  const bytes = new Uint8Array(code.reduce((sum, { length }) => sum + length, 0) + 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { bits, length } of code) {
    if (length === 4) view.setUint32(at, bits, true);
    else view.setUint16(at, bits, true);
    at += length;
  }
  view.setUint32(at, 0x6f, true);
  const program = new Program({ bytes, base: 0x8000_0000n, symbols: new Map([['data', TP]]) });
  for (const register of ['tp', 'sp', 's0']) program.setX(register, TP);
  program.setX('s1', TP + 64n);
  return program;
}

const DATA = '\n.align 3\ndata: .dword 1, 2, 3, 4, 5, 6';

function logged(source: string, steps: number, bus?: HartBus): string[] {
  const program = new Program(`la s0, data\n${source}\nend: j end${DATA}`, bus ? { bus } : {});
  const lines = new Lines(program.address('data'));
  program.hart.engine.logging.to(lines);
  program.run(steps);
  return lines.lines;
}

describe('the log of accesses', () => {
  it('has loads, stores and fences with the time before them', () => {
    expect(logged('lw t0, 8(s0)\nli t1, 77\nsb t1, 1(s0)\nsd t1, 16(s0)\nld t1, 0(s0)\nfence rw, w\nfence', 9)).toEqual([
      '2 load 4 at 8: 2',
      '4 store 1 at 1: 0, 77',
      '5 store 8 at 16: 3, 77',
      `6 load 8 at 0: ${1 + 77 * 256}`,
      '7 fence 110001',
      '8 fence 11111111',
    ]);
  });

  it('has the second access to a page like the first one, floating point and accesses that are misaligned or cross a page', () => {
    const source =
      'fld f0, 8(s0)\nfsd f0, 0(s0)\nfsd f0, 0(s0)\nlw t0, 2(s0)\nlui t1, 0x80005\nslli t1, t1, 32\nsrli t1, t1, 32\nsh t0, -1(t1)';
    const page = 0x80005000 - Number(new Program(`la s0, data\n${source}\nend: j end${DATA}`).address('data'));
    expect(logged(source, 10)).toEqual([
      '2 load 8 at 8: 2',
      '3 store 8 at 0: 1, 2',
      '4 store 8 at 0: 2, 2',
      '5 load 4 at 2: 0',
      `9 store 1 at ${page - 1}: 0, 0`,
      `9 store 1 at ${page}: 0, 0`,
    ]);
  });

  it('has atomics, and tells whether an SC stores', () => {
    const source =
      'amoadd.w t0, s0, (s0)\nlr.d t0, (s0)\nsc.d t1, t0, (s0)\nsc.d t1, t0, (s0)\nlr.w t0, (s0)\nsw zero, 0(s0)\nsc.w t1, t0, (s0)';
    expect(logged(source, 9).map((line) => line.replace(/\d{6,}/g, 'N'))).toEqual([
      '2 atomic 4 at 0: 1, writes',
      '3 reserve 8 at 0: N',
      '4 conditional 8 at 0: N, writes',
      // Without a reservation the second SC does not access memory.
      '6 reserve 4 at 0: N',
      '7 store 4 at 0: N, 0',
      '8 conditional 4 at 0: 0',
    ]);
  });

  it('tells which atomics acquire and release', () => {
    const orders: number[] = [];
    const program = new Program(`la s0, data\namoswap.w.aq t0, t0, (s0)\namoswap.d.rl t0, t0, (s0)\nlr.w.aqrl t0, (s0)\nend: j end${DATA}`);
    program.hart.engine.logging.to({
      take(batch) {
        for (let n = 0; n < batch.length; n++) orders.push(batch.order(n));
      },
    });
    program.run(6);
    expect(orders).toEqual([ATOMIC_ORDER.acquire, ATOMIC_ORDER.release, ATOMIC_ORDER.acquire | ATOMIC_ORDER.release]);
  });

  it('has accesses to devices, traps and returns', () => {
    const bus: HartBus = { read: () => 1, write: () => true };
    const source =
      'la t0, handler\ncsrw mtvec, t0\nlui t1, 0x10000\nlw t2, 4(t1)\nsb t2, 5(t1)\necall\nj end\n.align 2\nhandler: csrr t0, mepc\naddi t0, t0, 4\ncsrw mepc, t0\nmret';
    expect(logged(source, 14, bus)).toEqual([
      '6 device-load 4 at 10000004',
      '7 device-store 1 at 10000005',
      '8 trap exception 11',
      expect.stringMatching(/^12 return /),
    ]);
  });

  it('leaves registers, memory, time and work as they are without it, whatever the code does', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const code = randomCode(new Random(seed), 400);
      const [plain, watched] = [randomProgram(code), randomProgram(code)];
      let records = 0;
      watched.hart.engine.logging.to({
        take(batch) {
          records += batch.length;
        },
      });
      for (const p of [plain, watched]) p.run(600);
      expect(visible(watched), `seed ${seed}`).toEqual(visible(plain));
      expect(Buffer.compare(watched.hart.state.bytes.subarray(RAM), plain.hart.state.bytes.subarray(RAM)), `memory, seed ${seed}`).toBe(0);
      expect(records).toBeGreaterThan(0);
    }
  });

  it('finds the words that several harts, or a handler and what it interrupts, access and at least one writes', () => {
    const accesses = new SharedAccesses();
    const program = new Program(`
      la s0, data
      la t0, handler
      csrw mtvec, t0
      li t0, 0x80
      csrw mie, t0
      lw t1, 0(s0)
      lw t1, 8(s0)
      sw t1, 16(s0)
      csrsi mstatus, 8
      lw t1, 0(s0)
end:  j end
      .align 2
handler: lw t2, 4(s0)
      sw t2, 8(s0)
      ld t2, 24(s0)
      csrw mie, zero
      mret${DATA}`);
    program.hart.setPending(7, true);
    program.hart.engine.logging.to(accesses);
    program.run(40);
    const offset = ({ address }: { address: bigint }) => Number(address - program.address('data'));
    // Nobody writes the first doubleword, and only one of the two touches the third and the fourth.
    expect(accesses.points().map((point) => [point.hart, offset(point)])).toEqual([
      [0, 8],
      [0, 8],
    ]);
  });

  it('has a point before each access to a device, and after one to a shared word where the hart then waits, if memory is shared', () => {
    const points = (handler: string, run: number) => {
      const accesses = new SharedAccesses();
      const program = new Program(
        `
      la s0, data
      la t0, handler
      csrw mtvec, t0
      csrsi mstatus, 8
      lw t1, 8(s0)
      li t2, 3000
wait: addi t2, t2, -1
      bnez t2, wait
      li t0, 0x80
      csrw mie, t0
end:  j end
      .align 2
handler: ${handler}
      lui t1, 0x10000
      sb t2, 5(t1)
      csrw mie, zero
      mret${DATA}`,
        { bus: { read: () => 1, write: () => true } },
      );
      program.hart.setPending(7, true);
      program.hart.engine.logging.to(accesses);
      program.run(run);
      const symbol = (pc: bigint) => (pc >= program.address('handler') ? 'handler' : 'code');
      return accesses.points().map(({ pc, time, address }) => `${symbol(pc)} ${time} ${address.toString(16)}`);
    };
    const [before, after, store, device, ...more] = points('sw t2, 8(s0)', 6100);
    expect(before).toMatch(/^code \d+ 8[0-9a-f]+$/);
    const [, time, address] = before!.split(' ');
    expect(after).toBe(`code ${Number(time) + 1} ${address}`);
    expect(store).toMatch(new RegExp(`^handler \\d+ ${address}$`));
    expect(device).toMatch(/^handler \d+ 10000005$/);
    expect(more).toEqual([]);
    expect(points('nop', 6100)).toEqual([]);
  });

  it('has a place of its own in the memory', () => {
    expect(ACCESS_LOG_END).toBeLessThanOrEqual(DECODED_POOL);
  });

  it('is not in the ordinary code', () => {
    const names = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    expect(names(coreBytes())).not.toContain('accessLogFull');
    expect(names(loggingCoreBytes())).toContain('accessLogFull');
  });
});
