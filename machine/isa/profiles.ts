/**
 * The profiles that QEMU's `-cpu` knows, and what each demands that this hart does not have.
 *
 * Reference: RISC-V Profiles (RVA22, RVA23); device-tree/virt.qemu.test.ts compares with what QEMU 10 gives these processors. Left out: Zkt and Zvkt,
 * promises about the time that instructions take, and extensions that others of the list contain (Zve64d in V).
 */
const RVA22U64 = ['zfhmin'];
const RVA22S64 = [...RVA22U64, 'svade', 'svpbmt'];
const RVA23U64 = ['v', 'zicond', 'zimop', 'zawrs', 'zfa', 'zfhmin', 'zcb', 'zcmop', 'zvbb', 'zvfhmin', 'smnpm', 'ssnpm', 'supm'];
const RVA23S64 = ['h', ...RVA23U64, 'sha', 'smstateen', 'sscofpmf', 'ssstateen', 'svade', 'svnapot', 'svpbmt'];

export const PROFILES: ReadonlyMap<string, { readonly lacking: readonly string[]; readonly nearest: string }> = new Map([
  ['rva22u64', { lacking: RVA22U64, nearest: 'rv64' }],
  ['rva22s64', { lacking: RVA22S64, nearest: 'rv64,svinval=on' }],
  ['rva23u64', { lacking: RVA23U64, nearest: 'rv64' }],
  ['rva23s64', { lacking: RVA23S64, nearest: 'rv64,svinval=on' }],
]);
