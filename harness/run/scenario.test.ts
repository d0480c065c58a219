import { describe, expect, it } from 'vitest';
import { GuestFileError, type MachineOptions } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type FakeMachine, fakeMachines, type Step } from '../testkit/fake-machine.ts';
import { NO_ASKS } from '../vocabulary/facts.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Host } from './host.ts';
import { guardOf } from './host-guard.ts';
import type { KernelInput } from './power-on.ts';
import { runScenario as runWithImages } from './scenario.ts';

const KERNEL = { bytes: new TextEncoder().encode('kernel'), sha256: 'ab'.repeat(32) };

function scenario(changes: Partial<Scenario> = {}): Scenario {
  const place = { own: null, slot: null, serial: null, readonly: false, present: true };
  const drives = [{ name: 'blk', size: 4096, contents: [{ at: 0, bytes: new TextEncoder().encode('Hello') }], ...place }];
  return {
    name: 'write',
    hidden: false,
    machine: {
      cpu: 'rv64',
      memory: 1 << 20,
      bios: 'builtin',
      initrd: null,
      loader: [],
      harts: 1,
      clock: 1,
      fillRam: 0,
      append: 'quiet',
      drives,
      transport: 'legacy',
      rng: null,
      network: null,
      fwCfg: null,
      flash: null,
    },
    until: null,
    keys: [],
    limit: { text: '10ms guest', nanoseconds: 10_000_000 },
    interests: [],
    work: 5e9,
    races: false,
    diskFrom: null,
    cuts: null,
    schedules: null,
    schedule: [],
    faults: [],
    facts: NO_ASKS,
    ...changes,
  };
}

