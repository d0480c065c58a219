/** Values that each submission has for itself: the rubric is the one that somebody would have written with these values in it. */
import { describe, expect, it } from 'vitest';
import { load, problemsOf } from '../testkit/rubric-text.ts';
import { drawnFor, visibleNames } from './random-places.ts';

const TEXT = `rubric: 1
title: Lab
random: { seed: 7, per: submission, words: { needle: 8, hay: 4, secret: 12 }, numbers: { pid: 5 } }
submission: { kernel: kernel.elf }
machine:
  append: "x=\${needle}\${hay} $\${hay}"
  loader: [{ at: 0x84000000, text: "\${needle}" }]
  drives:
    blk:
      size: 4K
      serial: "\${hay}-\${pid}"
      contents: [{ at: 0, file: blk.txt }, { at: 512, text: "<\${needle}>" }, { at: 1024, text: "\${pid}\${pid}" }]
scenarios:
  run:
    until: { console: "\${hay}", matches: "^\${needle}+$" }
    keys: [{ prompt: "$ ", lines: ["find . \${needle}", "echo \${pid}"] }]
  again: { visibility: hidden, append: "\${secret}" }
checks:
  - { id: finds, title: "finds \${needle}", points: 4, console: { matches: '^\\./\${needle}$', after: "find . \${needle}" } }
  - { id: all, points: 2, console: { all: [{ contains: "\${hay}" }, { matches: "\${pid}" }] } }
  - { id: disk, points: 2, image: { at: 512, equals: { text: "\${needle}", length: 64 } } }
  - { id: written, points: 1, request: { after: { console: "\${pid}" }, expect: { data: { text: "\${hay}" } } }, hint: "Look for \${hay}." }
  - { id: script, points: 1, script: { file: lab.mjs, with: { words: ["\${hay}", "\${needle}"] } } }
  - { id: hidden, points: 1, in: again, console: "\${secret}" }
`;

describe('a rubric with values of each submission', () => {
  it('is, for a submission, as if its values had been written into it', async () => {
    const rubric = await load(TEXT);
    const own = drawnFor(rubric, 'ab'.repeat(32));
    const { values } = own.random!;
    expect(values['needle']).toMatch(/^[a-z]{8}$/);
    expect(values['pid']).toMatch(/^[1-9][0-9]{4}$/);
    const written = TEXT.replace(/^random:.*\n/m, '').replace(/(\$?)\$\{(\w+)\}/g, (place, dollar: string, name: string) =>
      dollar === '' ? values[name]! : place.slice(1),
    );
    const { random: _, sha256: __, ...expected } = await load(written);
    const { random: ___, sha256: ____, ...found } = own;
    expect(found).toEqual(expected);
  });

  it('has the same values for the same identity, and others for a different one or a different seed', async () => {
    const values = async (text: string, identity: string) => drawnFor(await load(text), identity).random!.values;
    const first = await values(TEXT, 'a');
    expect(await values(TEXT, 'a')).toEqual(first);
    for (const other of [await values(TEXT, 'b'), await values(TEXT.replace('seed: 7', 'seed: 8'), 'a')]) {
      expect(Object.keys(other)).toEqual(Object.keys(first));
      for (const [name, value] of Object.entries(other)) expect(value, name).not.toBe(first[name]);
    }
  });

  it('can be drawn again for another submission, without anything of the one before', async () => {
    const rubric = await load(TEXT);
    expect(drawnFor(drawnFor(rubric, 'a'), 'b')).toEqual(drawnFor(rubric, 'b'));
    expect(drawnFor(rubric, 'b', { hay: 'full' }).scenarios[0]!.until!.console).toEqual(['full']);
  });

  it('knows which values students see', async () => {
    expect([...visibleNames(await load(TEXT))].sort()).toEqual(['hay', 'needle', 'pid']);
  });

  it('leaves what files hold as it is', async () => {
    const { machine } = drawnFor(await load(TEXT), 'a').scenarios[0]!;
    expect(machine.drives[0]!.contents[0]).toEqual({ at: 0, bytes: new TextEncoder().encode('from a file') });
  });
});

it('says where such a value cannot stand, since it is not known yet', async () => {
  const problem = async (text: string) => {
    const [first, ...others] = await problemsOf(text);
    expect(others).toEqual([]);
    return first;
  };
  const limited = TEXT.replace('    until:', `    limit: "\${pid}ms guest"\n    until:`);
  expect(await problem(limited)).toMatchObject({
    code: 'bad-random',
    message: 'a value that each submission has for itself cannot stand here',
    remedy: 'write the value out, or leave `per: submission` out',
    line: 15,
  });
  expect(await problem(`${TEXT}  - { id: file, points: 1, file: "\${hay}.txt" }\n`)).toMatchObject({
    code: 'bad-random',
    line: 4,
  });
});
