/**
 * The board: QEMU's `virt`. The only file that names every device: what is where, and which interrupt line goes where.
 * Reference: QEMU 10, hw/riscv/virt.c; spec/virt-board.ts has the addresses.
 */

import { type BootPlan, planBoot } from './boot/boot.ts';
import { Bus } from './bus.ts';
import { HartDebugger } from './debug/debugger.ts';
import { HartPageMap } from './debug/page-map.ts';
import { Aclint } from './devices/aclint.ts';
import { HOST_INTERVAL, takeHostCommand } from './devices/host-target.ts';
import { Plic } from './devices/plic.ts';
import { rom } from './devices/rom.ts';
import { Rtc } from './devices/rtc.ts';
import { createTestFinisher } from './devices/test-finisher.ts';
import { Uart16550 } from './devices/uart16550.ts';
import type { AccessConsumer } from './exec/access-log.ts';
import { Engine } from './exec/engine.ts';
import type { MemoryState, Pages } from './exec/memory-state.ts';
import type { HartStop } from './exec/running-hart.ts';
import { Ram } from './guest-memory.ts';
import { Hart } from './hart/hart.ts';
import { watchOf } from './hart/memory-watch.ts';
import { handlingOf, interruptView } from './interrupt-view.ts';
import { instructionSets, misaOf, PAGE_TABLE_LEVELS, parseCpuModel } from './isa/cpu-model.ts';
import { countCalls, readTally, type Tally } from './layout/tally.ts';
import type { AddressedRegister, DeviceView, InterruptView, Machine, MachineOptions, RamContents, RunResult, Snapshot } from './machine.ts';
import { placeDevices, plugDrive, plugEntropy, type VirtioDeviceOptions, viewOf } from './plugged.ts';
import type { Alarm, InterruptLine, MachineStop } from './ports.ts';
import { BuiltinFirmware } from './sbi/firmware.ts';
import type { Preemption } from './spec/preemption.ts';
import { INTERRUPT, PAGE_BYTES } from './spec/riscv.ts';
import { ACLINT, MOST_HARTS, MOST_RAM, PLIC, RESET_ROM, type Region, RTC, TEST_FINISHER, UART, virtioSlot } from './spec/virt-board.ts';
import { QUEUE_NOTIFY } from './spec/virtio.ts';
import type { PlannedFault } from './virtio/faults.ts';
import { TraceRoom } from './virtio/record/kept-requests.ts';
import type { RecorderOptions } from './virtio/record/recorder.ts';
import { createVirtioMmioSlot, type VirtioMmioSlot } from './virtio/transport/mmio.ts';
import { WORK, type WorkDone, WorkMeter } from './work-meter.ts';

/** For some devices QEMU answers fewer bytes than the device tree says; an access to the rest is an access fault. */
const decoded = (region: Region, size: number): Region => ({ base: region.base, size });

class VirtBoard implements Machine {
  /** The first one, which stands for all where one is asked about. */
  readonly #hart: Hart;
  readonly #harts: readonly Hart[];
  readonly #uart: Uart16550;
  readonly #parts: { readonly plic: Plic; readonly aclint: Aclint; readonly rtc: Rtc; readonly uart: Uart16550 };
  readonly #slots: readonly VirtioMmioSlot[];
  readonly #live: boolean;
  #stopped: MachineStop | undefined;
  #consoleBytes = 0;
  readonly #tohost: bigint | undefined;
  readonly #memory: Ram;
  readonly #transmit: (byte: number) => void;
  /** The slots of `devices`: the drives in their order, and the entropy device. */
  readonly #byDevice: readonly VirtioMmioSlot[];
  readonly devices: readonly DeviceView[];
  #pausing = false;
  #released = false;
  readonly #bus: Bus;
  readonly #virtio: readonly VirtioDeviceOptions[];
  #beforeRequests: (() => void) | undefined;
  readonly #work: WorkMeter;
  #effect = 0;
  readonly #room = new TraceRoom();
  readonly debug: HartDebugger;
  readonly #alarm: Alarm;

