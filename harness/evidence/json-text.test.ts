import { expect, it } from 'vitest';
import { jsonText } from './json-text.ts';

it('is the same value, in characters that nothing acts on', () => {
  const value = {
    'a\u009b2J': ['\u202e\u2028\ud800\u007f\n', '##vso[task.complete]', '# ## ###[x]', '漢字 😀 \u{e0001}\u{f0000}', '::error::'],
  };
  for (const text of [jsonText(value), jsonText(value, 2)]) {
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|##\w*\[/u);
    expect(text).not.toMatch(/^\s*::/m);
    expect(text).toContain('漢字 😀');
  }
  expect(jsonText({ a: [1, 'plain'] }, 2)).toBe(JSON.stringify({ a: [1, 'plain'] }, undefined, 2));
});
