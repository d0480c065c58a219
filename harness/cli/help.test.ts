/** What each command says of itself. */
import { describe, expect, it } from 'vitest';
import { capture } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

async function command(...argv: string[]) {
  const printed = capture();
  return { code: await bootgrade(argv, printed.environment), out: printed.out(), err: printed.err() };
}

/** Names below "Commands:", without `help`. */
function commandsIn(help: string): string[] {
  const [, list = ''] = /\nCommands:\n((?: {2}.*\n)+)/.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name!).filter((name) => name !== 'help');
}

const COMMANDS = commandsIn((await command('--help')).out);
const RUBRIC_COMMANDS = commandsIn((await command('rubric', '--help')).out);

describe('--help', () => {
  it('lists the commands', () => {
    expect(COMMANDS).toEqual(expect.arrayContaining(['grade', 'check', 'merge', 'regrade', 'run', 'init', 'completion', 'rubric']));
    expect(RUBRIC_COMMANDS).toEqual(expect.arrayContaining(['check', 'test', 'publish', 'schema']));
  });

  // `run` has QEMU's command line, and prints on its own.
  const paths = [
    [],
    ...COMMANDS.filter((name) => name !== 'run').map((name) => [name]),
    ...RUBRIC_COMMANDS.map((name) => ['rubric', name]),
  ];

  it.each(paths.map((path) => ({ path })))('of $path has an example of that command, on at most 100 columns', async ({ path }) => {
    const { code, out, err } = await command(...path, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [, examples = ''] = out.split('\nExamples:\n');
    expect(examples).toContain(`  ${['bootgrade', ...path].join(' ')}`);
    for (const line of examples.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('of run has an example', async () => {
    const { RUN_HELP } = await import('./run-help.ts');
    expect(RUN_HELP.split('\nExamples:\n')[1]).toContain('  bootgrade run ');
  });
});
