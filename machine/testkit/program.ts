/**
 * Runs a small program on a bare hart: no devices but what the test gives, no firmware, M mode from RAM's first byte on.
 * A trap ends in a loop that does nothing, so that a test sees what trapped; a test with handlers of its own sets mtvec.
 */

import { Engine } from '../exec/engine.ts';
import type { HartBus, HartStop } from '../exec/running-hart.ts';
import { Hart } from '../hart/hart.ts';
import { PMP_ALL, setPmpRegion } from '../hart/pmp.ts';
import { hex } from '../hex.ts';
import { EXTENSIONS, type Extension } from '../isa/instruction.ts';
import { FLOAT_REGISTERS, INTEGER_REGISTERS } from '../isa/registers.ts';
import { RAM } from '../layout/memory-map.ts';
import { hostOf } from '../layout/ram.ts';
import type { Slot } from '../layout/slots.ts';
import { STATUS } from '../spec/riscv.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { WorkMeter } from '../work-meter.ts';
import { type Assembled, assemble } from './assembler.ts';

export interface ProgramOptions {
  readonly ramBytes?: number;
  readonly extensions?: ReadonlySet<Extension>;
  readonly sstc?: boolean;
  readonly svadu?: boolean;
  /** Off if not given. */
  readonly svade?: boolean;
  readonly svnapot?: boolean;
  readonly svpbmt?: boolean;
  readonly pmp?: boolean;
  readonly pageTableLevels?: 3 | 4 | 5;
  readonly bus?: HartBus;
  /** mstatus.FS, which is Dirty by default. */
  readonly floatState?: 0n | 1n | 2n | 3n;
}

export interface Trap {
  readonly cause: number;
  readonly interrupt: boolean;
  readonly tval: bigint;
  /** Address of the instruction, from mepc. */
  readonly pc: bigint;
}

const NOTHING: HartBus = { read: () => undefined, write: () => false };
/** `j .` */
const LOOP = 0x6f;
const MISA = (2n << 62n) | 0x14112dn;

export class Program {
  readonly hart: Hart;
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Where a trap ends, unless the program changes mtvec. */
  readonly trapVector: bigint;

  constructor(source: string | Assembled, options: ProgramOptions = {}) {
    const ramBytes = options.ramBytes ?? 0x10_0000;
    const { bytes, symbols } = typeof source === 'string' ? assemble(source) : source;
    this.symbols = symbols;
    const work = new WorkMeter();
    const extensions = options.extensions ?? new Set(EXTENSIONS);
    const engine = new Engine({ ramBytes, harts: 1, extensions, bus: options.bus ?? NOTHING, work });
    const hart = {
      id: 0,
      extensions,
      sstc: options.sstc ?? true,
      svadu: options.svadu ?? true,
      svade: options.svade ?? false,
      svnapot: options.svnapot ?? true,
      svpbmt: options.svpbmt ?? true,
      pmp: options.pmp ?? true,
      zihpm: true,
      pageTableLevels: options.pageTableLevels ?? 5,
      misa: MISA,
      work,
    } as const;
    this.hart = new Hart(hart, engine);
    const { state } = this.hart;
    state.bytes.set(bytes, RAM);
    this.trapVector = BigInt(RAM_BASE + ramBytes - 4096);
    this.store(this.trapVector, 4, BigInt(LOOP));
    state.set('pc', BigInt(RAM_BASE));
    state.set('mtvec', this.trapVector);
    state.set('mstatus', state.get('mstatus') | ((options.floatState ?? 3n) << 13n));
    // As firmware does before it leaves M mode: all modes may access memory.
    setPmpRegion(state, 0, 'everything', PMP_ALL);
    this.hart.protectionChanged();
    this.hart.core.refresh();
  }

  /** Runs for so many nanoseconds of guest time, which are as many instructions unless one waits. */
  run(instructions: number): HartStop {
    return this.hart.engine.run(this.hart.now() + instructions, { live: false });
  }

  /** Runs until pc is at a label or in the trap loop; throws if it never gets there. */
  runTo(label: string, most = 10_000): this {
    const target = this.address(label);
    for (let n = 0; n < most; n++) {
      if (this.pc === target || this.pc === this.trapVector) return this;
      this.run(1);
    }
    throw new Error(`${label} was not reached within ${most} instructions: pc is ${hex(this.pc)}`);
  }

  address(label: string): bigint {
    const address = this.symbols.get(label);
    if (address === undefined) throw new Error(`no label ${label}`);
    return address;
  }

  get pc(): bigint {
    return this.hart.state.get('pc');
  }

  /** The trap that the loop at `trapVector` caught. */
  get trap(): Trap | undefined {
    const { state } = this.hart;
    if (this.pc !== this.trapVector) return undefined;
    const cause = state.get('mcause');
    return { cause: Number(cause & 0xffffn), interrupt: cause >> 63n === 1n, tval: state.get('mtval'), pc: state.get('mepc') };
  }

  x(register: string): bigint {
    return this.hart.state.x(INTEGER_REGISTERS.indexOf(register));
  }

  setX(register: string, value: bigint): void {
    this.hart.state.setX(INTEGER_REGISTERS.indexOf(register), BigInt.asUintN(64, value));
  }

  f(register: string): bigint {
    return this.hart.state.f(FLOAT_REGISTERS.indexOf(register));
  }

  setF(register: string, value: bigint): void {
    this.hart.state.setF(FLOAT_REGISTERS.indexOf(register), BigInt.asUintN(64, value));
  }

  csr(slot: Slot): bigint {
    return this.hart.state.get(slot);
  }

  get floatState(): bigint {
    return (this.csr('mstatus') & STATUS.FS) >> 13n;
  }

  /** An unsigned little-endian number at a physical address of RAM. */
  load(address: bigint, width: 1 | 2 | 4 | 8): bigint {
    return this.bytes(address, width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  bytes(address: bigint, length: number): Uint8Array<ArrayBuffer> {
    const at = this.#offset(address);
    return this.hart.state.bytes.slice(at, at + length) as Uint8Array<ArrayBuffer>;
  }

  /** Stores without the hart's knowledge, so do not use it for code that has already run. */
  store(address: bigint, width: 1 | 2 | 4 | 8, value: bigint): void {
    const at = this.#offset(address);
    for (let i = 0; i < width; i++) this.hart.state.bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  #offset(address: bigint): number {
    return hostOf(this.hart.state, address, 1)!;
  }
}
