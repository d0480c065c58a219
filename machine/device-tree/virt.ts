/**
 * The device tree of QEMU 10's `virt` board, for the devices that this machine has: nodes, properties and their order as
 * QEMU gives them (`-machine virt,dumpdtb=FILE`; virt.qemu.test.ts compares).
 *
 * Left out, since the machine does not have them: platform bus, PMU, PCIe. fw_cfg and flash are there where they were asked for, and in QEMU always. Two differences remain: `rng-seed` is a constant
 * (a run must be repeatable), and `riscv,isa` lists the extensions that this hart has, not QEMU's.
 */
import { type CpuModel, isaExtensions, isaString } from '../isa/cpu-model.ts';
import { CACHE_BLOCK_SIZE } from '../isa/zicbo.ts';
import {
  ACLINT,
  FIRMWARE_REGIONS,
  FLASH,
  FW_CFG,
  PLIC,
  RAM_BASE,
  type Region,
  RTC,
  TEST_FINISHER,
  TIMEBASE_FREQUENCY,
  UART,
  VIRTIO_SLOTS,
  virtioSlot,
} from '../spec/virt-board.ts';
import { cells, type FdtNode, flag, node, text } from './fdt.ts';

export interface VirtDescription {
  readonly cpu: CpuModel;
  /** How many: 1 to 8. */
  readonly harts: number;
  /** RAM in bytes. */
  readonly memory: number;
  /** The kernel's command line. If it is missing or empty, the property is left out, as in QEMU. */
  readonly bootargs?: string;
  /** First byte, and the byte after the last. */
  readonly initrd?: { readonly start: bigint; readonly end: bigint };
  /** With the built-in SBI the tree is as OpenSBI hands it to S mode: its memory is reserved, and the PLIC's interrupt for M mode is removed. */
  readonly builtinSbi: boolean;
  /** Whether the board has the device fw_cfg. */
  readonly fwCfg?: boolean;
  readonly flash?: boolean;
}

/** QEMU numbers the harts' nodes from the last one down, and then the other devices. */
const cpuPhandle = (harts: number, hart: number): number => 2 * (harts - 1 - hart) + 1;
const cpuInterruptsPhandle = (harts: number, hart: number): number => cpuPhandle(harts, hart) + 1;
const plicPhandle = (harts: number): number => 2 * harts + 1;
const testFinisherPhandle = (harts: number): number => 2 * harts + 2;

const hartNumbers = (harts: number): readonly number[] => Array.from({ length: harts }, (_, hart) => hart);

/** Interrupt causes at the hart (privileged specification, mcause). */
const SOFTWARE_M = 3;
const TIMER_M = 7;
const EXTERNAL_S = 9;
const EXTERNAL_M = 11;
/** "No such interrupt" in `interrupts-extended`. */
const NONE = 0xffff_ffff;

/** Values of the test finisher that `syscon-poweroff` and `syscon-reboot` write. */
const FINISHER_PASS = 0x5555;
const FINISHER_RESET = 0x7777;

const SERIAL_PATH = `/soc/serial@${UART.base.toString(16)}`;

/** 32 bytes for the kernel's random numbers: arbitrary, but the same in every run (the first digits of pi after the point). */
const RNG_SEED = cells(0x14159265, 0x35897932, 0x38462643, 0x38327950, 0x28841971, 0x69399375, 0x10582097, 0x49445923);

export function virtTree(description: VirtDescription): FdtNode {
  return node(
    '',
    { '#address-cells': cells(2), '#size-cells': cells(2), compatible: text('riscv-virtio'), model: text('riscv-virtio,qemu') },
    [
      ...(description.builtinSbi ? [reservedMemory()] : []),
      powerNode('poweroff', FINISHER_PASS, description),
      powerNode('reboot', FINISHER_RESET, description),
      node(`memory@${RAM_BASE.toString(16)}`, { device_type: text('memory'), ...reg({ base: RAM_BASE, size: description.memory }) }),
      cpus(description),
      ...(description.fwCfg ? [fwCfg()] : []),
      ...(description.flash ? [flash()] : []),
      node('aliases', { serial0: text(SERIAL_PATH) }),
      chosen(description),
      soc(description),
    ],
  );
}

/** As OpenSBI adds it: the numbers in the names go down while the addresses go up. */
function reservedMemory(): FdtNode {
  const children = FIRMWARE_REGIONS.map((region, index) =>
    node(`mmode_resv${FIRMWARE_REGIONS.length - 1 - index}@${region.base.toString(16)}`, { ...reg(region), 'no-map': flag() }),
  );
  return node('reserved-memory', { '#address-cells': cells(2), '#size-cells': cells(2), ranges: flag() }, children);
}

function powerNode(name: 'poweroff' | 'reboot', value: number, { harts }: VirtDescription): FdtNode {
  const regmap = cells(testFinisherPhandle(harts));
  return node(name, { value: cells(value), offset: cells(0), regmap, compatible: text(`syscon-${name}`) });
}

/** The size of a cache block, if the hart has instructions for cache blocks. */
function blockSizes(cpu: CpuModel): Readonly<Record<string, Uint8Array>> {
  const names = (['zicbop', 'zicboz', 'zicbom'] as const).filter((name) => cpu.extensions.has(name));
  return Object.fromEntries(names.map((name) => [`riscv,${name.slice(2)}-block-size`, cells(CACHE_BLOCK_SIZE)]));
}