function host(steps: readonly Step[], changes: Partial<Host> = {}): Host & { machines: FakeMachine[] } {
  const machines: FakeMachine[] = [];
  const create = fakeMachines(() => steps);
  const createMachine = (options: MachineOptions) => {
    const machine = create(options);
    machines.push(machine);
    return machine;
  };
  return { createMachine, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade 0', machines, ...changes };
}

function runScenario(given: Scenario, kernel: KernelInput, from: Host): Evidence {
  return runWithImages(given, new Map(given.machine.drives.map((setup) => [setup.name, initialImage(setup)])), kernel, from);
}

function consoleOf(evidence: { console: string }): string {
  return Buffer.from(evidence.console, 'base64').toString('utf8');
}

describe('how a run ends', () => {
  it('stops with the last byte of `until`', () => {
    const evidence = runScenario(
      scenario({ until: { console: ['ready'], matches: [], reaches: [] } }),
      KERNEL,
      host([{ print: 'get ready now' }]),
    );
    expect(evidence.stop).toEqual({ reason: 'until', console: 'ready' });
    expect(consoleOf(evidence)).toBe('get ready');
  });

  it('passes on why the machine stopped by itself', () => {
    expect(runScenario(scenario(), KERNEL, host([{ print: 'x' }, { stop: { reason: 'exit', code: 3 } }])).stop).toEqual({
      reason: 'exit',
      code: 3,
    });
    expect(runScenario(scenario(), KERNEL, host([{ stop: { reason: 'poweroff' } }])).stop).toEqual({ reason: 'poweroff' });
  });

  it('stops at the limit, in guest time or in instructions, and not before', () => {
    const late: Step[] = [{ wait: 9_999_000 }, { stop: { reason: 'poweroff' } }];
    expect(runScenario(scenario(), KERNEL, host(late)).stop).toEqual({ reason: 'poweroff' });
    const never = runScenario(scenario(), KERNEL, host([]));
    expect(never).toMatchObject({ stop: { reason: 'limit', limit: '10ms guest' }, time: 10_000_000 });
    const counted = runScenario(scenario({ limit: { text: '500 instructions', nanoseconds: 500 } }), KERNEL, host([]));
    expect(counted).toMatchObject({ stop: { reason: 'limit', limit: '500 instructions' }, time: 500 });
  });

  it('gives up when the host has spent its seconds, and says that it was the host', () => {
    let seconds = 0;
    const evidence = runScenario(
      scenario({ limit: { text: '1s guest', nanoseconds: 1e9 } }),
      KERNEL,
      host([], { seconds: () => seconds++, guard: 4 }),
    );
    expect(evidence.stop).toEqual({ reason: 'host-limit', limit: '4 seconds of processor time for the run of scenario write' });
    expect(evidence.time).toBeLessThan(1e9);
  });

  it('gives a scenario with a long limit the time that it takes', () => {
    const long = scenario({ limit: { text: '100s guest', nanoseconds: 100e9 } });
    expect(guardOf(long, { guard: 60 })).toBe(400);
    expect(guardOf(scenario(), { guard: 60 })).toBe(60);
    let seconds = 0;
    // Three processor seconds for each hundredth of a guest second, until it has had 400.
    const evidence = runScenario(long, KERNEL, host([], { seconds: () => (seconds += 3), guard: 60 }));
    expect(evidence.time).toBe(Math.floor(400 / 3) * 10_000_000);
  });

  it('is shown to be under way, also while the guest sleeps', () => {
    let beats = 0;
    runScenario(scenario({ limit: { text: '1s guest', nanoseconds: 1e9 } }), KERNEL, host([{ wait: 1e9 }], { beat: () => beats++ }));
    expect(beats).toBeGreaterThanOrEqual(100);
  });

  it('stops a kernel that prints without end', () => {
    const flood = 'x'.repeat(1 << 20);
    const steps: Step[] = [
      {
        call: ({ options }) => {
          for (let i = 0; i < 9; i++) for (const byte of Buffer.from(flood)) options.onConsole(byte);
        },
      },
    ];
    const evidence = runScenario(scenario(), KERNEL, host(steps));
    expect(evidence.stop).toEqual({ reason: 'limit', limit: '8 MiB of console output' });
    expect(Buffer.from(evidence.console, 'base64')).toHaveLength(8 << 20);
  });
});

describe('a kernel that cannot boot', () => {
  it("is the evidence of nothing, with the loader's sentence", () => {
    const createMachine = () => {
      throw new GuestFileError('elf-machine', 'kernel', 'not a RISC-V ELF: its machine is x86-64');
    };
    expect(runScenario(scenario(), KERNEL, host([], { createMachine }))).toMatchObject({
      stop: { reason: 'not-bootable', message: 'not a RISC-V ELF: its machine is x86-64' },
      kernelSha256: KERNEL.sha256,
      instructions: 0,
      time: 0,
      pc: null,
      console: '',
      requests: [],
      devices: [],
      images: [{ drive: 'blk', changed: {} }],
    });
  });

  it('may be missing altogether', () => {
    const evidence = runScenario(scenario(), { problem: 'no kernel was found' }, host([]));
    expect(evidence).toMatchObject({ stop: { reason: 'not-bootable', message: 'no kernel was found' }, kernelSha256: null });
  });

  it('is not what a bug of ours looks like', () => {
    const createMachine = () => {
      throw new TypeError('bug');
    };
    expect(() => runScenario(scenario(), KERNEL, host([], { createMachine }))).toThrow(TypeError);
  });
});

describe('keys', () => {
  const keys = [
    { when: '# ', after: 0, type: 'ls\n' },
    { when: '# ', after: 0, type: 'exit\n' },
  ];

  it('are typed in order, each once its text was shown since the pair before', () => {
    const steps: Step[] = [{ print: '# ' }, { readKeys: 3 }, { print: 'files\n# ' }, { readKeys: 5 }, { stop: { reason: 'poweroff' } }];
    const evidence = runScenario(scenario({ keys }), KERNEL, host(steps));
    expect(consoleOf(evidence)).toBe('# ls\nfiles\n# exit\n');
    expect(evidence.stop).toEqual({ reason: 'poweroff' });
  });

  it('are not typed for a text that was shown before the pair before', () => {
    const evidence = runScenario(scenario({ keys }), KERNEL, host([{ print: 'a# ' }, { readKeys: 3 }, { readKeys: 5 }]));
    expect(consoleOf(evidence)).toBe('a# ls\n');
    expect(evidence.stop).toEqual({ reason: 'waiting-for-input' });
  });
});

describe('evidence', () => {
  const descriptors = [
    { index: 4, indirect: false, address: 0x80001000n, length: 10, flags: 1, next: 5 },
    { index: 5, indirect: false, address: 0x80002000n, length: 518, flags: 1, next: 6 },
    { index: 6, indirect: false, address: 0x80003000n, length: 1, flags: 2, next: 0 },
  ];
  const steps: Step[] = [
    { print: 'go' },
    {
      request: { type: 1, sector: 3n, descriptors, data: Uint8Array.of(0xca, 0xfe), completion: { at: 20_000, status: 0, usedLength: 1 } },
    },
    { write: new TextEncoder().encode('Howdy'), at: 1024 },
    { write: new Uint8Array(512), at: 512 },
    { stop: { reason: 'poweroff' } },
  ];

  it('has requests with roles by position, what the devices saw, and changed sectors only', () => {
    const evidence = runScenario(scenario(), KERNEL, host(steps));
    expect(evidence.requests).toHaveLength(1);
    expect(evidence.requests[0]).toMatchObject({ drive: 'blk', type: 1, sector: '3', data: 'cafe', dataLength: 512, consoleBytes: 2 });
    expect(evidence.requests[0]!.roles.map(({ role, descriptor, length }) => [role, descriptor, length])).toEqual([
      ['header', 0, 10],
      ['header', 1, 6],
      ['data', 1, 512],
      ['status', 2, 1],
    ]);
    expect(evidence.devices).toEqual([
      expect.objectContaining({
        drive: 'blk',
        statusWrites: [0, 3, 15],
        driverFeatures: '0x1006ed4',
        queueSize: 64,
        notifies: 1,
        broken: null,
      }),
    ]);
    expect(Object.keys(evidence.images[0]!.changed)).toEqual(['2']);
    expect(evidence.images[0]!.changed['2']).toBe(Buffer.from('Howdy').toString('hex'));
  });

  it('compares images only once the requests in flight are done', () => {
    const inFlight: Step = { inFlight: new TextEncoder().encode('Late'), at: 1536 };
    const evidence = runScenario(scenario(), KERNEL, host([inFlight, { stop: { reason: 'poweroff' } }]));
    expect(evidence.images[0]!.changed).toEqual({ 3: Buffer.from('Late').toString('hex') });
  });

  it('is the same text every time', () => {
    const texts = Array.from({ length: 3 }, () => JSON.stringify(runScenario(scenario(), KERNEL, host(steps))));
    expect(new Set(texts).size).toBe(1);
  });

  it('gives the machine what the rubric says', () => {
    const recorded = host(steps);
    runScenario(scenario(), KERNEL, recorded);
    const { cpu, memory, append, bios, live, drives } = recorded.machines[0]!.options;
    expect({ cpu, memory, append, bios, live }).toEqual({ cpu: 'rv64', memory: 1 << 20, append: 'quiet', bios: 'builtin', live: false });
    expect(drives.map(({ disk, serial }) => [disk.size, serial])).toEqual([[4096, 'blk']]);
    expect(Buffer.from(drives[0]!.disk.read(0, 5)).toString()).toBe('Hello');
    const named = scenario();
    named.machine.drives[0]!.serial = 'blk0';
    runScenario(named, KERNEL, recorded);
    expect(recorded.machines[1]!.options.drives[0]!.serial).toBe('blk0');
  });
});
