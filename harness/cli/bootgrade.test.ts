import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';
import { VERSION } from './version.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: says-hello, title: Hello, points: 10, console: hello }
  - { id: says-bye, title: Bye, points: 2.5, console: bye }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

async function command(...argv: string[]) {
  const printed = capture();
  const code = await bootgrade(argv, printed.environment);
  return { code, out: printed.out(), err: printed.err() };
}

describe('the command line', () => {
  it('answers --version and --help on standard output', async () => {
    expect(await command('--version')).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
    const help = await command('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const word of ['grade', 'run', 'rubric', 'Examples:']) expect(help.out).toContain(word);
    expect((await command('grade', '--help')).out).toContain('Exit code');
  });

  it.each([
    [[], /Usage: bootgrade/],
    [['frobnicate'], /^bootgrade: unknown command 'frobnicate'\nbootgrade --help says more\n$/],
    [['grade'], /^bootgrade: missing required argument 'rubric'\n/],
    [['grade', 'lab.yaml'], /^bootgrade: missing required argument 'submission'\n/],
    [['grade', 'lab.yaml', 'x', '--jsno'], /^bootgrade: unknown option '--jsno'\n\(Did you mean --json\?\)\n/],
    [['rubric', 'check'], /^bootgrade: missing required argument 'file'\n/],
    [['rubric', 'check', 'nowhere.yaml'], /^bootgrade: cannot read the rubric nowhere\.yaml: no such file\n$/],
  ])('refuses %j with exit code 2 and without a stack trace', async (argv, message) => {
    const { code, out, err } = await command(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('shows a path from the command line without what a terminal would act on', async () => {
    expect((await command('rubric', 'check', 'a\u001b[2J')).err).toBe('bootgrade: cannot read the rubric a\\x1b[2J: no such file\n');
  });

  it('is wrapped at words in a terminal', async () => {
    const { environment, err } = capture();
    await bootgrade(['rubric', 'check', 'there-is-no-rubric-of-this-name-in-this-folder.yaml'], { ...environment, columns: 60 });
    const lines = err().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
    const unwrapped = capture();
    await bootgrade(['rubric', 'check', 'there-is-no-rubric-of-this-name-in-this-folder.yaml'], unwrapped.environment);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(unwrapped.err().trimEnd());
  });
});

describe("a fault that is not the user's", () => {
  it.skipIf(!existsSync('/dev/full'))('is told in one line where the computer failed', async () => {
    const { code, err } = await command('rubric', 'schema', '--write', '/dev/full');
    expect(code).toBe(3);
    expect(err).toMatch(/^bootgrade: writing \/dev\/full failed: no space is left\n$/);
  });

  it('is told with its stack where it is a bug of ours', async () => {
    const printed = capture();
    const out = () => {
      throw new TypeError('out of order');
    };
    expect(await bootgrade(['rubric', 'schema'], { ...printed.environment, out })).toBe(3);
    expect(printed.err()).toMatch(/^bootgrade: this is a bug in bootgrade, please report it:\nTypeError: out of order\n +at /);
  });
});

describe('bootgrade rubric', () => {
  it('check says how many checks students do not see, of a published rubric as well', async () => {
    const hidden = RUBRIC.replace('checks:\n', 'checks:\n  - { id: secret, points: 3, console: secret, visibility: hidden }\n');
    const file = folder.put('lab.yaml', hidden);
    expect((await command('rubric', 'check', file)).out).toContain(
      '3 checks, 15.5 points, 1 scenario; 1 of them is hidden from students\n',
    );
    expect((await command('rubric', 'publish', file, '--out', folder.at('published.yaml'))).code).toBe(0);
    expect((await command('rubric', 'check', folder.at('published.yaml'))).out).toContain(
      '2 checks, 12.5 points, 1 scenario; published for students: 1 hidden check, worth 3 points, left out\n',
    );
  });

  it('check says what is in a rubric', async () => {
    const file = folder.put('lab.yaml', RUBRIC);
    expect(await command('rubric', 'check', file)).toEqual({
      code: 0,
      out: `${file}: Say hello: 2 checks, 12.5 points, 1 scenario\n`,
      err: '',
    });
  });

  it('check reports all mistakes with their places and exits with 2', async () => {
    const file = folder.put('lab.yaml', RUBRIC.replace('title: Bye', 'titel: Bye').replace('1ms guest', '1 minute'));
    const { code, err } = await command('rubric', 'check', file);
    expect(code).toBe(2);
    expect(err).toContain(`bootgrade: 2 mistakes in ${file}\n`);
    expect(err).toMatch(/lab\.yaml:4:\d+: .*\n.*scenarios: .*\n +\^/);
    expect(err).toMatch(/lab\.yaml:7:\d+: .*titel/);
  });

  it('schema prints a JSON Schema, or writes it', async () => {
    const { code, out } = await command('rubric', 'schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ properties: { checks: {}, scenarios: {} } });
    const file = folder.at('rubric.schema.json');
    expect(await command('rubric', 'schema', '--write', file)).toEqual({ code: 0, out: '', err: '' });
    expect(folder.read('rubric.schema.json')).toBe(out);
  });
});
