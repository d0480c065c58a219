/**
 * Reads a rubric: text in; either the resolved rubric, or every mistake in it with its place. Nothing is booted and nothing
 * is printed. The stages: YAML (yaml-tree.ts, include.ts), the schema (schema.ts), what the schema cannot see (the folder mistakes, and contents.ts),
 * defaults (resolve.ts).
 */
import { sha256 } from '../bytes/sha256.ts';
import { useEngine } from '../checks/script/engine.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { excerptOf, type Mistake, type Problem } from '../vocabulary/problem.ts';
import { conditionMistakes } from './conditions.ts';
import { ContentReader, checkContents, type ReadFile } from './contents.ts';
import { CourseFiles } from './course-files.ts';
import { mergedScenarios } from './extends.ts';
import { readWhole, type Source } from './include.ts';
import { type MachineProblem, unbootable } from './mistakes/boot.ts';
import { referenceMistakes } from './mistakes/checks.ts';
import { diskFromMistakes } from './mistakes/disk-from.ts';
import { expectationMistakes } from './mistakes/expectations.ts';
import { faultMistakes } from './mistakes/faults.ts';
import { scenarioMistakes } from './mistakes/scenarios.ts';
import { scheduleMistakes } from './mistakes/schedules.ts';
import { parsedBy } from './mistakes/schema.ts';
import { slotMistakes } from './mistakes/slots.ts';
import { pointMistakes } from './points.ts';
import { expandQemu } from './qemu.ts';
import { insertRandom, ownRandom, type RandomSpec } from './random.ts';
import { hasPlaceholder, placeholderOf, withValues } from './random-places.ts';
import { resolveRubric } from './resolve.ts';
import { rubricSchema } from './schema.ts';
import { ScriptFiles } from './script-files.ts';
import { type PathProblem, submissionMistakes } from './submission.ts';
import { insertTextFiles } from './text-files.ts';
import type { Rubric } from './types.ts';
import type { YamlMistake, YamlTree } from './yaml-tree.ts';

/** Most problems that are returned: with more, one runs the check again anyway. */
export const MOST_PROBLEMS = 100;

export interface RubricPorts {
  /** Reads what `file:` names. */
  readFile: ReadFile;
  /** The engine that scripts run in (engineFor). Without it, the one that is a part of the program. */
  scriptEngine?: Uint8Array;
  /** What is wrong with a `cpu`; null: nothing. Without it, any text will do. */
  cpuProblem?: (cpu: string) => string | null;
  /** Why no kernel could boot on a machine. Without it, any machine will do. */
  machineProblem?: MachineProblem;
  /** What is wrong with a folder or an archive, relative to the rubric's folder. Without it, any path will do. */
  pathProblem?: PathProblem;
}

export type Loaded =
  /** `selfContained`: the rubric's text, with all that it includes. */
  { rubric: Rubric; selfContained: () => string } | { problems: Problem[] };

/** `file`: what problems call the rubric. The problems, at most MOST_PROBLEMS, come in the order of the file. */
export async function loadRubric(file: string, text: string, given: RubricPorts): Promise<Loaded> {
  if (given.scriptEngine !== undefined) useEngine(given.scriptEngine);
  const files = new FilesOnce(given.readFile);
  const ports = { ...given, readFile: files.read };
  const loaded = await loadOnce(file, text, ports);
  if ('problems' in loaded) return loaded;
  const { rubric, own, selfContained } = loaded;
  if (own === null) return { rubric, selfContained };
  const template = await loadOnce(file, text, ports, placeholderOf);
  if ('problems' in template) return { problems: template.problems.map(notForEach) };
  return { rubric: withValues(template.rubric, own, files.isFile), selfContained };
}

/** What is a mistake only where a value is not known yet. */
function notForEach(problem: Problem): Problem {
  return {
    ...problem,
    code: 'bad-random',
    message: 'a value that each submission has for itself cannot stand here',
    remedy: 'write the value out, or leave `per: submission` out',
  };
}

/** Files that the rubric names, each read once. */
class FilesOnce {
  readonly #readFile: ReadFile;
  readonly #known = new Map<string, ReturnType<ReadFile>>();
  readonly #buffers = new Set<unknown>();

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  readonly read: ReadFile = (path, most) => {
    const key = `${most} ${path}`;
    const known = this.#known.get(key) ?? this.#readFile(path, most);
    this.#known.set(key, known);
    return known.then((bytes) => {
      if (!('problem' in bytes)) this.#buffers.add(bytes.buffer);
      return bytes;
    });
  };

  /** Whether bytes are a file's, or a part of it. */
  readonly isFile = ({ buffer }: Uint8Array): boolean => this.#buffers.has(buffer);
}

type LoadedOnce = { rubric: Rubric; selfContained: () => string; own: RandomSpec | null } | { problems: Problem[] };

