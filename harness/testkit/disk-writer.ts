/** Numbers and bytes that tests put into disk images, all in little-endian order. */
export class DiskWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(at: number, value: number): this {
    this.#view.setUint8(at, value);
    return this;
  }

  u16(at: number, value: number): this {
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(at: number, ...values: number[]): this {
    for (const [index, value] of values.entries()) this.#view.setUint32(at + 4 * index, value, true);
    return this;
  }

  get16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  get32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  put(at: number, content: string | Uint8Array): this {
    this.bytes.set(typeof content === 'string' ? Buffer.from(content) : content, at);
    return this;
  }

  /** Sets or clears bit `index` of the bitmap at `at`. */
  bit(at: number, index: number, value: 0 | 1): this {
    const byte = at + (index >> 3);
    const mask = 1 << (index & 7);
    return this.u8(byte, value === 1 ? this.bytes[byte]! | mask : this.bytes[byte]! & ~mask);
  }
}

/** Paths without the leading `/`, with what the files hold; a folder is one that another path goes through, or that ends with `/`. */
export type MadeFiles = Readonly<Record<string, string | Uint8Array>>;

export function contentOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content;
}

/** Every folder and file of the paths, folders before what they hold. The root has the path ''. */
export function treeOf(files: MadeFiles): { path: string; name: string; parent: string; content: Uint8Array | null }[] {
  const made = new Map<string, Uint8Array | null>([['', null]]);
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) made.set(parts.slice(0, depth).join('/'), null);
    if (!path.endsWith('/')) made.set(path, contentOf(content));
  }
  return [...made].map(([path, content]) => {
    const cut = path.lastIndexOf('/');
    return { path, name: path.slice(cut + 1), parent: cut === -1 ? '' : path.slice(0, cut), content };
  });
}
