/** A check that goes wrong in one of several runs of a scenario: no run in which it passes or fails can hide that. */
import { expect, it } from 'vitest';
import { errored, failed, PASSED, type Verdict } from '../checks/kind.ts';
import { load, withScenarios } from '../testkit/rubric-text.ts';
import { CutVerdicts } from './cut-verdicts.ts';
import type { GradedRun } from './grade-run.ts';
import { type Scheduled, ScheduleVerdicts } from './schedule-verdicts.ts';

const WRONG = errored('the script is wrong');
const run = (verdict: Verdict): GradedRun => ({
  trouble: null,
  verdicts: new Map([['a', verdict]]),
  result: { faults: [] } as unknown as GradedRun['result'],
  images: new Map(),
});

it.each([PASSED, failed('it fails', [])])('$outcome in the run that is shown', async (verdict) => {
  const { scenarios } = await load(withScenarios('  run: { schedules: 3 }\n  cut: { disk-from: { scenario: run, power: cut-anywhere } }'));
  const cuts = new CutVerdicts();
  const schedules = new ScheduleVerdicts();
  for (const [index, one] of [verdict, WRONG, verdict].entries()) {
    cuts.add({ number: index + 1, text: 'a cut' }, run(one));
    schedules.add(index + 1, run(one));
  }
  const [scheduled, cut] = scenarios;
  const under = cuts.over(run(verdict), { shown: 1, text: 'a cut', schedule: cut!.cuts!, left: 0 });
  expect(under.verdicts.get('a')).toEqual(WRONG);
  expect(schedules.over(run(verdict), scheduled as Scheduled, { shown: null, left: 0 }).verdicts.get('a')).toEqual(WRONG);
});
