/** Builds in a real sandbox: what comes of them, and what a hostile one cannot do. Skipped where bubblewrap cannot run. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import { readKernel } from '../submission/kernel.ts';
import { type BuildRecipe, kernelsOnly } from '../vocabulary/submission.ts';
import { openBuilder } from './open.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-builder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const RECIPE: BuildRecipe = {
  steps: [],
  folder: '',
  environment: {},
  seconds: 30,
  output: 65_536,
  memory: 2 ** 30,
  disk: 64 * 2 ** 20,
  dependencies: null,
  tools: [],
  image: null,
};

interface Wanted {
  readonly lines: readonly string[];
  readonly recipe?: Partial<BuildRecipe>;
  readonly jobs?: number;
}

/** Builds what each student handed in over the folder `course`: their `own.sh` is run, and then `lines`. */
async function build(students: readonly string[], { lines, recipe = {}, jobs = 2 }: Wanted) {
  if (!existsSync(join(root, 'course'))) mkdirSync(join(root, 'course'));
  const steps = lines.map((text) => ({ argv: ['/bin/sh', '-c', text], text }));
  const { builder, close } = await openBuilder({
    rules: { ...kernelsOnly(['kernel.elf']), format: 'raw', base: 'course', take: ['own.sh'] },
    recipe: { ...RECIPE, steps, ...recipe },
    rubricFolder: root,
    masked: [root],
    cache: join(root, 'cache'),
    jobs,
    unsandboxed: false,
    environment: { PATH: process.env['PATH'] ?? '' },
    home: root,
  });
  const handIns = students.map((name) => {
    const files = new FolderTree(join(root, name));
    return { submission: { name, kernel: { problem: 'none' }, alsoMatched: [], sources: null }, files };
  });
  let count = { anew: 0, cached: 0 };
  try {
    const built = await builder.build(handIns, (now) => (count = now), new AbortController().signal);
    return { built, count };
  } finally {
    await close();
  }
}

/** The one student's build, by a script of their own. */
async function run(script: string, recipe: Partial<BuildRecipe> = {}) {
  put('s1001/own.sh', script);
  const { built } = await build(['s1001'], { lines: ['sh own.sh'], recipe });
  return built[0]!;
}

/** What the last step printed. */
async function printed(script: string): Promise<string> {
  return (await run(script)).build!.steps.at(-1)!.output;
}

const MAKES = 'echo kernel > kernel.elf\n';

