/**
 * QEMU's `-cpu` option: which extensions the hart has. One table lists the extensions in the order in which `riscv,isa`
 * names them; the device tree and the decoder are derived from it.
 *
 * Reference: QEMU 10, target/riscv/cpu.c (`isa_edata_arr`, `riscv_cpu_extensions`); RISC-V ISA manual, "ISA Extension Naming
 * Conventions". `max` has here all that the hart can have, and in QEMU more. profiles.ts has the profiles. Left out: every other model.
 */

import { parseSwitch } from '../spec/switch.ts';
import { type Extension, EXTENSIONS as INSTRUCTION_SETS } from './instruction.ts';
import { LACKING_PROFILES, PROFILES } from './profiles.ts';

interface ExtensionRow {
  readonly name: string;
  readonly required: boolean;
  readonly needs?: string;
  /** What it turns on with it, unless that is set by itself. */
  readonly implies?: readonly string[];
  /** As in QEMU: rv64 has it only if it is asked for; `always`: so does max. */
  readonly off?: true | 'always';
}

/** The extensions that the hart can have, in the order of the ISA string. */
const EXTENSIONS = [
  { name: 'i', required: true },
  { name: 'm', required: false },
  { name: 'a', required: false },
  { name: 'f', required: false },
  { name: 'd', required: false, needs: 'f' },
  { name: 'c', required: false },
  { name: 'b', required: false, off: true, implies: ['zba', 'zbb', 'zbs'] },
  { name: 'zicbom', required: false },
  { name: 'zicbop', required: false },
  { name: 'zicboz', required: false },
  { name: 'zicond', required: false, off: true },
  { name: 'zicntr', required: false },
  { name: 'zicsr', required: true },
  { name: 'zifencei', required: false },
  { name: 'zihpm', required: false },
  { name: 'zawrs', required: false },
  { name: 'zfh', required: false, off: true, needs: 'f', implies: ['zfhmin'] },
  { name: 'zfhmin', required: false, off: true, needs: 'f' },
  { name: 'zcb', required: false, off: true, needs: 'c' },
  { name: 'zba', required: false },
  { name: 'zbb', required: false },
  { name: 'zbc', required: false },
  { name: 'zbs', required: false },
  { name: 'sstc', required: false },
  // A hart that faults where A or D would have to be set is another one than that which sets them; so max, which sets them, has it not.
  { name: 'svade', required: false, off: 'always' },
  { name: 'svadu', required: false },
  { name: 'svinval', required: false, off: true },
  { name: 'svnapot', required: false, off: true },
  { name: 'svpbmt', required: false, off: true },
] as const satisfies readonly ExtensionRow[];

const ROWS: readonly ExtensionRow[] = EXTENSIONS;

export type CpuExtension = (typeof EXTENSIONS)[number]['name'];

/** Translation modes, the most capable last; each implies those before it (privileged specification, satp). */
const MMU_MODES = ['sv39', 'sv48', 'sv57'] as const;
export type MmuMode = (typeof MMU_MODES)[number];

/** Names that are always on, in QEMU's model and in ours, and do not appear in the ISA string. */
const ALWAYS_ON = ['s', 'u', 'mmu'];
const PMP = 'pmp';

/**
 * The other names that QEMU 10's rv64 accepts, whatever their default there. Here they cannot be turned on, but may be turned off. A
 * kernel learns from the device tree that they are missing. Some (zmmul, b) are only other names for extensions of the table above.
 */
