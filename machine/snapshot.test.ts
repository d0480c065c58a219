/**
 * Runs that take a snapshot, go back to it, or go on from it in another machine. They must give the same results as a run without snapshots
 * that stops at the same moments. If that run never stops, only its work may differ: a stop cuts short a search for loops.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks, U_BOOT_S } from '../testing/tools.ts';
import { createMachine, type Disk, type Machine, type MachineOptions, type PlannedFault, type Snapshot } from './index.ts';
import { Random } from './testkit/random.ts';

const CLASS = join(import.meta.dirname, '../submissions/class');
const SAMPLES = readdirSync(CLASS);
const DISK = 1 << 20;
const IMAGE = new TextEncoder().encode('Hello World from Image!');
const KEYS = ['virtio scan\n', 'virtio read 0x84000000 0 1\n', 'md.b 0x84000000 0x20\n', 'virtio write 0x84000000 1 1\n', 'poweroff\n'];

interface Kind {
  readonly kernel: Uint8Array;
  readonly faults?: readonly PlannedFault[];
  readonly races?: boolean;
  readonly modernVirtio?: boolean;
  /** Typed at U-Boot's prompt. */
  readonly keys?: readonly string[];
  /** Limit of a run in guest nanoseconds. */
  readonly limit: number;
}

interface Outcome {
  readonly left: string;
  readonly work: string;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return String(part);
    return part instanceof Uint8Array ? [...part] : part;
  });
}

/** The state outside of the machine. */
interface Outside {
  readonly disk: Uint8Array;
  readonly console: string;
  readonly typed: number;
}

/** A disk whose bytes are these. */
function diskOver(bytes: Uint8Array): Disk {
  return {
    size: bytes.length,
    readOnly: false,
    read: (offset, length) => bytes.slice(offset, offset + length),
    write: (offset, written) => bytes.set(written, offset),
    flush: () => undefined,
  };
}

