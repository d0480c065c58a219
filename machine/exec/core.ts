/**
 * The generated module: everything of the hart that runs in WebAssembly, built once per process and instantiated for each machine.
 */

import { coreBytes } from './core-bytes.ts';
import type { TrapFunctions } from './trap.ts';

/** What the generated code calls; addresses and widths are numbers. */
export interface CoreImports {
  /** (physical address, width); sets the slot `busFault` where nothing answers. */
  busRead(address: number, width: number): number;
  busWrite(address: number, width: number, value: number): void;
  /** (host address, width, low word of the value, 0 for an atomic): a store to RAM while the slot `recording` is set, or to a watched page; before it happens, with `pc` its instruction. */
  stored(host: number, width: number, value: number): void;
  /** (host address, width): a load from a watched page of RAM, before it happens, with `pc` its instruction. */
  loaded(host: number, width: number): void;
  /** (host address of a page of RAM, whether protection divides it) -> its decoded page. */
  newPage(host: number, divided: number): number;
  /** (decoded page): a store has changed code of which there is a translation. */
  codeChanged(page: number): void;
  /** (decoded page): it was stored to often, the last time now, with `pc` the instruction of the hart's that did. */
  manyStores(page: number): void;
  decode(entry: number, page: number): void;
  crossing(): number;
  soft(operation: number, entry: number): number;
}

/** What TypeScript calls. 64-bit values are bigints: slow paths only. */
export interface Core extends TrapFunctions {
  /** Runs until an exit code of exec/interpreter.ts. */
  run(): number;
  refresh(): void;
  /** (virtual address, bytes, access) -> physical address or -1 with cause and tval; the bytes lie in one page. */
  locate(address: bigint, bytes: number, access: number): bigint;
  /** (virtual address, value, width); sets the slot `fault`, with cause and tval, where it traps. */
  store(address: bigint, value: bigint, width: number): void;
  /** For translated code (mmu/access.ts). */
  refill(address: bigint, width: number, access: number): number;
  csr(entry: number, operation: number, source: bigint, budget: number): number;
  /** (host address, length): forgets decoded instructions. */
  written(host: number, length: number): void;
}

let compiled: WebAssembly.Module | undefined;

/** The compiled module, once per process. */
function coreModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(coreBytes());
  return compiled;
}

/** @param table of translated functions */
export function instantiate(memory: WebAssembly.Memory, table: WebAssembly.Table, imports: CoreImports): Core {
  const instance = new WebAssembly.Instance(coreModule(), { env: { memory, table, ...imports } });
  return instance.exports as unknown as Core;
}
