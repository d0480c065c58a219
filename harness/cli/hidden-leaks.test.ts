/**
 * An attack on what is hidden: a secret in every place of a rubric that a hidden check or scenario has, a real kernel that fails them all, and
 * everything that the commands print or leave for students searched for it, as text, hex and base64.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNamed, formatNames } from '../report/index.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';
import { bootgrade } from './bootgrade.ts';

const SECRET = 'Zyzzyva42';
const HEX = Buffer.from(SECRET).toString('hex');
const PIECES = [HEX, HEX.replace(/..(?=.)/g, '$& '), ...[0, 1, 2].map(base64Inside)];

/** What base64 has of the secret wherever it begins, without the characters that its neighbours share. */
function base64Inside(shift: number): string {
  const text = Buffer.from(' '.repeat(shift) + SECRET).toString('base64');
  return text.slice(shift === 0 ? 0 : 4, -4);
}

const WATCHED = 'Testing block device write...';
const RUBRIC = `rubric: 1
title: Lab
machine:
  memory: 1G
  cpu: rv64,zba=true,zbb=true
  drives: { blk: { size: 64K, contents: [{ at: 0, text: Hello }] } }
submission: { kernel: kernel.elf, format: raw }
scenarios:
  run: { until: { console: "[INIT] Starting Shell..." }, limit: 1s guest }
  other-${SECRET}:
    extends: run
    visibility: hidden
    append: "${SECRET}"
    races: true
    drives: { blk: { contents: [{ at: 0, text: "${SECRET}" }] } }
    faults: [{ request: { type: IN }, data: { text: "${SECRET}" } }]
checks:
  - { id: seen, title: Writes, points: 10, request: { after: { console: "${WATCHED}" }, nth: 1, expect: { type: OUT } }, hint: Look. }
  - { id: needs-one, points: 1, needs: c-${SECRET}, console: Read }
  - { id: c-${SECRET}, title: "T ${SECRET}", points: 2, visibility: hidden, console: { matches: "${SECRET}.*x" }, hint: "H ${SECRET}" }
  - { id: order-${SECRET}, points: 2, visibility: hidden, console: { in-order: [{ contains: Read, points: 1 }, { contains: "${SECRET}", points: 1 }] } }
  - id: r-${SECRET}
    points: 2
    visibility: hidden
    request: { after: { console: "${WATCHED}" }, nth: 1, expect: { data: { text: "${SECRET}", device-writable: true }, header: { length: 17 } } }
  - { id: none-${SECRET}, points: 2, visibility: hidden, request: { after: { console: "${SECRET}" }, nth: 1 } }
  - { id: i-${SECRET}, points: 2, visibility: hidden, image: { drive: blk, at: 512, equals: { text: "${SECRET}", length: 512 } } }
  - { id: d-${SECRET}, points: 2, visibility: hidden, device: { queue-size: { max: 1 } }, hint: [{ from-attempt: 1, text: "${SECRET}" }] }
  - { id: f-${SECRET}, points: 2, visibility: hidden, findings: { none: note } }
  - { id: o-${SECRET}, title: "${SECRET}", points: 2, in: other-${SECRET}, console: "${SECRET} not there", hint: "${SECRET}" }
  - { id: s-${SECRET}, points: 2, in: other-${SECRET}, stop: hang }
`;

let folder: TestFolder;
beforeAll(() => {
  folder = new TestFolder();
  folder.put('course/lab.yaml', RUBRIC);
  // It reads sector 0, prints it, and writes with the wrong type; no-notify hangs as well.
  folder.put('class/wrong-type/kernel.elf', sampleKernel('wrong-type'));
  folder.put('class/no-notify/kernel.elf', sampleKernel('no-notify'));
  folder.put('class/none/kernel.elf', 'no kernel');
  folder.put('roster.csv', 'submission,id,name\nwrong-type,1,A\nno-notify,2,B\nnone,3,C\n');
  folder.put('lab/bootgrade.yaml', 'rubric: ../course/lab.yaml\n');
  folder.put('lab/kernel.elf', sampleKernel('wrong-type'));
});
afterAll(() => folder.remove());

/** Everything that a command prints. */
async function printed(...argv: string[]): Promise<string> {
  const { environment, out, err } = capture({ progress: true });
  const code = await bootgrade(argv, environment);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${code}: ${err()}`);
  return out() + err();
}

/** Names and contents of a folder's files; evidence with what it has in base64. */
function left(path: string): string {
  return readdirSync(folder.at(path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => `${name}\n${readFileSync(join(parentPath, name), 'latin1')}`)
    .join('\n');
}

function expectNoSecret(searched: string): void {
  for (const piece of [SECRET, ...PIECES]) {
    const at = searched.indexOf(piece);
    expect(at === -1 ? '' : searched.slice(Math.max(0, at - 100), at + 100)).toBe('');
  }
}

/** Formats that can be made without more files. */
const FORMATS = formatNames.filter((name) => Object.values(formatNamed(name).options).every(({ required }) => !required));
const grade = (...options: string[]) => {
  const argv = ['grade', folder.at('course/lab.yaml'), folder.at('class'), '--jobs', '1', '--report', FORMATS.join(','), ...options];
  return printed(...argv, '--roster', folder.at('roster.csv'));
};

describe('what is hidden', () => {
  it('is searched for in most formats, and is what an instructor sees', async () => {
    expect(FORMATS.length).toBeGreaterThan(6);
    const out = await grade('--for', 'instructor', '--explain', '--out', folder.at('instructor'));
    for (const part of ['c-', 'o-', 'r-', 'i-', 'f-']) expect(out).toContain(`✗ ${part}${SECRET}`);
    const files = left('instructor');
    expect(PIECES.filter((piece) => files.includes(piece)).length).toBeGreaterThan(1);
  });

  it.each([['--explain'], ['--no-explain'], ['--json']])('is in nothing that is printed or left for students, with %s', async (option) => {
    const out = folder.at(`student${option}`);
    expectNoSecret(await grade('--for', 'student', option, '--out', out));
    expectNoSecret(left(`student${option}`));
  });

  it('is not printed where nobody says for whom', async () => {
    expectNoSecret(await grade('--explain', '--out', folder.at('whoever')));
  });

  it('is in no shard, and nothing merged of them, for students', async () => {
    const options = ['--for', 'student', '--roster', folder.at('roster.csv'), '--jobs', '1'];
    const argv = ['grade', folder.at('course/lab.yaml'), folder.at('class'), ...options];
    expectNoSecret(await printed(...argv, '--shard', '1/1', '--out', folder.at('shard')));
    expectNoSecret(left('shard'));
    expectNoSecret(await printed('merge', folder.at('shard/shard-1-of-1.blob'), '--out', folder.at('merged')));
    expectNoSecret(left('merged'));
  });

  it('is in nothing that is regraded for students from what instructors have', async () => {
    const argv = ['regrade', folder.at('course/lab.yaml'), folder.at('instructor'), '--out', folder.at('regraded')];
    expectNoSecret(await printed(...argv, '--for', 'student'));
    expectNoSecret(left('regraded'));
  });

  it.each([['--explain'], ['--json']])('is not told by check %s', async (option) => {
    expectNoSecret(await printed('check', folder.at('lab'), option));
  });

  it('is in no published rubric', async () => {
    expectNoSecret(await printed('rubric', 'publish', folder.at('course/lab.yaml')));
  });
});
