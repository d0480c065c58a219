/**
 * The generated module's bytes. A build puts them here ready-made (build.mjs) and leaves the generator out: generating takes longer
 * than booting a small kernel.
 */
export { generate as coreBytes } from './generate.ts';
