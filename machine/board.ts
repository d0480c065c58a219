/**
 * The board: QEMU's `virt`. The only file that names every device: what is where, and which interrupt line goes where.
 * virt-machine.ts runs it. Reference: QEMU 10, hw/riscv/virt.c; spec/virt-board.ts has the addresses.
 */
import { type BootPlan, planBoot } from './boot/boot.ts';
import { Bus, type Mapping } from './bus.ts';
import { HartPageMap } from './debug/page-map.ts';
import { DeviceMemory } from './device-memory.ts';
import { Aclint } from './devices/aclint.ts';
import { type Flash, flashUnits } from './devices/flash.ts';
import { FwCfg } from './devices/fw-cfg.ts';
import { Plic } from './devices/plic.ts';
import { rom } from './devices/rom.ts';
import { Rtc } from './devices/rtc.ts';
import { createTestFinisher } from './devices/test-finisher.ts';
import { Uart16550 } from './devices/uart16550.ts';
import type { Engine } from './exec/engine.ts';
import { Ram } from './guest-memory.ts';
import type { Hart } from './hart/hart.ts';
import { makeHarts } from './hart/harts.ts';
import { watchOf } from './hart/memory-watch.ts';
import { parseCpuModel } from './isa/cpu-model.ts';
import type { MachineOptions } from './machine.ts';
import { PluggedDevices } from './plugged.ts';
import type { InterruptLine, MachineStop } from './ports.ts';
import { BuiltinFirmware } from './sbi/firmware.ts';
import { INTERRUPT, PAGE_BYTES } from './spec/riscv.ts';
import {
  ACLINT,
  FLASH,
  FW_CFG,
  MOST_HARTS,
  MOST_RAM,
  PLIC,
  RESET_ROM,
  type Region,
  RTC,
  TEST_FINISHER,
  UART,
  virtioSlot,
} from './spec/virt-board.ts';
import { TraceRoom } from './virtio/record/kept-requests.ts';
import { WORK, WorkMeter } from './work-meter.ts';

/** For some devices QEMU answers fewer bytes than the device tree says; an access to the rest is an access fault. */
const decoded = (region: Region, size: number): Region => ({ base: region.base, size });

const pending = (hart: Hart, interrupt: number): InterruptLine => ({ set: (level) => hart.setPending(interrupt, level) });

const fwCfgRegions = ({ data, selector, dma }: FwCfg): Mapping[] => [
  { region: { base: FW_CFG.base, size: 8 }, device: data },
  { region: { base: FW_CFG.base + 8, size: 2 }, device: selector },
  { region: { base: FW_CFG.base + 16, size: 8 }, device: dma },
];

export class Board {
  readonly harts: readonly Hart[];
  /** The first one, which stands for all where one is asked about. */
  readonly hart: Hart;
  readonly engine: Engine;
  readonly memory: Ram;
  readonly plic: Plic;
  readonly aclint: Aclint;
  readonly rtc: Rtc;
  readonly uart: Uart16550;
  readonly plugged: PluggedDevices;
  /** Only where it is asked for. */
  readonly fwCfg: FwCfg | undefined;
  readonly flash: readonly Flash[];
  readonly bus: Bus;
  readonly work: WorkMeter;
  readonly plan: BootPlan;
  /** Why the machine has stopped for good. */
  stopped: MachineStop | undefined;
  /** Guest time of the last byte of console output, or of the last access that may have changed a device. */
  effect = 0;
  #consoleBytes = 0;
  readonly #room = new TraceRoom();
  readonly #onConsole: (byte: number) => void;

  /** @param aboutToWrite called before a hart's write to the bus */
  constructor(options: MachineOptions, aboutToWrite: (address: number, width: number) => void) {
    const { memory: ramBytes, harts: count = 1 } = options;
    if (ramBytes % PAGE_BYTES !== 0 || ramBytes <= 0 || ramBytes > MOST_RAM)
      throw new RangeError(`memory of ${ramBytes} bytes: a multiple of 4096, at most ${MOST_RAM}`);
    if (!Number.isInteger(count) || count < 1 || count > MOST_HARTS) throw new RangeError(`${count} harts: 1 to ${MOST_HARTS}`);
    const cpu = parseCpuModel(options.cpu);
    const configFiles = options.fwCfg ?? (options.flash && []);
    this.plan = planBoot({ ...options, cpu, harts: count, fwCfg: configFiles !== undefined });
    this.#onConsole = options.onConsole;
    this.work = new WorkMeter(options.work, options.look);
    const bus = {
      read: (address: number, width: number) => this.bus.read(address, width),
      write: (address: number, width: number, value: number) => this.bus.write(address, width, value),
      aboutToWrite,
    };
    this.harts = makeHarts(cpu, { ramBytes, harts: count, instructionTime: options.clock, bus, flash: options.flash, work: this.work });
    this.hart = this.harts[0]!;
    this.engine = this.hart.engine;
    const { state, core, clock } = this.hart;
    this.memory = new Ram(state, core, (host, length) =>
      this.engine.watchpoints.touched({ kind: 'store', host, length, by: 'device', value: 0 }),
    );
    this.plic = this.#makePlic();
    this.aclint = this.#makeAclint();
    const { loops } = this.engine;
    const transmit = (byte: number) => this.transmit(byte);
    this.uart = new Uart16550({ clock, interrupt: this.plic.line(UART.irq), transmit, polled: () => loops.polled() });
    this.plugged = this.#makePlugged(options);
    const { memory, work } = this;
    this.flash = options.flash ? flashUnits(options.flash, work) : [];
    this.fwCfg = configFiles && new FwCfg(configFiles, { memory, work, harts: count, handed: this.plan.handed });
    this.rtc = new Rtc(clock, this.plic.line(RTC.irq));
    this.bus = this.#makeBus();
  }

