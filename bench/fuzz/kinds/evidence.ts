/** Saved evidence that was edited: it is refused, or has all that grading and every report need. */
import { parseEvidence } from '../../../harness/evidence/read.ts';
import { gradeSubmission } from '../../../harness/grade/grade.ts';
import { gradeRuns } from '../../../harness/grade/grade-run.ts';
import { GRADED_SAMPLES, gradedSample } from '../graded-samples.ts';
import type { Kind } from '../kind.ts';
import { bytesOf, changedJson, changedOften, changedText, textOf } from '../mutate.ts';
import { mustBeReportable } from '../reports.ts';
import { mustBeSentence } from '../sentence.ts';

export const evidence: Kind = {
  describe: 'saved evidence, cut off and edited',
  async make(random) {
    const { left } = await gradedSample(random.pick(GRADED_SAMPLES));
    const [run] = left.values();
    const edited = JSON.stringify(changedOften<unknown>(run!.evidence, random, changedJson)) ?? '';
    return bytesOf(random.below(8) ? edited : changedText(edited, random));
  },
  async check(input) {
    const read = parseEvidence(textOf(input));
    if ('problem' in read) return mustBeSentence(read.problem, 'what is wrong with the evidence');
    const { rubric, submission, left } = await gradedSample('writable-data');
    const runs = gradeRuns(rubric, new Map([...left].map(([name, run]) => [name, { ...run, evidence: read }])));
    for (const audience of ['instructor', 'student'] as const) {
      mustBeReportable(gradeSubmission(rubric, { ...submission, runs }, audience), [read]);
    }
  },
};
