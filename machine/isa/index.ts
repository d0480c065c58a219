/** The table of instructions: one line for each extension's file. */
import { A } from './a.ts';
import { C } from './c.ts';
import { D, F, ZFH } from './float.ts';
import type { Instruction } from './instruction.ts';
import { M } from './m.ts';
import { RV64I } from './rv64i.ts';
import { SVINVAL } from './svinval.ts';
import { SYSTEM } from './system.ts';
import { ZAWRS } from './zawrs.ts';
import { ZBA } from './zba.ts';
import { ZBB } from './zbb.ts';
import { ZBC } from './zbc.ts';
import { ZBS } from './zbs.ts';
import { ZICBO } from './zicbo.ts';
import { ZICOND } from './zicond.ts';
import { ZICSR } from './zicsr.ts';

export const INSTRUCTIONS: readonly Instruction[] = [
  ...RV64I,
  ...M,
  ...A,
  ...F,
  ...D,
  ...ZICSR,
  ...SYSTEM,
  ...ZBA,
  ...ZBB,
  ...ZBC,
  ...ZBS,
  ...ZICBO,
  ...SVINVAL,
  ...ZICOND,
  ...ZAWRS,
  ...ZFH,
];
export { C as COMPRESSED };
