/**
 * Builds a flattened device tree blob (version 17).
 *
 * Reference: Devicetree Specification v0.4, chapter 5. Left out: memory reservations (the board has none), and phandles by
 * label: whoever builds the tree chooses the number of a phandle.
 */

export interface FdtNode {
  /** The name with its unit address; empty for the root. */
  readonly name: string;
  /** In the order of the blob. */
  readonly properties: Readonly<Record<string, Uint8Array>>;
  readonly children: readonly FdtNode[];
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_SIZE = 40;
const RESERVATION_SIZE = 16;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const END = 9;

const encoder = new TextEncoder();

export function node(name: string, properties: Readonly<Record<string, Uint8Array>>, children: readonly FdtNode[] = []): FdtNode {
  return { name, properties, children };
}

/** 32-bit big-endian cells; a bigint takes two cells, the high half first. */
export function cells(...values: readonly (number | bigint)[]): Uint8Array {
  return concat(
    values.map((value) => (typeof value === 'bigint' ? be32(Number(value >> 32n), Number(value & 0xffff_ffffn)) : be32(value))),
  );
}

/** NUL-terminated strings, one after the other. */
export function text(...strings: readonly string[]): Uint8Array {
  return encoder.encode(strings.map((string) => `${string}\0`).join(''));
}

/** A property without a value: its presence is what it says. */
export function flag(): Uint8Array {
  return new Uint8Array(0);
}

/** The blob, without slack at its end. */
export function encodeFdt(root: FdtNode): Uint8Array {
  const strings = new StringTable();
  const structure = concat([...encodeNode(root, strings), be32(END)]);
  const names = strings.bytes();
  const structureOffset = HEADER_SIZE + RESERVATION_SIZE;
  const stringsOffset = structureOffset + structure.length;
  const header = be32(
    MAGIC,
    stringsOffset + names.length,
    structureOffset,
    stringsOffset,
    HEADER_SIZE,
    VERSION,
    LAST_COMPATIBLE_VERSION,
    0, // boot_cpuid_phys
    names.length,
    structure.length,
  );
  return concat([header, new Uint8Array(RESERVATION_SIZE), structure, names]);
}

function encodeNode(tree: FdtNode, strings: StringTable): Uint8Array[] {
  const properties = Object.entries(tree.properties).flatMap(([name, value]) => [
    be32(PROPERTY, value.length, strings.offset(name)),
    padded(value),
  ]);
  const children = tree.children.flatMap((child) => encodeNode(child, strings));
  return [be32(BEGIN_NODE), padded(text(tree.name)), ...properties, ...children, be32(END_NODE)];
}

/** Property names, each stored once. */
class StringTable {
  readonly #offsets = new Map<string, number>();
  #size = 0;

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#size;
    this.#offsets.set(name, offset);
    this.#size += text(name).length;
    return offset;
  }

  bytes(): Uint8Array {
    return text(...this.#offsets.keys());
  }
}

function be32(...words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, index) => {
    view.setUint32(index * 4, word);
  });
  return new Uint8Array(view.buffer);
}

function padded(bytes: Uint8Array): Uint8Array {
  return concat([bytes, new Uint8Array(-bytes.length & 3)]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
