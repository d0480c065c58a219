/**
 * `include`: parts that the rubrics of a course share. The files are read and merged before anything else is looked at, so that everything after that
 * sees one rubric. What the rubric says itself counts more than what it includes, and of several files a later one counts more than an earlier one.
 *
 * Offsets of an included file follow those of the files before it, so that an offset alone tells where something is written (Problems in loader.ts).
 * Left out: paths in an included file are not changed. What they name is looked for from the rubric's folder, as if the rubric said it itself.
 */
import { Document, isMap, type YAMLMap } from 'yaml';
import { utf8Text } from '../bytes/text.ts';
import { quoted } from '../evidence/printable.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { ReadFile } from './contents.ts';
import { asTexts } from './loose.ts';
import { includeSchema } from './schema.ts';
import { entryOf, mergedRubrics, prepare, withoutKey } from './yaml-merge.ts';
import { parseDocument, treeOf, type YamlMistake, type YamlResult, type YamlTree } from './yaml-tree.ts';

/** Bounds on what a rubric may include. */
const DEEPEST = 10;
const MOST_FILES = 50;

/** A file of the rubric; `base`: what offsets in it begin with. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly base: number;
}

export interface Whole extends YamlResult {
  /** The rubric's own file comes first. */
  readonly sources: readonly Source[];
  /** Of the included files, for the rubric's identity; empty where there are none. */
  readonly identity: string;
  /** The rubric as one file that includes nothing. */
  readonly selfContained: () => string;
}

/** Reads a rubric with all that it includes. */
export async function readWhole(file: string, text: string, readFile: ReadFile): Promise<Whole> {
  const { contents, mistakes } = parseDocument(text);
  const alone = { sources: [{ file, text, base: 0 }], identity: '', selfContained: () => text };
  if (contents === null) return { tree: null, mistakes, ...alone };
  const own = treeOf(contents);
  if (own.tree === null || !isMap(contents) || entryOf(contents, 'include') === undefined) return { ...own, ...alone };
  if (own.mistakes.length > 0) return { tree: null, mistakes: own.mistakes, ...alone };
  const reader = new Reader(file, text, readFile);
  const merged = await reader.withIncluded(contents, own.tree, { path: nameOf(file), base: 0, trail: [nameOf(file)] });
  const { sources } = reader;
  const identity = sources.slice(1).map((one) => `\0${one.path}\0${one.text}`);
  const selfContained = () => new Document(merged).toString({ lineWidth: 0 });
  const result: YamlResult = reader.mistakes.length > 0 ? { tree: null, mistakes: reader.mistakes } : treeOf(merged);
  return { ...result, sources, identity: identity.join(''), selfContained };
}

interface Place {
  /** From the rubric's folder. */
  readonly path: string;
  readonly base: number;
  /** The files that lead here, by their paths. */
  readonly trail: readonly string[];
}

class Reader {
  readonly sources: (Source & { readonly path: string })[];
  readonly mistakes: YamlMistake[] = [];
  readonly #folder: string;
  readonly #readFile: ReadFile;
  #characters: number;
  /** What was read already, by its path: several files may include one. */
  readonly #parts = new Map<string, YAMLMap | null>();

  constructor(file: string, text: string, readFile: ReadFile) {
    this.#folder = file.slice(0, file.length - nameOf(file).length);
    this.#readFile = readFile;
    this.#characters = text.length;
    this.sources = [{ file, text, base: 0, path: nameOf(file) }];
  }

  /** `contents` is a map without mistakes, and `tree` its values. */
  async withIncluded(contents: YAMLMap, tree: YamlTree, { path, base, trail }: Place): Promise<YAMLMap> {
    const include = (tree.value as Record<string, unknown>)['include'];
    // The schema says what is wrong with it.
    if (include === undefined || !includeSchema.safeParse(include).success) {
      prepare(contents, base);
      return contents;
    }
    const names = asTexts(include, ['include']).map(({ text, path: at }) => ({ text, offset: base + tree.offsetOf(at) }));
    prepare(contents, base);
    let all: YAMLMap | null = null;
    for (const { text, offset } of names) {
      const part = await this.#read(joined(path, text), { text, offset, trail });
      if (part !== null) all = all === null ? part : mergedRubrics(all, part);
    }
    const own = withoutKey(contents, 'include');
    return all === null ? own : mergedRubrics(all, own);
  }

  /** `offset`: where the file is named. null: what is wrong was noted. */
  async #read(
    path: string,
    { text: name, offset, trail }: { text: string; offset: number; trail: readonly string[] },
  ): Promise<YAMLMap | null> {
    const complain = (mistake: Omit<YamlMistake, 'offset'>): null => {
      this.mistakes.push({ offset, ...mistake });
      return null;
    };
    if (trail.includes(path))
      return complain({
        code: 'cycle',
        message: `\`include\` goes round in a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`,
      });
    const known = this.#parts.get(path);
    if (known !== undefined) return known;
    if (trail.length > DEEPEST) return complain({ code: 'too-complex', message: `files include each other more than ${DEEPEST} deep` });
    if (this.sources.length > MOST_FILES) return complain({ code: 'too-complex', message: `more than ${MOST_FILES} files are included` });
    const bytes = await this.#readFile(path, MOST_BYTES.rubric);
    if ('problem' in bytes) {
      const remedy = 'paths are relative to the file that includes';
      return complain({ code: 'unreadable-file', message: `cannot read ${quoted(name, 100)}: ${bytes.problem}`, remedy });
    }
    const text = utf8Text(bytes);
    this.#characters += text.length;
    if (this.#characters > MOST_BYTES.rubric)
      return complain({ code: 'too-large', message: `a rubric has at most ${MOST_BYTES.rubric / 2 ** 20} MiB, with all that it includes` });
    const last = this.sources.at(-1)!;
    const base = last.base + last.text.length + 1;
    this.sources.push({ file: path.startsWith('/') ? path : this.#folder + path, text, base, path });
    const part = await this.#parse(text, { path, base, trail: [...trail, path] });
    this.#parts.set(path, part);
    return part;
  }

  async #parse(text: string, place: Place): Promise<YAMLMap | null> {
    const { contents, mistakes } = parseDocument(text);
    const { tree, mistakes: more } = contents === null ? { tree: null, mistakes } : treeOf(contents);
    const moved = more.map((one) => ({ ...one, offset: place.base + one.offset }));
    this.mistakes.push(...moved);
    if (tree === null || moved.length > 0) return null;
    if (isMap(contents)) return this.withIncluded(contents, tree, place);
    this.mistakes.push({ code: 'wrong-type', offset: place.base, message: 'a map of keys of a rubric expected' });
    return null;
  }
}

/** The last part of a path. */
function nameOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}

/** The path of what a file names, as plain as it can be written. */
function joined(from: string, name: string): string {
  if (name.startsWith('/')) return name;
  const parts: string[] = [];
  for (const part of [...from.split('/').slice(0, -1), ...name.split('/')]) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return (from.startsWith('/') ? '/' : '') + parts.join('/');
}
