/** Builds in containers of an engine that runs here. Skipped where there is none: command-lines.test.ts looks at what engines are asked for. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX, lacks } from '../../../testing/tools.ts';
import { readKernel } from '../../submission/kernel.ts';
import { BuildFolder, MAKES } from '../../testkit/building.ts';

const IMAGE = `localhost/bootgrade-test-${process.pid}:1`;
const PROGRAMS = ['sh', 'cat', 'echo', 'id', 'ls', 'sleep', 'touch'];

const podman = (...argv: string[]) => execFileSync('podman', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

describe.skipIf(lacks('podman'))('a build in a container', () => {
  let folder: BuildFolder;

  beforeAll(() => {
    folder = new BuildFolder();
    for (const name of ['bin', 'build', 'dependencies', 'tmp']) mkdirSync(folder.at(`image/${name}`), { recursive: true });
    copyFileSync(BUSYBOX, folder.at('image/bin/busybox'));
    chmodSync(folder.at('image/bin/busybox'), 0o755);
    for (const name of PROGRAMS) symlinkSync('busybox', folder.at(`image/bin/${name}`));
    execFileSync('tar', ['-C', folder.at('image'), '-cf', folder.at('image.tar'), '.']);
    podman('import', '-q', folder.at('image.tar'), IMAGE);
  }, 120_000);
  afterAll(() => {
    podman('rmi', '-f', IMAGE);
    folder.remove();
  }, 120_000);

  it('makes the kernel, of the tree alone, without a network', async () => {
    folder.put('vendor/crate/lib.rs', 'given');
    const { kernel, build } = await folder.run(
      `${MAKES}id -u; ls -d ${folder.path} 2>&1; cat /dependencies/crate/lib.rs; ls /sys/class/net
for place in / /bin /dependencies; do touch $place/x 2>/dev/null && echo wrote $place; done; true`,
      { image: IMAGE, dependencies: 'vendor' },
    );
    expect(readKernel(kernel as never)).toMatchObject({ bytes: new TextEncoder().encode('kernel\n') });
    const { output } = build!.steps[0]!;
    expect(output).not.toContain('wrote');
    expect(output).toMatch(/^[1-9]\d*$/m);
    expect(output).toMatch(/^givenlo$/m);
    expect(output).toContain(`ls: ${folder.path}: No such file or directory`);
  }, 120_000);

  it('that takes too long is ended, and no container is left', async () => {
    const { kernel } = await folder.run('sleep 1000', { image: IMAGE, seconds: 3 });
    expect(kernel).toEqual({ problem: 'the build took more than 3 seconds, and was ended' });
    // The engine takes it away a moment after its process has ended.
    const left = () => podman('ps', '--all', '--filter', `ancestor=${IMAGE}`, '--format', '{{.Names}}');
    await expect.poll(left, { timeout: 60_000, interval: 200 }).toBe('');
  }, 120_000);

  it('of an image that is not here is not begun', async () => {
    await expect(folder.build([], { lines: ['true'], recipe: { image: 'localhost/no-such-image:1' } })).rejects.toThrow(
      'podman does not have localhost/no-such-image:1: get it with podman pull localhost/no-such-image:1',
    );
  }, 120_000);
});
