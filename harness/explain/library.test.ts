import { expect, it } from 'vitest';
import { isLibrary } from './library.ts';

it.each([
  '/rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/fmt/mod.rs',
  '/home/x/.rustup/toolchains/nightly/lib/rustlib/src/rust/library/alloc/src/vec.rs',
  'library/compiler_builtins/src/mem.rs',
  '/home/student/.cargo/registry/src/index-1/ostd/src/task.rs',
  '/home/student/.cargo/git/checkouts/ostd/src/task.rs',
  'vendor/ostd-0.16.1/src/task.rs',
  'align_ext-0.1.0-alpha.2+build/src/lib.rs',
])('%s is a library', (file) => {
  expect(isLibrary(file)).toBe(true);
});

it.each([
  'src/main.rs',
  'lab-13/src/main.rs',
  'v1.2.3/main.c',
  'library/mine/src/lib.rs',
  'rust/main.rs',
  'src/ostd-0.16.1',
  'rustc/abc/x.rs',
])('%s is the submission’s own', (file) => {
  expect(isLibrary(file)).toBe(false);
});
