/** Mistakes in `schedules`: a schedule names harts that the machine has, and there is one reason to run a scenario several times. */
import type { Mistake } from '../../vocabulary/problem.ts';
import { parseSchedule } from '../../vocabulary/schedule.ts';
import { asMap, asText, type Loose } from '../loose.ts';
import { writtenAt } from './written-at.ts';

/** `scenarios`: as extends.ts merges them. */
export function scheduleMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [name, scenario] of scenarios) {
    const mistake = mistakeOf(rubric, name, scenario);
    if (mistake !== null) found.set(mistake.path.join('/'), mistake);
  }
  return [...found.values()];
}

function mistakeOf(rubric: unknown, name: string, scenario: Loose): Mistake | null {
  if (!Object.hasOwn(scenario, 'schedules')) return null;
  if (Object.hasOwn(asMap(scenario['disk-from']), 'power')) {
    const path = writtenAt(rubric, name, ['schedules']);
    const message = '"schedules" does not go with power cuts: the scenario is run for several moments already';
    return { path, atKey: true, code: 'one-of', message, remedy: 'remove "schedules", or give it a scenario of its own' };
  }
  const schedule = parseSchedule(asText(asMap(scenario['schedules'])['only']) ?? '');
  if ('problem' in schedule) return null;
  const harts = typeof scenario['harts'] === 'number' ? scenario['harts'] : 1;
  const absent = schedule.find(({ hart }) => hart >= harts)?.hart;
  if (absent === undefined) return null;
  const message = `there is no hart ${absent}: the scenario has ${harts === 1 ? 'one hart' : `${harts} harts, from 0 on`}`;
  const path = writtenAt(rubric, name, ['schedules', 'only']);
  return { path, code: 'out-of-range', message, remedy: 'copy the schedule from a report of this scenario, or change `harts`' };
}
