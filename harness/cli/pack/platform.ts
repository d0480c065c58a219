/** What a package for a platform is: the files in it, and what is done with them on the platform. A platform is its file and one line in index.ts. */
import type { ZipMember } from '../../files/zip.ts';
import type { Rubric } from '../../rubric/types.ts';
import type { Environment } from '../environment.ts';

export interface PackedFile {
  /** Its path in the package, with `/`. */
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly isProgram?: true;
}

export function membersOf(files: readonly PackedFile[]): ZipMember[] {
  return files.map(({ name, content, isProgram = false }) => ({ name, bytes: Buffer.from(content), isProgram }));
}

/** The program's name in a package. */
export const PROGRAM = 'bootgrade.mjs';

/** The Node that packages install: it is supported for years, and one version for all makes failures easier to compare. */
export const NODE_VERSION = '24.11.0';

/** What the platform has where a submission is graded. */
export interface Place {
  /** The platform's own folder, such as /autograder. */
  readonly root: string;
  /** The rubric's path. */
  readonly rubric: string;
  readonly environment: Environment;
  /** Runs the command, with its arguments; the answer is its exit code. */
  readonly command: (argv: readonly string[]) => Promise<number>;
}

export interface Platform {
  readonly describe: string;
  /** `zip`: one archive, as the platform wants it uploaded; `folder`: files for a repository, or for an image that is built of them. */
  readonly form: 'zip' | 'folder';
  /** Whether students can read the package where the platform has it. */
  readonly isPublic?: true;
  /** What to do with the package, as one sentence. */
  readonly next: string;
  /** The package's own files. `rubric`: the rubric's path in the package, which needs no quotation marks in any script. */
  files(rubric: string): readonly PackedFile[];
  /** The files that are written, made of those above with the program and the course's files. Left out: they are written as they are. */
  around?(files: readonly PackedFile[], rubric: Rubric): readonly PackedFile[];
  /** Grades a submission on the platform, and leaves what the platform reads; the answer is an exit code. Left out: the package's script does it. */
  grade?(place: Place): Promise<number>;
  /** Says on the platform how one check came out. Left out: the platform does not ask for single checks. */
  check?(place: Place, id: string): Promise<number>;
}