/** A run of a kernel, with its disk, its console, and somebody who types. */
class Run {
  readonly #kind: Kind;
  readonly #disk = new Uint8Array(DISK);
  readonly #machine: Machine;
  #console = '';
  #typed = 0;
  #end: string | undefined;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#disk.set(IMAGE);
    const options: MachineOptions = {
      cpu: 'rv64,zba=true,zbb=true',
      memory: 256 << 20,
      drives: [{ disk: diskOver(this.#disk), serial: 'blk', faults: kind.faults }],
      entropy: { seed: 3 },
      races: kind.races,
      modernVirtio: kind.modernVirtio,
      kernel: kind.kernel,
      bios: 'builtin',
      append: 'ostd.log_level=error',
      onConsole: (byte) => this.#put(byte),
      live: false,
      work: 8e9,
    };
    this.#machine = createMachine(options);
  }

  #put(byte: number): void {
    this.#console += String.fromCharCode(byte);
    if (this.#kind.keys && this.#console.endsWith('=> ')) this.#machine.pause();
  }

  /** Runs to a guest time, or to the end. */
  to(time: number): this {
    while (this.#end === undefined && this.#machine.now() < Math.min(time, this.#kind.limit)) {
      const result = this.#machine.run(Math.min(time, this.#kind.limit));
      if (result.reason === 'paused') this.#type();
      else if (result.reason !== 'time') this.#end = JSON.stringify(result);
    }
    return this;
  }

  #type(): void {
    const keys = this.#kind.keys?.[this.#typed++];
    if (keys !== undefined) this.#machine.type(new TextEncoder().encode(keys));
  }

  /** The results of a run to its end, which stops at the given times on the way. */
  outcome(stops: readonly number[] = []): Outcome {
    for (const stop of stops) this.to(stop);
    this.to(Number.POSITIVE_INFINITY);
    const machine = this.#machine;
    machine.settle();
    const left = {
      devices: machine.devices.map(({ trace, unnotified }) => ({ trace, unnotified: unnotified() })),
      end: this.#end,
      console: this.#console,
      clock: [machine.now(), machine.instructions(), machine.pc(), machine.lastEffect()],
      registers: machine.debug.registers(),
      exception: machine.debug.lastException(),
      disk: Buffer.from(this.#disk).toString('base64'),
    };
    return { left: textOf(left), work: textOf(machine.workDone()) };
  }

  logAccesses(): this {
    this.#machine.logAccesses({ take: () => undefined });
    return this;
  }

  get time(): number {
    return this.#machine.now();
  }

  snapshot(): { machine: Snapshot; outside: Outside } {
    return this.#with(this.#machine.snapshot());
  }

  keepMoment(kept: { readonly decoded: boolean }): { machine: Snapshot; outside: Outside } {
    return this.#with(this.#machine.keepMoment(kept));
  }

  holds({ machine }: ReturnType<Run['keepMoment']>): boolean {
    return this.#machine.holds(machine);
  }

  #with(machine: Snapshot): { machine: Snapshot; outside: Outside } {
    return { machine, outside: { disk: this.#disk.slice(), console: this.#console, typed: this.#typed } };
  }

  restore({ machine, outside }: ReturnType<Run['snapshot']>): this {
    this.#machine.restore(machine);
    this.#disk.set(outside.disk);
    this.#console = outside.console;
    this.#typed = outside.typed;
    this.#end = undefined;
    return this;
  }
}

const sample = (name: string): Uint8Array => readFileSync(join(CLASS, name, 'kernel.elf'));
const LIMIT = 60_000_000;

/** The runs, and how many moments of each are tried: fifty of each kind. (U-Boot has fewer, as it takes long; fifty were run by hand.) */
const RUNS: readonly (readonly [string, number, () => Kind])[] = [
  ...SAMPLES.map((name) => [name, 3, () => ({ kernel: sample(name), limit: LIMIT })] as const),
  ['races watched: no-wait', 25, () => ({ kernel: sample('no-wait'), races: true, limit: LIMIT })],
  ['races watched: ostd-passes', 25, () => ({ kernel: sample('ostd-passes'), races: true, limit: LIMIT })],
  [
    'faults: late',
    25,
    () => ({
      kernel: sample('ostd-passes'),
      limit: LIMIT,
      faults: [{ type: 1, nth: 1, fault: { kind: 'late', nanoseconds: 20_000_000 } }],
    }),
  ],
  [
    'faults: other bytes',
    13,
    () => ({ kernel: sample('passes'), limit: LIMIT, faults: [{ type: 0, nth: 1, fault: { kind: 'data', bytes: Uint8Array.of(1, 2) } }] }),
  ],
  [
    'faults: no interrupt',
    12,
    () => ({ kernel: sample('ostd-passes'), limit: LIMIT, faults: [{ type: undefined, nth: 1, fault: { kind: 'interrupt-lost' } }] }),
  ],
];

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));

/** Does not use `toEqual`, which would take minutes to print a difference. */
function expectSame(outcome: Outcome, expected: Outcome, how: string): void {
  expect([outcome.left === expected.left, outcome.work === expected.work], `${how}, seed ${seed}`).toEqual([true, true]);
}

describe('a run that goes on from a snapshot leaves what one leaves that was never interrupted', () => {
  function check(kind: Kind, moments: number): void {
    const whole = new Run(kind);
    const { left } = whole.outcome();
    const random = new Random(seed);
    const times = Array.from({ length: moments }, () => random.below(whole.time)).sort((a, b) => a - b);
    const expected = new Run(kind).outcome(times);
    expect(expected.left === left, `stopped, seed ${seed}`).toBe(true);
    const run = new Run(kind);
    const snapshots = times.map((time) => run.to(time).snapshot());
    expectSame(run.outcome(), expected, 'with snapshots');
    // Goes back in the same machine, from the last snapshot to the first, and goes on from some of them in other machines.
    for (const n of [...snapshots.keys()].reverse()) {
      expectSame(run.restore(snapshots[n]!).outcome(times.slice(n + 1)), expected, `the same machine, time ${times[n]}`);
    }
    for (const n of new Set([0, snapshots.length >> 1, snapshots.length - 1])) {
      expectSame(new Run(kind).restore(snapshots[n]!).outcome(times.slice(n + 1)), expected, `another machine, time ${times[n]}`);
    }
  }

  it.each(RUNS)('%s: %i moments', (_, moments, kind) => check(kind(), moments), 300_000);

  // One of the two transports, by the seed: each run takes seconds.
  it.skipIf(lacks('U-Boot'))('U-Boot, at whose prompt keys are typed: 3 moments', { timeout: 300_000 }, () => {
    check({ kernel: readFileSync(join(U_BOOT_S, 'u-boot.bin')), keys: KEYS, modernVirtio: seed % 2 === 1, limit: 2e9 }, 3);
  });
});

describe('a run that goes back to a moment that was kept leaves what one leaves that was never interrupted', () => {
  /** Goes back to each of the moments, from the last to the first; between them, forward to the next one, which is kept anew, and back again. */
  function checkMoments(kind: Kind, decoded: boolean): void {
    const random = new Random(seed);
    const whole = new Run(kind);
    whole.outcome();
    const times = Array.from({ length: 4 }, () => random.below(whole.time)).sort((a, b) => a - b);
    const expected = new Run(kind).outcome(times);
    const run = new Run(kind);
    const moments = times.map((time) => run.to(time).keepMoment({ decoded }));
    const expectAgain = (n: number, how: string) => {
      const outcome = run.outcome(times.slice(n + 1));
      const same = { ...outcome, work: decoded ? outcome.work : expected.work };
      expectSame(same, expected, `moments with ${decoded ? 'all' : 'nothing'} decoded, ${how}, time ${times[n]}`);
    };
    expectAgain(times.length, 'never gone back');
    for (const n of [...moments.keys()].reverse()) {
      run.restore(moments[n]!);
      if (n % 2 === 0 && n + 1 < times.length) {
        const again = run.to(times[n + 1]!).keepMoment({ decoded });
        expectAgain(n + 1, 'forward');
        // Where both moments lie in the boot, their copies together may be more than a machine keeps.
        if (!run.holds(again)) return;
        run.restore(again);
        expectAgain(n + 1, 'forward and back');
        run.restore(moments[n]!);
      }
      expectAgain(n, 'back');
    }
  }

  const KINDS = new Set(['ostd-passes', 'no-notify', 'panics', 'races watched: no-wait', 'faults: late']);
  const runs = RUNS.filter(([name]) => KINDS.has(name)).flatMap(([name, , kind]) =>
    [true, false].map((decoded) => [name, decoded, kind] as const),
  );
  it.each(runs)('%s, with what was decoded: %s', (_, decoded, kind) => checkMoments(kind(), decoded), 120_000);
});

describe('a run whose accesses to memory are logged', () => {
  it.each(['passes', 'no-wait', 'panics'])('leaves what one leaves that is not watched: %s', (name) => {
    const kind = { kernel: sample(name), limit: LIMIT };
    const [plain, logged] = [new Run(kind).outcome(), new Run(kind).logAccesses().outcome()];
    expect(logged).toEqual(plain);
  });
});
