import { describe, expect, it } from 'vitest';
import { createDecoder, isCompressed } from '../isa/decoder.ts';
import { INSTRUCTIONS } from '../isa/index.ts';
import { EXTENSIONS, type Extension, extensionBits } from '../isa/instruction.ts';
import { createMemory, RAM } from '../layout/memory-map.ts';
import { HartState } from '../layout/state.ts';
import { Random } from '../testkit/random.ts';
import { type CoreImports, instantiate } from './core.ts';
import { encodeEntry, leavesStraightPath, OPERATION, OPERATION_MASK, ownEntry } from './operations.ts';

/** Nothing of it is called. */
const NOTHING = () => 0;
const IMPORTED = ['busRead', 'busWrite', 'stored', 'loaded', 'newPage', 'codeChanged', 'manyStores', 'keepPage', 'decodeApart', 'reached'];
const imports = Object.fromEntries([...IMPORTED, 'crossing', 'accessLogFull'].map((name) => [name, NOTHING])) as unknown as CoreImports;

/** What generated code decodes for these extensions: the entry's words, and whether execution goes on elsewhere. */
function generatedDecoder(enabled: ReadonlySet<Extension>) {
  const state = new HartState(createMemory(0x10000));
  const core = instantiate('ordinary', state.memory, new WebAssembly.Table({ element: 'anyfunc', initial: 0 }), imports);
  state.setSmall('extensions', extensionBits(enabled));
  return (bits: number): string => {
    const leaves = core.entry(RAM, bits);
    return String([state.view.getInt32(RAM, true), state.view.getInt32(RAM + 4, true), leaves]);
  };
}

/** The same by way of the instruction and its operands. */
function decoderByTable(enabled: ReadonlySet<Extension>) {
  const decode = createDecoder(enabled);
  const compressed = enabled.has('c');
  return (bits: number): string => {
    const decoded = decode(bits);
    const [low, high] = decoded
      ? encodeEntry(decoded.instruction, decoded.operands, decoded.length, { compressed })
      : ownEntry(OPERATION.illegal, 4, bits);
    return String([low | 0, high | 0, Number(leavesStraightPath(low & OPERATION_MASK))]);
  };
}

const SETS: readonly (readonly [string, ReadonlySet<Extension>])[] = [
  ['all extensions', new Set(EXTENSIONS)],
  ['no compressed instructions', new Set(EXTENSIONS.filter((e) => e !== 'c'))],
  ['no floating point', new Set(EXTENSIONS.filter((e) => e !== 'f' && e !== 'd'))],
  ['the base alone', new Set<Extension>(['i', 'system'])],
];

describe.each(SETS)('generated code decodes as the table of instructions says, with %s:', (_, enabled) => {
  const [generated, byTable] = [generatedDecoder(enabled), decoderByTable(enabled)];
  const differing = (encodings: Iterable<number>) =>
    [...encodings].flatMap((bits) => (generated(bits) === byTable(bits) ? [] : [[bits.toString(16), generated(bits), byTable(bits)]]));

  it('every halfword', () => {
    expect(differing(Array.from({ length: 0x10000 }, (_unused, bits) => bits).filter(isCompressed))).toEqual([]);
  });

  it('every instruction of 32 bits, with any operands', () => {
    const random = new Random(1);
    const encodings = INSTRUCTIONS.flatMap(({ match, mask }) =>
      [0, 0xffffffff, ...Array.from({ length: 50 }, () => random.below(2 ** 32))].flatMap((bits) => {
        const any = (match | (bits & ~mask)) >>> 0;
        // With rd = x0 there is a different operation, or none.
        return [any, (any & ~(~mask & 0xf80)) >>> 0];
      }),
    );
    expect(differing(encodings)).toEqual([]);
  });

  it('bits that are no instruction', () => {
    const random = new Random(7);
    expect(differing(Array.from({ length: 5000 }, () => (random.below(2 ** 32) | 3) >>> 0))).toEqual([]);
    expect(generated(0)).toBe(String([...ownEntry(OPERATION.illegal, 4, 0), 1]));
  });
});
