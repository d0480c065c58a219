// `npm run conformance -- DIR`: boots every ELF file in DIR as `-bios none` does, and counts those that report success.
//
// For suites that report through `tohost`, as riscv-tests do: 1 means passed, any other odd value carries the number of the case
// that failed. How to build them, and what is known of them: docs/conformance.md.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** QEMU's default memory; the longest of riscv-tests takes 0.02 s of guest time. */
const MEMORY = 128 * 1024 * 1024;
const LIMIT = 1e9;
const ELF = '\x7fELF';

async function loadMachine() {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../machine/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`);
}

/** Why the kernel did not pass, or undefined. */
function failure({ createMachine }, kernel) {
  const options = { cpu: 'rv64', memory: MEMORY, drives: [], bios: 'none', live: false, onConsole: () => {} };
  const machine = createMachine({ ...options, kernel });
  const stop = machine.run(LIMIT);
  if (stop.reason === 'exit') return stop.code === 0 ? undefined : `case ${stop.code}`;
  return `${stop.reason} at pc 0x${machine.pc().toString(16)}`;
}

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error('conformance: name one folder of ELF files: npm run conformance -- DIR');
  process.exit(2);
}

const files = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => ({ name, bytes: readFileSync(join(folder, name)) }))
  .filter(({ bytes }) => bytes.toString('latin1', 0, ELF.length) === ELF)
  .sort((a, b) => (a.name < b.name ? -1 : 1));
if (files.length === 0) {
  console.error(`conformance: ${folder} holds no ELF file; docs/conformance.md says how to build some`);
  process.exit(2);
}

const machine = await loadMachine();
let passed = 0;
for (const { name, bytes } of files) {
  const reason = failure(machine, bytes);
  if (reason === undefined) passed += 1;
  else console.log(`${name}: ${reason}`);
}
console.log(`${passed} passed of ${files.length}`);
process.exitCode = passed === files.length ? 0 : 1;
