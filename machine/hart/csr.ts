/**
 * Control and status registers: one row for each says what a read gives, what a write leaves (WARL), and what else a write does.
 * Reference: RISC-V Privileged Architecture, "CSR Listing" and each register's section; defaults and masks as QEMU 10's.
 *
 * A row with a slot is plain storage under masks, and generated code serves it (csr-access.ts). Other rows have `read` and `write`.
 * Left out: the registers of the hypervisor, of the debug module and of Smstateen.
 */

import { CSR_FLAG, CSR_ROW_FIELDS } from '../exec/csr-access.ts';
import { CSR_ROW, CSR_TABLE } from '../layout/memory-map.ts';
import { PMP_ADDRESSES, SLOT, type Slot } from '../layout/slots.ts';
import { ENVCFG, PRIVILEGE, PTE_N, PTE_PBMT, PTE_RESERVED, STATUS } from '../spec/riscv.ts';
import { COUNTER_CSRS } from './counters.ts';
import type { Csr, CsrPort } from './csr-register.ts';
import { type PmpConfigRegister, writePmpAddress, writePmpConfig } from './pmp.ts';

const ALL = (1n << 64n) - 1n;
const S_INTERRUPTS = 0x222n;
const M_INTERRUPTS = 0xaaan;
const STIP = 1n << 5n;

const { FIOM, CBIE, CBCFE, CBZE, ADUE, PBMTE, STCE } = ENVCFG;
/** What menvcfg and senvcfg have in common. */
const S_ENVCFG = FIOM | CBIE | CBCFE | CBZE;

const { SIE, MIE, SPIE, MPIE, SPP, MPP, FS, MPRV, SUM, MXR, TVM, TW, TSR, UXL, SD } = STATUS;
const SSTATUS = SIE | SPIE | SPP | FS | SUM | MXR;
const MSTATUS = SSTATUS | MIE | MPIE | MPP | MPRV | TVM | TW | TSR;

/** Exceptions that may be delegated: all but the call from M mode. */
const DELEGABLE = 0xb3ffn;

const privilegeOf = (p: CsrPort): number => p.state.small('privilege');

function writeMstatus(p: CsrPort, value: bigint): void {
  const old = p.state.get('mstatus');
  // MPP never holds the reserved mode: a write of that leaves MPP unchanged.
  const mask = (value & MPP) >> 11n === 2n ? MSTATUS & ~MPP : MSTATUS;
  p.state.set('mstatus', (old & ~mask) | (value & mask));
}

/** What menvcfg says of the page walk goes into slots that the walk reads. */
function setMenvcfg({ state, options }: Pick<CsrPort, 'state' | 'options'>, value: bigint): void {
  state.set('menvcfg', value);
  state.setSmall('setsAccessed', (options.svadu ? (value & ADUE) !== 0n : !options.svade) ? 1 : 0);
  state.set('reservedPte', PTE_RESERVED | (options.svnapot ? 0n : PTE_N) | ((value & PBMTE) === 0n ? PTE_PBMT : 0n));
}

/** As QEMU's: what changes how page tables are read is on, but Svade's faults come before Svadu. */
export function resetMenvcfg(port: Pick<CsrPort, 'state' | 'options'>): void {
  const { svadu, svade, svpbmt } = port.options;
  setMenvcfg(port, (svadu && !svade ? ADUE : 0n) | (svpbmt ? PBMTE : 0n));
}

/** Modes 2 and 3 are reserved: a write of such a mode does nothing. */
const vector = (slot: Slot) => ({ slot, generated: 'vector' }) as const;

const floatAllowed = (p: CsrPort): boolean => (p.state.get('mstatus') & FS) !== 0n;

function writeFcsr(p: CsrPort, value: bigint): void {
  p.state.set('fflags', value & 31n);
  p.state.set('frm', (value >> 5n) & 7n);
  p.state.set('mstatus', p.state.get('mstatus') | FS | SD);
  p.floatChanged();
}

/** mvendorid, marchid and mimpid are as QEMU 10.0.2's rv64 gives them: zero, which means "not implemented". */
export const IDENTITY = { vendor: 0n, architecture: 0n, implementation: 0n } as const;

const hasProtection = (p: CsrPort): boolean => p.options.pmp;

const pmpConfig = (number: number, slot: PmpConfigRegister): Csr => ({
  number,
  name: slot,
  allowed: hasProtection,
  read: (p) => p.state.get(slot),
  write: (p, value) => {
    writePmpConfig(p.state, slot, value);
    p.protectionChanged();
  },
});

