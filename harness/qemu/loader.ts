/**
 * QEMU's `-device loader`: files and numbers that are put into RAM before the first instruction.
 *
 * Reference: QEMU's manual, "Generic Loader". Left out: `cpu-num`, which makes a hart start elsewhere, and files in the formats of U-Boot and of
 * Intel, which QEMU unpacks.
 */

import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, switchOf } from './list.ts';
import type { LoaderSettings } from './settings.ts';

const KEYS = ['driver', 'id', 'file', 'addr', 'data', 'data-len', 'data-be', 'force-raw'];

/** Bytes of `data`. */
const MOST_DATA = 8;

export function parseLoader(list: ReadonlyMap<string, string>): LoaderSettings {
  if (list.has('cpu-num')) throw new UsageError('-device loader,cpu-num=: the hart starts as after a reset; leave cpu-num out');
  onlyKeys('-device loader', list, KEYS);
  const { file, addr, data, 'data-len': length } = Object.fromEntries(list);
  const at = addr === undefined ? undefined : Number(parseNumber('addr', addr));
  if (file !== undefined) {
    const other = ['data', 'data-len', 'data-be'].find((key) => list.has(key));
    if (other !== undefined) throw new UsageError(`-device loader,file=${file}: ${other}= does not go with file=; leave one of them out`);
    if (at === undefined && switchOf('-device loader', 'force-raw', list.get('force-raw') ?? 'off'))
      throw new UsageError(`-device loader,file=${file}: force-raw= needs addr=ADDRESS`);
    return { from: { file }, at };
  }
  if (length === undefined || at === undefined)
    throw new UsageError(
      '-device loader: write file=FILE, with addr=ADDRESS where it is not ELF; or addr=ADDRESS,data=NUMBER,data-len=BYTES',
    );
  const bytes = Number(parseNumber('data-len', length));
  if (bytes < 1 || bytes > MOST_DATA) throw new UsageError(`-device loader,data-len=${length}: write 1 to ${MOST_DATA}`);
  const isBigEndian = switchOf('-device loader', 'data-be', list.get('data-be') ?? 'off');
  const view = new DataView(new ArrayBuffer(MOST_DATA));
  view.setBigUint64(0, parseNumber('data', data ?? '0'), !isBigEndian);
  // QEMU turns the eight bytes round, and stores the first ones of what that gives.
  return { from: { bytes: new Uint8Array(view.buffer, 0, bytes) }, at };
}

function parseNumber(key: string, text: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text))
    throw new UsageError(`-device loader,${key}=${text}: not a number; write for example 0x80400000`);
  return BigInt(text);
}
