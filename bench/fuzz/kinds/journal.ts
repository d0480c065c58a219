/** Journals: one can be resumed or is refused, and one that was resumed can be resumed again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_SCHEMA, Journal, JournalError } from '../../../harness/batch/journal.ts';
import { identity, NAMES, packed } from '../batch-files.ts';
import { gradedSample } from '../graded-samples.ts';
import { type Kind, must } from '../kind.ts';
import { bytesOf, changed, changedLine, changedOften, changedText } from '../mutate.ts';
import { unlessRefused } from '../sentence.ts';

const IDENTITY = identity(null);
/** As it is when the batch has ended. */
async function cleanJournal(): Promise<string> {
  const { result } = await gradedSample('passes');
  const lines = [{ schema: JOURNAL_SCHEMA, ...IDENTITY }, ...NAMES.map((name) => packed(result, name).entry)];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

export const journal: Kind = {
  describe: "a batch's journals, cut off and edited",
  bound: { seconds: 5 },
  async make(random) {
    const text = await cleanJournal();
    if (random.below(3) === 0) return changedOften(bytesOf(text), random, changed);
    return bytesOf(changedOften(text, random, random.below(3) ? changedLine : changedText));
  },
  async check(input, scratch) {
    const file = join(scratch, 'journal.jsonl');
    writeFileSync(file, input);
    const resumed = await unlessRefused([JournalError], () => Journal.resume(file, IDENTITY));
    if (resumed === undefined) return;
    const known = new Map(resumed.entries);
    resumed.add({ name: 'dora', kernelSha256: null, reportSha256: '0', outcome: 'failed' });
    resumed.close();
    const again = Journal.resume(file, IDENTITY);
    again.close();
    must(again.entries.size === new Set([...known.keys(), 'dora']).size, 'the journal has lost entries when it is gone on with again');
  },
};
