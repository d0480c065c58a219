import { expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import type { HandedFile } from '../result/handed-file.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { device, evidence, image, request } from '../testkit/evidence.ts';
import { Xv6Image } from '../testkit/xv6-image.ts';
import { imageOfFile, initialImage } from '../vocabulary/image.ts';
import { findBlindSpots } from './blind-spots.ts';
import { gradeRuns } from './grade-run.ts';

async function rubricOf(checks: string, blindSpots = '[]', script = ''): Promise<Rubric> {
  const text = `rubric: 1
title: x
machine: { drives: { blk: { size: 1K } } }
submission: { kernel: k }
scenarios: { run: {} }
checks: ${checks}
expect: { submissions: { good: { score: 1 } }, blind-spots: ${blindSpots} }`;
  const loaded = await loadRubric('x.yaml', text, { readFile: () => Promise.resolve(new TextEncoder().encode(script)) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric;
}

function blindSpots(rubric: Rubric, files: readonly HandedFile[] = [], part: Partial<Evidence> = {}) {
  const images = new Map(rubric.scenarios[0]!.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const recorded = [...images].map(([drive, { size, sha256 }]) => image({ drive, size, initialSha256: sha256 }));
  const left = evidence({ scenario: 'run', console: 'hello\nbye\n', devices: [], images: recorded, ...part });
  const runs = new Map([['run', { evidence: left, images }]]);
  const graded = { name: 'good', tool: 'x', kernel: null, files, attempt: 1, runs: gradeRuns(rubric, runs) };
  return findBlindSpots(rubric, graded, runs);
}

const names = (found: ReturnType<typeof blindSpots>) => found.spots.map(({ name }) => name);

it('are what no check notices, in outcome or in points', async () => {
  const found = blindSpots(await rubricOf('[{ id: a, points: 1, console: hello }]'));
  expect(names(found)).toContain('run/console/line-2/removed');
  expect(names(found)).toContain('run/stop=hang');
  expect(names(found)).not.toContain('run/console/line-1/removed');
  expect(found.tried).toBe(names(found).length + 2);

  const steps = '{ in-order: [{ contains: hello, points: 1 }, { contains: bye, points: 1 }] }';
  const stricter = blindSpots(
    await rubricOf(
      `[{ id: a, points: 2, console: ${steps} }, { id: b, points: 0, stop: poweroff }, { id: c, points: 0, image: { unchanged: true } }]`,
    ),
  );
  expect(names(stricter)).toEqual([]);

  // The reference itself lacks a step: only its points tell that another one is gone.
  const partial = '{ in-order: [{ contains: hello, points: 1 }, { contains: never, points: 1 }] }';
  expect(names(blindSpots(await rubricOf(`[{ id: a, points: 2, console: ${partial} }]`)))).not.toContain('run/console/line-1/removed');
});

it('are accepted by name, and the list is told what is on it in vain', async () => {
  const listed = '[{ mutations: ["run/stop=*", "*/line-2/*"], reason: because }, { mutations: "run/blk/(.*)+", reason: never }]';
  const found = blindSpots(
    await rubricOf('[{ id: a, points: 1, console: hello }, { id: c, points: 0, image: { unchanged: true } }]', listed),
  );
  expect(new Set(found.spots.map(({ accepted }) => accepted))).toEqual(new Set(['because']));
  expect(found.unused).toEqual(['run/blk/(.*)+']);
});

it('a file that was handed in may be missing or empty', async () => {
  const file = { name: 'a.txt', hidden: false, file: 'a.txt', bytes: 3, sha256: '00', text: '42\n', problem: null };
  const only = async (part: string) => {
    const spots = names(blindSpots(await rubricOf(`[{ id: a, points: 1, file: { path: a.txt, ${part} } }]`), [file]));
    return spots.filter((name) => name.startsWith('files/'));
  };
  expect(await only('exists: true')).toEqual(['files/a.txt/empty']);
  expect(await only('contains: "42"')).toEqual([]);
  expect(await only('absent: TODO')).toEqual(['files/a.txt/empty']);
});

it('are not looked for in what no check of the rubric is about', async () => {
  const withDisk = async (checks: string) => blindSpots(await rubricOf(checks), [], { devices: [device()], requests: [request()] });
  const console = await withDisk('[{ id: a, points: 1, console: hello }]');
  expect(names(console).filter((name) => name.startsWith('run/blk/'))).toEqual([]);
  expect(console.ungraded).toEqual(['requests', 'images of disks', 'how devices were set up', "broken rules of virtio's specification"]);
  const asked = await withDisk('[{ id: a, points: 1, console: hello }, { id: b, points: 0, request: { expect: { type: OUT } } }]');
  expect(names(asked).some((name) => name.startsWith('run/blk/request-1/'))).toBe(true);
  expect(asked.ungraded).not.toContain('requests');
});

it('are looked for in what a script looks at, by running it on what was changed', async () => {
  const left = { devices: [device()], requests: [request()] };
  const check = '[{ id: a, points: 1, script: lab.mjs }]';
  const graded = async (source: string) =>
    blindSpots(await rubricOf(check, '[]', `export default ({ evidence, console }) => ${source};`), [], left);
  const answer = (passed: string) => `({ passed: ${passed}, reason: 'no' })`;
  const type = await graded(answer('evidence.requests.some(({ type }) => type === 1)'));
  expect(type.noticed).toContain('run/blk/request-1/type=IN');
  expect(names(type)).toContain('run/blk/request-1/sector');
  expect(type.ungraded).toEqual(['images of disks', 'how devices were set up', "broken rules of virtio's specification"]);
  const console = await graded(answer("console.includes('hello')"));
  expect(console.noticed).toContain('run/console/line-1/removed');
  expect([...console.noticed, ...names(console)].filter((name) => name.startsWith('run/blk/'))).toEqual([]);
  expect((await graded(answer('JSON.stringify(evidence).length > 0'))).ungraded).toEqual([]);
});

it('of a check that a file is there are its contents and its size, by its name, and not the bitmaps around it', async () => {
  const rubric = await rubricOf('[{ id: a, points: 1, image: { file-system: xv6, path: /note } }]');
  const [before, after] = [new Xv6Image({}).bytes, new Xv6Image({ note: 'a note' }).bytes];
  const initial = imageOfFile(before);
  const sectors = Array.from({ length: after.length / 512 }, (_, index) => Buffer.from(after.subarray(512 * index, 512 * index + 512)));
  const changed = Object.fromEntries(
    sectors.flatMap((bytes, index) =>
      bytes.equals(before.subarray(512 * index, 512 * index + 512)) ? [] : [[index, bytes.toString('hex')]],
    ),
  );
  const { size, sha256 } = initial;
  const left = evidence({ scenario: 'run', console: '', devices: [], images: [image({ size, initialSha256: sha256, changed })] });
  const runs = new Map([['run', { evidence: left, images: new Map([['blk', initial]]) }]]);
  const found = findBlindSpots(
    rubric,
    { name: 'good', tool: 'x', kernel: null, files: [], attempt: 1, runs: gradeRuns(rubric, runs) },
    runs,
  );
  expect(names(found).filter((name) => name.includes('/blk/'))).toEqual(
    ['shorter', 'byte-0', 'byte-5'].map((change) => `run/blk/files/note/${change}`),
  );
  expect(found.noticed).toContain('run/blk/files/note/renamed');
});
