/** Colors and the wish to be quiet: what the built commands do with standard output, a terminal or not. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';
import { processEnvironment } from './environment.ts';

describe('colors', () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');

  afterEach(() => {
    vi.unstubAllEnvs();
    if (isTTY === undefined) Reflect.deleteProperty(process.stdout, 'isTTY');
    else Object.defineProperty(process.stdout, 'isTTY', isTTY);
  });

  it.each([
    [true, {}, true],
    // What Node has for a pipe or a file.
    [undefined, {}, false],
    [undefined, { CI: '1' }, false],
    // https://no-color.org: "when present and not an empty string".
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [undefined, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('on a terminal: %s, with %j: %s', (terminal, variables, colors) => {
    for (const [name, value] of Object.entries({ NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm', ...variables })) {
      vi.stubEnv(name, value);
    }
    Object.defineProperty(process.stdout, 'isTTY', { value: terminal, configurable: true });
    expect(processEnvironment().colors).toBe(colors);
  });
});

describe('--quiet', () => {
  let folder: TestFolder;

  beforeEach(() => {
    folder = new TestFolder();
    folder.put(
      'lab.yaml',
      'rubric: 1\ntitle: Hello\nsubmission: { kernel: kernel.elf, format: raw }\nscenarios: { run: { limit: 1ms guest } }\nchecks: [{ id: says-hello, points: 10, console: hello }]\n',
    );
    for (let i = 0; i < 25; i++) folder.put(`class/s${i}/kernel.elf`, tinyKernel('bye'));
  });
  afterEach(() => folder.remove());

  async function grade(...options: string[]) {
    const printed = capture({ progress: true });
    const argv = [
      'grade',
      folder.at('lab.yaml'),
      folder.at('class'),
      '--out',
      folder.at('reports'),
      '--jobs',
      '1',
      '--no-explain',
      '--quiet',
    ];
    return { code: await bootgrade([...argv, ...options], printed.environment), out: printed.out(), err: printed.err() };
  }

  it('leaves the exit code and the files', async () => {
    expect(await grade('--strict')).toEqual({ code: 1, out: '', err: '' });
    expect(JSON.parse(folder.read('reports/s0.json'))).toMatchObject({ score: 0 });
  });

  it('leaves what --json asks for, and mistakes', async () => {
    const { out, err } = await grade('--json');
    expect(JSON.parse(out)).toMatchObject({ schema: 'bootgrade/results/v1' });
    expect(err).toBe('');
    expect(await grade('--roster', folder.at('none.csv'))).toMatchObject({ code: 2, err: expect.stringContaining('none.csv') as string });
  });
});
