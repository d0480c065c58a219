/** Whether blobs are the shards of one batch, each once and all of them; messages name the files. */
import { printable } from '../evidence/printable.ts';
import { differences, type Identity, namesSha256 } from './identity.ts';
import { interleave, type Shard } from './shard.ts';

/** A mistake in the choice of blobs: a sentence. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
}

export interface ShardFile {
  readonly file: string;
  readonly identity: Identity & { readonly shard: Shard };
}

export interface Merged {
  /** Of the batch as if it had not been split. */
  readonly identity: Identity;
  /** In the order of the shards. */
  readonly files: readonly string[];
}

/** Throws MergeError. */
export function mergeShards(shards: readonly ShardFile[], tool: string): Merged {
  const [first, ...rest] = shards;
  if (first === undefined) throw new MergeError('no blob was named');
  if (first.identity.tool !== tool) {
    // The name of the tool in a blob may be any text.
    throw new MergeError(
      `${first.file} was written by ${printable(first.identity.tool)}, and this is ${tool}: merge with the version that graded`,
    );
  }
  for (const { file, identity } of rest) {
    const differs = differences(first.identity, identity, ['shard']);
    if (differs.length > 0) throw new MergeError(`${file} does not belong to ${first.file}: ${differs.join(', ')}`);
    if (identity.shard.count !== first.identity.shard.count) {
      throw new MergeError(`${file} is one of ${identity.shard.count} shards, but ${first.file} is one of ${first.identity.shard.count}`);
    }
  }
  const inOrder = orderedShards(shards, first.identity.shard.count);
  const submissions = interleave(inOrder.map(({ identity }) => identity.submissions));
  if (namesSha256(submissions) !== first.identity.class) throw new MergeError('the shards do not make up the class: a blob was edited');
  return { identity: { ...first.identity, shard: null, submissions }, files: inOrder.map(({ file }) => file) };
}

function orderedShards(shards: readonly ShardFile[], count: number): ShardFile[] {
  const byIndex = new Map<number, ShardFile>();
  for (const shard of shards) {
    const { index } = shard.identity.shard;
    const before = byIndex.get(index);
    if (before !== undefined)
      throw new MergeError(`${shard.file} is shard ${index}/${count}, and so is ${before.file}: name each shard once`);
    byIndex.set(index, shard);
  }
  const all = Array.from({ length: count }, (_, at) => at + 1);
  const missing = all.filter((index) => !byIndex.has(index)).map((index) => `${index}/${count}`);
  if (missing.length > 0) {
    throw new MergeError(
      `${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
    );
  }
  return all.map((index) => byIndex.get(index)!);
}
