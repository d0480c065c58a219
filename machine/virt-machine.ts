/** The machine: runs a board, and answers what is asked about it (machine.ts). */
import { Board } from './board.ts';
import { HartDebugger } from './debug/debugger.ts';
import { HOST_INTERVAL, takeHostCommand } from './devices/host-target.ts';
import type { AccessConsumer } from './exec/access-log.ts';
import type { MemoryState } from './exec/memory-state.ts';
import type { HartStop } from './exec/running-hart.ts';
import type { Hart } from './hart/hart.ts';
import { handlingOf, interruptView } from './interrupt-view.ts';
import { countCalls, readTally, type Tally } from './layout/tally.ts';
import type { AddressedRegister, DeviceView, InterruptView, Machine, MachineOptions, RamContents, RunResult, Snapshot } from './machine.ts';
import type { Alarm, MachineStop } from './ports.ts';
import { fillRam, ramContents } from './ram-contents.ts';
import type { Schedule } from './spec/schedule.ts';
import { virtioSlot } from './spec/virt-board.ts';
import type { PlannedFault } from './virtio/faults.ts';
import type { WorkDone } from './work-meter.ts';

class VirtMachine implements Machine {
  readonly debug: HartDebugger;
  readonly devices: readonly DeviceView[];
  readonly #board: Board;
  readonly #alarm: Alarm;
  readonly #live: boolean;
  #beforeRequests: (() => void) | undefined;
  #pausing = false;
  #released = false;

