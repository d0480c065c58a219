/** `regrade --report`: the files of other formats, made of evidence that was saved. */
import { existsSync, readdirSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChosenFormat } from '../report/index.ts';
import { capture } from '../testkit/command.ts';
import { CLASS_FILES, everyFormat, everyFormatArguments, SUBMISSION_FILES } from '../testkit/formats.ts';
import { GradedFolder } from '../testkit/graded-folder.ts';
import { bootgrade } from './bootgrade.ts';

let folder: GradedFolder;
let formats: ChosenFormat[];

beforeEach(async () => {
  folder = await GradedFolder.make();
  formats = everyFormat(folder, ['alice', 'bob']);
});
afterEach(() => folder.remove());

/** All files but the journal, which a regrading does not have: it is done in one go. */
function files(out: string): Record<string, string> {
  const names = readdirSync(folder.at(out)).filter((file) => file !== 'journal.jsonl');
  return Object.fromEntries(names.map((file) => [file, folder.read(`${out}/${file}`)]));
}

it('makes the same files, in every format, as grading did', async () => {
  await folder.grade('graded', { formats });
  await folder.regrade({ reports: folder.at('graded'), formats });
  expect(Object.keys(files('graded'))).toHaveLength(3 * (3 + SUBMISSION_FILES) + CLASS_FILES);
  expect(files('regraded')).toEqual(files('graded'));
});

it('makes them of the changed rubric', async () => {
  folder.changeRubric('console: hello', 'console: { matches: "[Hh]ello" }');
  await folder.regrade({ formats });
  const rows = parse(folder.read('regraded/class.csv'), { bom: true, columns: true }) as { score: string }[];
  expect(rows.map(({ score }) => score)).toEqual(['15', '10', '0']);
  expect(folder.read('regraded/bob.html')).toContain('10/15');
});

it('has the options of grade on the command line', async () => {
  const printed = capture();
  const paths = [folder.at('lab.yaml'), folder.at('reports'), '--out', folder.at('regraded')];
  const argv = ['regrade', ...paths, ...everyFormatArguments(folder, ['alice', 'bob'])];
  expect(await bootgrade(argv, printed.environment)).toBe(0);
  expect(folder.read('regraded/class.moodle.csv')).toContain('Participant 1,alice,15,100.00,15/15');
  expect(printed.err()).toContain("Moodle's worksheet has no row for carol: it is left out\n");
});

it('shows hidden checks where students look only when it is asked to', async () => {
  await folder.regrade({ formats });
  expect(folder.read('regraded/class.junit.xml')).not.toContain('says-more');
  expect(folder.read('regraded/class.csv')).toContain('says-more');
  await folder.regrade({ formats, for: 'instructor' });
  expect(folder.read('regraded/class.junit.xml')).toContain('says-more');
  await folder.regrade({ formats, for: 'student', out: folder.at('handout') });
  expect(JSON.stringify(files('handout'))).not.toContain('says-more');
});

it('tells a class only of those that need not be run again', async () => {
  folder.changeRubric('limit: 1ms guest }\n  again', 'limit: 5ns guest }\n  again');
  await folder.regrade({ formats });
  const rows = parse(folder.read('regraded/class.csv'), { bom: true, columns: true }) as { submission: string }[];
  // Hers has no kernel, so nothing ran that could reach a limit.
  expect(rows.map(({ submission }) => submission)).toEqual(['carol']);
  expect(existsSync(folder.at('regraded/alice.html'))).toBe(false);
});

it('replaces no file of somebody else, and regrades nothing then', async () => {
  folder.put('regraded/class.html', 'my notes');
  await expect(folder.regrade({ formats })).rejects.toThrow(/class.html exists and is not a report of ours/);
  expect(existsSync(folder.at('regraded/alice.json'))).toBe(false);
});
