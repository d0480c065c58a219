/** The kinds of `npm run fuzz`. A new kind is its file and one line here. */
import type { Kinds } from '../kind.ts';
import { archive } from './archive.ts';
import { blob } from './blob.ts';
import { changedCode } from './changed-code.ts';
import { code } from './code.ts';
import { consoleBytes } from './console.ts';
import { demangled } from './demangle.ts';
import { dwarf } from './dwarf.ts';
import { elf } from './elf.ts';
import { evidence } from './evidence.ts';
import { fileSystems } from './file-systems.ts';
import { journal } from './journal.ts';
import { mmio } from './mmio.ts';
import { names } from './names.ts';
import { pages } from './pages.ts';
import { result } from './result.ts';
import { rings } from './rings.ts';
import { roster } from './roster.ts';
import { rubric } from './rubric.ts';
import { sbi } from './sbi.ts';
import { script } from './script.ts';

export const KINDS: Kinds = {
  elf,
  dwarf,
  demangle: demangled,
  code,
  'changed-code': changedCode,
  rings,
  mmio,
  sbi,
  pages,
  rubric,
  roster,
  names,
  archive,
  journal,
  blob,
  evidence,
  result,
  console: consoleBytes,
  'file-systems': fileSystems,
  script,
};
