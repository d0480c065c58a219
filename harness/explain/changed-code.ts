/** Code in memory that is not what the kernel's file has there. */
import { hex } from '../bytes/hex.ts';

const COMPRESSED = 3;

/** The instruction that the file has, if that is not the one in memory; else null. */
export function changedCode(memory: number | undefined, file: number | undefined): string | null {
  if (memory === undefined || file === undefined) return null;
  const isLong = (file & COMPRESSED) === COMPRESSED;
  const bits = isLong ? file : file & 0xffff;
  const same = isLong ? memory === file : (memory & 0xffff) === bits;
  return same ? null : hex(bits);
}
