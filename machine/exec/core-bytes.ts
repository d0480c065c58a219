/**
 * The bytes of the generated module. A build replaces this file by the finished bytes (build.mjs) and leaves the generator out, since
 * generating them takes longer than booting a small kernel.
 */
export { generate as coreBytes } from './generate.ts';
