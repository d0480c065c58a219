/** Builds in a real sandbox, and what comes of them. Skipped where bubblewrap cannot run. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { readKernel } from '../submission/kernel.ts';
import { BuildFolder, MAKES } from '../testkit/building.ts';

let folder: BuildFolder;
beforeEach(() => {
  folder = new BuildFolder();
});
afterEach(() => folder.remove());

describe.skipIf(lacks('bubblewrap'))('a build', () => {
  it('makes a kernel that has the SHA-256 which is graded', async () => {
    const { kernel, build: how } = await folder.run(`${MAKES}echo done`);
    expect(how).toMatchObject({ outcome: 'built', folder: '/build', taken: ['own.sh'], steps: [{ exitCode: 0, output: 'done\n' }] });
    expect(readKernel(kernel as never)).toMatchObject({ file: 'kernel.elf', bytes: new TextEncoder().encode('kernel\n') });
  });

  it('is done once for the same sources, and again when anything changes', async () => {
    for (const name of ['s1001', 's1002', 's1003']) folder.put(`${name}/own.sh`, name === 's1003' ? `${MAKES}# mine` : MAKES);
    const wanted = { lines: ['sh own.sh'] };
    const students = ['s1001', 's1002', 's1003'];
    expect((await folder.build(students, wanted)).count).toMatchObject({ anew: 2, cached: 1 });
    expect((await folder.build(students, wanted)).count).toMatchObject({ anew: 0, cached: 3 });
    expect((await folder.build(students, { lines: ['sh own.sh '] })).count).toMatchObject({ anew: 2 });
    folder.put('course/more.h', '');
    expect((await folder.build(students, wanted)).count).toMatchObject({ anew: 2 });
  });

  it('is done again where a tool has changed, or a crate', async () => {
    folder.put('s1001/own.sh', 'gcc > kernel.elf');
    folder.put('vendor/crate/lib.rs', 'one');
    const tool = (version: string) => {
      folder.put('tools/bin/gcc', `#!/bin/sh\necho by ${version}\n`);
      chmodSync(folder.at('tools/bin/gcc'), 0o755);
    };
    const wanted = { lines: ['sh own.sh'], recipe: { tools: ['tools'], dependencies: 'vendor' } };
    const made = async () => {
      const { built, count } = await folder.build(['s1001'], wanted);
      const kernel = readKernel(built[0]!.kernel as never) as { bytes: Uint8Array };
      return [count!.anew, Buffer.from(kernel.bytes).toString()];
    };
    tool('gcc 12');
    expect(await made()).toEqual([1, 'by gcc 12\n']);
    expect(await made()).toEqual([0, 'by gcc 12\n']);
    tool('gcc 12.3');
    expect(await made()).toEqual([1, 'by gcc 12.3\n']);
    folder.put('vendor/crate/lib.rs', 'three');
    expect(await made()).toEqual([1, 'by gcc 12.3\n']);
  });

  it('goes on beside others, as many as --jobs says', async () => {
    // Each waits for the other one: only without a sandbox can they see each other.
    const waits = (mine: string, other: string) =>
      `touch ${folder.at(mine)}; while [ ! -e ${folder.at(other)} ]; do sleep 0.05; done; ${MAKES}`;
    folder.put('s1001/own.sh', waits('a', 'b'));
    folder.put('s1002/own.sh', waits('b', 'a'));
    const wanted = { lines: ['sh own.sh'], unsandboxed: true };
    const alone = await folder.build(['s1001', 's1002'], { ...wanted, jobs: 1, recipe: { seconds: 2 } });
    expect(alone.built[0]!.kernel).toEqual({ problem: 'the build took more than 2 seconds, and was ended' });
    for (const name of ['a', 'b']) rmSync(folder.at(name), { force: true });
    const { built } = await folder.build(['s1001', 's1002'], { ...wanted, jobs: 2 });
    for (const { kernel } of built) expect(kernel).toHaveProperty('path');
  }, 60_000);

  it('is done again where the kept kernel is damaged', async () => {
    await folder.run(MAKES);
    const [entry] = readdirSync(folder.at('cache'));
    const kept = folder.at(`cache/${entry!}/kernel`);
    rmSync(kept);
    writeFileSync(kept, 'another');
    const { kernel } = await folder.run(MAKES);
    expect(readKernel(kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('kernel\n') });
    rmSync(kept);
    writeFileSync(kept, 'another');
    expect(readKernel(kernel as never)).toEqual({ hostFault: 'kernel.elf is not any more what the build left' });
  });

  it('that fails says what the compiler said first', async () => {
    const { kernel, build: how } = await folder.run('echo "own.sh:3:5: error: no such thing"; exit 2');
    expect(kernel).toEqual({ problem: 'the build failed: own.sh:3:5: error: no such thing' });
    expect(how).toMatchObject({ outcome: 'failed', messages: [{ severity: 'error', file: 'own.sh', line: 3, column: 5 }] });
    expect((await folder.run('exit 7')).kernel).toEqual({ problem: 'the build failed: sh own.sh ended with exit code 7' });
    expect((await folder.run('true')).kernel).toEqual({ problem: 'the build made no kernel: nothing matches kernel.elf' });
  });

  it('whose tool is missing here is no student’s fault', async () => {
    expect((await folder.run('no-such-compiler -c x')).kernel).toEqual({
      hostFault: 'it cannot be built: no-such-compiler is missing in bubblewrap',
    });
  });

  it.skipIf(process.getuid?.() !== 0)('that could not read what it needs is not begun, and not the student’s fault', async () => {
    folder.put('vendor/crate/lib.rs', '');
    const wanted = { lines: ['true'], recipe: { dependencies: 'vendor' } };
    const refusal = (path: string) =>
      `nobody, who may not read ${folder.at(path)}; put what builds need elsewhere, or let everybody read it`;
    chmodSync(folder.at('vendor/crate/lib.rs'), 0o600);
    await expect(folder.build([], wanted)).rejects.toThrow(refusal('vendor/crate/lib.rs'));
    chmodSync(folder.at('vendor/crate/lib.rs'), 0o644);
    await folder.build([], wanted);
    chmodSync(folder.at('vendor'), 0o700);
    await expect(folder.build([], wanted)).rejects.toThrow(refusal('vendor'));
    await expect(folder.build([], { lines: ['true'], recipe: { tools: ['vendor'] } })).rejects.toThrow(refusal('vendor'));
  });

  it('takes the base out of an archive as well, with its programs', async () => {
    folder.put('packed/lab/tool.sh', '#!/bin/sh\necho from the base > kernel.elf\n');
    chmodSync(folder.at('packed/lab/tool.sh'), 0o755);
    execFileSync('tar', ['-czf', folder.at('course'), '-C', folder.at('packed'), 'lab']);
    folder.put('s1001/own.sh', './tool.sh');
    const { built } = await folder.build(['s1001'], { lines: ['sh own.sh'] });
    expect(readKernel(built[0]!.kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('from the base\n') });
  });

  it('takes nothing that the course has left in its tree for the student’s', async () => {
    folder.put('course/Makefile', 'kernel.elf: own.o\n\tcat own.o > $@\nown.o: own.sh\n\tcat own.sh > $@\n');
    folder.put('course/own.sh', 'the solution');
    for (const name of ['own.o', 'kernel.elf']) folder.put(`course/${name}`, 'the solution');
    folder.put('s1001/own.sh', 'my own');
    const { built } = await folder.build(['s1001'], { lines: ['make'] });
    expect(readKernel(built[0]!.kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('my own') });
    const nothing = await folder.build(['s1001'], { lines: ['true'] });
    expect(nothing.built[0]!.kernel).toEqual({ problem: 'the build made no kernel: nothing matches kernel.elf' });
  });

  it('gets the same times for all sources, and variables of nobody', async () => {
    process.env['BOOTGRADE_TEST_SECRET'] = 'secret';
    folder.put('course/given.h', '');
    try {
      const text = await folder.printed('env; stat -c %Y given.h own.sh; pwd');
      expect(text).not.toContain('secret');
      expect(text).toMatch(/^HOME=\/tmp$/m);
      expect(text).toMatch(/\n1577836800\n1577923200\n\/build\n$/);
    } finally {
      delete process.env['BOOTGRADE_TEST_SECRET'];
    }
  });
});

it('a base that is wrong is the author’s mistake', async () => {
  mkdirSync(folder.at('course'));
  symlinkSync('/etc', folder.at('course/etc'));
  if (!existsSync('/usr/bin/bwrap')) return;
  await expect(folder.build([], { lines: ['true'] })).rejects.toThrow(
    'submission.base: etc is a symbolic link that leads out of the submission',
  );
  expect(readFileSync('/etc/passwd', 'utf8')).not.toBe('');
});
