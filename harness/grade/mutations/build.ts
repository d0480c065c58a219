/** What was said of the build, changed: a warning more about a line of the student's own. */
import type { CheckKindName } from '../../checks/index.ts';
import type { BuildMessage, BuildResult } from '../../result/build.ts';

export interface BuildMutation {
  name: string;
  what: string;
  build: BuildResult;
}

/** `graded`: the kinds of checks that the rubric has. */
export function buildMutations(build: BuildResult | undefined, graded: ReadonlySet<CheckKindName>): BuildMutation[] {
  const [file] = build?.taken ?? [];
  if (build === undefined || file === undefined || !graded.has('build')) return [];
  const warning: BuildMessage = { severity: 'warning', file, path: file, line: 1, column: null, text: 'a warning' };
  return [
    { name: 'build/warning', what: `the compiler warns of ${file} once more`, build: { ...build, messages: [...build.messages, warning] } },
  ];
}
