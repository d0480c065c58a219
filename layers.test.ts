/** The import rules of the design, and who may print, exit or read the environment, checked on every source file. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;

/** What each layer may import besides itself. A layer is a folder. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  machine: ['machine/virtio/rules', 'machine/spec'],
  // Numbers and layouts of the specifications: leaves that everybody may use.
  'machine/spec': [],
  // A part of the machine that the harness may know: rubrics name rules by their ids.
  'machine/virtio/rules': ['machine', 'machine/spec'],
  // Bytes as text, and their SHA-256.
  'harness/bytes': [],
  // Words that rubrics, checks, runs and reports share: a scenario, an image, sizes and limits, names of numbers.
  'harness/vocabulary': ['machine/spec', 'harness/bytes'],
  // QEMU's command line, for machines that people use and for rubrics.
  'harness/qemu': ['machine/spec', 'harness/bytes', 'harness/vocabulary'],
  // What runs write and everybody else reads.
  'harness/evidence': ['machine/spec', 'harness/bytes'],
  // The shape of a result: checks and grading write it, reports read it.
  'harness/result': ['harness/evidence'],
  'harness/checks': ['machine/spec', 'machine/virtio/rules', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/result'],
  'harness/rubric': ['machine/spec', 'harness/bytes', 'harness/vocabulary', 'harness/qemu', 'harness/evidence', 'harness/checks'],
  'harness/run': ['machine', 'machine/spec', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/checks', 'harness/rubric'],
  'harness/explain': ['machine', 'machine/spec', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/run'],
  'harness/grade': [
    ...['machine/spec', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/checks'],
    'harness/rubric',
  ],
  'harness/report': ['machine/spec', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/result'],
  // The only one that opens, reads, writes or lists files.
  'harness/files': ['machine/spec', 'harness/vocabulary'],
  'harness/submission': ['harness/bytes', 'harness/vocabulary', 'harness/result', 'harness/files'],
  // Kernels out of what was handed in. It uses the readers of source lines and of ELF files that runs and explanations have, so that all follow one rule.
  'harness/build': [
    ...['machine/spec', 'harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/run', 'harness/explain', 'harness/files'],
    'harness/submission',
  ],
  // A class: its journal, its shards, and the processes that grade it.
  'harness/batch': ['harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/files', 'harness/submission'],
  // The use cases: one submission, a class, grading again, merging, a rubric's test.
  'harness/grading': [
    ...['machine', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/rubric', 'harness/run'],
    ...['harness/explain', 'harness/grade', 'harness/report', 'harness/files', 'harness/submission', 'harness/batch'],
  ],
  // A machine for people.
  'harness/emulator': [
    ...['machine', 'machine/spec', 'harness/vocabulary', 'harness/qemu', 'harness/evidence', 'harness/run', 'harness/files'],
  ],
  'harness/cli': [
    ...[
      'machine/spec',
      'harness/vocabulary',
      'harness/qemu',
      'harness/evidence',
      'harness/result',
      'harness/rubric',
      'harness/run',
      'harness/grade',
      'harness/report',
    ],
    ...['harness/files', 'harness/submission', 'harness/build', 'harness/batch', 'harness/grading', 'harness/emulator', 'package.json'],
  ],
  // The page, in a browser: it grades as the use cases do.
  'harness/web': [
    ...['machine', 'harness/bytes', 'harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/rubric', 'harness/run'],
    ...['harness/grade', 'harness/report', 'harness/submission', 'harness/batch', 'harness/grading', 'harness/cli'],
  ],
  // The library's door, which does what the command does for one submission.
  'harness/index.ts': [
    ...['harness/vocabulary', 'harness/evidence', 'harness/result', 'harness/rubric', 'harness/grade', 'harness/files'],
    ...['harness/submission', 'harness/grading', 'harness/cli'],
  ],
  // For tests alone: they may know everything.
  'harness/testkit': [],
};

/** Layers that run in a browser as well: they compute, and what they need from outside is handed in. */
const BROWSER = [
  ...[
    'machine',
    'machine/spec',
    'machine/virtio/rules',
    'harness/bytes',
    'harness/vocabulary',
    'harness/qemu',
    'harness/evidence',
    'harness/result',
  ],
  ...['harness/checks', 'harness/rubric', 'harness/run', 'harness/explain', 'harness/grade', 'harness/report'],
];

