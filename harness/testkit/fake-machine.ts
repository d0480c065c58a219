/** A machine for tests: plays a list of steps instead of a kernel, on the same clock and through the same ports. */
import type {
  DeviceView,
  InterruptView,
  Machine,
  MachineOptions,
  MachineStop,
  RunResult,
  TracedDevice,
  TracedRequest,
} from '../../machine/index.ts';

export type Step =
  /** The guest writes to its console, one byte a nanosecond. */
  | { print: string }
  /** The guest sleeps, in nanoseconds. */
  | { wait: number }
  | { request: Partial<TracedRequest>; drive?: number }
  | { write: Uint8Array; at: number; drive?: number }
  /** A write to the disk that is in flight: it is carried out when the machine is settled. */
  | { inFlight: Uint8Array; at: number; drive?: number }
  /** Waits until that many keys were typed, and echoes them. */
  | { readKeys: number }
  | { call: (machine: FakeMachine) => unknown }
  | { stop: MachineStop };

export class FakeMachine implements Machine {
  readonly devices: DeviceView[];
  readonly typed: number[] = [];
  settled = false;
  readonly #inFlight: (() => void)[] = [];
  #time = 0;
  #paused = false;
  #printed = 0;
  #pending: number[] = [];
  readonly #steps: Step[];
  readonly options: MachineOptions;

  constructor(options: MachineOptions, steps: readonly Step[]) {
    this.options = options;
    this.#steps = [...steps];
    this.devices = options.drives.map((_, drive) => {
      const trace = fakeTrace();
      return {
        kind: 'block',
        drive,
        address: 0x1000_8000 - 0x1000 * drive,
        source: 8 - drive,
        version: 1,
        accessed: () => true,
        trace,
        unnotified: () => 0,
        queue: () => undefined,
        queueRegisters: () => new Map(),
        interrupt: () => undefined,
      };
    });
  }