const LACKING = new Set(
  `e g h v zicfilp zicfiss zihintntl zihintpause zimop zmmul zaamo zabha zacas zama16b
  zalrsc zfa zfbfmin zfinx zdinx zca zcd zce zcf zcmop zcmp zcmt zbkb zbkc zbkx zhinx zhinxmin zk zkn zknd
  zkne zknh zkr zks zksed zksh zkt ztso zvbb zvbc zve32f zve32x zve64d zve64f zve64x zvfbfmin zvfbfwma zvfh zvfhmin zvkb zvkg zvkn
  zvknc zvkned zvkng zvknha zvknhb zvks zvksc zvksed zvksg zvksh zvkt smaia smcdeleg smcntrpmf smcsrind smctr smdbltrp smepmp
  smmpm smnpm smrnmi smstateen ssaia ssccfg sscofpmf sscsrind ssctr ssdbltrp ssnpm sspm supm
  svvptc xtheadba xtheadbb xtheadbs xtheadcmo xtheadcondmov xtheadfmemidx xtheadfmv xtheadmac xtheadmemidx xtheadmempair
  xtheadsync xventanacondops`.split(/\s+/),
);

export interface CpuModel {
  readonly extensions: ReadonlySet<CpuExtension>;
  /** The most capable mode that `satp` accepts. */
  readonly mmu: MmuMode;
  /** Physical memory protection. QEMU's profiles have none. */
  readonly pmp: boolean;
}

export type CpuOptionErrorCode = 'model' | 'syntax' | 'unknown-extension' | 'missing-extension' | 'required-extension' | 'dependency';

/** A `-cpu` option that cannot be honoured; the message is one line. */
export class CpuOptionError extends Error {
  override readonly name = 'CpuOptionError';
  readonly code: CpuOptionErrorCode;

