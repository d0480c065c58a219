/** Saved reports that were edited: each is refused, or can be graded again and compared. */
import picocolors from 'picocolors';
import { rerunsOf } from '../../../harness/grade/regrade.ts';
import { changeOf, terminalChanges } from '../../../harness/report/changes.ts';
import { parseResult } from '../../../harness/result/saved-result.ts';
import { initialImage } from '../../../harness/vocabulary/image.ts';
import { GRADED_SAMPLES, gradedSample } from '../graded-samples.ts';
import type { Kind } from '../kind.ts';
import { bytesOf, changedJson, changedOften, changedText, textOf } from '../mutate.ts';
import { mustBeSentence } from '../sentence.ts';

const PLAIN = picocolors.createColors(false);

export const result: Kind = {
  describe: 'saved reports, cut off and edited',
  bound: { seconds: 5 },
  async make(random) {
    const graded = await gradedSample(random.pick(GRADED_SAMPLES));
    const edited = JSON.stringify(changedOften<unknown>(graded.result, random, changedJson)) ?? '';
    return bytesOf(random.below(8) ? edited : changedText(edited, random));
  },
  async check(input) {
    const saved = parseResult(textOf(input));
    if (saved === null) return;
    if ('problem' in saved) return mustBeSentence(saved.problem, 'what is wrong with the report');
    const { rubric, left, result: now } = await gradedSample('writable-data');
    for (const audience of ['instructor', 'student'] as const) {
      const change = changeOf(saved, now, audience);
      for (const line of change === null ? [] : terminalChanges([change], 1, PLAIN).trimEnd().split('\n')) {
        if (line !== '') mustBeSentence(line, 'a line of changes');
      }
    }
    const images = new Map(
      rubric.scenarios.map(({ name, machine }) => [name, new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]))]),
    );
    const file = { name: 'x.evidence.json', sha256: '0' };
    const read = (scenario: string) => ({ evidence: left.get(scenario)!.evidence, file });
    for (const { reason } of rerunsOf(saved, read, rubric, images)) mustBeSentence(reason, 'why it must be run again');
  },
};