function cpus({ cpu, harts }: VirtDescription): FdtNode {
  const cores = hartNumbers(harts).map((hart) => node(`core${hart}`, { cpu: cells(cpuPhandle(harts, hart)) }));
  const map = node('cpu-map', {}, [node('cluster0', {}, cores)]);
  return node('cpus', { '#address-cells': cells(1), '#size-cells': cells(0), 'timebase-frequency': cells(TIMEBASE_FREQUENCY) }, [
    ...hartNumbers(harts).map((hart) => cpuNode(cpu, harts, hart)),
    map,
  ]);
}

function cpuNode(cpu: CpuModel, harts: number, hart: number): FdtNode {
  const interruptController = node('interrupt-controller', {
    '#interrupt-cells': cells(1),
    'interrupt-controller': flag(),
    compatible: text('riscv,cpu-intc'),
    phandle: cells(cpuInterruptsPhandle(harts, hart)),
  });
  return node(
    `cpu@${hart}`,
    {
      phandle: cells(cpuPhandle(harts, hart)),
      device_type: text('cpu'),
      reg: cells(hart),
      status: text('okay'),
      compatible: text('riscv'),
      ...blockSizes(cpu),
      'riscv,isa-extensions': text(...isaExtensions(cpu)),
      'riscv,isa-base': text('rv64i'),
      'riscv,isa': text(isaString(cpu)),
      'mmu-type': text(`riscv,${cpu.mmu}`),
    },
    [interruptController],
  );
}

function chosen({ bootargs, initrd }: VirtDescription): FdtNode {
  return node('chosen', {
    ...(bootargs ? { bootargs: text(bootargs) } : {}),
    ...(initrd ? { 'linux,initrd-end': cells(initrd.end), 'linux,initrd-start': cells(initrd.start) } : {}),
    'stdout-path': text(SERIAL_PATH),
    'rng-seed': RNG_SEED,
  });
}

/** For each hart, its interrupt controller with these of its interrupts. */
function interruptsOfHarts(harts: number, ...interrupts: readonly number[]): Uint8Array {
  return cells(...hartNumbers(harts).flatMap((hart) => interrupts.flatMap((cause) => [cpuInterruptsPhandle(harts, hart), cause])));
}

function fwCfg(): FdtNode {
  return node(`fw-cfg@${FW_CFG.base.toString(16)}`, { 'dma-coherent': flag(), ...reg(FW_CFG), compatible: text('qemu,fw-cfg-mmio') });
}

function flash(): FdtNode {
  const units = Array.from({ length: FLASH.units }, (_, unit) => [BigInt(FLASH.base + unit * FLASH.size), BigInt(FLASH.size)]);
  return node(`flash@${FLASH.base.toString(16)}`, { 'bank-width': cells(4), reg: cells(...units.flat()), compatible: text('cfi-flash') });
}

function soc({ builtinSbi, harts }: VirtDescription): FdtNode {
  const interrupt = (irq: number) => ({ interrupts: cells(irq), 'interrupt-parent': cells(plicPhandle(harts)) });
  const slots = Array.from({ length: VIRTIO_SLOTS }, (_, index) => virtioSlot(VIRTIO_SLOTS - 1 - index));
  return node('soc', { '#address-cells': cells(2), '#size-cells': cells(2), compatible: text('simple-bus'), ranges: flag() }, [
    device('rtc', RTC, 'google,goldfish-rtc', interrupt(RTC.irq)),
    device('serial', UART, 'ns16550a', { ...interrupt(UART.irq), 'clock-frequency': cells(UART.clockFrequency) }),
    node(`test@${TEST_FINISHER.base.toString(16)}`, {
      phandle: cells(testFinisherPhandle(harts)),
      ...reg(TEST_FINISHER),
      compatible: text('sifive,test1', 'sifive,test0', 'syscon'),
    }),
    ...slots.map((slot) => device('virtio_mmio', slot, 'virtio,mmio', interrupt(slot.irq))),
    plic(harts, builtinSbi ? NONE : EXTERNAL_M),
    node(`clint@${ACLINT.base.toString(16)}`, {
      'interrupts-extended': interruptsOfHarts(harts, SOFTWARE_M, TIMER_M),
      ...reg(ACLINT),
      compatible: text('sifive,clint0', 'riscv,clint0'),
    }),
  ]);
}

function plic(harts: number, machineInterrupt: number): FdtNode {
  return node(`plic@${PLIC.base.toString(16)}`, {
    phandle: cells(plicPhandle(harts)),
    'riscv,ndev': cells(PLIC.sources),
    ...reg(PLIC),
    'interrupts-extended': interruptsOfHarts(harts, machineInterrupt, EXTERNAL_S),
    'interrupt-controller': flag(),
    compatible: text('sifive,plic-1.0.0', 'riscv,plic0'),
    '#address-cells': cells(0),
    '#interrupt-cells': cells(1),
  });
}

function device(name: string, region: Region, compatible: string, properties: Readonly<Record<string, Uint8Array>>): FdtNode {
  return node(`${name}@${region.base.toString(16)}`, { ...properties, ...reg(region), compatible: text(compatible) });
}

function reg({ base, size }: Region): { reg: Uint8Array } {
  return { reg: cells(BigInt(base), BigInt(size)) };
}
