/** What hostile builds cannot do, in a real sandbox. Skipped where bubblewrap cannot run. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { readKernel } from '../submission/kernel.ts';
import { BuildFolder, MAKES } from '../testkit/building.ts';

let folder: BuildFolder;
beforeEach(() => {
  folder = new BuildFolder();
});
// One of them has 100,000 files.
afterEach(() => folder.remove(), 60_000);

describe.skipIf(lacks('bubblewrap'))('a hostile build', () => {
  const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith('bootgrade-scratch-') && name.includes(`-${process.pid}-`));

  it('sees no other student, no rubric, no report, no home, and no password', async () => {
    folder.put('s1002/own.sh', 'the answer');
    folder.put('lab.yaml', 'hidden');
    const text =
      await folder.printed(`ls ${folder.path} /root /home /tmp /work /builds 2>&1; cat /etc/passwd; cat ${folder.path}/s1002/own.sh ${folder.path}/lab.yaml 2>&1
find / -name lab.yaml 2>/dev/null; true`);
    expect(text).not.toMatch(/the answer|hidden|\/lab\.yaml\n/);
    expect(text).toContain('student:x:1000:1000');
    expect(text).not.toContain('root:');
    expect(text).toContain(`cannot access '${folder.path}'`);
  });

  it('writes nowhere but in its folder, and reaches no network and no other process', async () => {
    const text =
      await folder.printed(`for place in / /usr /usr/bin /etc /dev /lib /proc/sys/kernel; do touch $place/x 2>/dev/null && echo wrote $place; done
cat /proc/net/dev | grep -c :; ls /proc | grep -c '^[0-9]'; id -u; grep CapEff /proc/self/status`);
    expect(text).not.toContain('wrote');
    // The loopback device alone; a handful of processes.
    expect(text).toMatch(/^1\n[1-9]\n1000\nCapEff:\t0{16}\n$/);
  });

  it('finds neither the reference nor a hidden scenario, wherever it looks', async () => {
    folder.put('rubric/lab.yaml', 'hidden: the secret words');
    folder.put('rubric/reference/own.sh', 'the secret words');
    folder.put('reports/s1002.json', 'the secret words');
    // Also where the course has put its files into a folder that builds may read.
    folder.put('tools/bin/tool', '#!/bin/sh\n');
    folder.put('tools/lab/lab.yaml', 'the secret words');
    folder.put(
      's1001/own.sh',
      `find / -path /proc -prune -o \\( -name lab.yaml -o -name s1002.json -o -name own.sh \\) -print 2>/dev/null
cat ${folder.path}/rubric/lab.yaml ${folder.path}/tools/lab/lab.yaml /proc/1/cwd/lab.yaml /proc/1/root${folder.path}/rubric/lab.yaml 2>/dev/null
cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n' | grep '[r]ubric/lab'
ls ${folder.path}/tools`,
    );
    const { built } = await folder.build(['s1001'], {
      lines: ['sh own.sh; true'],
      recipe: { tools: ['tools'] },
      masked: [folder.at('tools/lab')],
    });
    expect(built[0]!.build!.steps[0]!.output).toBe('/build/own.sh\nbin\nlab\n');
  });

  it('changes no compiler, no crate, no cache of compilers, and no kept build', async () => {
    folder.put('vendor/config.toml', '# for cargo\n');
    folder.put('vendor/crate/lib.rs', 'good');
    const places = '$HOME/.ccache $HOME/.cache/cc $CARGO_HOME/registry /tmp/sccache /dev/shm/cc';
    const [bad, good] = [
      `for place in ${places}; do mkdir -p $place && echo evil > $place/entry && echo kept $place; done
for file in /dependencies/crate/lib.rs /dependencies/config.toml $CARGO_HOME/config.toml /usr/bin/gcc ${folder.path}/cache/x; do
  (echo evil > $file) 2>/dev/null && echo wrote $file
  mv -f $file $file.old 2>/dev/null && echo moved $file
done
${MAKES}`,
      `for place in ${places}; do ls $place/entry 2>/dev/null; done; cat /dependencies/crate/lib.rs; ${MAKES}`,
    ];
    folder.put('s1001/own.sh', bad);
    folder.put('s1002/own.sh', good);
    const recipe = { dependencies: 'vendor' };
    const { built } = await folder.build(['s1001', 's1002'], { lines: ['sh own.sh'], recipe, jobs: 1 });
    const [first, second] = built.map(({ build }) => build!.steps[0]!.output);
    expect(first).not.toMatch(/wrote|moved/);
    // It may fill caches, which nobody else gets.
    expect(first!.match(/^kept /gm)).toHaveLength(5);
    expect(second).toBe('good');
    expect(folder.texts('vendor')).toEqual({ 'config.toml': '# for cargo\n', 'crate/lib.rs': 'good' });
  });

  it('that daemonises leaves no process', async () => {
    const mark = `8${process.pid}`;
    const { kernel } = await folder.run(
      `${MAKES}(setsid nohup sh -c 'setsid sleep ${mark} & sleep ${mark}' >/dev/null 2>&1 &) ; sleep 0.3`,
    );
    expect(kernel).toHaveProperty('path');
    const commands = readdirSync('/proc').flatMap((name) => {
      try {
        return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'latin1')] : [];
      } catch {
        return [];
      }
    });
    expect(commands.filter((command) => command.includes(mark) && command.startsWith('sleep'))).toEqual([]);
  });

  it('that forks without end comes to an end', async () => {
    const { kernel } = await folder.run('f() { f | f & }; f; sleep 100', { seconds: 3 });
    expect(kernel).toHaveProperty('problem');
    expect((await folder.run(MAKES)).kernel).toHaveProperty('path');
  }, 60_000);

  it('that fills the disk, or memory, is ended', async () => {
    const disk = await folder.run('i=0; while true; do head -c 4000000 /dev/zero > $i; i=$((i+1)); done', { disk: 32 * 2 ** 20 });
    expect(disk.kernel).toEqual({ problem: 'the build took more than 32M of the disk, and was ended' });
    const one = await folder.run('head -c 100000000 /dev/zero > big && exit 0', { disk: 32 * 2 ** 20 });
    expect(one.kernel).toHaveProperty('problem');
    const memory = await folder.run('for i in 1 2 3 4 5 6; do (head -c 90000000 /dev/zero | tail) & done; wait', {
      memory: 200 * 2 ** 20,
      seconds: 20,
    });
    expect(memory.kernel).toHaveProperty('problem');
    expect((await folder.run('head -c 900000000 /dev/zero > /tmp/x && exit 9; exit 3')).build!.steps[0]!.exitCode).toBe(3);
  }, 60_000);

  it('that sleeps, or leaves something running, is ended', async () => {
    expect((await folder.run('sleep 1000', { seconds: 1 })).kernel).toEqual({
      problem: 'the build took more than 1 second, and was ended',
    });
    // What is left running dies with the build, so that it cannot change the kernel.
    const { kernel } = await folder.run(
      `${MAKES}(setsid sh -c 'while true; do echo evil > kernel.elf; sleep 0.01; done' >/dev/null 2>&1 &)\nsleep 0.2; echo good > kernel.elf`,
    );
    const { sha256 } = kernel as { sha256: string };
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(readKernel(kernel as never)).toMatchObject({ sha256 });
  }, 30_000);

  it('that prints for ever is ended, and its output is kept in part', async () => {
    const { kernel, build: how } = await folder.run('yes no', { output: 1024 });
    expect(kernel).toEqual({ problem: 'the build printed more than 256M, and was ended' });
    expect(how!.steps[0]!.output.length).toBeLessThan(1200);
  }, 60_000);

  it('that makes a kernel of a link or a pipe has made none', async () => {
    folder.put('s1002/kernel.elf', 'the answer');
    folder.put('s1002/own.sh', '');
    const outside = [
      'ln -s /etc/passwd kernel.elf',
      'ln -s /dev/zero kernel.elf',
      `ln -s ${folder.at('s1002/kernel.elf')} kernel.elf`,
      'ln -s ../../../../../../../../etc/passwd kernel.elf',
      'ln -s /proc/self/cwd/own.sh kernel.elf',
    ];
    for (const link of outside) {
      expect([link, (await folder.run(link)).kernel]).toEqual([
        link,
        { problem: 'the build made no kernel: kernel.elf is a symbolic link that leads out of the submission' },
      ]);
    }
    for (const other of ['mkfifo kernel.elf', 'mkdir kernel.elf', 'ln -s kernel.elf kernel.elf', 'ln -s nothing kernel.elf']) {
      expect([other, (await folder.run(other)).kernel]).toEqual([other, { problem: expect.stringMatching(/^the build made no kernel: /) }]);
    }
    // A hard link to what it may only read is refused by the system.
    expect((await folder.run('ln /usr/bin/env kernel.elf || exit 9')).build!.steps[0]!.exitCode).toBe(9);
    expect((await folder.run(`${MAKES}mv kernel.elf real; ln -s real kernel.elf`)).kernel).toHaveProperty('path');
  });

  it('that puts a link in the place of a folder has made no kernel there', async () => {
    folder.put('s1001/own.sh', 'ln -s /usr/bin out');
    const { built } = await folder.build(['s1001'], { lines: ['sh own.sh'], kernel: 'out/env' });
    expect(built[0]!.kernel).toEqual({ problem: expect.stringContaining('the build made no kernel: ') });
  });

  it('changes nothing that the next one gets', async () => {
    folder.put('s1001/own.sh', 'echo evil > given.h; echo evil > /tmp/given.h; chmod 000 . ; exit 1');
    folder.put('s1002/own.sh', 'cat given.h > kernel.elf; ls /tmp >> kernel.elf');
    folder.put('course/given.h', 'good\n');
    const { built } = await folder.build(['s1001', 's1002'], { lines: ['sh own.sh'], jobs: 1 });
    expect(readKernel(built[1]!.kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('good\n') });
  });

  it('leaves nothing behind', async () => {
    const before = scratch();
    await folder.run(
      'mkdir -p a/b; chmod 000 a; i=0; while [ $i -lt 500 ]; do mkdir deeeeeeeeep; cd -P deeeeeeeeep; i=$((i+1)); done; exit 1',
    );
    expect(scratch().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('of 100,000 files does not hold the class up', async () => {
    for (let at = 0; at < 100; at++) {
      mkdirSync(folder.at(`s1001/junk/${at}`), { recursive: true });
      for (let file = 0; file < 1000; file++) writeFileSync(folder.at(`s1001/junk/${at}/${file}`), '');
    }
    const began = performance.now();
    expect((await folder.run(MAKES)).build).toMatchObject({ outcome: 'built', ignoredCount: 100_000 });
    expect(performance.now() - began).toBeLessThan(30_000);
  }, 120_000);

  it('is not even begun where what is taken leads elsewhere', async () => {
    mkdirSync(folder.at('s1001'));
    folder.put('s1002/own.sh', MAKES);
    symlinkSync(folder.at('s1002/own.sh'), folder.at('s1001/own.sh'));
    const { built } = await folder.build(['s1001'], { lines: ['sh own.sh'] });
    expect(built[0]!.kernel).toEqual({ problem: 'own.sh is a symbolic link that leads out of the submission' });
  });
});