  constructor(code: CpuOptionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Parses `rv64`, `max` or a profile, and then `,name=on` or `,name=off`; if a name comes twice, the last one counts. Throws CpuOptionError. */
export function parseCpuModel(option: string): CpuModel {
  const [model = '', ...settings] = option.split(',');
  refuseProfile(model, model);
  const base = baseOf(model);
  const chosen = new Map<string, boolean>();
  for (const setting of settings) {
    if (setting === '') continue; // as in QEMU, an empty item has no effect
    const [name, on] = parseSetting(setting);
    checkName(name, on);
    chosen.set(name, on);
  }
  const extensions = new Set<string>(base.extensions);
  const profiles = [...chosen].flatMap(([name, on]) => (on ? (PROFILES.get(name) ?? []) : []));
  for (const profile of profiles) for (const name of profile.extensions) extensions.add(name);
  for (const { name } of ROWS) if (chosen.has(name)) extensions[chosen.get(name) ? 'add' : 'delete'](name);
  for (const { name, implies = [] } of ROWS)
    for (const implied of implies) if (extensions.has(name) && chosen.get(implied) !== false) extensions.add(implied);
  for (const { name, needs } of ROWS) {
    if (needs === undefined || !extensions.has(name) || extensions.has(needs)) continue;
    throw new CpuOptionError('dependency', `-cpu ${needs}=off: ${name} needs ${needs}; add ${name}=off`);
  }
  const has = new Set(EXTENSIONS.map(({ name }) => name).filter((name) => extensions.has(name)));
  return {
    extensions: has,
    mmu: mmuMode(chosen, profiles.find(({ mmu }) => mmu !== undefined)?.mmu ?? base.mmu),
    pmp: chosen.get(PMP) ?? base.pmp,
  };
}

interface Base {
  readonly extensions: readonly string[];
  readonly mmu: MmuMode;
  readonly pmp: boolean;
}

/** What a model has before anything is added or removed. */
function baseOf(model: string): Base {
  const profile = PROFILES.get(model);
  if (profile !== undefined) return { extensions: profile.extensions, mmu: profile.mmu ?? 'sv39', pmp: false };
  if (model !== 'rv64' && model !== 'max') {
    const known = ['rv64', 'max', ...PROFILES.keys()].join(', ');
    throw new CpuOptionError('model', `-cpu ${model}: the CPUs here are ${known}; write -cpu rv64 and add or remove extensions`);
  }
  const has = ({ off }: ExtensionRow) => off === undefined || (model === 'max' && off !== 'always');
  return { extensions: ROWS.filter(has).map(({ name }) => name), mmu: 'sv57', pmp: true };
}

/** Names for `riscv,isa-extensions`. */
export function isaExtensions(cpu: CpuModel): CpuExtension[] {
  return EXTENSIONS.map(({ name }) => name).filter((name) => cpu.extensions.has(name));
}

/** The value of `riscv,isa`: the single letters in one word, then the other names after underscores. */
export function isaString(cpu: CpuModel): string {
  const names = isaExtensions(cpu);
  const letters = names.filter((name) => name.length === 1).join('');
  return ['rv64'.concat(letters), ...names.filter((name) => name.length > 1)].join('_');
}

function parseSetting(setting: string): [string, boolean] {
  const [name = '', value] = setting.split('=', 2);
  const on = value === undefined ? undefined : parseSwitch(value);
  if (on === undefined)
    throw new CpuOptionError('syntax', `-cpu: "${setting}" is neither ${name || 'NAME'}=on nor ${name || 'NAME'}=off; write one of them`);
  return [name, on];
}

/** `as`: how it was asked for. */
function refuseProfile(name: string, as: string): void {
  const profile = LACKING_PROFILES.get(name);
  if (profile === undefined) return;
  const { lacking, nearest } = profile;
  throw new CpuOptionError(
    'missing-extension',
    `-cpu ${as}: of this profile the machine lacks ${lacking.join(', ')}; write -cpu ${nearest}, which has the rest`,
  );
}

function checkName(name: string, on: boolean): void {
  if (on) refuseProfile(name, `${name}=on`);
  else if (LACKING_PROFILES.has(name)) return;
  if (PROFILES.has(name) || name === PMP) return;
  const known = EXTENSIONS.find((extension) => extension.name === name);
  if (ALWAYS_ON.includes(name) || known?.required) {
    if (!on) throw new CpuOptionError('required-extension', `-cpu ${name}=off: this hart cannot do without ${name}; leave it out`);
    return;
  }
  if (known || MMU_MODES.some((mode) => mode === name)) return;
  const names = [...EXTENSIONS.map((extension) => extension.name), ...MMU_MODES].join(' ');
  if (!LACKING.has(name)) throw new CpuOptionError('unknown-extension', `-cpu: no extension is called "${name}"; known here: ${names}`);
  if (on) throw new CpuOptionError('missing-extension', `-cpu ${name}=on: QEMU has ${name}, this machine does not; known here: ${names}`);
}

/** As in QEMU: the best mode that was turned on; if none was, the best of the modes below the lowest one that was turned off. */
function mmuMode(chosen: ReadonlyMap<string, boolean>, most: MmuMode): MmuMode {
  const on = MMU_MODES.filter((mode) => chosen.get(mode) === true);
  if (on.length > 0) return on[on.length - 1]!;
  const off = MMU_MODES.findIndex((mode) => chosen.get(mode) === false);
  const best = off === -1 ? most : MMU_MODES[Math.min(off - 1, MMU_MODES.indexOf(most))];
  if (best === undefined) throw new CpuOptionError('required-extension', '-cpu sv39=off: this hart cannot do without sv39; leave it out');
  return best;
}

/** The register misa: MXL = 64 bits, and a bit for each letter (privileged specification, 3.1.1). */
export function misaOf(cpu: CpuModel): bigint {
  const letters = [...[...cpu.extensions].filter((e) => e.length === 1), 's', 'u'];
  return letters.reduce((misa, letter) => misa | (1n << BigInt(letter.charCodeAt(0) - 97)), 2n << 62n);
}

/** The extensions that add instructions; the others (such as Sstc) only add registers. */
export function instructionSets(cpu: CpuModel): ReadonlySet<Extension> {
  const on: ReadonlySet<string> = cpu.extensions;
  return new Set(INSTRUCTION_SETS.filter((extension) => extension === 'system' || on.has(extension)));
}

export const PAGE_TABLE_LEVELS: Record<MmuMode, 3 | 4 | 5> = { sv39: 3, sv48: 4, sv57: 5 };
