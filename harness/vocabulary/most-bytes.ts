/** How large a file may be that is read: nothing is read without a bound, whatever made it. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes, for each kind of file. */
export const MOST_BYTES = {
  /** A submission's. A lab's kernel has a few megabytes with its debug information, a large one some hundred. */
  kernel: 256 * MiB,
  /** Kernel, firmware or initrd of `bootgrade run`: RAM ends at 3 GiB, and a buffer of Node's near 2. */
  guestFile: 1024 * MiB,
  /** A rubric, and `bootgrade.yaml`. */
  rubric: MiB,
  /** JavaScript of a check. */
  script: MiB,
  /** What the contents of one drive, or an image that was built, may have in all: they are held in memory. */
  contents: 256 * MiB,
  /** A text that was handed in and that a check looks at. A result holds all of it. */
  text: 64 * KiB,
  roster: 64 * MiB,
  /** A file that an option of a report format names. */
  option: 64 * MiB,
  journal: 256 * MiB,
  report: 256 * MiB,
  evidence: 256 * MiB,
  /** One line of a blob, which holds a report or evidence: below the longest string of Node 20 (2^29 - 24). */
  blobLine: 500 * MiB,
  /** The list of the files that are ours in a folder. */
  fileList: 64 * MiB,
  /** What the system says about itself below /proc. */
  system: 64 * KiB,
} as const;

/** Why a file is not read; the end of a sentence. */
export function tooLarge(size: number, most: number): string {
  return `it has ${size} bytes, the most is ${most}`;
}
