/** The files that gradings read and write, as a port: in this process they are submission/system-files.ts, in a test they may be a map. */
import type { SourceFiles } from '../explain/source-files.ts';
import type { Found, HandInProblem, HostFault, Kernel, Submission } from '../submission/handed-in.ts';
import type { TextFile } from '../submission/text-search.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { OwnImage } from '../vocabulary/scenario.ts';
import type { WantedText } from '../vocabulary/submission.ts';

/** What an entry of a folder is; `other`: a device, a pipe, a socket. */
export interface FolderEntry {
  /** null if the name is not UTF-8: then no path can be made of it. */
  readonly name: string | null;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/**
 * Files, by their paths. Every function throws HostError if this computer fails, and PathError if what lies at the path cannot be
 * used (files/system-error.ts).
 */
export interface Files {
  /** What has the name, without following a link; undefined: nothing has. */
  lookAt(path: string): { isFile(): boolean } | undefined;
  listFolder(folder: string): readonly FolderEntry[];
  /** The path without links; undefined: nothing is there. */
  realPath(path: string): string | undefined;
  /** Whether two names are the same existing file. */
  sameFile(a: string, b: string): boolean;
  /** All of a regular file that has at most `most` bytes, and is not a link. */
  read(file: string, most: number): Uint8Array;
  /** The same; undefined if nothing has the name. */
  readIfThere(file: string, most: number): Uint8Array | undefined;
  /** How the file begins, where it is one that bootgrade wrote; undefined if it is anything else. */
  beginningOfOurs(file: string): string | undefined;
  /** Files of a hand-in, where the kernel's sources may be among them; null: no files were handed in. Throws nothing. */
  sourcesAt(place: Submission['sources']): SourceFiles | null;
  /** What was handed in; what is wrong with it is returned. */
  readKernel(found: Found): Kernel | HandInProblem | HostFault;
  /** The submission's own image. `kernels`: the rubric's patterns of kernels. */
  imageOf(submission: Submission, kernels: readonly string[], own: OwnImage): InitialImage | HandInProblem | HostFault;
  /** The submission's files that a check looks at; at least one, or why there is none. */
  textsOf(submission: Submission, wanted: WantedText): readonly (TextFile | HostFault)[];
  makeFolder(folder: string): void;
  /** Puts the content in the place of what has the name: as a whole, or not at all. */
  replace(file: string, content: string | Iterable<string>): void;
  /** Takes the file away, where it is there. */
  remove(file: string): void;
  /** Removes the temporary files of processes that were killed while they wrote one of the files. */
  removeLeftovers(files: readonly string[]): void;
  /** Takes the lock on a file, for as long as this process lives. Throws LockedError. */
  lock(file: string): { readonly replaced: readonly string[]; release(): void };
}
