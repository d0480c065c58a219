/**
 * Code that was decoded, as stores see it: a store into a page with decoded instructions makes the hart forget those concerned.
 * What the decoded pages are, exec/decoded-pages.ts says.
 */
import { decodedPage } from '../layout/decoded-page.ts';
import { countWork } from '../layout/slots.ts';
import { DECODED_STORES, DECODED_TRANSLATED, ENTRY } from '../layout/state.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import { branchIf, type Callable, callVoid, type I32, i32, i64, label, loop, returns, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

/** What is told of stores to pages with decoded code: (decoded page). */
export interface CodeWatch {
  /** Before code changes of which there is a translation. */
  readonly codeChanged: Callable<undefined>;
  /** After many stores. */
  readonly manyStores: Callable<undefined>;
}

/** A page with code that was stored to so often is looked at: it may hold code no more. */
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
    // A 4-byte instruction may begin in the halfword before.
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
    // Data that share a page with code are no reason to translate it anew.
    when(i32.and(i64.ne(changed, i64.const(0)), i32.ne(i32.load(page, DECODED_TRANSLATED), i32.const(0))), [callVoid(codeChanged, page)]),
    i32.store(page, i32.add(i32.load(page, DECODED_STORES), i32.const(1)), DECODED_STORES),
    when(i32.eq(i32.load(page, DECODED_STORES), i32.const(MANY_STORES)), [callVoid(manyStores, page)]),
    returns(),
  );
  return f;
}