/** The bits that may be set in the address of an instruction: IALIGN is 16 with compressed instructions, else 32. */
const codeAddress = ({ options }: CsrPort): bigint => (options.extensions.has('c') ? ALL - 1n : ALL - 3n);

const constant = (number: number, name: string, value = 0n): Csr => ({ number, name, read: () => value, write: () => undefined });

const CSRS: readonly Csr[] = [
  { number: 0x001, name: 'fflags', slot: 'fflags', writeMask: 31n, generated: 'float', allowed: floatAllowed },
  { number: 0x002, name: 'frm', slot: 'frm', writeMask: 7n, generated: 'float', allowed: floatAllowed },
  {
    number: 0x003,
    name: 'fcsr',
    allowed: floatAllowed,
    read: (p) => (p.state.get('frm') << 5n) | p.state.get('fflags'),
    write: writeFcsr,
  },
  { number: 0x100, name: 'sstatus', slot: 'mstatus', readMask: SSTATUS | SD | UXL, writeMask: SSTATUS, refreshes: true },
  { number: 0x104, name: 'sie', slot: 'mie', writeMask: S_INTERRUPTS, generated: 'delegated', refreshes: true },
  { number: 0x105, name: 'stvec', ...vector('stvec') },
  { number: 0x10a, name: 'senvcfg', slot: 'senvcfg', writeMask: S_ENVCFG },
  { number: 0x140, name: 'sscratch', slot: 'sscratch' },
  { number: 0x141, name: 'sepc', slot: 'sepc', writeMask: codeAddress },
  { number: 0x142, name: 'scause', slot: 'scause' },
  { number: 0x143, name: 'stval', slot: 'stval' },
  { number: 0x144, name: 'sip', slot: 'mip', writeMask: 2n, generated: 'delegated', refreshes: true },
  {
    number: 0x14d,
    name: 'stimecmp',
    unrepeatable: true,
    allowed: (p) =>
      p.options.sstc &&
      (privilegeOf(p) === PRIVILEGE.machine || ((p.state.get('mcounteren') & 2n) !== 0n && (p.state.get('menvcfg') & STCE) !== 0n)),
    read: (p) => p.state.get('stimecmp'),
    write: (p, v) => {
      p.state.set('stimecmp', v);
      p.timerChanged();
    },
  },
  {
    number: 0x180,
    name: 'satp',
    slot: 'satp',
    generated: 'satp',
    allowed: (p) => privilegeOf(p) === PRIVILEGE.machine || (p.state.get('mstatus') & TVM) === 0n,
  },

  constant(0xf11, 'mvendorid', IDENTITY.vendor),
  constant(0xf12, 'marchid', IDENTITY.architecture),
  constant(0xf13, 'mimpid', IDENTITY.implementation),
  { number: 0xf14, name: 'mhartid', read: (p) => BigInt(p.options.id), write: () => undefined },
  constant(0xf15, 'mconfigptr'),
  { number: 0x300, name: 'mstatus', refreshes: true, read: (p) => p.state.get('mstatus'), write: writeMstatus },
  { number: 0x301, name: 'misa', read: (p) => p.options.misa, write: () => undefined },
  { number: 0x302, name: 'medeleg', slot: 'medeleg', writeMask: DELEGABLE },
  { number: 0x303, name: 'mideleg', slot: 'mideleg', writeMask: S_INTERRUPTS, refreshes: true },
  { number: 0x304, name: 'mie', slot: 'mie', writeMask: M_INTERRUPTS, refreshes: true },
  { number: 0x305, name: 'mtvec', ...vector('mtvec') },
  {
    number: 0x30a,
    name: 'menvcfg',
    unrepeatable: true,
    read: (p) => p.state.get('menvcfg'),
    write: (p, v) => {
      const { svadu, svpbmt, sstc } = p.options;
      setMenvcfg(p, v & (S_ENVCFG | (svadu ? ADUE : 0n) | (svpbmt ? PBMTE : 0n) | (sstc ? STCE : 0n)));
      p.timerChanged();
    },
    refreshes: true,
  },
  pmpConfig(0x3a0, 'pmpcfg0'),
  pmpConfig(0x3a2, 'pmpcfg2'),
  ...PMP_ADDRESSES.map((slot, index) => ({
    number: 0x3b0 + index,
    name: slot,
    allowed: hasProtection,
    read: (p: CsrPort) => p.state.get(slot),
    write: (p: CsrPort, value: bigint) => {
      writePmpAddress(p.state, index, value);
      p.protectionChanged();
    },
  })),
  { number: 0x340, name: 'mscratch', slot: 'mscratch' },
  { number: 0x341, name: 'mepc', slot: 'mepc', writeMask: codeAddress },
  { number: 0x342, name: 'mcause', slot: 'mcause' },
  { number: 0x343, name: 'mtval', slot: 'mtval' },
  {
    number: 0x344,
    name: 'mip',
    refreshes: true,
    read: (p) => p.state.get('mip'),
    write: (p, v) => {
      // With Sstc in use, only the comparator can change STIP.
      const mask = (p.state.get('menvcfg') & STCE) !== 0n ? S_INTERRUPTS & ~STIP : S_INTERRUPTS;
      p.state.set('mip', (p.state.get('mip') & ~mask) | (v & mask));
    },
  },
  ...COUNTER_CSRS,
  // Sdtrig without a trigger: type 0 says that there is no trigger at this tselect.
  constant(0x7a0, 'tselect'),
  constant(0x7a1, 'tdata1'),
  constant(0x7a2, 'tdata2'),
  constant(0x7a3, 'tdata3'),
  constant(0x7a4, 'tinfo', 1n),
];

