/** Blobs of shards: one is read whole or refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BLOB_SCHEMA, BlobError, readBlob, readBlobIdentity } from '../../../harness/batch/blob.ts';
import { sha256 } from '../../../harness/batch/identity.ts';
import { MergeError, mergeShards } from '../../../harness/batch/merge.ts';
import { evidencePath } from '../../../harness/submission/name.ts';
import { evidence, image } from '../../../harness/testkit/evidence.ts';
import { identity, NAMES, packed } from '../batch-files.ts';
import { gradedSample } from '../graded-samples.ts';
import { type Kind, must } from '../kind.ts';
import { bytesOf, changed, changedLine, changedOften, changedText } from '../mutate.ts';
import { unlessRefused } from '../sentence.ts';

/** Small: it is not what is looked at here. */
const EVIDENCE = JSON.stringify(evidence({ images: [image({ initialSha256: '00'.repeat(32) })] }));

async function cleanBlob(): Promise<string> {
  const { result } = await gradedSample('wrong-type');
  const lines: unknown[] = [{ schema: BLOB_SCHEMA, ...identity({ index: 1, count: 1 }) }];
  for (const name of NAMES) {
    const scenarios = result.scenarios.map((scenario) => ({
      ...scenario,
      evidence: `${evidencePath(name, scenario.name)}.json`.split('/').at(-1)!,
      evidenceSha256: sha256(EVIDENCE),
    }));
    lines.push(packed({ ...result, scenarios }, name), ...scenarios.map((scenario) => ({ scenario: scenario.name, evidence: EVIDENCE })));
  }
  lines.push({ end: NAMES.length });
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

function readAll(file: string): number {
  let count = 0;
  for (const part of readBlob(file)) {
    if (part.kind === 'report') must(part.result.name === part.entry.name, 'a report of another submission');
    if (part.kind === 'whole') count++;
  }
  return count;
}

export const blob: Kind = {
  describe: 'blobs of shards, cut off and edited',
  bound: { seconds: 5 },
  async make(random) {
    const text = await cleanBlob();
    if (random.below(3) === 0) return changedOften(bytesOf(text), random, changed);
    return bytesOf(changedOften(text, random, random.below(3) ? changedLine : changedText));
  },
  async check(input, scratch) {
    const file = join(scratch, 'shard-1-of-1.blob');
    writeFileSync(file, input);
    await unlessRefused([BlobError, MergeError], async () => {
      const merged = mergeShards([{ file, identity: await readBlobIdentity(file) }], 'fuzz');
      must(merged.files.length === 1, 'one blob is merged into more');
    });
    await unlessRefused([BlobError], async () => readAll(file));
  },
};
