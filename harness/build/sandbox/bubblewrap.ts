/**
 * A sandbox of Linux's namespaces, made by bubblewrap (Debian's package `bubblewrap`), which needs no rights of its own.
 *
 * The build sees the tree, which it may write to; a /tmp of its own, in memory and of bounded size; the system's programs, read-only; and what
 * the rubric names. It has no network, sees no process of this computer, and all of its processes die with its first one.
 *
 * Reference: bwrap(1), user_namespaces(7), prlimit(1). Left out: control groups, which only some computers let a user make. So the memory of
 * all processes together is watched from outside (run-step.ts); what one process may have, and how many there are, the kernel bounds.
 */
import type { CommandLine, Mount, Sandbox, StepSetup } from './sandbox.ts';
import { MOST_PROCESSES, PLACES, TEMPORARY_BYTES } from './sandbox.ts';

/** Folders of the system as this computer has them: `link` where it is one into /usr. */
export interface SystemFolder {
  readonly path: string;
  readonly link: string | null;
}

export interface BubblewrapHost {
  readonly system: readonly SystemFolder[];
  /** Files below /etc that compilers need. */
  readonly settings: readonly string[];
  /** Folders inside the system's or the rubric's that no build may see: rubrics, submissions, reports. */
  readonly masked: readonly string[];
  /** A file that stands for /etc/passwd, and one for /etc/group. */
  readonly passwd: string;
  readonly group: string;
  /** Whether bootgrade runs as root: then builds run as nobody. */
  readonly isRoot: boolean;
}

/** Of Debian's base-passwd: a user who owns nothing. */
const NOBODY = { uid: 65534, gid: 65534 } as const;

/** The user in the sandbox. */
const STUDENT = '1000';

export function bubblewrap(host: BubblewrapHost): Sandbox {
  return {
    name: 'bubblewrap',
    isClosed: true,
    ...(host.isRoot ? { owner: NOBODY } : {}),
    treeOf: () => PLACES.tree,
    command: (step) => command(host, step),
  };
}

function command(host: BubblewrapHost, step: StepSetup): CommandLine {
  const folder = step.folder === '' ? PLACES.tree : `${PLACES.tree}/${step.folder}`;
  const args = [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    // A sandbox in the sandbox would have limits of its own.
    ...['--disable-userns', '--die-with-parent', '--new-session', '--hostname', 'sandbox', '--uid', STUDENT, '--gid', STUDENT],
    ...['--cap-drop', 'ALL', '--clearenv'],
    ...Object.entries(step.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...host.system.flatMap(({ path, link }) => (link === null ? ['--ro-bind', path, path] : ['--symlink', link, path])),
    ...host.settings.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', host.passwd, '/etc/passwd', '--ro-bind', host.group, '/etc/group'],
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(TEMPORARY_BYTES), '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...['--size', String(TEMPORARY_BYTES), '--perms', '1777', '--tmpfs', PLACES.temporary],
    ...step.readable.flatMap(({ from, at }) => ['--ro-bind', from, at]),
    ...maskedIn(host, step).flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...['--bind', step.tree, PLACES.tree, '--remount-ro', '/dev', '--remount-ro', '/', '--chdir', folder],
    ...['--json-status-fd', '3', '--', ...limited(step)],
  ];
  return { file: 'bwrap', args, environment: {}, cwd: '/', tellsStatus: true, ...(host.isRoot ? { owner: NOBODY } : {}) };
}

/** Folders that would be visible below what the build may read. */
function maskedIn({ system, masked }: BubblewrapHost, { readable }: StepSetup): string[] {
  const visible: readonly Mount[] = [...system.map(({ path }) => ({ from: path, at: path })), ...readable];
  return masked.flatMap((path) =>
    visible.flatMap(({ from, at }) => (path.startsWith(`${from}/`) ? [`${at}${path.slice(from.length)}`] : [])),
  );
}

/** The limits of one process, and of the number of processes of this user namespace. */
function limited({ argv, memory, disk }: StepSetup): string[] {
  const limits = [`--nproc=${MOST_PROCESSES}`, `--as=${memory}`, `--fsize=${disk}`, '--core=0', '--nofile=4096'];
  return ['prlimit', ...limits, '--', ...argv];
}
