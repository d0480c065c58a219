/**
 * The generated module: everything of the hart that runs in WebAssembly, built once per process and instantiated for each machine.
 */

import { type CoreVariant, compileCore } from './compile-core.ts';
import type { TrapFunctions } from './trap.ts';

/** What the generated code calls; addresses and widths are numbers. */
export interface CoreImports {
  /** (physical address, width) -> value; sets the slot `busFault` where nothing answers. */
  busRead(address: number, width: number): number;
  busWrite(address: number, width: number, value: number): void;
  /**
   * (host address, width, low word of the value, or 0 for an atomic): called before a store to RAM while the slot `recording` is set, and
   * before a store to a watched page. `pc` is the instruction that stores.
   */
  stored(host: number, width: number, value: number): void;
  /** (host address, width): called before a load from a watched page of RAM. `pc` is the instruction that loads. */
  loaded(host: number, width: number): void;
  /** (host address of a page of RAM, whether protection divides it) -> its decoded page. */
  newPage(host: number, divided: number): number;
  /** (decoded page): a store has changed code that had been translated. */
  codeChanged(page: number): void;
  /** (decoded page): the page has been stored to often. `pc` is the instruction of the last store. */
  manyStores(page: number): void;
  /** (number of a page of RAM): it is about to be stored to for the first time since pages are kept. */
  keepPage(page: number): void;
  /** (entry, decoded page): decodes from this entry on, in a page that has DECODED_APART set. */
  decodeApart(entry: number, page: number): void;
  /** (number of the watch): a watched instruction is being executed. It may end the run after this instruction. */
  reached(watch: number): void;
  crossing(): number;
  /** The log of accesses has no more room (access-log.ts); only the logging variant calls it. */
  accessLogFull(): void;
}

/** What TypeScript calls. 64-bit values are bigints: slow paths only. */
export interface Core extends TrapFunctions {
  /** Runs until TypeScript has to act, and returns why (exec/exit.ts). */
  run(): number;
  /** (address, instruction bits): puts the decoded entry there; 1 where execution does not simply go on after it. */
  entry(at: number, bits: number): number;
  refresh(): void;
  /** (virtual address, bytes, access) -> physical address, or -1 with cause and tval set. The bytes must lie in one page. */
  locate(address: bigint, bytes: number, access: number): bigint;
  /** (virtual address, value, width); where the store traps it sets the slot `fault`, and cause and tval. */
  store(address: bigint, value: bigint, width: number): void;
  /** For translated code (mmu/access.ts). */
  refill(address: bigint, width: number, access: number): number;
  csr(entry: number, operation: number, source: bigint, budget: number): number;
  /** (number in SOFT_OPERATIONS, entry) -> 1 where the rounding mode is reserved (soft/index.ts). */
  soft(operation: number, entry: number): number;
  /** Of host numbers (fused.ts). */
  fusedDouble(a: number, b: number, c: number): number;
  fusedSingle(a: number, b: number, c: number): number;
  /** To be called after a change of fflags or frm. */
  floatChanged(): void;
  /** (decoded entry) -> the instruction bits that it was decoded from. */
  bitsOf(entry: number): number;
  /** (host address, length): forgets decoded instructions. */
  written(host: number, length: number): void;
}

const compiled = new Map<CoreVariant, WebAssembly.Module>();

/** The compiled module, once per process. */
function coreModule(variant: CoreVariant): WebAssembly.Module {
  const module = compiled.get(variant) ?? compileCore(variant);
  compiled.set(variant, module);
  return module;
}

/** All state is in the memory, so that variants of one memory can take turns. `table` holds the translated functions. */
export function instantiate(variant: CoreVariant, memory: WebAssembly.Memory, table: WebAssembly.Table, imports: CoreImports): Core {
  const instance = new WebAssembly.Instance(coreModule(variant), { env: { memory, table, ...imports } });
  return { ...(instance.exports as unknown as Core) };
}