describe.skipIf(lacks('bubblewrap'))('a build', () => {
  it('makes a kernel that has the SHA-256 which is graded', async () => {
    const { kernel, build: how } = await run(`${MAKES}echo done`);
    expect(how).toMatchObject({ outcome: 'built', folder: '/build', taken: ['own.sh'], steps: [{ exitCode: 0, output: 'done\n' }] });
    expect(readKernel(kernel as never)).toMatchObject({ file: 'kernel.elf', bytes: new TextEncoder().encode('kernel\n') });
  });

  it('is done once for the same sources, and again when anything changes', async () => {
    for (const name of ['s1001', 's1002', 's1003']) put(`${name}/own.sh`, name === 's1003' ? `${MAKES}# mine` : MAKES);
    const wanted = { lines: ['sh own.sh'] };
    const students = ['s1001', 's1002', 's1003'];
    expect((await build(students, wanted)).count).toMatchObject({ anew: 2, cached: 1 });
    expect((await build(students, wanted)).count).toMatchObject({ anew: 0, cached: 3 });
    expect((await build(students, { lines: ['sh own.sh '] })).count).toMatchObject({ anew: 2 });
    put('course/more.h', '');
    expect((await build(students, wanted)).count).toMatchObject({ anew: 2 });
  });

  it('is done again where the kept kernel is damaged', async () => {
    await run(MAKES);
    const [entry] = readdirSync(join(root, 'cache'));
    const kept = join(root, 'cache', entry!, 'kernel');
    rmSync(kept);
    writeFileSync(kept, 'another');
    const { kernel } = await run(MAKES);
    expect(readKernel(kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('kernel\n') });
    rmSync(kept);
    writeFileSync(kept, 'another');
    expect(readKernel(kernel as never)).toEqual({ hostFault: 'kernel.elf is not any more what the build left' });
  });

  it('that fails says what the compiler said first', async () => {
    const { kernel, build: how } = await run('echo "own.sh:3:5: error: no such thing"; exit 2');
    expect(kernel).toEqual({ problem: 'the build failed: own.sh:3:5: error: no such thing' });
    expect(how).toMatchObject({ outcome: 'failed', messages: [{ severity: 'error', file: 'own.sh', line: 3, column: 5 }] });
    expect((await run('exit 7')).kernel).toEqual({ problem: 'the build failed: sh own.sh ended with exit code 7' });
    expect((await run('true')).kernel).toEqual({ problem: 'the build made no kernel: nothing matches kernel.elf' });
  });

  it('whose tool is missing here is no student’s fault', async () => {
    expect((await run('no-such-compiler -c x')).kernel).toEqual({
      hostFault: 'it cannot be built: no-such-compiler is missing in bubblewrap',
    });
  });

  it('takes the base out of an archive as well, with its programs', async () => {
    put('packed/lab/tool.sh', '#!/bin/sh\necho from the base > kernel.elf\n');
    chmodSync(join(root, 'packed/lab/tool.sh'), 0o755);
    execFileSync('tar', ['-czf', join(root, 'course'), '-C', join(root, 'packed'), 'lab']);
    put('s1001/own.sh', './tool.sh');
    const { built } = await build(['s1001'], { lines: ['sh own.sh'] });
    expect(readKernel(built[0]!.kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('from the base\n') });
  });

  it('gets the same time for all sources, and variables of nobody', async () => {
    process.env['BOOTGRADE_TEST_SECRET'] = 'secret';
    try {
      const text = await printed('env; stat -c %Y own.sh; pwd');
      expect(text).not.toContain('secret');
      expect(text).toMatch(/^HOME=\/tmp$/m);
      expect(text).toMatch(/\n1577836800\n\/build\n$/);
    } finally {
      delete process.env['BOOTGRADE_TEST_SECRET'];
    }
  });
});

