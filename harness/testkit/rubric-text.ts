/** Short rubrics as text, for tests of the loader: a good one, and each of its parts replaced. */
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { machineProblem } from '../run/machine-problem.ts';
import { formatProblem, type Problem } from '../vocabulary/problem.ts';

const files: Record<string, string> = {
  'blk.txt': 'from a file',
  'fw.bin': 'firmware',
  'empty.img': '',
  'expected.txt': 'one\r\n\r\ntwo\r\n',
  'lab.mjs': 'export default () => ({ passed: true });\n',
  'broken.mjs': 'export default () => ({\n',
  'imports.mjs': "import 'node:fs';\nexport default () => {};\n",
  'exports.mjs': 'export const check = () => {};\n',
};

const ports = {
  readFile: async (path: string) => {
    const text = files[path];
    if (text === undefined) return { problem: 'no such file' };
    return new TextEncoder().encode(text);
  },
  pathProblem: (path: string) => (path === 'nowhere' ? 'no such file or folder' : null),
  machineProblem,
  cpuProblem: (cpu: string) => (cpu.startsWith('rv64') ? null : `unknown processor "${cpu}"`),
};

export async function load(text: string): Promise<Rubric> {
  const loaded = await loadRubric('lab.yaml', text, ports);
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

export async function problemsOf(text: string): Promise<Problem[]> {
  const loaded = await loadRubric('lab.yaml', text, ports);
  return 'problems' in loaded ? loaded.problems : [];
}

export const HEAD = `rubric: 1
title: Lab
submission: { kernel: kernel.elf }
`;
export const MACHINE = 'machine: { drives: { blk: { size: 4K } } }\n';
export const SCENARIOS = 'scenarios: { run: { limit: 1s guest } }\n';
export const CHECKS = 'checks: [{ id: a, points: 1, console: x }]\n';
export const GOOD = HEAD + MACHINE + SCENARIOS + CHECKS;

export const withChecks = (checks: string) => `${HEAD}${MACHINE}${SCENARIOS}checks:\n${checks}`;
export const withMachine = (machine: string) => `${HEAD}${machine}\n${SCENARIOS}${CHECKS}`;
export const withScenarios = (scenarios: string) => `${HEAD}${MACHINE}scenarios:\n${scenarios}\n${CHECKS}`;

export const withSubmission = (submission: string) => GOOD.replace('{ kernel: kernel.elf }', `{ kernel: kernel.elf, ${submission} }`);