  run(time: number): RunResult {
    this.#paused = false;
    while (this.#time < time) {
      if (this.#pending.length > 0) {
        this.#time++;
        this.#printed++;
        this.options.onConsole(this.#pending.shift()!);
      } else {
        const stop = this.#step(time);
        if (stop) return stop;
      }
      if (this.#paused) return { reason: 'paused' };
    }
    return { reason: 'time' };
  }

  #step(time: number): MachineStop | undefined {
    const step = this.#steps[0];
    if (step === undefined) {
      this.#time = time;
      return undefined;
    }
    if ('wait' in step) {
      const slept = Math.min(step.wait, time - this.#time);
      this.#time += slept;
      step.wait -= slept;
      if (step.wait > 0) return undefined;
    }
    if ('readKeys' in step && this.typed.length < step.readKeys) return { reason: 'waiting-for-input' };
    this.#steps.shift();
    if ('stop' in step) return step.stop;
    this.#time++;
    if ('print' in step) this.#pending.push(...new TextEncoder().encode(step.print));
    if ('readKeys' in step) this.#pending.push(...this.typed.splice(0, step.readKeys));
    if ('call' in step) step.call(this);
    if ('write' in step) this.options.drives[step.drive ?? 0]!.disk.write(step.at, step.write);
    if ('inFlight' in step) this.#inFlight.push(() => this.options.drives[step.drive ?? 0]!.disk.write(step.at, step.inFlight));
    if ('request' in step) this.#request(step.request, step.drive ?? 0);
    return undefined;
  }

  #request(request: Partial<TracedRequest>, device: number): void {
    const { trace } = this.devices[device]!;
    trace.notifies++;
    const made: TracedRequest = {
      number: trace.requests.length + 1,
      queue: 0,
      head: 0,
      notifiedAt: this.#time,
      instructions: this.instructions(),
      ringEntry: 0x80001400n,
      table: 0x80001000n,
      consoleBytes: this.#printed,
      phantom: false,
      descriptors: [],
      type: undefined,
      reserved: undefined,
      sector: undefined,
      data: new Uint8Array(),
      ...request,
    };
    trace.requests.push(made);
    const { type, phantom, completion } = made;
    const answers = new Map(completion === undefined ? [] : [[completion.status, 1] as const]);
    trace.counts.push({ type, made: 1, phantoms: phantom ? 1 : 0, answers });
    const { requests } = this.options;
    if (typeof requests === 'object') requests.taken?.(device, made);
  }

  pause(): void {
    this.#paused = true;
  }

  now(): number {
    return this.#time;
  }

  instructions(): bigint {
    return BigInt(this.#time);
  }

  pc(): bigint {
    return 0x80200000n;
  }

  type(bytes: Uint8Array): void {
    this.typed.push(...bytes);
  }

  untyped(): number {
    return this.typed.length;
  }

  settle(): void {
    this.settled = true;
    for (const write of this.#inFlight.splice(0)) write();
  }

  snapshot(): never {
    throw new Error('this machine is played');
  }

  restore(): never {
    throw new Error('this machine is played');
  }

  emptySlotsAccessed(): readonly number[] {
    return [];
  }

  alarm(): void {}

  deviceAt(): undefined {}

  tally() {
    const none = new Array<number>(32).fill(0);
    return { exceptions: none, interrupts: { M: none, S: none }, contextSwitches: 0, calls: [], reached: [] };
  }

  workDone() {
    return { units: 0, counts: {} };
  }

  allowWork(): void {}

  logAccesses(): void {}

  ram() {
    return { bytes: 0 };
  }

  lastEffect(): number {
    return this.#time;
  }

  interrupts(): InterruptView {
    return {
      mode: 'S',
      waiting: false,
      firmware: true,
      mstatus: 0n,
      mip: 0n,
      mie: 0n,
      mideleg: 0x222n,
      stvec: 0n,
      mtvec: 0n,
      time: BigInt(Math.floor(this.#time / 100)),
      stimecmp: (1n << 64n) - 1n,
      mtimecmp: 0n,
      taken: [],
      inARow: 0,
      sources: [],
      contexts: [],
      uart: { unread: 0, enabled: 0 },
    };
  }

  planFaults(): void {}

  follow(): void {}

  momentBefore(time: number): number {
    return time;
  }

  release(): void {}

  keepMoment(): never {
    throw new Error('a played machine has no moments');
  }

  holds(): boolean {
    return false;
  }

  /** Nothing that could be explained happens in a played machine. */
  readonly debug: Machine['debug'] = {
    watch: () => undefined,
    watchControls: () => undefined,
    pc: () => this.pc(),
    registers: () => new Array<bigint>(32).fill(0n),
    register: () => 0n,
    walk: (address) => ({ steps: [], end: { physical: address, leaf: undefined } }),
    readMemory: () => undefined,
    ramEnd: () => 0n,
    viewMemory: () => undefined,
    countStored: () => 0,
    storedMemory: () => [],
    readVirtual: () => new Uint8Array(),
    csr: () => 0n,
    lastException: () => undefined,
    repeatedCall: () => undefined,
    openCall: () => undefined,
    refusedCall: () => undefined,
    step: () => false,
    wake: () => undefined,
    takeInterrupts: () => true,
    skippedTime: () => 0,
    skipsLoops: true,
    loop: () => undefined,
    harts: 1,
    hart: 0,
    showHart: () => 'runs',
    loopOfHart: () => undefined,
    sleep: () => undefined,
    timeWait: () => undefined,
  };
}

function fakeTrace(): TracedDevice {
  return {
    statusWrites: [0, 3, 15],
    driverFeatures: 0x01006ed4n,
    deviceFeatures: 0x31006ed4n,
    queueSize: 64,
    notifies: 0,
    interruptsRaised: 0,
    interruptsAcknowledged: 0,
    broken: undefined,
    requests: [],
    counts: [],
    findings: [],
    racesLeftOut: 0,
  };
}

/** A `createMachine` that plays the steps which `stepsFor` picks by the kernel's text. */
export function fakeMachines(stepsFor: (kernel: string) => readonly Step[]): (options: MachineOptions) => FakeMachine {
  return (options) => new FakeMachine(options, copies(stepsFor(Buffer.from(options.kernel ?? []).toString('utf8'))));
}

/** Steps are used up (`wait` counts down), so every machine gets its own. */
function copies(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ ...step }));
}
