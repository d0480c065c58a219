import { describe, expect, it } from 'vitest';
import { parseKeys, parseLimitOption } from './run-options.ts';

describe('parseLimitOption', () => {
  it.each([
    ['10s', { nanoseconds: 10e9 }],
    ['500ms', { nanoseconds: 500e6 }],
    ['20us', { nanoseconds: 20e3 }],
    ['10G', { nanoseconds: 10e9 }],
    ['5M', { nanoseconds: 5e6 }],
    ['1K', { nanoseconds: 1e3 }],
    ['10s guest', { nanoseconds: 10e9 }],
    ['10G instructions', { nanoseconds: 10e9 }],
  ])('%s', (text, limit) => {
    expect(parseLimitOption(text, 1)).toMatchObject(limit);
  });

  it.each(['10', '0s', '-1s', '10m', '10 s', '1e9', '', '99999999999999999s'])('%j is a mistake', (text) => {
    expect(() => parseLimitOption(text, 1)).toThrow(
      `--limit ${text}: write guest time (10s, 500ms, 20us) or instructions (500K, 200M, 10G)`,
    );
  });
});

describe('parseKeys', () => {
  it('sends UTF-8, and escapes as bytes', () => {
    const typed = 'é \\n\\r\\t\\\\n\\x03\\xff\nend';
    expect([...parseKeys(typed)]).toEqual([...Buffer.from('é \n\r\t\\n\x03'), 0xff, ...Buffer.from('\nend')]);
  });

  it.each([
    ['a\\q', '\\q is not an escape; known: \\n \\r \\t \\\\ \\xNN'],
    ['a\\', '\\ is not an escape'],
    ['\\x4', '\\x is not an escape'],
  ])('%j is a mistake', (text, message) => {
    expect(() => parseKeys(text)).toThrow(message);
  });
});
