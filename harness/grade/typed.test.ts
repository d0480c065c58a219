/** What was typed follows from what the console shows. */
import { expect, it } from 'vitest';
import { evidence } from '../testkit/evidence.ts';
import { typedIn } from './typed.ts';

const keys = [
  { when: '$ ', after: 0, type: 'echo $ \n' },
  { when: '$ ', after: 0, type: 'ls\n' },
  { when: '# ', after: 0, type: 'x'.repeat(300) },
];

const typedWith = (console: string) => typedIn({ keys }, evidence({ console })).map(({ text }) => text);

it('is each text whose prompt came after the prompt before it', () => {
  expect(typedWith('booting')).toEqual([]);
  expect(typedWith('booting\n$ ')).toEqual(['echo $ \n']);
  expect(typedWith('booting\n$ echo $ \n$\n')).toEqual(['echo $ \n', 'ls\n']);
  expect(typedWith('# $ $ ')).toEqual(['echo $ \n', 'ls\n']);
});

it('is bounded', () => {
  const [, , last] = typedWith('$ $ # ');
  expect(last).toBe('x'.repeat(200));
  const many = Array.from({ length: 500 }, () => ({ when: 'a', after: 0, type: 'b' }));
  expect(typedIn({ keys: many }, evidence({ console: 'a'.repeat(1000) }))).toHaveLength(100);
});

it('ends at keys that wait for a time', () => {
  const timed = [keys[0]!, { when: null, after: 5, type: 'x' }, keys[1]!];
  expect(typedIn({ keys: timed }, evidence({ console: '$ $ ' }))).toEqual([{ after: '$ ', text: 'echo $ \n' }]);
});
