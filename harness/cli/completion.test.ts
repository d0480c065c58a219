/** Completion, asked of the shells themselves where they are installed. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { capture } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

async function scriptFor(shell: string): Promise<string> {
  const printed = capture();
  expect(await bootgrade(['completion', shell], printed.environment)).toBe(0);
  return printed.out();
}

/** What a user sees after the last word and the tab key. */
const CASES: readonly [line: string, words: readonly string[]][] = [
  ['r', ['regrade', 'rubric', 'run']],
  ['rubric ', ['check', 'help', 'publish', 'schema', 'test']],
  ['rubric --he', ['--help']],
  ['grade lab.yaml class/ --st', ['--strict']],
  // What follows an option is not a command.
  ['grade --out check --res', ['--resume']],
  ['rubric publish lab.yaml --o', ['--out']],
];

/** Where a shell wants to know whether options are meant, it lists those only after a dash. */
const withoutOptions = (words: string[]) =>
  words.some((word) => !word.startsWith('-')) ? words.filter((word) => !word.startsWith('-')) : words;

const ASK = {
  bash: (script: string, line: string) => {
    const words = line.split(' ');
    const quoted = words.map((word) => `'${word}'`).join(' ');
    return `${script}\nCOMP_WORDS=(bootgrade ${quoted}); COMP_CWORD=${words.length}; _bootgrade; printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
  fish: (script: string, line: string) => `${script}\ncomplete -C 'bootgrade ${line}'`,
} as const;

describe.each(['bash', 'fish'] as const)('%s', (shell) => {
  it.skipIf(lacks(shell)).each(CASES)('completes "bootgrade %s"', async (line, words) => {
    const { stdout, stderr } = spawnSync(shell, ['-c', ASK[shell](await scriptFor(shell), line)], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const given = stdout.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0]!]));
    expect(withoutOptions(given).sort()).toEqual(words);
  });
});

it.skipIf(lacks('bash'))('completes the shells of completion itself', async () => {
  const { stdout } = spawnSync('bash', ['-c', ASK.bash(await scriptFor('bash'), 'completion z')], { encoding: 'utf8' });
  expect(stdout).toBe('zsh\n');
});

it('is a zsh function', async () => {
  expect(await scriptFor('zsh')).toMatch(/^#compdef bootgrade\n/);
});

it.skipIf(lacks('zsh'))('can be read by zsh', async () => {
  expect(spawnSync('zsh', ['-n'], { input: await scriptFor('zsh'), encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

it('refuses another shell', async () => {
  const printed = capture();
  expect(await bootgrade(['completion', 'tcsh'], printed.environment)).toBe(2);
  expect(printed.err()).toContain('Allowed choices are bash, zsh, fish');
});
