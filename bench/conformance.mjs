// `npm run conformance -- DIR [CPU]`: boots every ELF file in DIR as `-bios none` does, on rv64 or this CPU, and counts those that report success.
//
// For suites that report through `tohost`, as riscv-tests do: 1 means passed, any other odd value carries the number of the case
// that failed. Where there is a file NAME.reference_output, as riscv-arch-test has them, the console has to show its words as well.
// How to build the suites, and what is known of them: docs/development/conformance.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** QEMU's default memory. */
const MEMORY = 128 * 1024 * 1024;
/** Guest nanoseconds; the longest of riscv-tests takes 0.04 ms. */
const LIMIT = 20e6;
const ELF = '\x7fELF';

/** @returns {Promise<typeof import('../machine/index.ts')>} */
async function loadMachine() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../machine/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
  });
  const code = Buffer.concat(outputFiles.map(({ contents }) => contents));
  return import(`data:text/javascript;base64,${code.toString('base64')}`);
}

/** @param {string} text */
const words = (text) => text.trim().toLowerCase().split(/\s+/);

/**
 * @param {readonly string[]} ours
 * @param {readonly string[]} expected
 */
function difference(ours, expected) {
  const at = expected.findIndex((word, index) => ours[index] !== word);
  if (at >= 0) return `word ${at} is ${ours[at] ?? 'missing'}, not ${expected[at]}`;
  return ours.length === expected.length ? undefined : `${ours.length} words, not ${expected.length}`;
}

/**
 * Why the kernel did not pass, or undefined.
 *
 * @param {Awaited<ReturnType<typeof loadMachine>>} machine
 * @param {Uint8Array} kernel
 * @param {{ cpu: string, reference: string | undefined }} how `reference`: what its console has to show
 */
function failure({ createMachine }, kernel, { cpu, reference }) {
  let console = '';
  /** @param {number} byte */
  const onConsole = (byte) => {
    console += String.fromCharCode(byte);
  };
  const machine = createMachine({ cpu, memory: MEMORY, drives: [], bios: 'none', live: false, onConsole, kernel });
  const stop = machine.run(LIMIT);
  if (stop.reason !== 'exit') return `${stop.reason} at pc 0x${machine.pc().toString(16)}`;
  if (stop.code !== 0) return `case ${stop.code}`;
  return reference === undefined ? undefined : difference(words(console), words(reference));
}

const [folder, cpu = 'rv64', ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0 || !existsSync(folder)) {
  console.error('conformance: name one folder that exists, of ELF files, and perhaps a CPU: npm run conformance -- DIR [CPU]');
  process.exit(2);
}

const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => ({ name, bytes: readFileSync(join(folder, name)) }))
  .filter(({ bytes }) => bytes.toString('latin1', 0, ELF.length) === ELF)
  .sort((a, b) => (a.name < b.name ? -1 : 1));
if (files.length === 0) {
  console.error(`conformance: ${folder} holds no ELF file; docs/development/conformance.md says how to build some`);
  process.exit(2);
}

const machine = await loadMachine();
let passed = 0;
for (const { name, bytes } of files) {
  const path = join(folder, `${name}.reference_output`);
  const reason = failure(machine, bytes, { cpu, reference: existsSync(path) ? readFileSync(path, 'latin1') : undefined });
  if (reason === undefined) passed += 1;
  else console.log(`${name}: ${reason}`);
}
console.log(`${passed} passed of ${files.length}`);
process.exitCode = passed === files.length ? 0 : 1;
