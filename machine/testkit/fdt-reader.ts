/**
 * Reads a flattened device tree blob, for tests: independent of the builder, and strict about what the specification
 * demands (Devicetree Specification v0.4, chapter 5).
 */

export interface ReadNode {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly children: readonly ReadNode[];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Throws an Error if the blob breaks a rule. */
export function readFdt(blob: Uint8Array): ReadNode {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const field = (index: number) => view.getUint32(index * 4);
  const [totalSize, structure, strings, reservations] = [field(1), field(2), field(3), field(4)];
  demand(field(0) === 0xd00dfeed, 'magic');
  demand(field(5) === 17 && field(6) === 16, 'version');
  demand(totalSize <= blob.length, 'totalsize');
  demand(reservations % 8 === 0 && structure % 4 === 0, 'alignment');
  const stringsEnd = strings + field(8);
  demand(structure + field(9) <= totalSize && stringsEnd <= totalSize, 'blocks beyond the end');
  return new Reader(view, structure, strings, stringsEnd).root();
}

/** The node at a path such as `/soc/serial@10000000`; throws if there is none. */
export function nodeAt(root: ReadNode, path: string): ReadNode {
  let node = root;
  for (const name of path.split('/').filter(Boolean)) {
    const child = node.children.find((candidate) => candidate.name === name);
    demand(child !== undefined, `no node ${path}`);
    node = child;
  }
  return node;
}

export function readCells(property: Uint8Array | undefined): number[] {
  demand(property !== undefined && property.length % 4 === 0, 'not cells');
  const view = new DataView(property.buffer, property.byteOffset, property.byteLength);
  return Array.from({ length: property.length / 4 }, (_, index) => view.getUint32(index * 4));
}

export function readStrings(property: Uint8Array | undefined): string[] {
  demand(property !== undefined && property[property.length - 1] === 0, 'not strings');
  return decoder.decode(property.subarray(0, -1)).split('\0');
}

class Reader {
  readonly #view: DataView;
  readonly #strings: number;
  readonly #stringsEnd: number;
  #at: number;

  constructor(view: DataView, structure: number, strings: number, stringsEnd: number) {
    this.#view = view;
    this.#at = structure;
    this.#strings = strings;
    this.#stringsEnd = stringsEnd;
  }

  root(): ReadNode {
    demand(this.#word() === 1, 'begin of the root');
    const root = this.#node();
    demand(this.#word() === 9, 'end of the structure');
    return root;
  }

  #node(): ReadNode {
    const name = this.#string(this.#at);
    this.#skip(name.length + 1);
    const properties = new Map<string, Uint8Array>();
    const children: ReadNode[] = [];
    for (;;) {
      const token = this.#word();
      if (token === 2) return { name, properties, children };
      if (token === 1) {
        children.push(this.#node());
        continue;
      }
      demand(token === 3, `token ${token}`);
      demand(children.length === 0, 'a property after a child');
      const length = this.#word();
      const nameOffset = this.#word();
      demand(this.#strings + nameOffset < this.#stringsEnd, 'name outside the strings');
      properties.set(this.#string(this.#strings + nameOffset), new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, length));
      this.#skip(length);
    }
  }

  #word(): number {
    const word = this.#view.getUint32(this.#at);
    this.#at += 4;
    return word;
  }

  #skip(bytes: number): void {
    this.#at += bytes + (-bytes & 3);
  }

  #string(start: number): string {
    let end = start;
    while (this.#view.getUint8(end) !== 0) end++;
    return decoder.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, end - start));
  }
}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`device tree: ${what}`);
}
