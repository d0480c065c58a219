/** The use cases on other files than this computer's: what is graded, and graded again, lies in a map. */
import { posix } from 'node:path';
import { expect, it } from 'vitest';
import { sha256 } from '../bytes/sha256.ts';
import { utf8Bytes, utf8Text } from '../bytes/text.ts';
import { PathError } from '../files/system-error.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { fakeHost, inThisProcess } from '../testkit/command.ts';
import type { Files } from './files.ts';
import { gradeSubmissions } from './grade-submissions.ts';
import type { Ports, Progress } from './ports.ts';
import { regradeReports } from './regrade.ts';

async function rubric(points: number): Promise<Rubric> {
  const text = `rubric: 1
title: Say hello
machine: { memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
scenarios: { hello: { limit: 1ms guest } }
checks: [{ id: says-hello, points: ${points}, console: hello }]
`;
  const loaded = await loadRubric('lab.yaml', text, { readFile: () => Promise.reject(new Error('there are no files')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric;
}

/** Files by their paths; folders are what stands before the slashes. */
class MemoryFiles implements Files {
  readonly texts = new Map<string, string>();
  readonly locked: string[] = [];

  lookAt(path: string) {
    return this.texts.has(path) ? { isFile: () => true } : undefined;
  }

  listFolder(folder: string) {
    const below = [...this.texts.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
    return [...new Set(below.map((path) => path.split('/')[0]!))].map((name) => ({
      name,
      kind: this.texts.has(posix.join(folder, name)) ? ('file' as const) : ('folder' as const),
    }));
  }

  realPath(path: string) {
    return path;
  }

  sourcesAt() {
    return null;
  }

  textsOf(): never {
    throw new Error('no check looks at a file');
  }

  sameFile(a: string, b: string) {
    return a === b;
  }

  read(file: string) {
    const text = this.texts.get(file);
    if (text === undefined) throw new PathError('ENOENT', 'no such file');
    return utf8Bytes(text);
  }

  readIfThere(file: string) {
    return this.texts.has(file) ? this.read(file) : undefined;
  }

  beginningOfOurs(file: string) {
    return this.texts.get(file)?.slice(0, 128);
  }

  readKernel() {
    const bytes = utf8Bytes('hello');
    return { file: 'kernel.elf', bytes, sha256: sha256(bytes) };
  }

  imageOf() {
    return { problem: 'there are no images' };
  }

  makeFolder() {}

  replace(file: string, content: string | Iterable<string>) {
    this.texts.set(file, [...content].join(''));
  }

  remove(file: string) {
    this.texts.delete(file);
  }

  removeLeftovers() {}

  lock(file: string) {
    this.locked.push(file);
    return { replaced: [], release: () => void this.locked.pop() };
  }
}

const SILENT: Progress = {
  building: () => {},
  begin: async () => {},
  before: () => {},
  started: () => {},
  postponed: () => {},
  ended: () => {},
  finished: () => {},
  note: () => {},
  printed: () => {},
};

it('a submission is graded, and its record graded again, in a map of files', async () => {
  const files = new MemoryFiles();
  const crew = inThisProcess(fakeHost(() => [{ print: 'hello' }, { stop: { reason: 'poweroff' } }]));
  const ended: string[] = [];
  const ports: Ports = {
    files,
    crew,
    progress: { ...SILENT, ended: ({ name, score }) => ended.push(`${name} ${score}`) },
    interruptible: (work) => work(new AbortController().signal),
  };
  const destination = { out: 'reports', audience: 'instructor' as const };
  const setup = {
    destination,
    print: 'student' as const,
    attempt: 1,
    explain: 'nothing' as const,
    formats: [{ name: 'html' as const, values: {} }],
  };
  const graded = await gradeSubmissions(
    {
      ...setup,
      rubric: await rubric(10),
      submissions: [{ name: 'alice', kernel: { file: 'kernel.elf', path: 'class/alice/kernel.elf' }, alsoMatched: [], sources: null }],
      facts: new Map(),
      owners: { sha256: null, students: new Map(), missing: [] },
      resume: false,
      shard: null,
    },
    ports,
  );
  expect(graded.results.map(({ outcome, score }) => [outcome, score])).toEqual([['passed', 10]]);
  expect(ended).toEqual(['alice 10']);
  const written = ['alice.hello.evidence.json', 'alice.html', 'alice.json', 'class.files.json', 'class.html'];
  expect([...files.texts.keys()].sort()).toEqual(written.map((file) => `reports/${file}`));

  const request = {
    ...setup,
    reports: 'reports',
    destination: { ...destination, out: 'again' },
    columns: 'all' as const,
    attempt: null,
    tool: 'later',
  };
  const again = await regradeReports({ ...request, rubric: await rubric(15) }, ports);
  expect(again.results.map(({ score, tool }) => [score, tool])).toEqual([[15, 'later']]);
  expect(again.rerun).toEqual([]);
  expect(JSON.parse(utf8Text(files.read('again/alice.json')))).toMatchObject({ score: 15, maxScore: 15 });
  expect(files.texts.get('again/alice.hello.evidence.json')).toBe(files.texts.get('reports/alice.hello.evidence.json'));
  expect(files.locked).toEqual([]);
});
