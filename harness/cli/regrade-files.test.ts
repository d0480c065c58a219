/** What `regrade` does with files that were cut off, edited, or are somebody else's. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GradedFolder } from '../testkit/graded-folder.ts';

let folder: GradedFolder;

beforeEach(async () => {
  folder = await GradedFolder.make();
});
afterEach(() => folder.remove());

const EVIDENCE = 'reports/alice.hello.evidence.json';

/** The report's SHA-256 of the evidence is made to fit, as somebody who edits both would. */
function forge(edit: (text: string) => string): void {
  const before = folder.read(EVIDENCE);
  const after = edit(before);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  folder.put(EVIDENCE, after);
  folder.put('reports/alice.json', folder.read('reports/alice.json').replace(sha256(before), sha256(after)));
}

describe('files that are not to be trusted', () => {
  const edited: [string, () => void, RegExp][] = [
    [
      'evidence that is cut off',
      () => folder.put(EVIDENCE, folder.read(EVIDENCE).slice(0, -20)),
      /evidence\.json is not a whole JSON document/,
    ],
    [
      'evidence that is edited',
      () => folder.put(EVIDENCE, folder.read(EVIDENCE).replace('"time":', '"time":1')),
      /its SHA-256 is different/,
    ],
    ['evidence that is missing', () => rmSync(folder.at(EVIDENCE)), /alice\.hello\.evidence\.json is missing/],
    ['evidence that is empty', () => folder.put(EVIDENCE, ''), /alice\.hello\.evidence\.json cannot be used: it is empty/],
    [
      'evidence of a different version',
      () => folder.put(EVIDENCE, folder.read(EVIDENCE).replace('evidence/v1', 'evidence/v2')),
      /evidence\/v2"; this version reads/,
    ],
    [
      'evidence with a value of the wrong type',
      () => forge((text) => text.replace('"requests":[]', '"requests":7')),
      /does not have the form of .*, at requests/,
    ],
    [
      'evidence of a different scenario',
      () => forge((text) => text.replace('"scenario":"hello"', '"scenario":"again"')),
      /is evidence of a different scenario, again/,
    ],
    [
      'evidence of a different kernel',
      () => forge((text) => text.replace(/"kernelSha256":"\w+"/, `"kernelSha256":"${'ab'.repeat(32)}"`)),
      /is evidence of a different kernel/,
    ],
    [
      'a report that is cut off',
      () => folder.put('reports/alice.json', folder.read('reports/alice.json').slice(0, 200)),
      /alice\.json\n +the report is not a whole JSON/,
    ],
    [
      'a report of a different version',
      () => folder.put('reports/alice.json', '{"schema": "bootgrade/result/v9"}'),
      /the report has the format "bootgrade\/result\/v9"/,
    ],
    [
      'a report that leads elsewhere',
      () => folder.put('reports/alice.json', folder.read('reports/alice.json').replace('"alice.hello', '"../alice.hello')),
      /the report does not have the form of .*, at scenarios\.0\.evidence/,
    ],
  ];

  it.each(edited)('%s is refused by name, and the others are graded', async (_, edit, message) => {
    edit();
    const { code, out } = await folder.regrade();
    expect(code).toBe(1);
    expect(out).toMatch(message);
    expect(out).toContain('2 submissions graded again');
    expect(existsSync(folder.at('regraded/alice.json'))).toBe(false);
  });

  it('files of others are passed over', async () => {
    folder.put('reports/grades.json', '{"alice": "A"}');
    folder.put('reports/notes.txt', 'bring cake');
    expect((await folder.regrade()).code).toBe(0);
  });
});
