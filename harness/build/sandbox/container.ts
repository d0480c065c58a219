/**
 * A container of the image that the rubric names, by docker or podman: for toolchains that are not installed here. The image is the course's, and
 * is trusted as the system's own programs are; the engine must have it already, since a build gets no network.
 *
 * Reference: docker-run(1), podman-run(1).
 */
import type { Owner } from '../../files/copy.ts';
import type { CommandLine, Sandbox, StepSetup } from './sandbox.ts';
import { MOST_PROCESSES, PLACES, TEMPORARY_BYTES } from './sandbox.ts';

export type Engine = 'docker' | 'podman';

export interface ContainerHost {
  readonly engine: Engine;
  readonly image: string;
  /** Who owns the tree, and runs the build. */
  readonly user: Owner;
  /** Whether bootgrade runs as root. */
  readonly isRoot: boolean;
  /** What the engine's own program needs. */
  readonly environment: CommandLine['environment'];
}

export function container(host: ContainerHost): Sandbox {
  return {
    name: host.engine,
    isClosed: true,
    owner: host.user,
    treeOf: () => PLACES.tree,
    command: (step) => command(host, step),
  };
}

/** Files that one process may have open, and processes of one user, all containers together: less than an engine would set, which few may. */
const [MOST_OPEN, MOST_OF_USER] = [4096, 32_768];

function command({ engine, image, user, isRoot, environment }: ContainerHost, step: StepSetup): CommandLine {
  const { argv, tree, folder, readable, memory, disk, name } = step;
  const args = [
    ...['run', '--rm', '--init', '--name', name, '--pull', 'never', '--network', 'none', '--read-only'],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', `${user.uid}:${user.gid}`],
    // Without root's rights podman maps users: the owner of the tree would be somebody else in the container.
    ...(engine === 'podman' && !isRoot ? ['--userns', 'keep-id'] : []),
    ...['--memory', String(memory), '--memory-swap', String(memory), '--pids-limit', String(MOST_PROCESSES)],
    ...['--ulimit', `fsize=${disk}`, '--ulimit', 'core=0', '--ulimit', `nofile=${MOST_OPEN}`, '--ulimit', `nproc=${MOST_OF_USER}`],
    ...['--tmpfs', `${PLACES.temporary}:rw,exec,nosuid,nodev,mode=1777,size=${TEMPORARY_BYTES}`],
    ...['--mount', `type=bind,source=${tree},target=${PLACES.tree}`],
    ...readable.flatMap(({ from, at }) => ['--mount', `type=bind,source=${from},target=${at},readonly`]),
    ...Object.entries(step.environment)
      // The image knows best where its programs are.
      .filter(([variable]) => variable !== 'PATH')
      .flatMap(([variable, value]) => ['--env', `${variable}=${value}`]),
    ...['--workdir', folder === '' ? PLACES.tree : `${PLACES.tree}/${folder}`, '--entrypoint', argv[0]!, image, ...argv.slice(1)],
  ];
  const end: CommandLine = { file: engine, args: ['kill', name], environment, cwd: '/' };
  return { file: engine, args, environment, cwd: '/', end };
}
