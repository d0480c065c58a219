import { Command } from 'commander';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestFolder } from '../testkit/command.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

function chosen(...argv: string[]) {
  const flags = addFormatOptions(new Command()).parse(argv, { from: 'user' }).opts<FormatFlags>();
  return chosenFormats(flags);
}

function mistake(...argv: string[]): string {
  try {
    chosen(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('no mistake was found');
}

it('adds nothing to the record unless it is asked to', () => {
  expect(chosen()).toEqual([]);
  expect(chosen('--report', 'json')).toEqual([]);
});

it('takes several formats, each once, with their options', () => {
  const formats = chosen('--report', 'canvas, html,json,html', '--canvas-assignment', 'Lab 13 (4711)');
  expect(formats).toEqual([
    { name: 'html', values: {} },
    { name: 'canvas', values: { assignment: 'Lab 13 (4711)' } },
  ]);
});

it('takes several in options of their own, too', () => {
  expect(chosen('--report', 'html', '--report', 'markdown,junit').map(({ name }) => name)).toEqual(['markdown', 'html', 'junit']);
});

it('reads the files that formats fill in, as they are', () => {
  const file = folder.put('sheet.csv', '\uFEFFIdentifier,Grade\r\n');
  expect(chosen('--report', 'moodle', '--moodle-worksheet', file)[0]?.values['worksheet']).toBe('\uFEFFIdentifier,Grade\r\n');
});

it('says what is wrong, before anything is graded', () => {
  expect(mistake('--report', 'html,pdf')).toMatch(/^--report: unknown format "pdf"; known: json, markdown, html, /);
  expect(mistake('--report', 'canvas')).toMatch(/^--report canvas needs --canvas-assignment: /);
  expect(mistake('--canvas-assignment', 'x')).toBe('--canvas-assignment: the report canvas was not asked for; add --report canvas');
  expect(mistake('--report', 'gradescope', '--gradescope-execution-time', 'long')).toContain('--gradescope-execution-time: give seconds');
  expect(mistake('--report', 'moodle', '--moodle-worksheet', folder.at('none.csv'))).toContain('no such file');
  const latin = folder.put('latin.csv', Uint8Array.of(0x47, 0xe9));
  expect(mistake('--report', 'moodle', '--moodle-worksheet', latin)).toContain('not UTF-8 text; save it as UTF-8');
  const other = folder.put('other.csv', 'a,b\n');
  expect(mistake('--report', 'moodle', '--moodle-worksheet', other)).toContain('its columns are "a", "b"');
});
