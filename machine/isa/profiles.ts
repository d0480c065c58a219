/**
 * The profiles that QEMU's `-cpu` knows: those that this hart can be, and those of which it lacks something.
 *
 * Reference: RISC-V Profiles (RVA22, RVA23); device-tree/virt.qemu.test.ts compares with what QEMU 10 gives these processors. As there, a profile
 * has what it demands and nothing else: no Sstc in RVA22. Left out: Zkt and Zvkt, promises about the time that instructions take, and extensions
 * that others of the list contain (Zve64d in V). Unlike QEMU's rva22u64, this one has S mode.
 */
const RVA22U64 = [
  'i',
  'm',
  'a',
  'f',
  'd',
  'c',
  'b',
  'zicbom',
  'zicbop',
  'zicboz',
  'zicntr',
  'zicsr',
  'zihpm',
  'zfhmin',
  'zba',
  'zbb',
  'zbs',
];

export interface Profile {
  readonly extensions: readonly string[];
  /** The most capable mode of translation, where it says one. */
  readonly mmu?: 'sv39';
}

/** By name. */
export const PROFILES: ReadonlyMap<string, Profile> = new Map([
  ['rva22u64', { extensions: RVA22U64 }],
  ['rva22s64', { extensions: [...RVA22U64, 'zifencei', 'svade', 'svinval', 'svpbmt'], mmu: 'sv39' }],
]);

const RVA23U64 = ['v', 'zimop', 'zfa', 'zcmop', 'zvbb', 'zvfhmin', 'smnpm', 'ssnpm', 'supm'];
const RVA23S64 = ['h', ...RVA23U64, 'sha', 'smstateen', 'sscofpmf', 'ssstateen'];
const NEAREST_RVA23U64 = 'rva22s64,zicond=on,zawrs=on,zcb=on';

/** `nearest`: the processor that has the rest. */
export const LACKING_PROFILES: ReadonlyMap<string, { readonly lacking: readonly string[]; readonly nearest: string }> = new Map([
  ['rva23u64', { lacking: RVA23U64, nearest: NEAREST_RVA23U64 }],
  ['rva23s64', { lacking: RVA23S64, nearest: `${NEAREST_RVA23U64},sstc=on,svnapot=on` }],
]);
