/** Where a build runs: the port that the kinds of sandbox implement, each of which turns a step into a command line. */
import type { Owner } from '../../files/copy.ts';

/** What one step of a build may do. */
export interface StepSetup {
  readonly argv: readonly string[];
  /** The tree, on this computer. */
  readonly tree: string;
  /** Below it; empty: the top. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders of this computer that the build may read besides the system's, by the path at which it finds them. */
  readonly readable: readonly Mount[];
  /** Bytes. */
  readonly memory: number;
  readonly disk: number;
  /** A name that no other step has at the same time. */
  readonly name: string;
}

export interface Mount {
  readonly from: string;
  readonly at: string;
}

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of this computer in which it is started. */
  readonly cwd: string;
  /** Who runs it; left out: who runs bootgrade. */
  readonly owner?: Owner;
  /** Whether it says on its fourth pipe with which exit code the step itself ended (bwrap(1), --json-status-fd). */
  readonly tellsStatus?: boolean;
  /** Ends what is left of it; left out: to kill its process group is enough. */
  readonly end?: CommandLine;
}

export interface Sandbox {
  /** In words: "bubblewrap". */
  readonly name: string;
  /** Whether what runs in it reaches nothing of this computer but what it is given. */
  readonly isClosed: boolean;
  /** Who has to own the tree; left out: who runs bootgrade. */
  readonly owner?: Owner;
  /** The path of the tree as the build knows it. */
  treeOf(tree: string): string;
  command(step: StepSetup): CommandLine;
}

/** Where the build finds things. */
export const PLACES = { tree: '/build', dependencies: '/dependencies', temporary: '/tmp', cargo: '/tmp/cargo', lines: '/lines' } as const;

/** Processes and threads of one step. */
export const MOST_PROCESSES = 512;

/** Bytes of temporary files, which lie in memory. */
export const TEMPORARY_BYTES = 512 * 2 ** 20;

/** Midnight of 2020-01-01 (UTC) in seconds: the time of the course's files, and what reproducible builds call SOURCE_DATE_EPOCH. */
export const SOURCE_TIME = 1_577_836_800;

/**
 * The time of the student's files, one day later: what the course has left in its tree of an earlier build, an object or a library, is older, so
 * that make and Cargo do not take it for the student's.
 */
export const STUDENT_TIME = SOURCE_TIME + 24 * 60 * 60;

/** Variables of every build: nothing of the person's who grades. Messages are in English, which messages.ts reads. */
export function environmentOf(path: string, places: typeof PLACES): Record<string, string> {
  return {
    PATH: path,
    HOME: places.temporary,
    TMPDIR: places.temporary,
    USER: 'student',
    LOGNAME: 'student',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'dumb',
    SOURCE_DATE_EPOCH: String(SOURCE_TIME),
    CARGO_HOME: places.cargo,
    CARGO_NET_OFFLINE: 'true',
    CARGO_TERM_COLOR: 'never',
  };
}
