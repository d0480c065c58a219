import { expect, it } from 'vitest';
import { matchesPath } from './path-pattern.ts';

it.each([
  ['src/main.rs', 'src/main.rs'],
  ['./src/*.rs', 'src/main.rs'],
  ['src/**', 'src/drivers/virtio/blk.rs'],
  ['**/queue.rs', 'queue.rs'],
  ['**/queue.rs', 'lab13/src/queue.rs'],
  ['src/**/mod.rs', 'src/mod.rs'],
  ['src/**/*.?', 'src/a/b/c.h'],
])('%s matches %s', (pattern, path) => {
  expect(matchesPath(pattern, path)).toBe(true);
});

it.each([
  ['src/*.rs', 'src/drivers/blk.rs'],
  ['*.rs', 'src/main.rs'],
  ['src', 'src/main.rs'],
  ['src/main.rs', 'lab/src/main.rs'],
  ['src/**/mod.rs', 'src/mod.rs.orig'],
  ['', 'a'],
])('%s does not match %s', (pattern, path) => {
  expect(matchesPath(pattern, path)).toBe(false);
});

it('takes no time for a pattern of many stars', () => {
  expect(matchesPath(`${'**/*a*/'.repeat(30)}b`, `${'aaaaaaaaaa/'.repeat(60)}c`)).toBe(false);
});
