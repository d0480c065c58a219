/** The system's calls on files, made again where a signal interrupts them (POSIX, EINTR): an interrupted call has done nothing. */
import * as fs from 'node:fs';

/** A call that is interrupted this often in a row: something else must be wrong. */
const MOST_TIMES = 100;

function repeated<Call extends (...args: never[]) => unknown>(call: Call): Call {
  const repeating = (...args: never[]) => {
    for (let times = 1; ; times++) {
      try {
        return call(...args);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EINTR' || times === MOST_TIMES) throw error;
      }
    }
  };
  return repeating as Call;
}

export const openSync = repeated(fs.openSync);
export const readSync = repeated(fs.readSync);
export const writeSync = repeated(fs.writeSync);
export const fstatSync = repeated(fs.fstatSync);
export const fsyncSync = repeated(fs.fsyncSync);
export const ftruncateSync = repeated(fs.ftruncateSync);
export const lstatSync = repeated(fs.lstatSync);
export const statSync = repeated(fs.statSync);
export const readFileSync = repeated(fs.readFileSync);
export const writeFileSync = repeated(fs.writeFileSync);
export const readdirSync = repeated(fs.readdirSync);
export const linkSync = repeated(fs.linkSync);
export const symlinkSync = repeated(fs.symlinkSync);
export const copyFileSync = repeated(fs.copyFileSync);
export const readlinkSync = repeated(fs.readlinkSync);
export const realpathSync = repeated(fs.realpathSync);
export const renameSync = repeated(fs.renameSync);
export const unlinkSync = repeated(fs.unlinkSync);
export const mkdirSync = repeated(fs.mkdirSync);
export const fchownSync = repeated(fs.fchownSync);
export const fchmodSync = repeated(fs.fchmodSync);
export const futimesSync = repeated(fs.futimesSync);
export const lchownSync = repeated(fs.lchownSync);

/** A descriptor is gone after an interrupted close as well (Linux, close(2)), so that is not done again. */
export function closeSync(descriptor: number): void {
  try {
    fs.closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINTR') throw error;
  }
}
