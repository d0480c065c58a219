/**
 * Runs git on what students hand in. Everything in their repository is hostile: its configuration names programs that git would run (hooks, filters,
 * a pager, fsmonitor, the upload-pack of a remote), and its objects may be said to lie elsewhere. So git never looks at the repository itself: it
 * gets an empty one of ours (shadow.ts), and of the student's only the folder with objects, from which it reads. Nothing is checked out.
 * Reference: git's own "SECURITY" in git(1), and git-config(1), gitrepository-layout(5).
 */
import { execa } from 'execa';
import { HostError } from '../../files/system-error.ts';

/** Milliseconds of one call. */
const LONGEST = 120_000;
/** Bytes that one call may print. */
const MOST_PRINTED = 128 * 2 ** 20;

/** Bytes that git may ask for at once: an object that claims to be larger is refused. */
const MOST_ALLOCATED = '512m';

/** What git must not take from its configuration, or from files beside the objects, which are the student's as well. */
const OPTIONS = [
  ...[
    'core.commitGraph=false',
    'core.multiPackIndex=false',
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'core.bigFileThreshold=16m',
  ],
  ...['protocol.allow=never', 'submodule.recurse=false', 'gc.auto=0', 'maintenance.auto=false', 'pack.threads=1'],
].flatMap((option) => ['-c', option]);

/** Variables by which whoever calls us may have told git about a different repository. */
const WITHOUT = Object.fromEntries(
  [
    ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'],
    ...['GIT_NAMESPACE', 'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE', 'GIT_REPLACE_REF_BASE', 'GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT'],
  ].map((name) => [name, undefined]),
);

export interface GitFolders {
  /** Ours. */
  readonly shadow: string;
  /** The student's; null: ours. */
  readonly objects: string | null;
}

/** What git prints; null where it does not succeed. Throws HostError where there is no git. */
export async function runGit({ shadow, objects }: GitFolders, words: readonly string[], input?: string): Promise<Uint8Array | null> {
  const env = {
    ...WITHOUT,
    HOME: shadow,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: '',
    GIT_ALLOC_LIMIT: MOST_ALLOCATED,
    ...(objects === null ? {} : { GIT_OBJECT_DIRECTORY: objects }),
  };
  const how = {
    env,
    cwd: shadow,
    reject: false,
    encoding: 'buffer',
    stderr: 'ignore',
    stripFinalNewline: false,
  } as const;
  const limits = { timeout: LONGEST, maxBuffer: MOST_PRINTED, killSignal: 'SIGKILL' } as const;
  const all = ['--no-pager', `--git-dir=${shadow}`, ...OPTIONS, ...words];
  const { failed, stdout, code } = await execa('git', all, { ...how, ...limits, input: input ?? '' });
  if (code === 'ENOENT')
    throw new HostError('git is not installed: it is needed for --at, and for --deadline where repositories are handed in');
  return failed ? null : stdout;
}

export async function gitText(folders: GitFolders, words: readonly string[]): Promise<string | null> {
  const bytes = await runGit(folders, words);
  return bytes === null ? null : new TextDecoder().decode(bytes).trim();
}
