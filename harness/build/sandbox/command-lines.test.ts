/** What the sandboxes are started with. Whether an engine for containers takes its one, container.test.ts looks at. */
import { expect, it } from 'vitest';
import { type BubblewrapHost, bubblewrap } from './bubblewrap.ts';
import { type ContainerHost, container } from './container.ts';
import { unsandboxed } from './none.ts';
import type { StepSetup } from './sandbox.ts';

const STEP: StepSetup = {
  argv: ['make', '-C', 'kernel'],
  tree: '/tmp/scratch/tree',
  folder: 'lab',
  environment: { PATH: '/usr/bin', MODE: 'a b' },
  readable: [{ from: '/srv/vendor', at: '/dependencies' }],
  memory: 1024,
  disk: 2048,
  name: 'scratch-0',
};

const HOST: BubblewrapHost = { system: [{ path: '/usr', link: null }], settings: [], masked: [], passwd: '/p', group: '/g', isRoot: false };

const CONTAINER: ContainerHost = {
  engine: 'podman',
  image: 'x',
  user: { uid: 1000, gid: 1000 },
  isRoot: false,
  environment: { HOME: '/home/ta' },
};

/** Whether the words stand there one after the other. */
function has(args: readonly string[], ...words: string[]): boolean {
  return args.some((_, at) => words.every((word, index) => args[at + index] === word));
}

it('a container has no network, no rights, bounds, and the tree alone to write to', () => {
  const sandbox = container({ ...CONTAINER, engine: 'docker', image: 'course/tools:1' });
  const { file, args, environment, end } = sandbox.command(STEP);
  expect([file, environment, end?.args]).toEqual(['docker', { HOME: '/home/ta' }, ['kill', 'scratch-0']]);
  for (const words of [
    ['--network', 'none'],
    ['--pull', 'never'],
    ['--read-only'],
    ['--cap-drop', 'ALL'],
    ['--security-opt', 'no-new-privileges'],
    ['--user', '1000:1000'],
    ['--memory', '1024', '--memory-swap', '1024', '--pids-limit', '512'],
    ['--ulimit', 'fsize=2048'],
    ['--mount', 'type=bind,source=/tmp/scratch/tree,target=/build'],
    ['--mount', 'type=bind,source=/srv/vendor,target=/dependencies,readonly'],
    ['--env', 'MODE=a b'],
    ['--workdir', '/build/lab', '--entrypoint', 'make', 'course/tools:1', '-C', 'kernel'],
  ]) {
    expect([words, has(args, ...words)]).toEqual([words, true]);
  }
  // Where programs are, the image knows.
  expect(args.join(' ')).not.toContain('PATH=');
  // podman maps users where it has no rights of root, and refuses to do so where it has them.
  const keepsId = (changes: Partial<ContainerHost>) =>
    has(container({ ...CONTAINER, ...changes }).command(STEP).args, '--userns', 'keep-id');
  expect([keepsId({ isRoot: false }), keepsId({ isRoot: true })]).toEqual([true, false]);
});

it('bubblewrap hides folders that lie in what a build may read', () => {
  const host = { ...HOST, masked: ['/usr/local/course', '/srv/vendor/private', '/home/ta'] };
  const { args } = bubblewrap(host).command(STEP);
  expect(has(args, '--tmpfs', '/usr/local/course', '--remount-ro', '/usr/local/course')).toBe(true);
  expect(has(args, '--tmpfs', '/dependencies/private')).toBe(true);
  expect(args).not.toContain('/home/ta');
  expect(has(args, '--bind', '/tmp/scratch/tree', '/build')).toBe(true);
  expect(args.slice(-4)).toEqual(['--', 'make', '-C', 'kernel']);
});

it('bubblewrap runs as nobody where bootgrade runs as root', () => {
  expect(bubblewrap(HOST).command(STEP).owner).toBeUndefined();
  expect(bubblewrap({ ...HOST, isRoot: true }).command(STEP).owner).toEqual({ uid: 65534, gid: 65534 });
});

it('without a sandbox a step has the environment of whoever grades, in the tree', () => {
  expect(unsandboxed({ HOME: '/home/ta', PATH: '/x' }).command(STEP)).toEqual({
    file: 'make',
    args: ['-C', 'kernel'],
    environment: { HOME: '/home/ta', PATH: '/usr/bin', MODE: 'a b' },
    cwd: '/tmp/scratch/tree/lab',
  });
});
