/**
 * The built-in SBI: what an ECALL from S mode does. The table of extensions is here; each extension has a file of its own.
 *
 * Reference: RISC-V Supervisor Binary Interface v2.0; OpenSBI 1.5.1 where the specification leaves a choice. Left out: SUSP, CPPC, NACL, STA
 * and OpenSBI's FWFT, SSE and DBTR.
 */
import { baseExtension } from './base.ts';
import { dbcnExtension } from './dbcn.ts';
import { failure, SBI_ERR_NOT_SUPPORTED, SBI_SUCCESS, type SbiArguments, type SbiExtension, type SbiPort } from './extension.ts';
import { hsmExtension } from './hsm.ts';
import { ipiExtension } from './ipi.ts';
import { LEGACY } from './legacy.ts';
import { pmuExtension } from './pmu.ts';
import { rfenceExtension } from './rfence.ts';
import { srstExtension } from './srst.ts';
import { timeExtension } from './time.ts';

export type { SbiPort } from './extension.ts';

const EXTENSIONS: readonly SbiExtension[] = [
  baseExtension((id) => id < LEGACY.length || BY_ID.has(id)),
  timeExtension,
  ipiExtension,
  rfenceExtension,
  hsmExtension,
  srstExtension,
  dbcnExtension,
  pmuExtension,
];

/** Calls that say nothing of what a kernel does besides: of the debug console, and the legacy ones of the console. */
const CONSOLE: ReadonlySet<bigint> = new Set([1n, 2n, dbcnExtension.id]);

const BY_ID: ReadonlyMap<bigint, SbiExtension> = new Map(EXTENSIONS.map((extension) => [extension.id, extension]));

/** The name of an extension, and how many functions it has. */
export function extensionOf(id: bigint): { readonly name: string; readonly functions: number } | undefined {
  const found = BY_ID.get(id);
  return found && { name: found.name, functions: found.functions.length };
}

/**
 * Does one call: reads a7 (EID), a6 (FID) and a0…a5, writes a0 and a1. The caller moves the pc past the ECALL before
 * it calls this: `loadVirtual` may send the hart elsewhere. Returns the error, or 0; undefined for a call that only prints or reads keys, or
 * has no error code.
 */
export function handleSbiCall(port: SbiPort): bigint | undefined {
  const args: SbiArguments = [port.register(0), port.register(1), port.register(2), port.register(3), port.register(4), port.register(5)];
  const id = port.register(7);
  if (id < LEGACY.length) {
    const value = LEGACY[Number(id)]?.(port, args);
    if (value !== undefined) port.setRegister(0, value);
    return CONSOLE.has(id) ? undefined : SBI_SUCCESS;
  }
  const call = BY_ID.get(id)?.functions[functionIndex(port.register(6))];
  const { error, value } = call ? call(port, args) : failure(SBI_ERR_NOT_SUPPORTED);
  port.setRegister(0, error);
  port.setRegister(1, value);
  return error === SBI_SUCCESS && CONSOLE.has(id) ? undefined : error;
}

/** An FID as an index. A number that is too large becomes an index that no extension has. */
function functionIndex(id: bigint): number {
  return id < 0x100n ? Number(id) : 0x100;
}