  constructor(options: MachineOptions) {
    if (options.memory % PAGE_BYTES !== 0 || options.memory <= 0 || options.memory > MOST_RAM)
      throw new RangeError(`memory of ${options.memory} bytes: a multiple of 4096, at most ${MOST_RAM}`);
    const cpu = parseCpuModel(options.cpu);
    const count = options.harts ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > MOST_HARTS) throw new RangeError(`${count} harts: 1 to ${MOST_HARTS}`);
    const plan = planBoot({ ...options, cpu, harts: count });
    this.#live = options.live;
    this.#beforeRequests = options.beforeRequests;

    const work = new WorkMeter(options.work, options.look);
    this.#work = work;
    const extensions = instructionSets(cpu);
    const engine = new Engine({
      ramBytes: options.memory,
      instructionTime: options.clock,
      harts: count,
      extensions,
      bus: {
        read: (address, width) => bus.read(address, width),
        write: (address, width, value) => bus.write(address, width, value),
        aboutToWrite: (address, width) => this.#aboutToWrite(address, width),
      },
      work,
    });
    const model = {
      extensions,
      sstc: cpu.extensions.has('sstc'),
      svadu: cpu.extensions.has('svadu'),
      zihpm: cpu.extensions.has('zihpm'),
      pageTableLevels: PAGE_TABLE_LEVELS[cpu.mmu],
      misa: misaOf(cpu),
      work,
    };
    this.#harts = Array.from({ length: count }, (_, id) => new Hart({ ...model, id }, engine));
    const hart = this.#harts[0]!;
    this.#hart = hart;
    const memory = new Ram(hart.state, hart.core, (host, length) =>
      hart.engine.watchpoints.touched({ kind: 'store', host, length, by: 'device', value: 0 }),
    );
    this.#memory = memory;
    const { clock } = hart;
    const pending = (hart: Hart, interrupt: number): InterruptLine => ({ set: (level) => hart.setPending(interrupt, level) });
    const transmit = (byte: number): void => {
      work.add(WORK['console-bytes']);
      this.#consoleBytes += 1;
      this.#effect = hart.now();
      options.onConsole(byte);
    };
    this.#transmit = transmit;

