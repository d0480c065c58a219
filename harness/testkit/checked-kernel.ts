/** Grades one kernel by a rubric of one scenario around hand-written checks: for tests of checks that look inside of the kernel. */
import { evaluate } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { runScenario } from '../run/scenario.ts';
import { formatProblem } from '../vocabulary/problem.ts';

const HEAD = `
rubric: 1
title: Test
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 20ms guest } }
checks:
`;

export async function kernelRubric(...checks: string[]): Promise<Rubric> {
  const list = checks.map((part, index) => ` - { id: check-${index + 1}, points: 1, ${part} }`).join('\n');
  const loaded = await loadRubric('test.yaml', HEAD + list, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

/** What a run of the kernel leaves, and what each of the checks says of it. */
export async function checkedKernel(bytes: Uint8Array, ...checks: string[]): Promise<{ evidence: Evidence; verdicts: Verdict[] }> {
  const rubric = await kernelRubric(...checks);
  const scenario = rubric.scenarios[0]!;
  const evidence = runScenario(scenario, new Map(), { bytes, sha256: '00'.repeat(32) }, machineHost('bootgrade test'));
  const verdicts = rubric.checks.map((check) => {
    if (check.scenario === null) throw new Error(`${check.id} is about no run`);
    return evaluate(check, { scenario, evidence, images: new Map() });
  });
  return { evidence, verdicts };
}
