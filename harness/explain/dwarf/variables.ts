/**
 * Variables and parameters at an address, of which the compiler says that they, or parts of them, are constants there: what an optimizer has
 * made of an argument. Reference: DWARF 5, 4.1 (entries) and 2.6 (locations).
 * Left out: what is in registers or memory, since only constants are asked for.
 */
import { KEPT } from './budget.ts';
import { AT, TAG, VARIABLE_AT } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { locationAt } from './locations.ts';
import { covers, rangesOf } from './ranges.ts';
import type { DwarfSections } from './sections.ts';
import type { Entry, Unit } from './units.ts';

/** Some bytes of a variable. */
export interface VariablePart {
  readonly length: number;
  /** Undefined where they are no constant. */
  readonly value: bigint | undefined;
}

interface VariableAt {
  readonly entry: Entry;
  /** Functions around it, the outermost and its own counted. */
  readonly inside: number;
  readonly parts: readonly VariablePart[];
}

/** Where an entry is declared. */
export const DECLARED: ReadonlySet<number> = new Set([VARIABLE_AT.declFile, VARIABLE_AT.declLine]);
const WANTED: ReadonlySet<number> = new Set([AT.name, AT.lowPc, AT.highPc, AT.ranges, AT.abstractOrigin, VARIABLE_AT.location]);

/** How deep entries may be nested, and how many variables are looked at. */
const DEEPEST = 1000;
const MOST_VARIABLES = 256;

/** The variables of a function, and of what was inlined into it, whose scopes hold the address, and that consist of several known parts. */
export function readVariables(sections: DwarfSections, unit: Unit, { offset }: Entry, address: bigint): VariableAt[] {
  const found: VariableAt[] = [];
  /** For each level of nesting, how many functions are around it; undefined where its scope does not hold the address. */
  const around: (number | undefined)[] = [];
  for (const cursor = unit.entries(offset); !cursor.done && found.length < MOST_VARIABLES; ) {
    const entry = unit.read(cursor, WANTED);
    if (entry === undefined) {
      around.pop();
      if (around.length === 0) break;
      continue;
    }
    const outer = around.length === 0 ? 0 : around.at(-1);
    if (outer !== undefined && (entry.tag === TAG.variable || entry.tag === TAG.formalParameter)) {
      const parts = partsOf(sections, unit, entry, address);
      if (parts.length > 1) found.push({ entry, inside: outer, parts });
    }
    if (entry.hasChildren) {
      if (around.length === DEEPEST) cursor.fail('malformed');
      around.push(outer === undefined ? undefined : inner(sections, unit, entry, address, outer));
    } else if (around.length === 0) break;
  }
  return found;
}

function inner(sections: DwarfSections, unit: Unit, entry: Entry, address: bigint, outer: number): number | undefined {
  const isFunction = entry.tag === TAG.subprogram || entry.tag === TAG.inlinedSubroutine;
  if (!isFunction && entry.tag !== TAG.lexicalBlock) return undefined;
  const ranges = rangesOf(sections, unit, entry);
  if (ranges.length > 0 && !covers(ranges, address, sections.budget)) return undefined;
  return isFunction ? outer + 1 : outer;
}

function partsOf(sections: DwarfSections, unit: Unit, entry: Entry, address: bigint): VariablePart[] {
  const location = entry.attributes.get(VARIABLE_AT.location);
  const expression = location === undefined ? undefined : locationAt(sections, unit, location, address);
  if (expression === undefined) return [];
  sections.budget.keep(KEPT.entry + KEPT.attribute);
  return readParts(expression);
}

const OP = {
  const1u: 0x08,
  const1s: 0x09,
  const2u: 0x0a,
  const2s: 0x0b,
  const4u: 0x0c,
  const4s: 0x0d,
  const8u: 0x0e,
  const8s: 0x0f,
  constu: 0x10,
  lit0: 0x30,
  lit31: 0x4f,
  reg0: 0x50,
  reg31: 0x6f,
  piece: 0x93,
  stackValue: 0x9f,
} as const;

/** The parts of a location that consists of pieces, each a register or a constant; none if it has anything else. */
function readParts(cursor: Cursor): VariablePart[] {
  const parts: VariablePart[] = [];
  let constant: bigint | undefined;
  let value: bigint | undefined;
  while (!cursor.done) {
    const op = cursor.u8();
    if (op === OP.piece) {
      parts.push({ length: cursor.uleb(), value });
      [constant, value] = [undefined, undefined];
    } else if (op === OP.stackValue) value = constant;
    else if (op < OP.reg0 || op > OP.reg31) {
      constant = constantOf(op, cursor);
      if (constant === undefined) return [];
    }
  }
  return parts;
}

function constantOf(op: number, cursor: Cursor): bigint | undefined {
  if (op >= OP.lit0 && op <= OP.lit31) return BigInt(op - OP.lit0);
  switch (op) {
    case OP.const1u:
    case OP.const1s:
      return BigInt(cursor.u8());
    case OP.const2u:
    case OP.const2s:
      return BigInt(cursor.u16());
    case OP.const4u:
    case OP.const4s:
      return BigInt(cursor.u32());
    case OP.const8u:
    case OP.const8s:
      return cursor.u64();
    case OP.constu:
      return BigInt(cursor.uleb());
    default:
      return undefined;
  }
}