/** `textOf`: what stands for random values instead of themselves. */
async function loadOnce(
  file: string,
  text: string,
  ports: RubricPorts,
  textOf?: (index: number, length: number) => string,
): Promise<LoadedOnce> {
  if (text.length > MOST_BYTES.rubric) {
    const message = `a rubric has at most ${MOST_BYTES.rubric / 2 ** 20} MiB`;
    return { problems: [{ code: 'too-large', file, line: 1, column: 1, message, excerpt: '' }] };
  }
  const { tree, mistakes, sources, identity, selfContained } = await readWhole(file, text, ports.readFile);
  const located = new Problems(sources);
  for (const mistake of mistakes) located.add(mistake);
  if (tree === null) return { problems: located.sorted() };

  const qemu = expandQemu(tree.value);
  const random = insertRandom(tree.value, textOf);
  const texts = await insertTextFiles(tree.value, ports.readFile);
  const merged = mergedScenarios(tree.value);
  const reader = new ContentReader(ports.readFile);
  const files = new CourseFiles(ports.readFile);
  await checkContents(merged, reader);
  const scripts = new ScriptFiles(ports.readFile);
  const unread = [...(await files.check(tree.value, merged)), ...(await scripts.check(tree.value))];
  const parsed = parsedBy(rubricSchema, tree.value, tree.sourceAt);
  for (const mistake of [
    ...qemu.mistakes,
    ...random,
    ...texts.mistakes,
    ...(parsed.mistakes ?? []),
    ...unread,
    ...otherMistakes(tree, merged, ports),
  ])
    located.add({ ...mistake, offset: tree.offsetOf(qemu.writtenAt(mistake.path), mistake.atKey) });
  for (const { list, index, mistake } of reader.mistakes) {
    located.add({ ...mistake, offset: tree.offsetOf([index, ...mistake.path], mistake.atKey, list) });
  }
  if (parsed.mistakes !== undefined || located.any()) return { problems: located.sorted() };

  const whole = text + identity + texts.identity + scripts.identity;
  const rubric = await resolveRubric(parsed.value, merged, { reader, files, scripts }, sha256(whole));
  for (const mistake of unbootable(tree.value, rubric, ports.machineProblem ?? (() => null))) {
    located.add({ ...mistake, offset: tree.offsetOf(qemu.writtenAt(mistake.path), mistake.atKey) });
  }
  if (hasPlaceholder(JSON.stringify(rubric.submission))) {
    // A file is looked for before it is known what was handed in.
    located.add({ code: 'bad-random', message: '', offset: tree.offsetOf(['submission']) });
  }
  return located.any() ? { problems: located.sorted() } : { rubric, selfContained, own: ownRandom(tree.value) };
}

/** What the schema cannot see. */
function otherMistakes(tree: YamlTree, merged: ReturnType<typeof mergedScenarios>, { cpuProblem, pathProblem }: RubricPorts): Mistake[] {
  return [
    ...scenarioMistakes(tree.value, merged, { isPlain: tree.isPlain, cpuProblem: cpuProblem ?? (() => null) }),
    ...submissionMistakes(tree.value, pathProblem ?? (() => null)),
    ...slotMistakes(tree.value, merged),
    ...faultMistakes(tree.value, merged),
    ...conditionMistakes(tree.value, merged),
    ...pointMistakes(tree.value),
    ...diskFromMistakes(tree.value, merged),
    ...scheduleMistakes(tree.value, merged),
    ...referenceMistakes(tree.value, merged),
    ...expectationMistakes(tree.value, merged),
  ];
}

/** Mistakes by offset, turned into problems by file, line and column. */
export class Problems {
  /** By their bases, ascending. */
  readonly #sources: readonly Source[];
  readonly #mistakes: YamlMistake[] = [];

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  add({ code, offset, message, remedy }: YamlMistake): void {
    const usual = code === 'unreadable-file' ? "paths are relative to the rubric's folder" : undefined;
    this.#mistakes.push({ code, offset, message, remedy: remedy ?? usual });
  }

  any(): boolean {
    return this.#mistakes.length > 0;
  }

  sorted(): Problem[] {
    const lines = new Map(this.#sources.map((source) => [source, lineStarts(source.text)]));
    const ordered = this.#mistakes.sort((a, b) => a.offset - b.offset).slice(0, MOST_PROBLEMS);
    return ordered.map(({ code, offset: place, message, remedy }) => {
      const source = this.#sources.findLast(({ base }) => base <= place)!;
      const { file, text, base } = source;
      const offset = place - base;
      const starts = lines.get(source)!;
      const line = starts.findLastIndex((start) => start <= offset) + 1;
      const start = starts[line - 1]!;
      const column = offset - start + 1;
      const newline = text.indexOf('\n', start);
      const excerpt = excerptOf(text.slice(start, newline === -1 ? undefined : newline).replace(/\r$/, ''), column);
      return { code, file, line, column, message, ...(remedy === undefined ? {} : { remedy }), excerpt };
    });
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
