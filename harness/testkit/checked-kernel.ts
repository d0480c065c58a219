/** Grades one kernel by a rubric of one scenario around hand-written checks: for tests of checks that look inside of the kernel. */
import { evaluate } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { runScenario } from '../run/scenario.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

const head = (scenario: string) => `
rubric: 1
title: Test
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { boot: { ${scenario} } }
checks:
`;

const SCENARIO = 'limit: 20ms guest';

export async function kernelRubric(...checks: string[]): Promise<Rubric> {
  return rubricOf(SCENARIO, ...checks);
}

async function rubricOf(scenario: string, ...checks: string[]): Promise<Rubric> {
  const list = checks.map((part, index) => ` - { id: check-${index + 1}, points: 1, ${part} }`).join('\n');
  const loaded = await loadRubric('test.yaml', head(scenario) + list, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

/** What a run of the kernel leaves, and what each of the checks says of it. */
export async function checkedKernel(bytes: Uint8Array, ...checks: string[]): Promise<{ evidence: Evidence; verdicts: Verdict[] }> {
  return ranKernel(bytes, SCENARIO, ...checks);
}

/** The same in a scenario with other keys. */
export async function ranKernel(
  bytes: Uint8Array,
  keys: string,
  ...checks: string[]
): Promise<{ evidence: Evidence; verdicts: Verdict[]; scenario: Scenario }> {
  const rubric = await rubricOf(keys, ...checks);
  const scenario = rubric.scenarios[0]!;
  const evidence = runScenario(scenario, new Map(), { bytes, sha256: '00'.repeat(32) }, machineHost('bootgrade test'));
  const verdicts = rubric.checks.map((check) => {
    if (check.scenario === null) throw new Error(`${check.id} is about no run`);
    return evaluate(check, { scenario, evidence, images: new Map() });
  });
  return { evidence, verdicts, scenario };
}