  constructor(options: MachineOptions) {
    const board = new Board(options, (address, width) => this.#aboutToWrite(address, width));
    const { engine, hart } = board;
    this.#board = board;
    this.#live = options.live;
    this.#beforeRequests = options.beforeRequests;
    this.devices = board.plugged.views;
    this.#alarm = hart.clock.alarm(() => options.onAlarm?.());
    countCalls(hart.state, options.systemCalls ?? []);
    engine.watchCode(options.watched ?? [], options.onReached ?? (() => {}));
    this.debug = new HartDebugger(board.harts, board.bus);
    this.follow(options.schedule ?? []);
    fillRam(engine, board.memory, board.plan, options.ram);
    board.start();
  }

  #aboutToWrite(address: number, width: number): void {
    if (this.#beforeRequests === undefined || width !== 4 || !this.#board.plugged.notifies(address)) return;
    const tell = this.#beforeRequests;
    this.#beforeRequests = undefined;
    this.#board.engine.slices.beforeInstruction(tell);
  }

  run(time: number): RunResult {
    if (this.#released) throw new Error('this machine was given back');
    const { stopped, work, plan } = this.#board;
    if (stopped) return stopped;
    this.#pausing = false;
    work.goOn();
    return this.#resultOf(plan.tohost === undefined ? this.#runHarts(time) : this.#runWithHost(time, plan.tohost));
  }

  #runHarts(time: number): HartStop {
    return this.#board.hart.run(time, { live: this.#live });
  }

  #resultOf(ended: HartStop): RunResult {
    if (this.#board.stopped) return this.#board.stopped;
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
        this.#board.stopped = stop;
        return stop;
      }
    }
  }

  /** riscv-tests report to a "host" through a doubleword in memory, which the board reads from time to time. */
  #runWithHost(time: number, tohost: bigint): HartStop {
    for (;;) {
      const ended = this.#runHarts(Math.min(time, this.now() + HOST_INTERVAL));
      this.#serveHost(tohost);
      if (this.#board.stopped || this.#pausing || ended !== 'time' || this.now() >= time) return ended;
    }
  }

  #serveHost(tohost: bigint): void {
    const command = takeHostCommand(this.#board.memory, tohost);
    if (command === undefined) return;
    if ('exit' in command) this.#board.end({ reason: 'exit', code: command.exit });
    else this.#board.transmit(command.print);
  }

  pause(): void {
    this.#pausing = true;
    this.#board.work.halt();
    this.#board.engine.stop();
  }

  now(): number {
    return this.#board.hart.now();
  }

  momentBefore(time: number): number {
    return this.#board.engine.momentBefore(time);
  }

  instructions(): bigint {
    return this.#board.instructions();
  }

  pc(): bigint {
    return this.#current().state.get('pc');
  }

  /** The hart that has its turn, or had the last one. */
  #current(): Hart {
    return this.#board.harts.find(({ state }) => !state.isParked)!;
  }

  type(bytes: Uint8Array): void {
    const board = this.#board;
    // A machine that stopped only because it waited may go on.
    if (board.stopped?.reason === 'idle' || board.stopped?.reason === 'waiting-for-input') board.stopped = undefined;
    board.uart.type(bytes);
  }

  untyped(): number {
    return this.#board.uart.pending();
  }

  alarm(time: number): void {
    this.#alarm.at = time;
  }

  planFaults(faults: readonly (readonly PlannedFault[])[]): void {
    this.#board.plugged.planFaults(faults);
  }

  follow(schedule: Schedule): void {
    const { harts, engine } = this.#board;
    const hart = schedule.find(({ hart }) => harts[hart] === undefined)?.hart;
    if (hart !== undefined) throw new RangeError(`the schedule names hart ${hart}, and there are ${harts.length}`);
    engine.follow(schedule);
  }

  settle(): void {
    const { work, plugged, harts, plic } = this.#board;
    work.goOn();
    const { sources } = this.interrupts();
    plugged.shown.forEach((slot, index) => {
      const source = sources.find(({ source }) => source === plugged.views[index]!.source);
      slot.settle(handlingOf(source, harts, plic));
    });
  }

  deviceAt(physical: bigint): AddressedRegister | undefined {
    const { bus, plugged } = this.#board;
    const found = physical < 1n << 32n ? bus.at(Number(physical)) : undefined;
    if (!found) return undefined;
    const { region, device } = found;
    const offset = Number(physical) - region.base;
    const virtio = plugged.shown.findIndex((slot) => slot.device === device);
    return { device: device.name, virtio: virtio < 0 ? undefined : virtio, offset, register: device.register?.(offset) };
  }

  emptySlotsAccessed(): readonly number[] {
    const { slots } = this.#board.plugged;
    return slots.flatMap((slot, index) => (slot.version === undefined && slot.accessed() ? [virtioSlot(index).base] : []));
  }

  lastEffect(): number {
    return this.#board.effect;
  }

  interrupts(): InterruptView {
    return interruptView(this.#current(), this.#board);
  }

  tally(): Tally {
    return readTally(this.#board.hart.state);
  }

  logAccesses(consumer: AccessConsumer | undefined): void {
    this.#board.engine.logging.to(consumer);
  }

  workDone(): WorkDone {
    return this.#board.engine.workDone();
  }

  allowWork(units: number): void {
    this.#board.work.allow(units);
  }

  ram(): RamContents {
    return ramContents(this.#board.engine);
  }

  snapshot(): Snapshot {
    return this.#snapshotWith(this.#board.engine.saveMemory());
  }

  keepMoment(kept = { decoded: true }): Snapshot {
    return this.#snapshotWith(this.#board.engine.keepMemory(kept));
  }

  #snapshotWith(memory: MemoryState): Snapshot {
    const snapshot: Snapshot = { time: this.now() };
    CONTENTS.set(snapshot, { memory, state: structuredClone(this.#board.save()) });
    return snapshot;
  }

  holds(snapshot: Snapshot): boolean {
    const contents = CONTENTS.get(snapshot);
    return contents !== undefined && this.#board.engine.holdsMemory(contents.memory);
  }

  restore(snapshot: Snapshot): void {
    const contents = CONTENTS.get(snapshot);
    if (contents === undefined) throw new Error('no snapshot of a machine in this process');
    // Restore a copy: the machine will change it, and the snapshot may be used again.
    const { engine, ...state } = structuredClone(contents.state);
    this.#board.engine.restore(contents.memory, engine);
    this.#board.restore(state);
    this.#pausing = false;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#board.engine.release();
  }
}

interface SnapshotContents {
  readonly memory: MemoryState;
  readonly state: ReturnType<Board['save']>;
}

/** What is in each snapshot. */
const CONTENTS = new WeakMap<Snapshot, SnapshotContents>();

/** Powers a machine on. Throws GuestFileError or CpuOptionError for what cannot be booted. */
export function createMachine(options: MachineOptions): Machine {
  return new VirtMachine(options);
}
