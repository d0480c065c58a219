/**
 * The built command, where something else stands in the place of a file: a pipe that nobody writes to, a socket, a device that never ends,
 * a link, a folder. It ends in one line, waits for nobody, and leaves what is not its own as it was.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchFolder } from '../testkit/program.ts';

let folder: BatchFolder;
const servers: Server[] = [];

beforeAll(() => {
  folder = new BatchFolder(2);
  grade('whole');
  for (const index of [1, 2]) run('grade', at('lab.yaml'), at('class'), '--shard', `${index}/2`, '--out', at(`part${index}`));
}, 120_000);
afterAll(() => {
  for (const server of servers) server.close();
  folder.remove();
});

const at = (file: string) => folder.at(file);

/** The command's arguments are its own; a hang ends in a signal. */
function run(...argv: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [folder.program, ...argv], { encoding: 'utf8', timeout: 60_000 });
  return { status, signal, out: stdout, lines: stderr.split('\n').slice(0, -1) };
}

const grade = (out: string, ...options: string[]) => run('grade', at('lab.yaml'), at('class'), '--out', at(out), '--jobs', '1', ...options);

/** What may stand in a file's place. */
const ODD: Record<string, (path: string) => void> = {
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a socket': (path) => void servers.push(createServer().listen(path)),
  'a device that never ends': (path) => symlinkSync('/dev/zero', path),
  'a link to a file of others': (path) => symlinkSync(at('theirs'), path),
  'a link that leads nowhere': (path) => symlinkSync('nowhere', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a folder': (path) => mkdirSync(path),
};

async function put(odd: string, file: string): Promise<void> {
  const path = at(file);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(at('theirs'), 'theirs');
  ODD[odd]!(path);
  // A socket is there when its server listens.
  while (lstatSync(path, { throwIfNoEntry: false }) === undefined) await new Promise((resolve) => setImmediate(resolve));
}

/** One line that says what is wrong. */
function expectOneLine({ status, signal, lines }: ReturnType<typeof run>): void {
  expect({ status, signal, lines }).toEqual({
    status: expect.toBeOneOf([2, 3]) as number,
    signal: null,
    lines: [expect.stringMatching(/^bootgrade: /) as string],
  });
  expect(lines[0]).not.toContain('this is a bug');
  expect(folder.read('theirs')).toBe('theirs');
}

/** A link that a person names is followed; nothing is wrong with it but what it leads to. */
const NAMED = Object.keys(ODD).filter((odd) => !odd.startsWith('a link'));

describe.each(NAMED)('%s, in place of a file that is named', (odd) => {
  it.each<[string, () => string[]]>([
    ['the rubric', () => ['grade', at('odd'), at('class')]],
    ['the roster', () => ['grade', at('lab.yaml'), at('class'), '--out', at('x'), '--roster', at('odd')]],
    ['a worksheet', () => ['grade', at('lab.yaml'), at('class'), '--out', at('x'), '--report', 'moodle', '--moodle-worksheet', at('odd')]],
    ['a blob', () => ['merge', at('odd'), at('part2/shard-2-of-2.blob'), '--out', at('x')]],
    ['the rubric, to be checked', () => ['rubric', 'check', at('odd')]],
    ['a published rubric', () => ['rubric', 'publish', at('lab.yaml'), '--out', at('odd')]],
    ['the kernel of run', () => ['run', '-machine', 'virt', '-nographic', '-kernel', at('odd')]],
  ])('%s', async (_, argv) => {
    await put(odd, 'odd');
    expectOneLine(run(...argv()));
  });

  it('a file that a rubric names', async () => {
    await put(odd, 'odd');
    folder.put('contents.yaml', folder.read('lab.yaml').replace('size: 1M', 'size: 1M, contents: [{ at: 0, file: odd }]'));
    const { status, signal, lines } = run('grade', at('contents.yaml'), at('class'), '--out', at('x'));
    expect({ status, signal }).toEqual({ status: 2, signal: null });
    expect(lines.join('\n')).toMatch(/cannot read "odd": /);
  });

  it('the course’s file', async () => {
    await put(odd, 'lab/bootgrade.yaml');
    const result = run('check', at('lab'));
    expectOneLine(result);
    rmSync(at('lab'), { recursive: true });
  });
});

describe.each(Object.keys(ODD))('%s, in the folder of the reports, in place of', (odd) => {
  it.each<[string, string, string[]]>([
    ['the journal', 'journal.jsonl', []],
    ['the journal that is gone on with', 'journal.jsonl', ['--resume']],
    ['a report', 's000.json', []],
    ['evidence', 's001.hello.evidence.json', []],
    ['the list of files', 'class.files.json', ['--report', 'html']],
    ['a page', 'class.html', ['--report', 'html']],
    ['a blob', 'shard-1-of-2.blob', ['--shard', '1/2']],
  ])('%s', async (_, file, options) => {
    rmSync(at('out'), { recursive: true, force: true });
    await put(odd, `out/${file}`);
    expectOneLine(grade('out', ...options));
  });

  it('the journal of what is merged', async () => {
    rmSync(at('out'), { recursive: true, force: true });
    await put(odd, 'out/journal.jsonl');
    expectOneLine(run('merge', at('part1/shard-1-of-2.blob'), at('part2/shard-2-of-2.blob'), '--out', at('out')));
  });

  it('a report or evidence that is graded again', async () => {
    for (const file of ['s000.json', 's001.hello.evidence.json']) {
      rmSync(at('copy'), { recursive: true, force: true });
      execFileSync('cp', ['-r', at('whole'), at('copy')]);
      await put(odd, `copy/${file}`);
      const { status, signal, out, lines } = run('regrade', at('lab.yaml'), at('copy'), '--out', at(`again-${file}`));
      expect({ signal, lines }).toEqual({ signal: null, lines: [] });
      // A report that is none is not there. Evidence that is none is missed.
      if (file === 's000.json') expect(out).toContain('1 submission graded again');
      else expect({ status, out }).toEqual({ status: 1, out: expect.stringContaining('s001.hello.evidence.json ') as string });
    }
  });
});

describe('a folder for reports', () => {
  it.each<[string, () => string]>([
    ['that is a file', () => at('theirs')],
    ['below a file', () => at('theirs/reports')],
    ['below a device', () => '/dev/null/reports'],
    ['that the system does not make', () => '/proc/bootgrade'],
    ['that the system does not make, deep down', () => '/proc/bootgrade/reports/class'],
    ['behind a link that leads nowhere', () => at('nowhere-link/reports')],
  ])('%s', (_, out) => {
    writeFileSync(at('theirs'), 'theirs');
    rmSync(at('nowhere-link'), { force: true });
    symlinkSync('nowhere', at('nowhere-link'));
    expectOneLine(run('grade', at('lab.yaml'), at('class'), '--out', out()));
    expectOneLine(run('grade', at('lab.yaml'), at('class/s000'), '--out', out()));
    expectOneLine(run('merge', at('part1/shard-1-of-2.blob'), at('part2/shard-2-of-2.blob'), '--out', out()));
    expectOneLine(run('regrade', at('lab.yaml'), at('whole'), '--out', out()));
  });
});
