/** Compiles the generated module. A build of the command replaces this file by one that takes the code V8 made at the build (build/program.mjs). */
import { coreBytes, loggingCoreBytes } from './core-bytes.ts';

/** What generated code there is: the ordinary one, and the one that logs accesses. */
export type CoreVariant = 'ordinary' | 'logging';
const BYTES: Record<CoreVariant, () => Uint8Array<ArrayBuffer>> = { ordinary: coreBytes, logging: loggingCoreBytes };

export const compileCore = (variant: CoreVariant): WebAssembly.Module => new WebAssembly.Module(BYTES[variant]());