const FILES = ['machine', 'harness'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.split(sep).join('/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('harness/testkit/')),
);

function layerOf(path: string): string | undefined {
  const layers = Object.keys(MAY_IMPORT).filter((layer) => path === layer || path.startsWith(`${layer}/`));
  return layers.sort((a, b) => b.length - a.length)[0];
}

function source(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The source without its comments. */
function code(file: string): string {
  return source(file).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

/** Modules that the file names in `import`, `export … from` and `import()`: paths below the root, or packages. */
function imports(file: string): string[] {
  const names = [...source(file).matchAll(/\bfrom\s+'([^']+)'|^import\s+'([^']+)'|(?<![.\w])import\(\s*'([^']+)'/gm)];
  return names.map(([, from, bare, called]) => {
    const name = (from ?? bare ?? called)!;
    return name.startsWith('.') ? posix.normalize(posix.join(dirname(file), name)) : name;
  });
}

/** `file → module`, where the module is one that the predicate refuses. */
function violations(files: readonly string[], refused: (module: string, file: string) => boolean): string[] {
  return files.flatMap((file) => imports(file).flatMap((module) => (refused(module, file) ? [`${file} → ${module}`] : [])));
}

function isOurs(module: string): boolean {
  return module.endsWith('.ts') || module === 'package.json';
}

/** A circle that one of the names is on, in order; undefined where there is none. Names that lead nowhere are passed over. */
function circleIn(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (name: string): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const next of edges.get(name) ?? []) {
      const circle = walk(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of edges.keys()) {
    const circle = walk(name);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** The first two parts of its path: `harness/checks`. */
function folderOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

function inLayers(layers: readonly string[]): string[] {
  return FILES.filter((file) => layers.includes(layerOf(file)!));
}

describe('the layers', () => {
  it('find the files and their imports', () => {
    expect(FILES).toContain('harness/report/terminal.ts');
    expect(imports('harness/report/terminal.ts')).toContain('harness/result/result.ts');
  });

  it('hold every file', () => {
    expect(FILES.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it('import only what lies below them', () => {
    const refused = (module: string, file: string) => {
      const [from, to] = [layerOf(file)!, module === 'package.json' ? module : layerOf(module)];
      return isOurs(module) && from !== to && !MAY_IMPORT[from]!.includes(to ?? '');
    };
    expect(violations(FILES, refused)).toEqual([]);
  });

  it('go in no circle, types included, from file to file or from folder to folder', () => {
    const files = FILES.filter((file) => !file.startsWith('machine/testkit/'));
    expect(circleIn(new Map(files.map((file) => [file, imports(file)])))).toBeUndefined();
    const folders = new Map<string, Set<string>>();
    for (const file of files) {
      const from = folderOf(file);
      const to = imports(file).filter(isOurs).map(folderOf);
      folders.set(from, new Set([...(folders.get(from) ?? []), ...to.filter((folder) => folder !== from)]));
    }
    expect(circleIn(folders)).toBeUndefined();
  });

  it('keep the machine free of Node and of packages, but for the test kit', () => {
    const refused = (module: string, file: string) => !isOurs(module) && !(module === 'vitest' && file.startsWith('machine/testkit/'));
    expect(violations(inLayers(['machine', 'machine/spec', 'machine/virtio/rules']), refused)).toEqual([]);
  });

  it('use nothing of Node where they run in a browser as well', () => {
    const files = inLayers(BROWSER);
    expect(violations(files, (module) => module.startsWith('node:'))).toEqual([]);
    const nodes = /\b(Buffer|process|setImmediate|require|__dirname)\b\s*[.(]|\bNodeJS\.|\bimport\.meta\b/;
    expect(files.filter((file) => nodes.test(code(file)))).toEqual([]);
  });

  // To write into what is open already, such as standard error, is to open nothing.
  it('leave files to harness/files', () => {
    const others = FILES.filter((file) => file.startsWith('harness/') && layerOf(file) !== 'harness/files');
    const [uses, plain] = [/^import (?!\{ writeSync \}).*'node:fs'/m, /'(node:)?fs\/promises'/];
    expect(others.filter((file) => uses.test(source(file)) || plain.test(source(file)))).toEqual([]);
  });

  it('have the use cases of grading reach files and processes through their ports alone', () => {
    const files = FILES.filter((file) => file.startsWith('harness/grading/') && !file.startsWith('harness/grading/processes/'));
    const errors = ['harness/files/system-error.ts', 'harness/files/lock.ts'];
    const pure = ['node:path', 'node:crypto'];
    const refused = (module: string) =>
      (module.startsWith('harness/files/') && !errors.includes(module)) ||
      (module.startsWith('node:') && !pure.includes(module)) ||
      module.startsWith('harness/grading/processes/') ||
      module === 'harness/submission/system-files.ts';
    expect(violations(files, refused)).toEqual([]);
  });

  it('leave printing, exiting and the environment to harness/cli', () => {
    const speaks = /\bconsole\.(log|error|warn|info|debug)\b|\bprocess\.(stdout|stderr|stdin|exit|exitCode|env|argv)\b/;
    const others = FILES.filter((file) => layerOf(file) !== 'harness/cli');
    expect(others.filter((file) => speaks.test(source(file)))).toEqual([]);
  });
});
