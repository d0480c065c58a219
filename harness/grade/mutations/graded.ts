/** What a rubric's checks look at, as far as it decides what is changed. */
import type { CheckKindName } from '../../checks/index.ts';
import { driveName } from '../../checks/kind.ts';
import { fieldsOfScript } from '../../checks/script.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { Check } from '../../rubric/types.ts';
import type { Scenario } from '../../vocabulary/scenario.ts';
import type { GradedVolume } from './files.ts';

export interface Graded {
  readonly kinds: ReadonlySet<CheckKindName>;
  /** Fields of the evidence that scripts look at. */
  readonly fields: ReadonlySet<string>;
  /** By drive, of one scenario. */
  readonly volumes: ReadonlyMap<string, GradedVolume>;
}

/** `evidence`: of the reference solution. What a script looks at is seen as it runs. */
export function gradedOf(checks: readonly Check[], scenario: Scenario, evidence: Evidence): Graded {
  const scripts = checks.flatMap((check) => (check.kind === 'script' && check.scenario === scenario.name ? [check.expected] : []));
  const fields = new Set(scripts.flatMap((script) => fieldsOfScript(script, evidence)));
  const volumes = new Map<string, GradedVolume>();
  const otherwise = new Set<string>();
  for (const check of checks) {
    if (check.kind !== 'image' || check.scenario !== scenario.name) continue;
    const { expected } = check;
    const drive = driveName(expected.drive, scenario);
    // Whether a file system is sound depends on bytes that belong to no file.
    if (!('file-system' in expected) || 'sound' in expected) otherwise.add(drive);
    if (!('file-system' in expected)) continue;
    const paths = new Set(volumes.get(drive)?.paths ?? []);
    if ('path' in expected && expected.path !== undefined) paths.add(expected.path);
    volumes.set(drive, { system: expected['file-system'], paths, filesAlone: true });
  }
  const marked = [...volumes].map(
    ([drive, volume]) => [drive, { ...volume, filesAlone: !otherwise.has(drive) && !fields.has('images') }] as const,
  );
  return { kinds: new Set(checks.map(({ kind }) => kind)), fields, volumes: new Map(marked) };
}
