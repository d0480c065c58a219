import { describe, expect, it } from 'vitest';
import { loadRubric } from '../rubric/loader.ts';
import { visibleRubric } from './audience.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf] }
scenarios: { run: {}, secret-run: { visibility: hidden } }
checks:
  - { id: open, points: 1, console: a }
  - { id: secret, points: 2, console: b, visibility: hidden }
  - { id: elsewhere, points: 3, in: secret-run, console: c }
  - { id: after, points: 4, console: d, needs: [open, secret, elsewhere] }
`;

async function load(text: string) {
  const loaded = await loadRubric('lab.yaml', text, { readFile: () => Promise.reject(new Error('no file')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(({ message }) => message).join());
  return loaded.rubric;
}

describe('the visible part of a rubric', () => {
  it('has no hidden check, none of a hidden run, nor that run, and needs neither', async () => {
    const { checks, scenarios } = visibleRubric(await load(RUBRIC));
    expect(scenarios.map(({ name }) => name)).toEqual(['run']);
    expect(checks.map(({ id, needs }) => ({ id, needs }))).toEqual([
      { id: 'open', needs: [] },
      { id: 'after', needs: ['open'] },
    ]);
  });

  it('is all of it where nothing is hidden', async () => {
    const rubric = await load(RUBRIC.replaceAll(/,? ?visibility: hidden/g, ''));
    expect(visibleRubric(rubric)).toEqual(rubric);
  });
});
