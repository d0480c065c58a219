/** Finds what a rubric's builds need on this computer: a sandbox, the course's sources, tools; and says in one line what is missing. */
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { listFolder, lookAt, lookThrough, readLink, realPath } from '../files/read.ts';
import { type Scratch, scratchFolder } from '../files/scratch.ts';
import { asUsage, HostError } from '../files/system-error.ts';
import { makeFolder, replaceFile } from '../files/write.ts';
import type { BuildRecipe, SubmissionRules } from '../vocabulary/submission.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { Builder } from './builder.ts';
import { BuildCache, CACHE_SCHEMA } from './cache.ts';
import { MOST_KEPT } from './cache-size.ts';
import { cargoConfig, closedTo, folderIdentity } from './dependencies.ts';
import { isCargos, lineAskers } from './line-askers.ts';
import { openTree } from './open-tree.ts';
import { runStep } from './run-step.ts';
import { type BubblewrapHost, bubblewrap, type SystemFolder } from './sandbox/bubblewrap.ts';
import { container, type Engine } from './sandbox/container.ts';
import { unsandboxed } from './sandbox/none.ts';
import { environmentOf, type Mount, PLACES, type Sandbox } from './sandbox/sandbox.ts';
import { toolsIn } from './toolchain.ts';

export interface OpenBuilder {
  readonly rules: SubmissionRules;
  readonly recipe: BuildRecipe;
  /** The folder that the rubric's paths begin at. */
  readonly rubricFolder: string;
  /** Folders that no build may see, where they lie in one that it may read. */
  readonly masked: readonly string[];
  /** Where results of builds are kept. */
  readonly cache: string;
  /** Builds at a time. */
  readonly jobs: number;
  /** Builds may do whatever the person may do who grades. */
  readonly unsandboxed: boolean;
  /** Of the person who grades. */
  readonly environment: Readonly<Record<string, string>>;
  readonly home: string;
}

export interface OpenedBuilder {
  readonly builder: Builder;
  close(): Promise<void>;
}

