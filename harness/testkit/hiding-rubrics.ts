/** For tests of what must not leak: random rubrics with a marker in every field of what they hide. */
import fc from 'fast-check';

/** Stands in every hidden name, title, hint, text, comment and anchor. */
export const MARKER = 'Zqx7';

interface CheckPlan {
  hidden: boolean;
  /** Index of its scenario. */
  scenario: number;
  /** Index of the check that it needs, among those before it. */
  needs: number | null;
  kind: number;
  /** Whether later hints are staged. */
  staged: boolean;
}

interface Plan {
  scenarios: { hidden: boolean; extends: number | null }[];
  checks: CheckPlan[];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  scenarios: fc.array(fc.record({ hidden: fc.boolean(), extends: fc.option(fc.nat(3)) }), { minLength: 1, maxLength: 4 }),
  checks: fc.array(
    fc.record({ hidden: fc.boolean(), scenario: fc.nat(3), needs: fc.option(fc.nat(7)), kind: fc.nat(4), staged: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  ),
});

/** A rubric's text, and the names of its scenarios. At least one check is visible. */
export const hidingRubrics = plan.map(rubricText).filter(({ visible }) => visible > 0);

function rubricText({ scenarios, checks }: Plan): { text: string; visible: number } {
  const secret = (hidden: boolean, text: string) => (hidden ? `${MARKER}-${text}` : text);
  const scenarioName = (index: number) => secret(scenarios[index]!.hidden, `s${index}`);
  const isHidden = ({ hidden, scenario }: CheckPlan) => hidden || scenarios[scenario % scenarios.length]!.hidden;
  const id = (index: number) => secret(isHidden(checks[index]!), `c${index}`);
  const lines = [
    'rubric: 1',
    'title: Lab',
    'machine: { memory: 64M, drives: { blk: { size: 4K } } }',
    'submission: { kernel: k }',
    'scenarios:',
  ];
  scenarios.forEach(({ hidden, extends: base }, index) => {
    const mark = hidden ? ` &${MARKER}` : '';
    lines.push(
      ...(hidden ? [`  # ${MARKER} about the next`] : []),
      `  ${scenarioName(index)}:`,
      // Only what is not hidden anyway may pass to a visible scenario, so what a hidden one holds is its own.
      ...(base !== null && base < index && (hidden || !scenarios[base]!.hidden) ? [`    extends: ${scenarioName(base)}`] : []),
      `    visibility: ${hidden ? 'hidden' : 'visible'}`,
      `    append:${mark} ${secret(hidden, 'quiet')}   # ${secret(hidden, 'a comment')}`,
      `    until: { console: ${secret(hidden, 'done')} }`,
      `    keys: [{ when: ${secret(hidden, '$')}, type: ${secret(hidden, 'ls')} }]`,
      `    drives: { blk: { contents: [{ at: 0, text: ${secret(hidden, 'Hello')} }] } }`,
    );
  });
  lines.push('checks:');
  checks.forEach((check, index) => {
    const hidden = isHidden(check);
    const needs = check.needs !== null && check.needs < index ? [`    needs: [${id(check.needs)}]`] : [];
    lines.push(
      ...(hidden ? [`  # ${MARKER} before`] : []),
      `  - id: ${id(index)}`,
      `    title: ${secret(hidden, 'title')}`,
      '    points: 1',
      `    in: ${scenarioName(check.scenario % scenarios.length)}`,
      ...(check.hidden ? ['    visibility: hidden'] : []),
      ...needs,
      `    hint: ${check.staged ? `[{ from-attempt: 1, text: ${secret(hidden, 'hint')} }, { from-attempt: 2, text: ${MARKER}-later }]` : secret(hidden, 'hint')}`,
      `    ${part(check.kind, (text) => secret(hidden, text))}   # ${secret(hidden, 'a comment')}`,
    );
  });
  const visible = checks.filter((check) => !isHidden(check)).length;
  lines.push(`# ${MARKER}`, 'expect:', `  submissions: { ${MARKER}-someone: { score: 1 } }   # ${MARKER}`);
  return { text: `${lines.join('\n')}\n`, visible };
}

function part(kind: number, secret: (text: string) => string): string {
  const parts = [
    `console: ${secret('hello')}`,
    `request: { after: { console: ${secret('go')} }, expect: { data: { text: ${secret('data')} } } }`,
    `image: { at: 0, equals: { text: ${secret('bytes')} } }`,
    'stop: hang',
    `console: { in-order: [{ contains: ${secret('one')} }, { contains: ${secret('two')} }] }`,
  ];
  return parts[kind]!;
}
