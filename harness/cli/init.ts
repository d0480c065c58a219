/** `bootgrade init`: a rubric to start from. */

import { lookAt } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { replaceFile } from '../files/write.ts';
import { clean, count } from '../report/words.ts';
import { rubricOfLine, STARTER_RUBRIC } from '../rubric/starter.ts';
import { cpuProblem } from '../run/cpu.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';

/** Writes the rubric, of QEMU's command line where there is one; never over another file. Throws HostError, UsageError. */
export function init(file: string, { qemu }: { readonly qemu: string | undefined }, { out }: Environment): number {
  const made = qemu === undefined ? { text: STARTER_RUBRIC, files: [], moved: [] } : rubricOfLine(qemu, cpuProblem);
  if ('mistakes' in made) throw new UsageError(inWords(made.mistakes));
  asUsage(`${file}: cannot write it`, () => {
    if (lookAt(file) !== undefined) throw new UsageError(`${file} exists; name another file`);
    replaceFile(file, made.text);
  });
  const [first, ...more] = made.files.map(clean);
  const needs = first === undefined ? '' : ` with ${[first, ...more].join(' and ')}, by the path from its folder`;
  out(`${clean(file)} is a rubric that works${needs}: change it, then: bootgrade rubric check ${clean(file)}\n`);
  for (const path of made.moved) out(`${clean(path)} is looked for in what is handed in; QEMU's command line has it elsewhere\n`);
  return 0;
}

function inWords(mistakes: readonly Mistake[]): string {
  const lines = mistakes.map(({ message, remedy }) => `${message}${remedy === undefined ? '' : `; ${remedy}`}`);
  return lines.length === 1 ? `--qemu: ${lines[0]}` : `--qemu: ${count(lines.length, 'mistake')}\n${lines.join('\n')}`;
}