describe.skipIf(lacks('bubblewrap'))('a hostile build', () => {
  const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith('bootgrade-scratch-') && name.includes(`-${process.pid}-`));

  it('sees no other student, no rubric, no report, no home, and no password', async () => {
    put('s1002/own.sh', 'the answer');
    put('lab.yaml', 'hidden');
    const text =
      await printed(`ls ${root} /root /home /tmp /work /builds 2>&1; cat /etc/passwd; cat ${root}/s1002/own.sh ${root}/lab.yaml 2>&1
find / -name lab.yaml 2>/dev/null; true`);
    expect(text).not.toMatch(/the answer|hidden|\/lab\.yaml\n/);
    expect(text).toContain('student:x:1000:1000');
    expect(text).not.toContain('root:');
    expect(text).toContain(`cannot access '${root}'`);
  });

  it('writes nowhere but in its folder, and reaches no network and no other process', async () => {
    const text =
      await printed(`for place in / /usr /usr/bin /etc /dev /lib /proc/sys/kernel; do touch $place/x 2>/dev/null && echo wrote $place; done
cat /proc/net/dev | grep -c :; ls /proc | grep -c '^[0-9]'; id -u; grep CapEff /proc/self/status`);
    expect(text).not.toContain('wrote');
    // The loopback device alone; a handful of processes.
    expect(text).toMatch(/^1\n[1-9]\n1000\nCapEff:\t0{16}\n$/);
  });

  it('that forks without end comes to an end', async () => {
    const { kernel } = await run('f() { f | f & }; f; sleep 100', { seconds: 3 });
    expect(kernel).toHaveProperty('problem');
    expect((await run(MAKES)).kernel).toHaveProperty('path');
  }, 60_000);

  it('that fills the disk, or memory, is ended', async () => {
    const disk = await run('i=0; while true; do head -c 4000000 /dev/zero > $i; i=$((i+1)); done', { disk: 32 * 2 ** 20 });
    expect(disk.kernel).toEqual({ problem: 'the build took more than 32M of the disk, and was ended' });
    const one = await run('head -c 100000000 /dev/zero > big && exit 0', { disk: 32 * 2 ** 20 });
    expect(one.kernel).toHaveProperty('problem');
    const memory = await run('for i in 1 2 3 4 5 6; do (head -c 90000000 /dev/zero | tail) & done; wait', {
      memory: 200 * 2 ** 20,
      seconds: 20,
    });
    expect(memory.kernel).toHaveProperty('problem');
    expect((await run('head -c 900000000 /dev/zero > /tmp/x && exit 9; exit 3')).build!.steps[0]!.exitCode).toBe(3);
  }, 60_000);

  it('that sleeps, or leaves something running, is ended', async () => {
    expect((await run('sleep 1000', { seconds: 1 })).kernel).toEqual({ problem: 'the build took more than 1 seconds, and was ended' });
    // What is left running dies with the build, so that it cannot change the kernel.
    const { kernel } = await run(
      `${MAKES}(setsid sh -c 'while true; do echo evil > kernel.elf; sleep 0.01; done' >/dev/null 2>&1 &)\nsleep 0.2; echo good > kernel.elf`,
    );
    const { sha256 } = kernel as { sha256: string };
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(readKernel(kernel as never)).toMatchObject({ sha256 });
  }, 30_000);

  it('that prints for ever is ended, and its output is kept in part', async () => {
    const { kernel, build: how } = await run('yes no', { output: 1024 });
    expect(kernel).toEqual({ problem: 'the build printed more than 256M, and was ended' });
    expect(how!.steps[0]!.output.length).toBeLessThan(1200);
  }, 60_000);

  it('that makes a kernel of a link or a pipe has made none', async () => {
    expect((await run('ln -s /etc/passwd kernel.elf')).kernel).toEqual({
      problem: 'the build made no kernel: kernel.elf is a symbolic link that leads out of the submission',
    });
    expect((await run('mkfifo kernel.elf')).kernel).toHaveProperty('problem');
  });

  it('changes nothing that the next one gets', async () => {
    put('s1001/own.sh', 'echo evil > given.h; echo evil > /tmp/given.h; chmod 000 . ; exit 1');
    put('s1002/own.sh', 'cat given.h > kernel.elf; ls /tmp >> kernel.elf');
    put('course/given.h', 'good\n');
    const { built } = await build(['s1001', 's1002'], { lines: ['sh own.sh'], jobs: 1 });
    expect(readKernel(built[1]!.kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('good\n') });
  });

  it('leaves nothing behind', async () => {
    const before = scratch();
    await run('mkdir -p a/b; chmod 000 a; i=0; while [ $i -lt 500 ]; do mkdir deeeeeeeeep; cd -P deeeeeeeeep; i=$((i+1)); done; exit 1');
    expect(scratch().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('of 100,000 files does not hold the class up', async () => {
    for (let folder = 0; folder < 100; folder++) {
      mkdirSync(join(root, `s1001/junk/${folder}`), { recursive: true });
      for (let file = 0; file < 1000; file++) writeFileSync(join(root, `s1001/junk/${folder}/${file}`), '');
    }
    const began = performance.now();
    expect((await run(MAKES)).build).toMatchObject({ outcome: 'built', ignoredCount: 100_000 });
    expect(performance.now() - began).toBeLessThan(30_000);
  }, 120_000);

  it('is not even begun where what is taken leads elsewhere', async () => {
    mkdirSync(join(root, 's1001'));
    put('s1002/own.sh', MAKES);
    symlinkSync(join(root, 's1002/own.sh'), join(root, 's1001/own.sh'));
    const { built } = await build(['s1001'], { lines: ['sh own.sh'] });
    expect(built[0]!.kernel).toEqual({ problem: 'own.sh is a symbolic link that leads out of the submission' });
  });
});

it('a base that is wrong is the author’s mistake', async () => {
  mkdirSync(join(root, 'course'));
  symlinkSync('/etc', join(root, 'course/etc'));
  if (!existsSync('/usr/bin/bwrap')) return;
  await expect(build([], { lines: ['true'] })).rejects.toThrow('submission.base: etc is a symbolic link that leads out of the submission');
  expect(readFileSync('/etc/passwd', 'utf8')).not.toBe('');
});
