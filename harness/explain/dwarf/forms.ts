/**
 * Attribute values: how many bytes a form takes, and what it says. Values that need a base of their unit (an index into strings or
 * addresses) stay as they are until they are asked for, as the base may be an attribute that follows.
 * Reference: DWARF 5, 7.5.5 and 7.5.6; version 4's sec_offset and its like are the same.
 */
import type { Cursor } from './cursor.ts';

export type FormClass =
  | 'address'
  | 'addressIndex'
  | 'constant'
  | 'offset'
  | 'unitReference'
  | 'infoReference'
  | 'listIndex'
  | 'block'
  | StringClass;
type StringClass = 'string' | 'strOffset' | 'lineStrOffset' | 'strIndex';

/** A value as it stands; `number` holds every class but address and string: of a block, the offset in its section. */
export interface FormValue {
  readonly class: FormClass;
  readonly number: number;
  /** Of a block, in bytes. */
  readonly length: number;
  readonly address: bigint;
  readonly text: string;
}

export interface UnitFormat {
  readonly version: number;
  readonly is64: boolean;
  readonly addressSize: number;
}

interface Form {
  /** Reads the value, or only skips it if its class is not used here. */
  readonly read: (cursor: Cursor, format: UnitFormat) => number | bigint | string | undefined;
  readonly class?: FormClass;
}

/** For values that are only skipped. */
const nothing = (_: unknown): undefined => undefined;

const offset: Form['read'] = (cursor, { is64 }) => cursor.offset(is64);
const skip = (length: number): Form => ({ read: (cursor) => nothing(cursor.skip(length)) });
const block = (length: (cursor: Cursor) => number): Form => ({ class: 'block', read: (cursor) => cursor.skip(length(cursor)) });
const constant = (read: (cursor: Cursor) => number): Form => ({ class: 'constant', read });
const of = (name: FormClass, read: Form['read']): Form => ({ class: name, read });

/** Values of more than 2^48 are nothing that is asked for: a line, a file, a length. */
const data8 = (cursor: Cursor): number => {
  const value = cursor.u64();
  return value > 0xffff_ffff_ffffn ? 0 : Number(value);
};

/** LEB128 constants may have 64 bits, but those that are used here are small. */
const leb = (cursor: Cursor): number => {
  const from = cursor.at;
  cursor.skipLeb();
  const end = cursor.at;
  if (end - from > 7) return 0;
  cursor.at = from;
  return cursor.uleb();
};

const FORMS: Readonly<Record<number, Form>> = {
  1: of('address', (c, { addressSize }) => c.address(addressSize)), // addr
  3: block((c) => c.u16()), // block2
  4: block((c) => c.u32()), // block4
  5: constant((c) => c.u16()), // data2
  6: constant((c) => c.u32()), // data4
  7: constant(data8), // data8
  8: of('string', (c) => c.string()), // string
  9: block((c) => c.uleb()), // block
  10: block((c) => c.u8()), // block1
  11: constant((c) => c.u8()), // data1
  12: skip(1), // flag
  13: { read: (c) => nothing(c.skipLeb()) }, // sdata
  14: of('strOffset', offset), // strp
  15: constant(leb), // udata
  16: of('infoReference', (c, { version, addressSize, is64 }) => (version < 3 ? Number(c.address(addressSize)) : c.offset(is64))), // ref_addr
  17: of('unitReference', (c) => c.u8()), // ref1
  18: of('unitReference', (c) => c.u16()), // ref2
  19: of('unitReference', (c) => c.u32()), // ref4
  20: of('unitReference', data8), // ref8
  21: of('unitReference', (c) => c.uleb()), // ref_udata
  23: of('offset', offset), // sec_offset
  24: block((c) => c.uleb()), // exprloc
  25: { read: () => undefined }, // flag_present
  26: of('strIndex', (c) => c.uleb()), // strx
  27: of('addressIndex', (c) => c.uleb()), // addrx
  28: skip(4), // ref_sup4
  29: { read: (c, { is64 }) => nothing(c.offset(is64)) }, // strp_sup
  30: skip(16), // data16
  31: of('lineStrOffset', offset), // line_strp
  32: skip(8), // ref_sig8
  33: { read: () => undefined }, // implicit_const: the value is in the abbreviation
  34: of('listIndex', (c) => c.uleb()), // loclistx
  35: of('listIndex', (c) => c.uleb()), // rnglistx
  36: skip(8), // ref_sup8
  37: of('strIndex', (c) => c.u8()), // strx1
  38: of('strIndex', (c) => c.u16()), // strx2
  39: of('strIndex', (c) => c.u24()), // strx3
  40: of('strIndex', (c) => c.u32()), // strx4
  41: of('addressIndex', (c) => c.u8()), // addrx1
  42: of('addressIndex', (c) => c.u16()), // addrx2
  43: of('addressIndex', (c) => c.u24()), // addrx3
  44: of('addressIndex', (c) => c.u32()), // addrx4
};

const INDIRECT = 0x16;
export const IMPLICIT_CONST = 0x21;

/** Reads a value; undefined if its form has none that is used here. Throws DwarfError for a form that is not known. */
export function readForm(cursor: Cursor, form: number, format: UnitFormat, implicit: number): FormValue | undefined {
  if (form === IMPLICIT_CONST) return { class: 'constant', number: implicit, length: 0, address: 0n, text: '' };
  const actual = form === INDIRECT ? cursor.uleb() : form;
  const known = FORMS[actual];
  if (known === undefined) return cursor.fail('unsupported');
  const value = known.read(cursor, format);
  if (known.class === undefined || value === undefined) return undefined;
  return {
    class: known.class,
    length: known.class === 'block' ? cursor.at - Number(value) : 0,
    number: typeof value === 'number' ? value : 0,
    address: typeof value === 'bigint' ? value : 0n,
    text: typeof value === 'string' ? value : '',
  };
}
