/** Files as the use cases of grading want them (grading/files.ts): those of this computer. */
import { lock } from '../files/lock.ts';
import { beginningOfOurs } from '../files/ours.ts';
import { listFolder, lookAt, readIfThere, readRegular, realPath, sameFile } from '../files/read.ts';
import { makeFolder, removeFile, removeLeftovers, replaceFile } from '../files/write.ts';
import { imageOf } from './images.ts';
import { kernelOf } from './kernel.ts';
import { sourcesAt } from './sources.ts';
import { textsOf } from './texts.ts';

export const systemFiles = {
  lookAt,
  listFolder,
  realPath,
  sameFile,
  beginningOfOurs,
  makeFolder,
  removeLeftovers,
  lock,
  read: (file: string, most: number): Uint8Array => readRegular(file, most, 'refuse'),
  readIfThere: (file: string, most: number): Uint8Array | undefined => readIfThere(file, most, 'refuse'),
  replace: replaceFile,
  remove: removeFile,
  readKernel: kernelOf,
  imageOf,
  sourcesAt,
  textsOf,
};
