/** Names of files and folders with any bytes, links that lead anywhere: all are found or refused, and none gets the report of a different one. */
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { clean } from '../../../harness/report/words.ts';
import { findSubmissions, SubmissionPathError } from '../../../harness/submission/find.ts';
import type { Submission } from '../../../harness/submission/handed-in.ts';
import { evidencePath, reportPath } from '../../../harness/submission/name.ts';
import { withWorkspace } from '../../../harness/submission/workspace.ts';
import { kernelsOnly } from '../../../harness/vocabulary/submission.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { anyBytes, anyWord, bytesOf, joined } from '../mutate.ts';
import { unlessRefused } from '../sentence.ts';

const PATTERNS = ['kernel.elf', 'build/*.elf', 'build/**/k?rnel'];
const PLAIN = [
  'kernel.elf',
  'build',
  'a',
  'A',
  'alice',
  'alice.json',
  'class',
  'class.html',
  'x%FF',
  'a.write.evidence',
  '.hidden',
  'kernel',
];
const LONGEST_PART = 255;
const SLASH = Buffer.from('/');

const what = ['file', 'folder', 'kernel', 'link'] as const;
type What = (typeof what)[number];

/** One to be made: `path` below the class's folder. */
interface Entry {
  readonly what: What;
  readonly path: Buffer;
  readonly target: string;
}

function part(random: Random): Uint8Array {
  return random.pick([
    () => bytesOf(random.pick(PLAIN)),
    () => bytesOf(anyWord(random)),
    () => joined(bytesOf(random.pick(PLAIN)), anyBytes(random, 1)),
    () => anyBytes(random, 1 + random.below(random.below(8) ? 6 : 255)),
  ])();
}

function entry(random: Random): Uint8Array {
  const path = Array.from({ length: random.between(1, 4) }, () => part(random)).flatMap((one, index) =>
    index === 0 ? [one] : [SLASH, one],
  );
  const target = random.pick(['.', '..', '../..', '/etc/passwd', 'alice', 'alice/kernel.elf', './a', 'nothing', '/']);
  return joined(
    bytesOf(random.pick(what)),
    Uint8Array.of(0),
    withoutZero(joined(...path)),
    Uint8Array.of(0),
    bytesOf(target),
    Uint8Array.of(0),
  );
}

const withoutZero = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte || 1);

/** Kind, path and target of each, with a zero after each of the three. */
function parse(input: Uint8Array): Entry[] {
  const texts: Buffer[] = [];
  const bytes = Buffer.from(input);
  for (let at = 0, end = bytes.indexOf(0); end >= 0; at = end + 1, end = bytes.indexOf(0, at)) texts.push(bytes.subarray(at, end));
  return Array.from({ length: Math.floor(texts.length / 3) }, (_, n) => ({
    what: texts[3 * n]!.toString() as What,
    path: texts[3 * n + 1]!,
    target: texts[3 * n + 2]!.toString(),
  }));
}

/** Makes what the file system allows; a part that leads out of the folder is left out. */
function build(folder: string, { what, path, target }: Entry): void {
  const parts = path
    .toString('latin1')
    .split('/')
    .filter((one) => one !== '' && one !== '.' && one !== '..' && one.length <= LONGEST_PART);
  if (parts.length === 0) return;
  const below = (names: readonly string[]): Buffer =>
    Buffer.concat([Buffer.from(folder), ...names.map((name) => Buffer.from(`/${name}`, 'latin1'))]);
  try {
    mkdirSync(below(parts.slice(0, -1)), { recursive: true });
    if (what === 'file') writeFileSync(below(parts), '');
    else if (what === 'link') symlinkSync(target, below(parts));
    else mkdirSync(below(parts), { recursive: true });
    if (what === 'kernel') writeFileSync(below([...parts, 'kernel.elf']), '');
  } catch {
    // A file stands where a folder is to be, or the other way round.
  }
}

function mustHavePlaces(names: readonly string[]): void {
  const places = new Set<string>();
  for (const name of names) {
    const path = reportPath(name);
    must(resolve('/reports', path).startsWith(`${sep}reports${sep}`), `the report of ${JSON.stringify(name)} lies outside`);
    must(
      path.split('/').every((one) => Buffer.byteLength(`${one}.123456789.tmp`) <= LONGEST_PART),
      `the path for ${JSON.stringify(name)} is too long`,
    );
    for (const shown of [path, evidencePath(name, 'run'), clean(name)]) {
      must(!/[\p{C}\p{Zl}\p{Zp}]/u.test(shown), `${JSON.stringify(shown)} holds a control character`);
    }
    places.add(path);
  }
  must(places.size === names.length, 'two submissions share the place of their reports');
}

export const names: Kind = {
  describe: 'names of files and folders with any bytes, and links',
  bound: { seconds: 5 },
  make: (random) => joined(...Array.from({ length: random.between(1, 12) }, () => entry(random))),
  async check(input, scratch) {
    const folder = join(scratch, 'class');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const one of parse(input)) build(folder, one);
    await withWorkspace(async (workspace) => {
      const rules = kernelsOnly(PATTERNS);
      const found = await unlessRefused([SubmissionPathError], () => findSubmissions([folder], rules, { workspace }));
      if (found === undefined) return;
      mustHavePlaces(found.submissions.map(({ submission: { name } }) => name));
      for (const { submission } of found.submissions) mustBeOwn(submission, folder, found.classes.length === 0);
    });
  },
};

/** A kernel lies in the submission's own folder, or where a name that is not UTF-8 was made usable. */
function mustBeOwn({ name, kernel }: Submission, folder: string, isAlone: boolean): void {
  if ('hostFault' in kernel) must(kernel.undecided === true, `this computer is said to be at fault: ${kernel.hostFault}`);
  if (!('path' in kernel)) return;
  // It leads to a name that is not UTF-8, which realpath cannot say.
  if (kernel.path.includes('bootgrade-scratch-')) return;
  const own = isAlone ? realpathSync(folder) : join(realpathSync(folder), name);
  const real = `${realpathSync(kernel.path)}${sep}`;
  must(real.startsWith(`${own}${sep}`), `${kernel.path} is not the submission's own`);
}
