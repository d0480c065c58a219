/**
 * A region: the basic blocks of one page of code that are translated together, into one function.
 *
 * It grows from a place that is executed often, along branches, jumps and returns of calls. Only code that was decoded is taken: code that
 * was never reached is left out (docs/development/speed.md).
 */
import type { PlacedInstruction } from './registers-in-locals.ts';

export interface Block {
  /** At least one. */
  readonly instructions: readonly PlacedInstruction[];
}

export interface Region {
  /** By offset in the page. */
  readonly blocks: readonly Block[];
}

/** The code of a page. */
export interface CodePage {
  /** The instruction at an offset, if it was decoded, lies in the page as a whole, and can be translated. */
  at(offset: number): PlacedInstruction | undefined;
  /** The instruction that ends right before this offset, under the same conditions. */
  before(offset: number): PlacedInstruction | undefined;
  /** The offset after an instruction that the interpreter has to do; undefined if none was decoded at `offset`. */
  behind(offset: number): number | undefined;
}

/** V8's optimizing compiler needs more than proportionally longer for long functions: 6 ms for 290 instructions, 28 ms for 1109. */
const MOST_INSTRUCTIONS = 400;

type Ending = 'branch' | 'jump' | 'indirect' | undefined;

export function endingOf({ instruction }: PlacedInstruction): Ending {
  if (instruction.format === 'B') return 'branch';
  if (instruction.format === 'J') return 'jump';
  return instruction.name === 'jalr' ? 'indirect' : undefined;
}

export const startOfBlock = ({ instructions }: Block): number => instructions[0]!.offset;
export const endOfBlock = ({ instructions }: Block): number => endOf(instructions.at(-1)!);

const endOf = (i: PlacedInstruction): number => i.offset + i.length;

/** The offsets at which execution may go on after the last instruction of a block, as far as the code shows. */
export function nextOf(last: PlacedInstruction): number[] {
  const target = last.offset + last.operands.imm;
  switch (endingOf(last)) {
    case 'branch':
      return [endOf(last), target];
    case 'jump':
      return [target];
    case 'indirect':
      return [];
    case undefined:
      return [endOf(last)];
  }
}

/** The offsets of code that is worth translating together with a block: after a call also the place to which it returns. */
function successors(last: PlacedInstruction): number[] {
  const calls = endingOf(last) !== 'branch' && last.operands.rd !== 0;
  return calls ? [...nextOf(last), endOf(last)] : nextOf(last);
}

/** Where the straight code that leads to this offset begins: perhaps at the entry of a function. */
function straightFrom(page: CodePage, offset: number): number {
  let start = offset;
  for (let n = 0; n < MOST_INSTRUCTIONS / 4; n++) {
    const before = page.before(start);
    if (!before || endingOf(before) === 'jump' || endingOf(before) === 'indirect') break;
    start = before.offset;
  }
  return start;
}

/** The region around an offset; undefined where nothing there can be translated. */
export function regionAround(page: CodePage, offset: number): Region | undefined {
  const code = new Map<number, PlacedInstruction>();
  const leaders = new Set<number>();
  const waiting = [straightFrom(page, offset), offset];
  for (let next = waiting.shift(); next !== undefined && code.size < MOST_INSTRUCTIONS; next = waiting.shift()) {
    leaders.add(next);
    waiting.push(...straightOn(page, next, code, leaders));
  }
  for (const left of waiting) leaders.add(left);
  return code.size === 0 ? undefined : { blocks: cut(code, leaders) };
}

/** Takes the code from an offset on, up to a branch or to code that was taken before. Returns the offsets at which it goes on. */
function straightOn(page: CodePage, offset: number, code: Map<number, PlacedInstruction>, leaders: Set<number>): readonly number[] {
  let at = offset;
  for (let i = page.at(at); i; i = page.at(at)) {
    if (code.has(at)) {
      leaders.add(at);
      return [];
    }
    code.set(at, i);
    if (endingOf(i)) return successors(i);
    at = endOf(i);
  }
  const behind = page.behind(at);
  return behind === undefined ? [] : [behind];
}

function cut(code: ReadonlyMap<number, PlacedInstruction>, leaders: ReadonlySet<number>): Block[] {
  const blocks: PlacedInstruction[][] = [];
  let open: PlacedInstruction[] | undefined;
  let end = -1;
  for (const offset of [...code.keys()].sort((a, b) => a - b)) {
    const i = code.get(offset)!;
    if (!open || offset !== end || leaders.has(offset)) {
      open = [];
      blocks.push(open);
    }
    open.push(i);
    end = endOf(i);
    if (endingOf(i)) open = undefined;
  }
  return blocks.map((instructions) => ({ instructions }));
}
