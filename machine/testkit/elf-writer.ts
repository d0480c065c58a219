/**
 * Writes small ELF files for tests: valid ones by default, invalid ones on request.
 */

export interface ElfOptions {
  readonly segments?: readonly {
    address: bigint;
    bytes?: Uint8Array;
    memorySize?: bigint;
    fileSize?: bigint;
    offset?: bigint;
    type?: number;
    /** If it is not given, it differs from the physical address on purpose: only the physical address may decide where a segment goes. */
    virtualAddress?: bigint;
    /** 4 readable, 2 writable, 1 executable; none by default. */
    flags?: number;
  }[];
  readonly entry?: bigint;
  readonly class?: number;
  readonly data?: number;
  readonly machine?: number;
  readonly type?: number;
  readonly programHeaderSize?: number;
  readonly programHeaderOffset?: bigint;
  /** By name; or a list, where several have one name. */
  readonly symbols?: Readonly<Record<string, bigint>> | readonly (readonly [name: string, address: bigint])[];
}

const HEADER = 64;
const PROGRAM_HEADER = 56;
const SECTION_HEADER = 64;
const SYMBOL = 24;

type Symbols = NonNullable<ElfOptions['symbols']>;

function isList(symbols: Symbols | undefined): symbols is Extract<Symbols, readonly unknown[]> {
  return Array.isArray(symbols);
}

export function writeElf(options: ElfOptions = {}): Uint8Array<ArrayBuffer> {
  const segments = options.segments ?? [{ address: 0x8020_0000n, bytes: Uint8Array.of(1, 2, 3, 4) }];
  const symbols: readonly (readonly [name: string, address: bigint])[] = isList(options.symbols)
    ? options.symbols
    : Object.entries(options.symbols ?? {});
  const names = symbols.map(([name]) => name);
  const strings = new TextEncoder().encode(options.symbols ? `\0${names.map((name) => `${name}\0`).join('')}` : '');
  const dataStart = HEADER + segments.length * PROGRAM_HEADER;
  const symbolStart = dataStart + segments.reduce((size, { bytes }) => size + (bytes?.length ?? 0), 0);
  const stringStart = symbolStart + names.length * SYMBOL;
  const sectionStart = stringStart + strings.length;
  const file = new Uint8Array(sectionStart + (options.symbols ? 3 * SECTION_HEADER : 0));
  const view = new DataView(file.buffer);

  file.set([0x7f, 0x45, 0x4c, 0x46, options.class ?? 2, options.data ?? 1, 1]);
  view.setUint16(16, options.type ?? 2, true);
  view.setUint16(18, options.machine ?? 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, options.entry ?? 0n, true);
  view.setBigUint64(32, options.programHeaderOffset ?? BigInt(HEADER), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(54, options.programHeaderSize ?? PROGRAM_HEADER, true);
  view.setUint16(56, segments.length, true);

  let data = dataStart;
  segments.forEach((segment, index) => {
    const header = HEADER + index * PROGRAM_HEADER;
    const size = BigInt(segment.bytes?.length ?? 0);
    view.setUint32(header, segment.type ?? 1, true);
    view.setBigUint64(header + 8, segment.offset ?? BigInt(data), true);
    view.setUint32(header + 4, segment.flags ?? 0, true);
    view.setBigUint64(header + 16, segment.virtualAddress ?? 0xffff_ffc0_0000_0000n, true);
    view.setBigUint64(header + 24, segment.address, true);
    view.setBigUint64(header + 32, segment.fileSize ?? size, true);
    view.setBigUint64(header + 40, segment.memorySize ?? size, true);
    if (segment.bytes) file.set(segment.bytes, data);
    data += segment.bytes?.length ?? 0;
  });

  if (options.symbols) {
    view.setBigUint64(40, BigInt(sectionStart), true);
    view.setUint16(58, SECTION_HEADER, true);
    view.setUint16(60, 3, true);
    let nameOffset = 1;
    symbols.forEach(([name, value], index) => {
      view.setUint32(symbolStart + index * SYMBOL, nameOffset, true);
      // Any section will do, but none at all would say that the symbol is not defined here.
      view.setUint16(symbolStart + index * SYMBOL + 6, 1, true);
      view.setBigUint64(symbolStart + index * SYMBOL + 8, value, true);
      nameOffset += name.length + 1;
    });
    file.set(strings, stringStart);
    writeSection(view, sectionStart + SECTION_HEADER, { type: 2, offset: symbolStart, size: names.length * SYMBOL, link: 2 });
    writeSection(view, sectionStart + 2 * SECTION_HEADER, { type: 3, offset: stringStart, size: strings.length, link: 0 });
  }
  return file;
}

function writeSection(view: DataView, at: number, section: { type: number; offset: number; size: number; link: number }): void {
  view.setUint32(at + 4, section.type, true);
  view.setBigUint64(at + 24, BigInt(section.offset), true);
  view.setBigUint64(at + 32, BigInt(section.size), true);
  view.setUint32(at + 40, section.link, true);
}