const BY_NUMBER: ReadonlyMap<number, Csr> = new Map(CSRS.map((c) => [c.number, c]));

export const csrNamed = (number: number): string | undefined => BY_NUMBER.get(number)?.name;
export const csrNumbers: ReadonlyMap<string, number> = new Map(CSRS.map((c) => [c.name, c.number]));

function writeMaskOf(p: CsrPort, { writeMask = ALL }: Csr): bigint {
  return typeof writeMask === 'bigint' ? writeMask : writeMask(p);
}

/** Fills the rows that the generated code reads. A register with conditions of its own has no row. */
export function fillCsrTable(p: CsrPort): void {
  const { state } = p;
  for (const csr of CSRS) {
    const row = CSR_TABLE + csr.number * CSR_ROW;
    const rule = csr.generated ? CSR_FLAG[csr.generated] : 0;
    if (rule !== 0) state.view.setUint32(row + CSR_ROW_FIELDS.flags, CSR_FLAG.reads | rule, true);
    if (csr.slot === undefined) continue;
    const flags = rule | CSR_FLAG.reads | CSR_FLAG.writes | (csr.refreshes ? CSR_FLAG.refreshes : 0);
    state.view.setUint32(row + CSR_ROW_FIELDS.slot, SLOT[csr.slot], true);
    state.view.setUint32(row + CSR_ROW_FIELDS.flags, flags, true);
    state.view.setBigUint64(row + CSR_ROW_FIELDS.readMask, csr.readMask ?? ALL, true);
    state.view.setBigUint64(row + CSR_ROW_FIELDS.writeMask, writeMaskOf(p, csr), true);
  }
}

/** From now on the generated code leaves writes of these registers to the hart, where they can be watched. */
export function leaveWrites({ state }: CsrPort, names: readonly string[]): void {
  for (const name of names) {
    const flags = CSR_TABLE + csrNumbers.get(name)! * CSR_ROW + CSR_ROW_FIELDS.flags;
    state.view.setUint32(flags, state.view.getUint32(flags, true) & ~CSR_FLAG.writes, true);
  }
}

/** The register of a number, or undefined if the current mode may not access it. */
export function accessible(p: CsrPort, number: number, writes: boolean): Csr | undefined {
  const csr = BY_NUMBER.get(number);
  const readOnly = number >>> 10 === 3;
  if (!csr || (writes && readOnly) || privilegeOf(p) < ((number >>> 8) & 3)) return undefined;
  return csr.allowed && !csr.allowed(p) ? undefined : csr;
}

export function readCsr(p: CsrPort, csr: Csr): bigint {
  if (csr.slot !== undefined) return p.state.get(csr.slot) & (csr.readMask ?? ALL);
  return csr.read?.(p) ?? 0n;
}

export function writeCsr(p: CsrPort, csr: Csr, value: bigint): void {
  if (csr.slot === undefined) return csr.write?.(p, value & ALL);
  const mask = writeMaskOf(p, csr);
  p.state.set(csr.slot, (p.state.get(csr.slot) & ~mask) | (value & mask));
}
