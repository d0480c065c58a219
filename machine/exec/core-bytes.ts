/**
 * The bytes of the generated module, and of its variant that logs accesses. A build replaces this file by the finished bytes (build/bundle.mjs) and
 * leaves the generator out, since generating them takes longer than booting a small kernel.
 */
import { generate } from './generate.ts';

export const coreBytes = (): Uint8Array<ArrayBuffer> => generate();
export const loggingCoreBytes = (): Uint8Array<ArrayBuffer> => generate({ logging: true });
