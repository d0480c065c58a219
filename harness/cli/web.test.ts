/** `bootgrade web`: what it writes, and what it does not. How the page works is tested in harness/web. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestFolder } from '../testkit/command.ts';
import { hidingRubrics, MARKER } from '../testkit/hiding-rubrics.ts';
import { ROOT } from '../testkit/program.ts';
import type { Course } from '../vocabulary/course.ts';

const SECRET = 'Zyzzyva42';
const RUBRIC = `rubric: 1
title: Lab </script> one
# ${SECRET}
machine: { memory: 64M, drives: { blk: { size: 64K, contents: [{ at: 0, file: images/open.img }] } } }
submission: { kernel: kernel.elf }
scenarios:
  run: {}
  ${SECRET}: { visibility: hidden, drives: { blk: { contents: [{ at: 0, file: images/hidden.img }] } } }
checks:
  - { id: seen, points: 1, console: hello, hint: [{ from-attempt: 1, text: Look. }, { from-attempt: 2, text: "${SECRET}" }] }
  - { id: scripted, points: 1, script: seen.mjs }
  - { id: s-${SECRET}, points: 2, script: hidden.mjs, visibility: hidden }
  - { id: ${SECRET}, points: 2, console: "${SECRET}", visibility: hidden }
  - { id: o-${SECRET}, points: 2, in: ${SECRET}, console: there }
`;

let folder: TestFolder;
let program: string;

beforeAll(() => {
  folder = new TestFolder();
  program = folder.at('bootgrade.mjs');
  execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), program], { cwd: ROOT, stdio: 'pipe' });
  folder.put('lab.yaml', RUBRIC);
  folder.put('seen.mjs', 'export default () => ({ passed: true });');
  folder.put('hidden.mjs', `export default () => ({ passed: false, reason: '${SECRET}' });`);
  folder.put('images/open.img', Buffer.alloc(4096, 'open '));
  folder.put('images/hidden.img', Buffer.alloc(4096, SECRET));
}, 120_000);
afterAll(() => folder.remove());

const web = (rubric: string, out: string, ...options: string[]) =>
  spawnSync(process.execPath, [program, 'web', folder.at(rubric), '--out', folder.at(out), ...options], { encoding: 'utf8' });

/** What the page would find. */
function courseIn(out: string): Course {
  const found: { bootgradeCourse?: Course } = {};
  runInNewContext(folder.read(`${out}/course.js`).replace('globalThis.', 'found.'), { found });
  return found.bootgradeCourse!;
}

it('writes a folder of plain files, the rubric and its images in one of them', () => {
  expect(web('lab.yaml', 'site')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('site/index.html is the page') });
  const names = ['app.js', 'course.js', 'index.html', 'licences.txt', 'service-worker.js', 'style.css'];
  expect(Object.keys(folder.texts('site'))).toEqual(names);
  const { title, files, rubric } = courseIn('site');
  expect(title).toBe('Lab </script> one');
  expect(rubric).toContain('console: hello');
  expect(Object.keys(files).sort()).toEqual(['images/open.img', 'seen.mjs']);
  expect(gunzipSync(Buffer.from(files['images/open.img']!, 'base64')).equals(Buffer.alloc(4096, 'open '))).toBe(true);
  expect(folder.read('site/licences.txt')).toContain('Eemeli Aro'); // of yaml, ISC: its notice has to come along
});

it('has nothing in it that is hidden, packed or not', () => {
  const texts = Object.entries(folder.texts('site')).map(([name, text]) => `${name}\n${text}`);
  const unpacked = Object.values(courseIn('site').files).map((base64) => gunzipSync(Buffer.from(base64, 'base64')).toString('latin1'));
  const all = [...texts, ...unpacked].join('\n');
  expect(all).toContain('open open');
  for (const piece of [SECRET, Buffer.from(SECRET).toString('hex')]) expect(all).not.toContain(piece);
});

it('has nothing of a random rubric that hides much', () => {
  const { text } = fc.sample(hidingRubrics, { numRuns: 1, seed: 7 })[0]!;
  expect(text).toContain(MARKER);
  folder.put('hiding.yaml', text);
  expect(web('hiding.yaml', 'hiding')).toMatchObject({ status: 0 });
  expect(folder.read('hiding/course.js')).not.toContain(MARKER);
});

it('takes a title, and renews its own page, with other files left as they are', () => {
  folder.put('site/CNAME', 'lab.example.org');
  expect(web('lab.yaml', 'site', '--title', 'Lab 1, spring')).toMatchObject({ status: 0 });
  expect(courseIn('site').title).toBe('Lab 1, spring');
  expect(folder.read('site/CNAME')).toBe('lab.example.org');
});

it.each([
  ['a folder with other files', () => folder.put('other/notes.txt', 'mine'), 'other', 'is not empty, and was not made by this command'],
  [
    'a folder with a page of somebody else',
    () => folder.put('mine/index.html', '<p>mine'),
    'mine',
    'index.html was not made by this command',
  ],
  ['a file', () => folder.put('file', 'mine'), 'file', 'is a file; name a folder'],
])('refuses %s', (_, prepare, out, message) => {
  prepare();
  expect(web('lab.yaml', out)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) });
  const there = out === 'file' ? [folder.read('file')] : Object.values(folder.texts(out));
  expect(there.every((text) => text.includes('mine'))).toBe(true);
});

it('replaces no link that has the name of one of its files', () => {
  web('lab.yaml', 'linked');
  writeFileSync(folder.at('precious.js'), '/* Made by bootgrade web. */ mine');
  unlinkSync(folder.at('linked/app.js'));
  symlinkSync(folder.at('precious.js'), folder.at('linked/app.js'));
  expect(web('lab.yaml', 'linked')).toMatchObject({ status: 2, stderr: expect.stringContaining('app.js was not made by this command') });
  expect(folder.read('precious.js')).toContain('mine');
});

it('says where a rubric is wrong, and that all is hidden, before anything is written', () => {
  folder.put('wrong.yaml', 'rubric: 1\ntitle: x\nchecks: 5\n');
  expect(web('wrong.yaml', 'none')).toMatchObject({ status: 2, stderr: expect.stringContaining('wrong.yaml:3') });
  folder.put('all-hidden.yaml', RUBRIC.replaceAll('points: 1,', 'points: 1, visibility: hidden,'));
  expect(web('all-hidden.yaml', 'none')).toMatchObject({ status: 2, stderr: expect.stringContaining('all of its checks are hidden') });
  expect(existsSync(folder.at('none'))).toBe(false);
});
