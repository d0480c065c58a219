import { expect, it } from 'vitest';
import { isCargos } from './line-askers.ts';

it.each([
  [['Cargo.toml', 'programs/init.c'], '', true],
  [['kernel/Cargo.toml', 'Makefile'], 'kernel', true],
  [['Cargo.toml', 'kernel/Makefile'], 'kernel', true],
  [['tools/mkfs/Cargo.toml', 'kernel.c'], '', false],
  [['Makefile', 'kernel.c'], '', false],
])('of %j, built in %j, the kernel is Cargo’s: %s', (paths, folder, expected) => {
  expect(
    isCargos(
      paths.map((path) => ({ path })),
      folder,
    ),
  ).toBe(expected);
});
