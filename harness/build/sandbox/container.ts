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

/** `user`: who owns the tree, and runs the build. `environment`: what the engine's own program needs. */
export function container(engine: Engine, image: string, user: Owner, environment: Readonly<Record<string, string>>): Sandbox {
  return {
    name: engine,
    isClosed: true,
    owner: user,
    treeOf: () => PLACES.tree,
    command: (step) => command(engine, image, user, environment, step),
  };
}

function command(engine: Engine, image: string, user: Owner, environment: CommandLine['environment'], step: StepSetup): CommandLine {
  const { argv, tree, folder, readable, memory, disk, name } = step;
  const args = [
    ...['run', '--rm', '--init', '--name', name, '--pull', 'never', '--network', 'none', '--read-only'],
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', `${user.uid}:${user.gid}`],
    // The engine maps users itself: without this, the owner of the tree would be somebody else in the container.
    ...(engine === 'podman' ? ['--userns', 'keep-id'] : []),
    ...['--memory', String(memory), '--memory-swap', String(memory), '--pids-limit', String(MOST_PROCESSES)],
    ...['--ulimit', `fsize=${disk}`, '--ulimit', 'core=0'],
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
