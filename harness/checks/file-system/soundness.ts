/** What is wrong with a file system, collected: the first sentences, and how many there are of each kind. */

/** Kinds of things that are wrong, so that a rubric can leave some of them out. */
export const SOUNDNESS_KINDS = {
  structure: 'the superblock, the descriptors or the inodes make no sense',
  pointers: 'a file has blocks that lie outside the file system, or inside its own tables',
  shared: 'a block belongs to two files, or twice to one',
  bitmap: 'a block or an inode is in use, but free in the bitmap or in the table',
  lost: 'a block is taken in the bitmap or in the table, but no file has it',
  orphans: 'an inode is in use, but no folder has a name for it',
  links: "a file's number of links is different from the number of its names",
  folders: 'an entry of a folder is wrong: it leads nowhere, . or .. are missing, a folder has two names',
  sizes: "a file's size does not fit its blocks",
  counts: 'the numbers of free blocks, free inodes or folders are wrong',
} as const;

export type SoundnessKind = keyof typeof SOUNDNESS_KINDS;

/** Sentences that are kept; a report shows fewer. */
const MOST_KEPT = 100;

export class Soundness {
  readonly #ignored: ReadonlySet<SoundnessKind>;
  /** Sentences without full stops. */
  readonly sentences: string[] = [];
  count = 0;

  constructor(ignored: Iterable<SoundnessKind> = []) {
    this.#ignored = new Set(ignored);
  }

  add(kind: SoundnessKind, sentence: string): void {
    if (this.#ignored.has(kind)) return;
    this.count++;
    if (this.sentences.length < MOST_KEPT) this.sentences.push(sentence);
  }
}

/** Tells of neighbouring blocks in one sentence. */
export class Stretch {
  readonly #tell: (from: number, to: number, about: number) => void;
  #from = -1;
  #to = -1;
  #about = 0;

  /** `tell`: gets the first and the last number of a stretch whose `about` is the same. */
  constructor(tell: (from: number, to: number, about: number) => void) {
    this.#tell = tell;
  }

  /** Numbers come in ascending order. */
  add(number: number, about = 0): void {
    if (this.#from !== -1 && number === this.#to + 1 && about === this.#about) {
      this.#to = number;
      return;
    }
    this.end();
    this.#from = number;
    this.#to = number;
    this.#about = about;
  }

  end(): void {
    if (this.#from !== -1) this.#tell(this.#from, this.#to, this.#about);
    this.#from = -1;
  }
}

/** `block 7` or `blocks 7 to 9`, with the verb that fits. */
export function numbered(noun: string, from: number, to: number): { what: string; is: string; count: number } {
  const one = from === to;
  return { what: one ? `${noun} ${from}` : `${noun}s ${from} to ${to}`, is: one ? 'is' : 'are', count: to - from + 1 };
}
