/**
 * Decoding in generated code: from instruction bits to the interpreter's entry, by a table (exec/decode-table.ts). A boot decodes tens of
 * thousands of instructions once, most of them before the host has optimized any TypeScript (docs/development/speed.md).
 */
import { MOVES, MOVES_BYTES, ROW, SHORT_LISTS, WIDE_LISTS } from '../layout/decode-table.ts';
import { DECODED_APART, DECODED_RAM, DECODED_SPAN, ENTRY } from '../layout/memory-map.ts';
import { countWork, slot32 } from '../layout/slot-access.ts';
import {
  block,
  branch,
  branchIf,
  type Callable,
  call,
  callVoid,
  choose,
  type I32,
  i32,
  type Local,
  label,
  loop,
  returns,
  type Statement,
  select,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { OPERATION, ownEntry } from './operations.ts';

/** How far one call decodes ahead; most straight runs of code are shorter. */
const AHEAD = 16;

const COMPRESSED_MASK = 3;
const isWide = (bits: I32): I32 => i32.eq(i32.and(bits, i32.const(COMPRESSED_MASK)), i32.const(COMPRESSED_MASK));

/** Emits `entry(address, bits) -> 1 where execution does not simply go on after it`: puts the entry of an instruction at an address. */
export function buildEntry(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i32', 'i32'], 'i32');
  const at = f.parameter(0, 'i32');
  const bits = f.parameter(1, 'i32');
  const list = f.local('i32');
  const row = f.local('i32');
  const zero = f.local('i32');
  const low = f.local('i32');
  const high = f.local('i32');
  const move = f.local('i32');
  const count = f.local('i32');
  const of = (name: keyof typeof ROW) => i32.load(row, ROW[name]);
  const under = (name: keyof typeof ROW) => i32.and(bits, of(name));
  const shifted = (by: number, mask: number) => i32.and(i32.shrU(bits, i32.const(by)), i32.const(mask));
  const next = label('next row');

  const moves = (counter: I32, word: Local<'i32'>): Statement[] => {
    const again = label('next move');
    const done = label('moved');
    return [
      count.set(counter),
      block(
        done,
        loop(
          again,
          branchIf(i32.eqz(count), done),
          word.set(i32.or(word, i32.rotl(i32.and(bits, i32.load(move)), i32.load(move, 4)))),
          move.set(i32.add(move, i32.const(8))),
          count.set(i32.sub(count, i32.const(1))),
          branch(again),
        ),
      ),
    ];
  };

  f.body(
    list.set(
      choose(
        isWide(bits),
        i32.load(i32.shl(i32.or(shifted(2, 31), shifted(7, 0xe0)), i32.const(2)), WIDE_LISTS),
        i32.load(i32.shl(i32.or(shifted(0, 3), shifted(11, 0x1c)), i32.const(2)), SHORT_LISTS),
      ),
    ),
    loop(
      next,
      row.set(i32.load(list)),
      list.set(i32.add(list, i32.const(4))),
      branchIf(
        i32.or(i32.and(i32.xor(bits, of('match')), of('mask')), i32.and(of('needs'), i32.xor(slot32('extensions'), i32.const(-1)))),
        next,
      ),
      branchIf(i32.or(i32.eq(under('exceptMask'), of('exceptMatch')), i32.eq(under('exceptMask2'), of('exceptMatch2'))), next),
    ),
    zero.set(i32.and(i32.ne(of('zeroMask'), i32.const(0)), i32.eqz(under('zeroMask')))),
    low.set(select(zero, of('lowIfZero'), of('low'))),
    move.set(of('moves')),
    high.set(i32.or(of('high'), select(i32.and(bits, i32.load(move, MOVES.signBit)), i32.load(move, MOVES.signs), i32.const(0)))),
    list.set(i32.load(move, MOVES.highs)),
    count.set(i32.load(move, MOVES.lows)),
    move.set(i32.add(move, i32.const(MOVES_BYTES))),
    ...moves(count, low),
    ...moves(list, high),
    i32.store(at, low),
    i32.store(at, high, 4),
    returns(i32.and(i32.shrU(of('leaves'), zero), i32.const(1))),
  );
  return f;
}

export interface DecodeParts {
  readonly entry: Callable<'i32'>;
  /** (entry, decoded page): TypeScript decodes. */
  readonly apart: Callable<undefined>;
}

/**
 * Emits `decode(entry, decoded page)`: decodes from an entry on, up to the first instruction after which execution goes on elsewhere, or that is
 * decoded already.
 */
export function buildDecode(module: ModuleBuilder, { entry, apart }: DecodeParts): Callable<undefined> {
  const f = module.function(['i32', 'i32'], undefined);
  const at = f.parameter(0, 'i32');
  const page = f.parameter(1, 'i32');
  const host = f.local('i32');
  const bits = f.local('i32');
  const left = f.local('i32');
  const length = f.local('i32');
  const next = label('next instruction');
  const end = i32.add(page, i32.const(DECODED_SPAN));
  const [low, high] = ownEntry(OPERATION.crossing, 0);

  f.body(
    when(i32.load(page, DECODED_APART), [callVoid(apart, at, page), returns()]),
    host.set(i32.add(i32.load(page, DECODED_RAM), i32.shrU(i32.sub(at, page), i32.const(2)))),
    left.set(i32.const(AHEAD)),
    loop(
      next,
      when(i32.or(i32.geU(at, end), i32.load(at)), [returns()]),
      countWork('decodings'),
      bits.set(i32.load16u(host)),
      length.set(i32.const(2)),
      when(isWide(bits), [
        // The rest of the instruction lies in the next page.
        when(i32.eq(at, i32.sub(end, i32.const(ENTRY))), [i32.store(at, i32.const(low)), i32.store(at, i32.const(high), 4), returns()]),
        bits.set(i32.load(host)),
        length.set(i32.const(4)),
      ]),
      when(call(entry, at, bits), [returns()]),
      host.set(i32.add(host, length)),
      at.set(i32.add(at, i32.mul(length, i32.const(ENTRY / 2)))),
      left.set(i32.sub(left, i32.const(1))),
      branchIf(left, next),
    ),
    returns(),
  );
  return f;
}
