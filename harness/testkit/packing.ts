/** A course's folder and the single file, for tests of packages for platforms. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ROOT } from './program.ts';

export const RUBRIC = `rubric: 1
title: Say hello
machine: { drives: { blk: { size: 1M, contents: [{ at: 0, file: ../images/disk.img }] } } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 1ms guest } }
checks:
  - id: says-hello
    points: 10
    console: hello
    hint: [{ from-attempt: 1, text: Print it. }, { from-attempt: 3, text: Use the UART at 0x10000000. }]
  - { id: powers-off, points: 2.5, stop: poweroff, visibility: hidden }
`;

/** PATH with the Node that runs the tests before all others. */
export const PATH_WITH_NODE = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);

class Packing {
  readonly folder = mkdtempSync(join(tmpdir(), 'bootgrade-pack-'));
  readonly program = this.at('bootgrade.mjs');

  /** The rubric lies in course/labs, and its image in course/images. */
  constructor() {
    execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), this.program], { cwd: ROOT, stdio: 'pipe' });
    for (const name of ['course/labs', 'course/images']) mkdirSync(this.at(name), { recursive: true });
    writeFileSync(this.at('course/labs/hello.yaml'), RUBRIC);
    writeFileSync(this.at('course/images/disk.img'), 'x'.repeat(5000));
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  bootgrade(...argv: string[]) {
    return spawnSync(process.execPath, [this.program, ...argv], { cwd: this.folder, encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One for all tests of a file. `packs`: what is packed before them. */
export function packingForTests(...packs: readonly (readonly string[])[]) {
  let packing: Packing;
  beforeAll(() => {
    packing = new Packing();
    for (const argv of packs) packing.bootgrade('pack', ...argv);
  }, 120_000);
  afterAll(() => packing.remove());
  return {
    at: (...parts: string[]) => packing.at(...parts),
    bootgrade: (...argv: string[]) => packing.bootgrade(...argv),
    program: () => packing.program,
  };
}

/** What a linter of scripts or of Dockerfiles says of a file, as a process that ended: status 0 and no text if all is well. */
export function lint(linter: 'hadolint' | 'shellcheck', file: string) {
  const options = linter === 'hadolint' ? ['--no-color'] : [];
  return spawnSync(linter, [...options, file], { encoding: 'utf8' });
}
