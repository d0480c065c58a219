/**
 * Stores into decoded code: the hart forgets the decoded instructions whose bytes were stored to. For decoded pages see
 * exec/decoded-pages.ts.
 */
import { decodedPage } from '../layout/decoded-page.ts';
import { DECODED_STORES, DECODED_TRANSLATED, ENTRY } from '../layout/memory-map.ts';
import { countWork } from '../layout/slot-access.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import { branchIf, type Callable, callVoid, type I32, i32, i64, label, loop, returns, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

/** What is called for stores to pages with decoded code, with the decoded page. */
export interface CodeWatch {
  /** Before a store that changes translated code. */
  readonly codeChanged: Callable<undefined>;
  /** After many stores. */
  readonly manyStores: Callable<undefined>;
}

/** After so many stores to a page of code, `manyStores` is called: the page may not hold code any more. */
const MANY_STORES = 128;

/** (host address, length): forgets what was decoded from these bytes of RAM. */
export function buildWritten(module: ModuleBuilder, { codeChanged, manyStores }: CodeWatch): Callable<undefined> {
  const f = module.function(['i32', 'i32'], undefined);
  const host = f.parameter(0, 'i32');
  const length = f.parameter(1, 'i32');
  const page = f.local('i32');
  const from = f.local('i32');
  const to = f.local('i32');
  const changed = f.local('i64');
  const next = label('next entry');
  const entryOf = (address: I32) => i32.shl(i32.shrU(i32.and(address, i32.const(PAGE_BYTES - 1)), i32.const(1)), i32.const(3));
  f.body(
    page.set(decodedPage.of(host)),
    when(i32.eqz(page), [returns()]),
    countWork('codeStores'),
    // A 4-byte instruction may begin in the halfword before the stored bytes.
    from.set(entryOf(host)),
    when(from, [from.set(i32.sub(from, i32.const(ENTRY)))]),
    to.set(entryOf(i32.sub(i32.add(host, length), i32.const(1)))),
    loop(
      next,
      changed.set(i64.or(changed, i64.load(i32.add(page, from)))),
      i64.store(i32.add(page, from), i64.const(0)),
      from.set(i32.add(from, i32.const(ENTRY))),
      branchIf(i32.leU(from, to), next),
    ),
    // A store to data that share the page with code does not end the translation.
    when(i32.and(i64.ne(changed, i64.const(0)), i32.ne(i32.load(page, DECODED_TRANSLATED), i32.const(0))), [callVoid(codeChanged, page)]),
    i32.store(page, i32.add(i32.load(page, DECODED_STORES), i32.const(1)), DECODED_STORES),
    when(i32.eq(i32.load(page, DECODED_STORES), i32.const(MANY_STORES)), [callVoid(manyStores, page)]),
    returns(),
  );
  return f;
}