/** Throws UsageError where something is missing, HostError. */
export async function openBuilder(options: OpenBuilder): Promise<OpenedBuilder> {
  const { rules, recipe, rubricFolder, jobs } = options;
  const scratch = await scratchFolder();
  try {
    const tools = recipe.tools.map((folder) => toolFolder(folder, options));
    const { sandbox, surroundings, environment } = await chosenSandbox(options, tools, scratch);
    if (sandbox.owner !== undefined) for (const { folder } of tools) forEverybody('tools', closedTo(folder));
    const mounts = await dependencies(options, sandbox, scratch);
    const base = rules.base === null ? null : await openTree(resolve(rubricFolder, rules.base), scratch.path);
    const cache = await BuildCache.open(options.cache, MOST_KEPT);
    const variables = { ...environment, ...mounts.environment, ...recipe.environment };
    const readable = [...tools.map(({ folder }) => ({ from: folder, at: folder })), ...mounts.readable];
    const asked = lineAskers(join(scratch.path, 'lines'), sandbox, variables);
    const setup = { rules, recipe, sandbox, environment: variables, readable };
    const builder = await Builder.open({
      setup,
      lined: (files) => {
        return {
          ...setup,
          environment: isCargos(files, recipe.folder) ? asked.cargo : asked.all,
          readable: [...readable, ...asked.readable],
        };
      },
      base,
      cache,
      surroundings: [CACHE_SCHEMA, sandbox.name, ...surroundings, ...mounts.surroundings],
      jobs,
    });
    const close = async () => {
      await cache.close();
      await scratch.remove();
    };
    return { builder, close };
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

interface Chosen {
  readonly sandbox: Sandbox;
  readonly environment: Readonly<Record<string, string>>;
  readonly surroundings: readonly string[];
}

async function chosenSandbox(options: OpenBuilder, tools: readonly ToolFolder[], scratch: Scratch): Promise<Chosen> {
  const { recipe, environment } = options;
  if (options.unsandboxed) {
    const path = environment['PATH'] ?? '';
    const inPath = [...tools.map(({ bin }) => bin), path].join(':');
    return { sandbox: unsandboxed(environment), environment: { PATH: inPath }, surroundings: toolsIn(inPath.split(':')) };
  }
  if (recipe.image !== null) return inContainer(recipe.image, environment);
  const path = [...tools.map(({ bin }) => bin), ...SYSTEM_PATH].join(':');
  const sandbox = await probed(bubblewrap(bubblewrapHost(options, scratch)), scratch);
  return { sandbox, environment: environmentOf(path, PLACES), surroundings: toolsIn(path.split(':')) };
}

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
const SETTINGS = ['/etc/alternatives', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d'];

function bubblewrapHost({ masked }: OpenBuilder, scratch: Scratch): BubblewrapHost {
  const [passwd, group] = [join(scratch.path, 'passwd'), join(scratch.path, 'group')];
  replaceFile(passwd, 'student:x:1000:1000:student:/tmp:/bin/sh\n');
  replaceFile(group, 'student:x:1000:\n');
  return {
    system: SYSTEM.flatMap((path) => systemFolder(path) ?? []),
    settings: SETTINGS.filter((path) => lookThrough(path) !== undefined),
    masked: masked.flatMap((path) => realPath(path) ?? []),
    passwd,
    group,
    isRoot: process.getuid?.() === 0,
  };
}

function systemFolder(path: string): SystemFolder | undefined {
  const stat = lookAt(path);
  if (stat === undefined) return undefined;
  return { path, link: stat.isSymbolicLink() ? readLink(path) : null };
}

const NO_SANDBOX = 'to build what students hand in without any protection, add --unsandboxed';

/** Makes sure that the sandbox works here. Throws UsageError. */
async function probed(sandbox: Sandbox, scratch: Scratch): Promise<Sandbox> {
  if (process.platform !== 'linux')
    throw new UsageError(`builds need a sandbox, which only Linux has here; name an image in the rubric, or, ${NO_SANDBOX}`);
  const tree = join(scratch.path, 'probe');
  makeFolder(tree);
  const step = { argv: ['true'], tree, folder: '', environment: environmentOf(SYSTEM_PATH.join(':'), PLACES), readable: [] };
  const command = sandbox.command({ ...step, memory: 2 ** 30, disk: 2 ** 20, name: 'probe' });
  try {
    const limits = { seconds: 30, output: 4096, memory: 2 ** 30, disk: 2 ** 20, tree };
    const { exitCode, output } = await runStep(command, limits, new AbortController().signal);
    if (exitCode !== 0) throw new HostError(`it ended with ${exitCode}: ${output.trim()}`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const isMissing = (await execa('bwrap', ['--version'], { reject: false, stdin: 'ignore' })).exitCode !== 0;
    const why = isMissing
      ? 'bubblewrap is not installed (on Debian: apt-get install bubblewrap)'
      : `bubblewrap does not work here: ${error.reason}`;
    throw new UsageError(`builds need a sandbox, and ${why}; ${NO_SANDBOX}`);
  }
  return sandbox;
}

async function inContainer(image: string, environment: OpenBuilder['environment']): Promise<Chosen> {
  const options = { env: environment, extendEnv: false, reject: false, stdin: 'ignore' } as const;
  for (const engine of ['podman', 'docker'] as const satisfies readonly Engine[]) {
    if ((await execa(engine, ['--version'], options)).exitCode !== 0) continue;
    const { exitCode, stdout } = await execa(engine, ['image', 'inspect', '--format', '{{.Id}}', image], options);
    if (exitCode !== 0)
      throw new UsageError(`submission.build.image: ${engine} does not have ${image}: get it with ${engine} pull ${image}`);
    const { PATH: _, ...variables } = environmentOf('', PLACES);
    const sandbox = container({ engine, image, user: containerUser(), isRoot: process.getuid?.() === 0, environment });
    return { sandbox, environment: variables, surroundings: [image, stdout.trim()] };
  }
  throw new UsageError('submission.build.image: neither podman nor docker is installed here');
}

/** Of Debian's base-passwd: nobody, in place of root. */
function containerUser(): { uid: number; gid: number } {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return uid === 0 ? { uid: 65534, gid: 65534 } : { uid, gid };
}

interface ToolFolder {
  readonly folder: string;
  /** For PATH. */
  readonly bin: string;
}

function toolFolder(written: string, { rubricFolder, home }: OpenBuilder): ToolFolder {
  const path = written.startsWith('~/') ? join(home, written.slice(2)) : resolve(rubricFolder, written);
  const folder = asUsage(`submission.build.tools: ${written}`, () => realPath(path));
  if (folder === undefined) throw new UsageError(`submission.build.tools: ${written} is not here`);
  const names = asUsage(`submission.build.tools: ${written}`, () => listFolder(folder)).map(({ name }) => name);
  return { folder, bin: names.includes('bin') ? join(folder, 'bin') : folder };
}

/** Else each build would fail at that file or folder, as if its sources were at fault. Throws UsageError. */
function forEverybody(key: 'dependencies' | 'tools', closed: string | null): void {
  if (closed === null) return;
  const remedy = `put what builds need elsewhere, or let everybody read it: chmod -R a+rX ${closed}`;
  throw new UsageError(`submission.build.${key}: as root, builds run as the user nobody, who may not read ${closed}; ${remedy}`);
}

interface Dependencies {
  readonly readable: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
  readonly surroundings: readonly string[];
}

async function dependencies({ recipe, rubricFolder }: OpenBuilder, sandbox: Sandbox, scratch: Scratch): Promise<Dependencies> {
  if (recipe.dependencies === null) return { readable: [], environment: {}, surroundings: [] };
  const folder = resolve(rubricFolder, recipe.dependencies);
  const at = sandbox.isClosed ? PLACES.dependencies : folder;
  const config = asUsage('submission.build.dependencies', () => cargoConfig(folder, at));
  const { sha256, isPrivate } = await folderIdentity(folder);
  if (sandbox.owner !== undefined) forEverybody('dependencies', closedTo(folder) ?? isPrivate);
  const surroundings = [at, sha256];
  const mount = { from: folder, at };
  if (config === null) return { readable: [mount], environment: {}, surroundings };
  const cargo = join(scratch.path, 'cargo');
  makeFolder(cargo);
  replaceFile(join(cargo, 'config.toml'), config);
  if (!sandbox.isClosed) return { readable: [mount], environment: { CARGO_HOME: cargo, CARGO_NET_OFFLINE: 'true' }, surroundings };
  const settings = { from: join(cargo, 'config.toml'), at: `${PLACES.cargo}/config.toml` };
  return { readable: [mount, settings], environment: {}, surroundings };
}
