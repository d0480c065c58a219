/** What was handed in: where its kernel is, the kernel itself, or why there is none. */
import type { BuildResult } from '../result/build.ts';
import type { WantedText } from '../vocabulary/submission.ts';

/** Where the kernel, or an image, is: `file` as shown (below the submission), `path` to open. */
export interface KernelFile {
  readonly file: string;
  readonly path: string;
  /** What it must hold (hex), where it was built: what is graded is what the build left. Left out: whatever is there. */
  readonly sha256?: string;
  /** The file that has the source lines of its addresses, where it has none itself. */
  readonly lines?: { readonly path: string; readonly sha256: string };
  /** It may be any bytes; else it has to be an ELF file for RISC-V. */
  readonly raw?: true;
}

export interface Kernel {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
  /** The ELF file with its debug information; left out: it has its own, or there is none. */
  readonly debug?: Uint8Array;
}

/** What is wrong with what was handed in, as a sentence for the student. */
export interface HandInProblem {
  readonly problem: string;
}

/** Why this computer cannot read what was handed in: then there is no grade. */
export interface HostFault {
  readonly hostFault: string;
  /** Everything could be read, but nothing says which file is the kernel: neither the student nor this computer is to blame. */
  readonly undecided?: true;
}

/** What was handed in: a kernel, or why there is none. */
export type Found = KernelFile | HandInProblem | HostFault;

/** The kernel that was found in a hand-in, and what else the rubric's patterns match. */
export interface Search {
  readonly kernel: Found;
  /** Paths below the hand-in. */
  readonly alsoMatched: readonly string[];
}

/**
 * Where the files of a tree (tree.ts) are, as plain data for a different process: a folder; or, for an archive, each file's path and where its
 * content lies.
 */
export type TreePlace = { readonly folder: string } | { readonly files: Readonly<Record<string, string>> };

/** The student's files among the sources of a build, as plain data for a different process. */
export interface BuiltPlace {
  /** The top of the tree that was built, as compilers knew it; empty: it had no name that lasts. */
  readonly top: string;
  /** By their paths below the top: where each is in what was handed in, and the path by which it is opened. */
  readonly taken: Readonly<Record<string, { readonly handedIn: string; readonly from: string }>>;
}

/** What is graded: plain data, as a process that grades gets it. */
export interface Submission extends Search {
  /** With `/` between folders; as the student wrote it, so not fit to print or to open a file by (see name.ts). */
  readonly name: string;
  /** Where the sources of the kernel are, as far as they were handed in: reports show lines of them. null: only a kernel was. */
  readonly sources: TreePlace | BuiltPlace | null;
  /** Images of drives that the build left, by the rubric's names or globs; left out: what was handed in holds them (images.ts). */
  readonly images?: Readonly<Record<string, KernelFile>>;
  /** Images of drives that were handed in as they are, by the rubric's names or globs; left out: only the kernel's file was handed in. */
  readonly submittedImages?: Readonly<Record<string, Found>>;
  /** Files that checks look at, by the rubric's names or globs; left out: a kernel alone was handed in, or no check asks. */
  readonly texts?: readonly { readonly wanted: WantedText; readonly found: readonly Found[] }[];
  /** How the kernel was built of what was handed in; left out: it was handed in itself. */
  readonly build?: BuildResult;
}
