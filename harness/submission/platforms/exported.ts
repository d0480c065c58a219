/**
 * What a platform's export of an assignment says of the files in it: whose they are, when they were handed in, and which of them
 * belong together. Pure: it is read from names, and from the small files that the platform itself adds.
 */

/** A student as the platform knows them. Each text is empty where the export does not say. */
export interface Person {
  /** What the platform tells students apart by. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** By the column's name in the platform's own gradebook, which finds its rows by it. */
  readonly ids: Readonly<Record<string, string>>;
}

/** An entry of the export, and where it belongs in the submission: `as` is a file's name or a folder; '' puts what a folder holds on top. */
export interface Part {
  readonly entry: string;
  readonly as: string;
}

/** What one student, or one group, handed in at one time. */
export interface Attempt {
  readonly platform: PlatformName;
  /** Of the submission, without what the platform adds to names. */
  readonly name: string;
  /** Several where a group hands in together. */
  readonly people: readonly Person[];
  /** ISO 8601, with a zone where the platform says one. Attempts with the same name are of the same students. */
  readonly time: string | null;
  /** null: the platform does not say. */
  readonly markedLate: boolean | null;
  /** Which of the student's attempts it is, from 1, where the platform says so other than by having all of them. */
  readonly attempt: number | null;
  /** In the order in which the kernel is looked for. */
  readonly parts: readonly Part[];
}

export type PlatformName = 'moodle' | 'canvas' | 'blackboard' | 'gradescope' | 'classroom50' | 'github-classroom';

/** An entry that the platform itself has added: it is nobody's work. */
export interface Extra {
  readonly entry: string;
  readonly reason: string;
}

export interface Exported {
  readonly attempts: readonly Attempt[];
  readonly extras: readonly Extra[];
}

export const NOTHING: Exported = { attempts: [], extras: [] };

export interface ExportEntry {
  /** NFC. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** The folder or archive that may be an export. */
export interface ExportFolder {
  /** Its own name, which some platforms choose. */
  readonly name: string;
  /** Entries that may be somebody's work, in bytewise order. */
  readonly entries: readonly ExportEntry[];
  /** The text of a file on top; null if it is not there, not UTF-8 or longer than `most` bytes. */
  text(entry: string, most: number): string | null;
  /** Whether the folder on top has an entry with the name. */
  holds(folder: string, name: string): boolean;
}

/** Finds its own hand-ins among the entries. */
export interface Platform {
  readonly recognise: (folder: ExportFolder) => Exported;
}

export function person(given: Partial<Person> & Pick<Person, 'id'>): Person {
  return { name: '', email: '', ids: {}, ...given };
}

/** The parts of the entries that have the same key, in the order in which the keys first come. */
export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