  #makePlic(): Plic {
    const contexts = this.harts.map((hart) => ({
      machine: pending(hart, INTERRUPT.machineExternal),
      supervisor: pending(hart, INTERRUPT.supervisorExternal),
    }));
    return new Plic(contexts, () => this.hart.now());
  }

  #makeAclint(): Aclint {
    return new Aclint({
      clock: this.hart.clock,
      harts: this.harts.map((hart) => ({
        software: pending(hart, INTERRUPT.machineSoftware),
        timer: pending(hart, INTERRUPT.machineTimer),
      })),
      timeOffset: (ticks) => {
        for (const hart of this.harts) hart.setTimeOffset(ticks);
      },
    });
  }

  #makePlugged(options: MachineOptions): PluggedDevices {
    const { hart, engine, work } = this;
    return new PluggedDevices(options, {
      memory: new DeviceMemory(this.memory, engine),
      clock: hart.clock,
      line: (source) => this.plic.line(source),
      instructions: () => this.instructions(),
      consoleBytes: () => this.#consoleBytes,
      pc: () => this.engine.state.get('pc'),
      virtual: { pages: new HartPageMap(hart.state), watch: watchOf(hart) },
      work,
      room: this.#room,
      power: { isOff: () => this.stopped?.reason === 'power-cut', cut: () => this.end({ reason: 'power-cut' }) },
      watch: options.races ? () => watchOf(hart) : undefined,
      order: options.races ? () => engine.logging.followOrder() : undefined,
    });
  }

  /** In the order in which devices are looked for: those first that a kernel uses most. */
  #makeBus(): Bus {
    const { aclint, rtc, hart } = this;
    return new Bus(
      [
        { region: decoded(UART, 8), device: this.uart },
        { region: PLIC, device: this.plic },
        { region: decoded(ACLINT, 0xc000), device: aclint },
        ...this.plugged.slots.map((slot, n) => ({ region: decoded(virtioSlot(n), 0x200), device: slot.device })),
        { region: TEST_FINISHER, device: createTestFinisher((stop) => this.end(stop)) },
        { region: decoded(RTC, 0x24), device: rtc },
        { region: RESET_ROM, device: rom(this.plan.resetRom) },
        ...(this.fwCfg === undefined ? [] : fwCfgRegions(this.fwCfg)),
        ...this.flash.map((device, unit) => ({ region: { base: FLASH.base + unit * FLASH.size, size: FLASH.size }, device })),
      ],
      (device) => {
        // Accesses to the clocks do not count: a kernel reads the time without getting any further.
        if (device !== aclint && device !== rtc) this.effect = hart.now();
        this.engine.loops.touch();
      },
    );
  }

  /** Sets the registers with which the harts begin, and gives them the built-in firmware where the kernel starts in S mode. */
  start(): void {
    const { entry } = this.plan;
    for (const { state, options } of this.harts) {
      state.set('pc', entry.pc);
      for (const [index, value] of [BigInt(options.id), entry.a1, entry.a2].entries()) state.setX(10 + index, value);
    }
    if (entry.privilege === 'M') return;
    const harts: BuiltinFirmware[] = [];
    const { memory, uart } = this;
    const transmit = (byte: number) => this.transmit(byte);
    const parts = { harts, memory, uart, transmit, stop: (stop: MachineStop) => this.end(stop) };
    for (const hart of this.harts) {
      const firmware = new BuiltinFirmware(hart, parts);
      hart.traps.firmware = firmware;
      harts.push(firmware);
    }
  }

  /** A byte goes to the console. */
  transmit(byte: number): void {
    this.work.add(WORK['console-bytes']);
    this.#consoleBytes += 1;
    this.effect = this.hart.now();
    this.#onConsole(byte);
  }

  /** Stops the machine for good, before the guest's next instruction. */
  end(stop: MachineStop): void {
    this.stopped = stop;
    this.engine.stop();
  }

  /** Retired by all harts. */
  instructions(): bigint {
    return this.harts.reduce((sum, hart) => sum + hart.retired(), 0n);
  }

  /** All but memory. */
  save() {
    return {
      board: { stopped: this.stopped, consoleBytes: this.#consoleBytes, effect: this.effect },
      engine: this.engine.save(),
      harts: this.harts.map((hart) => hart.save()),
      plic: this.plic.save(),
      aclint: this.aclint.save(),
      rtc: this.rtc.save(),
      uart: this.uart.save(),
      fwCfg: this.fwCfg?.save(),
      flash: this.flash.map((unit) => unit.save()),
      room: this.#room.save(),
      slots: this.plugged.slots.map((slot) => slot.save()),
    };
  }

  /** The engine has gone back already, and memory with it. */
  restore({ board, harts, plic, aclint, rtc, uart, fwCfg, flash, room, slots }: Omit<ReturnType<Board['save']>, 'engine'>): void {
    for (const [index, hart] of this.harts.entries()) hart.restore(harts[index]!);
    this.plic.restore(plic);
    this.aclint.restore(aclint);
    this.rtc.restore(rtc);
    this.uart.restore(uart);
    if (fwCfg) this.fwCfg?.restore(fwCfg);
    this.flash.forEach((unit, index) => {
      unit.restore(flash[index]!);
    });
    this.#room.restore(room);
    this.plugged.slots.forEach((slot, index) => {
      slot.restore(slots[index]!);
    });
    this.stopped = board.stopped;
    this.#consoleBytes = board.consoleBytes;
    this.effect = board.effect;
  }
}
