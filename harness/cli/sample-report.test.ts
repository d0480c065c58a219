/** The report that a newcomer opens, reports/sample, is what `grade` writes and prints now (`vitest -u` writes it anew). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const SAMPLE = '../../reports/sample/ostd-writable-data';

let folder: TestFolder;
beforeAll(() => {
  folder = new TestFolder();
});
afterAll(() => folder.remove());

it('the committed sample is up to date', async () => {
  const { environment, out } = capture();
  const argv = ['grade', 'rubrics/lab13.yaml', 'submissions/class/ostd-writable-data', '--for', 'student', '--out', folder.path];
  expect(await bootgrade(argv, environment)).toBe(0);
  await expect(out()).toMatchFileSnapshot(`${SAMPLE}.txt`);
  await expect(folder.read('ostd-writable-data.json')).toMatchFileSnapshot(`${SAMPLE}.json`);
});