    const plic = new Plic(
      this.#harts.map((hart) => ({
        machine: pending(hart, INTERRUPT.machineExternal),
        supervisor: pending(hart, INTERRUPT.supervisorExternal),
      })),
      () => hart.now(),
    );
    const aclint: Aclint = new Aclint({
      clock,
      harts: this.#harts.map((hart) => ({
        software: pending(hart, INTERRUPT.machineSoftware),
        timer: pending(hart, INTERRUPT.machineTimer),
      })),
      timeOffset: (ticks) => {
        for (const hart of this.#harts) hart.setTimeOffset(ticks);
      },
    });
    this.#uart = new Uart16550({ clock, interrupt: plic.line(UART.irq), transmit, polled: () => hart.engine.loops.polled() });
    const pages = new HartPageMap(hart.state);
    const virtio = [...options.drives.map(plugDrive), ...(options.entropy ? [plugEntropy(options.entropy)] : [])];
    this.#virtio = virtio;
    const inSlots = placeDevices(virtio);
    const transport = options.modernVirtio ? 'modern' : 'legacy';
    this.#slots = inSlots.map((device, slot) =>
      createVirtioMmioSlot({
        memory,
        clock,
        interrupt: plic.line(virtioSlot(slot).irq),
        instructions: () => this.instructions(),
        consoleBytes: () => this.#consoleBytes,
        pc: () => engine.state.get('pc'),
        virtual: { pages, watch: watchOf(hart) },
        work,
        recorder: { room: this.#room, recording: device === undefined ? undefined : recordingOf(options, device) },
        power: { isOff: () => this.#stopped?.reason === 'power-cut', cut: () => this.#end({ reason: 'power-cut' }) },
        watch: options.races ? () => watchOf(hart) : undefined,
        transport,
        ...(device === undefined ? {} : virtio[device]!.plug({ memory, work }, transport)),
      }),
    );
    this.#byDevice = virtio.map((_, index) => this.#slots[inSlots.indexOf(index)]!);
    this.devices = this.#byDevice.map((slot, index) =>
      viewOf(slot, virtioSlot(inSlots.indexOf(index)), index < options.drives.length ? index : undefined),
    );
    const rtc = new Rtc(clock, plic.line(RTC.irq));
    this.#parts = { plic, aclint, rtc, uart: this.#uart };
    this.#alarm = clock.alarm(() => options.onAlarm?.());
    const bus = new Bus(
      [
        { region: decoded(UART, 8), device: this.#uart },
        { region: PLIC, device: plic },
        { region: decoded(ACLINT, 0xc000), device: aclint },
        ...this.#slots.map((slot, n) => ({ region: decoded(virtioSlot(n), 0x200), device: slot.device })),
        { region: TEST_FINISHER, device: createTestFinisher((stop) => this.#end(stop)) },
        { region: decoded(RTC, 0x24), device: rtc },
        { region: RESET_ROM, device: rom(plan.resetRom) },
      ],
      (device) => {
        // Accesses to the clocks do not count: a kernel reads the time without getting any further.
        if (device !== aclint && device !== rtc) this.#effect = hart.now();
        hart.engine.loops.touch();
      },
    );
    countCalls(hart.state, options.systemCalls ?? []);
    engine.watchCode(options.watched ?? [], options.onReached ?? (() => {}));
    this.debug = new HartDebugger(this.#harts, bus);
    this.#bus = bus;

    this.preempt(options.preemptions ?? []);
    this.#fillRam(plan, options.ram);
    this.#start(plan, transmit);
    this.#tohost = plan.tohost;
  }

  #start({ entry }: BootPlan, transmit: (byte: number) => void): void {
    for (const { state, options } of this.#harts) {
      state.set('pc', entry.pc);
      for (const [index, value] of [BigInt(options.id), entry.a1, entry.a2].entries()) state.setX(10 + index, value);
    }
    if (entry.privilege === 'M') return;
    const harts: BuiltinFirmware[] = [];
    const parts = { harts, memory: this.#memory, uart: this.#uart, transmit, stop: (stop: MachineStop) => this.#end(stop) };
    for (const hart of this.#harts) {
      const firmware = new BuiltinFirmware(hart, parts);
      hart.traps.firmware = firmware;
      harts.push(firmware);
    }
  }

  #fillRam({ loads }: BootPlan, ram: MachineOptions['ram']): void {
    const { engine } = this.#hart;
    if (ram !== undefined && 'fill' in ram) engine.fillMemory(ram.fill);
    if (ram !== undefined && 'left' in ram) {
      engine.fillMemory(LEFT.get(ram.left)!);
      for (const { address, bytes, zeroed } of loads) this.#memory.write(address + BigInt(bytes.length), new Uint8Array(Number(zeroed)));
    }
    for (const load of loads) this.#memory.write(load.address, load.bytes);
  }

  ram(): RamContents {
    const pages = this.#hart.engine.saveMemory().pages.all;
    const contents: RamContents = { bytes: pages.size * PAGE_BYTES };
    LEFT.set(contents, pages);
    return contents;
  }

  #aboutToWrite(address: number, width: number): void {
    if (this.#beforeRequests === undefined || width !== 4 || !this.#notifies(address)) return;
    const tell = this.#beforeRequests;
    this.#beforeRequests = undefined;
    this.#hart.engine.beforeInstruction(tell);
  }

  /** Whether a write to the address notifies a device. */
  #notifies(address: number): boolean {
    return this.#byDevice.some((slot, index) => slot.version !== undefined && address === this.devices[index]!.address + QUEUE_NOTIFY);
  }

  planFaults(faults: readonly (readonly PlannedFault[])[]): void {
    faults.forEach((planned, drive) => {
      this.#virtio[drive]!.plan(planned);
    });
  }

  momentBefore(time: number): number {
    return this.#hart.engine.momentBefore(time);
  }

  preempt(preemptions: readonly Preemption[]): void {
    const hart = preemptions.find(({ hart }) => this.#harts[hart] === undefined)?.hart;
    if (hart !== undefined) throw new RangeError(`hart ${hart} is preempted, and there are ${this.#harts.length}`);
    this.#hart.engine.preempt(preemptions);
  }

  #end(stop: MachineStop): void {
    this.#stopped = stop;
    this.#hart.engine.stop();
  }

  run(time: number): RunResult {
    if (this.#released) throw new Error('this machine was given back');
    if (this.#stopped) return this.#stopped;
    this.#pausing = false;
    this.#work.goOn();
    const ended = this.#tohost === undefined ? this.#hart.run(time, { live: this.#live }) : this.#runWithHost(time, this.#tohost);
    if (this.#stopped) return this.#stopped;
    if (this.#pausing) return { reason: 'paused' };
    switch (ended) {
      case 'time':
      case 'work':
      case 'interrupted':
      case 'interrupt-storm':
      case 'exception-storm':
        return { reason: ended };
      default: {
        const stop: MachineStop = { reason: ended };
        this.#stopped = stop;
        return stop;
      }
    }
  }

  /** riscv-tests report to a "host" through a doubleword in memory, which the board reads from time to time. */
  #runWithHost(time: number, tohost: bigint): HartStop {
    for (;;) {
      const ended = this.#hart.run(Math.min(time, this.now() + HOST_INTERVAL), { live: this.#live });
      this.#serveHost(tohost);
      if (this.#stopped || this.#pausing || ended !== 'time' || this.now() >= time) return ended;
    }
  }

  #serveHost(tohost: bigint): void {
    const command = takeHostCommand(this.#memory, tohost);
    if (command === undefined) return;
    if ('exit' in command) this.#end({ reason: 'exit', code: command.exit });
    else this.#transmit(command.print);
  }

  pause(): void {
    this.#pausing = true;
    this.#work.halt();
    this.#hart.engine.stop();
  }

  now(): number {
    return this.#hart.now();
  }

  instructions(): bigint {
    return this.#harts.reduce((sum, hart) => sum + hart.retired(), 0n);
  }

  pc(): bigint {
    return this.#current().state.get('pc');
  }

  /** The hart that has its turn, or had the last one. */
  #current(): Hart {
    return this.#harts.find(({ state }) => !state.isParked)!;
  }

  type(bytes: Uint8Array): void {
    // A machine that stopped only because it waited may go on.
    if (this.#stopped?.reason === 'idle' || this.#stopped?.reason === 'waiting-for-input') this.#stopped = undefined;
    this.#uart.type(bytes);
  }

  alarm(time: number): void {
    this.#alarm.at = time;
  }

  untyped(): number {
    return this.#uart.pending();
  }

  settle(): void {
    this.#work.goOn();
    const { sources } = this.interrupts();
    this.#byDevice.forEach((slot, index) => {
      const source = sources.find(({ source }) => source === this.devices[index]!.source);
      slot.settle(handlingOf(source, this.#harts, this.#parts.plic));
    });
  }

  deviceAt(physical: bigint): AddressedRegister | undefined {
    const found = physical < 1n << 32n ? this.#bus.at(Number(physical)) : undefined;
    if (!found) return undefined;
    const { region, device } = found;
    const offset = Number(physical) - region.base;
    const virtio = this.#byDevice.findIndex((slot) => slot.device === device);
    return { device: device.name, virtio: virtio < 0 ? undefined : virtio, offset, register: device.register?.(offset) };
  }

  emptySlotsAccessed(): readonly number[] {
    return this.#slots.flatMap((slot, index) => (slot.version === undefined && slot.accessed() ? [virtioSlot(index).base] : []));
  }

  lastEffect(): number {
    return this.#effect;
  }

  interrupts(): InterruptView {
    return interruptView(this.#current(), this.#parts);
  }

  tally(): Tally {
    return readTally(this.#hart.state);
  }

  logAccesses(consumer: AccessConsumer | undefined): void {
    this.#hart.engine.logAccesses(consumer);
  }

  workDone(): WorkDone {
    return this.#hart.engine.workDone();
  }

  allowWork(units: number): void {
    this.#work.allow(units);
  }

  snapshot(): Snapshot {
    return this.#snapshotWith(this.#hart.engine.saveMemory());
  }

  keepMoment(kept = { decoded: true }): Snapshot {
    return this.#snapshotWith(this.#hart.engine.keepMemory(kept));
  }

  holds(snapshot: Snapshot): boolean {
    const contents = CONTENTS.get(snapshot);
    return contents !== undefined && this.#hart.engine.holdsMemory(contents.memory);
  }

  #snapshotWith(memory: MemoryState): Snapshot {
    const snapshot: Snapshot = { time: this.now() };
    CONTENTS.set(snapshot, { memory, state: structuredClone(this.save()) });
    return snapshot;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#hart.engine.release();
  }

  restore(snapshot: Snapshot): void {
    const contents = CONTENTS.get(snapshot);
    if (contents === undefined) throw new Error('no snapshot of a machine in this process');
    const { memory, state } = contents;
    // Restore a copy: the machine will change it, and the snapshot may be used again.
    const { board, engine, harts, plic, aclint, rtc, uart, room, slots } = structuredClone(state);
    this.#hart.engine.restore(memory, engine);
    for (const [index, hart] of this.#harts.entries()) hart.restore(harts[index]!);
    this.#parts.plic.restore(plic);
    this.#parts.aclint.restore(aclint);
    this.#parts.rtc.restore(rtc);
    this.#parts.uart.restore(uart);
    this.#room.restore(room);
    this.#slots.forEach((slot, index) => {
      slot.restore(slots[index]!);
    });
    this.#stopped = board.stopped;
    this.#consoleBytes = board.consoleBytes;
    this.#effect = board.effect;
    this.#pausing = false;
  }

  save() {
    const stopped = this.#stopped;
    const consoleBytes = this.#consoleBytes;
    const effect = this.#effect;
    const { plic, aclint, rtc, uart } = this.#parts;
    return {
      board: { stopped, consoleBytes, effect },
      engine: this.#hart.engine.save(),
      harts: this.#harts.map((hart) => hart.save()),
      plic: plic.save(),
      aclint: aclint.save(),
      rtc: rtc.save(),
      uart: uart.save(),
      room: this.#room.save(),
      slots: this.#slots.map((slot) => slot.save()),
    };
  }
}

/** What is recorded of one device's requests. */
function recordingOf({ requests = {} }: MachineOptions, device: number): RecorderOptions['recording'] {
  if (requests === 'counts') return undefined;
  const { first, taken, dropped } = requests;
  return {
    first,
    taken: taken && ((request) => taken(device, request)),
    dropped: dropped && ((request) => dropped(device, request)),
  };
}

interface SnapshotContents {
  readonly memory: MemoryState;
  readonly state: ReturnType<VirtBoard['save']>;
}

/** The pages of RAM that a machine left. */
const LEFT = new WeakMap<RamContents, Pages>();

/** What is in each snapshot. */
const CONTENTS = new WeakMap<Snapshot, SnapshotContents>();

/** Powers a machine on. Throws GuestFileError or CpuOptionError for what cannot be booted. */
export function createMachine(options: MachineOptions): Machine {
  return new VirtBoard(options);
}
