/**
 * The slow paths of memory access: a TLB miss, a device, a page with decoded code, an access that is misaligned or crosses a page.
 * Each fills the TLB when the fast path may serve the next access to RAM; where the access traps, it sets `fault` and leaves cause and tval.
 * Misaligned loads and stores work, as in QEMU; a device sees them as several aligned accesses. Misaligned atomics trap. A store that
 * crosses a page stores nothing before both pages have been translated.
 */

import type { AccessWidth } from '../isa/instruction.ts';
import { decodedPage } from '../layout/decoded-page.ts';
import { markDirtyCode } from '../layout/dirty-pages.ts';
import { WATCHED, WATCHED_LOADS } from '../layout/memory-map.ts';
import { generated as ram } from '../layout/ram.ts';
import { countWork, setSlot32, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { TLB_TABLE, tlb } from '../layout/tlb.ts';
import { EXCEPTION, PAGE_BYTES } from '../spec/riscv.ts';
import {
  block,
  branch,
  branchIf,
  branchTable,
  type Callable,
  call,
  callVoid,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  loop,
  returns,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionBuilder, ModuleBuilder } from '../wasm/module.ts';
import type { LogCode, LoggedAccess } from './access-log.ts';
import { misaligned, pieceSize, toDevice } from './device-access.ts';
import { ACCESS, FAULT, raiseAccessFault, type StoreCalls } from './walk.ts';

export interface Bus {
  /** (physical address, width) -> value; sets the slot `busFault` if nothing answers. */
  readonly read: Callable<'i32'>;
  readonly write: Callable<undefined>;
  /**
   * (host address, width, low word of the value, or 0 for an atomic): called before a store to RAM while `recording` is set, and before a
   * store to a watched page.
   */
  readonly stored: Callable<undefined>;
  /** (host address, width): called before a load from a page of RAM whose loads are watched. */
  readonly loaded: Callable<undefined>;
}

export interface AccessParts {
  readonly bus: Bus;
  readonly calls: StoreCalls;
  /** In the variant of the module that logs accesses. Atomics are logged where they are done. */
  readonly log?: LogCode | undefined;
}

export interface AccessFunctions {
  /** (address, width) -> zero-extended value. */
  readonly load: Callable<'i64'>;
  /** (address, value, width). */
  readonly store: Callable<undefined>;
  /** (address, width, access) -> host address, or 0 after a fault. */
  readonly atomic: Callable<'i32'>;
  /** (address, width, access) -> whether the TLB now serves this access. An access that it cannot serve, or that traps, has no effect. */
  readonly refill: Callable<'i32'>;
}

const pageOf = (address: I64): I64 => tlb.tagOf(address);
const offsetInPage = (address: I64): I32 => i32.and(i32.wrap(address), i32.const(PAGE_BYTES - 1));

/** Whether one of the two maps marks the page of RAM as watched. */
const watched = (host: I32, map: number): I32 => {
  const page = ram.ramPageOf(host);
  return i32.and(i32.shrU(i32.load8u(i32.shrU(page, i32.const(3)), map), i32.and(page, i32.const(7))), i32.const(1));
};

/** Puts a page of RAM into one of the TLB's tables, unless memory protection divides it. */
const remember = (table: number, address: I64, host: I32, entry: Local<'i32'>): Statement =>
  when(i32.eqz(slot32('divided')), [
    entry.set(i32.add(tlb.entryOf(slot32('dataTlb'), address), i32.const(table))),
    tlb.fill(entry, pageOf(address), i32.sub(host, i32.wrap(address))),
  ]);

/** Both parts of an access that crosses a page are checked before either is made; a fault then names the address of the part that faults. */
function locateBoth(locate: Callable<'i64'>, address: I64, width: I32, access: number, fail: readonly Statement[]): Statement[] {
  const here = i32.sub(i32.const(PAGE_BYTES), offsetInPage(address));
  return [
    when(failed(call(locate, address, here, i32.const(access))), fail),
    when(failed(call(locate, pageOf(i64.add(address, i64.const(7))), i32.sub(width, here), i32.const(access))), fail),
  ];
}

/**
 * Before a store to RAM. A page that holds decoded code or is watched does not get into the TLB, since the fast path would hide later stores
 * to it. While stores are recorded, no page does.
 */
const beforeStore = (
  { bus, calls, entry }: { readonly bus: Bus; readonly calls: StoreCalls; readonly entry: Local<'i32'> },
  address: I64,
  host: I32,
  width: I32,
  value: I32,
): Statement[] => [
  when(
    i32.or(slot32('recording'), watched(host, WATCHED)),
    [callVoid(bus.stored, host, width, value)],
    [when(i32.eqz(decodedPage.of(host)), [remember(TLB_TABLE.store, address, host, entry)])],
  ),
  markDirtyCode(host, calls.keep),
  callVoid(calls.written, host, width),
];

/** Before a load from RAM: a page whose loads are watched does not get into the TLB, for the same reason. */
const beforeLoad = (bus: Bus, address: I64, host: I32, width: I32, entry: Local<'i32'>): Statement =>
  when(watched(host, WATCHED_LOADS), [callVoid(bus.loaded, host, width)], [remember(TLB_TABLE.load, address, host, entry)]);

/** One case for each width; the number of its trailing zeros selects it. */
function byWidth(width: I32, make: (width: AccessWidth) => Statement[]): Statement {
  const end = label('width');
  const widths: readonly AccessWidth[] = [1, 2, 4, 8];
  const labels = widths.map((w) => label(`width ${w}`));
  const dispatch = branchTable(i32.ctz(width), labels.slice(0, 3), labels[3]!);
  return block(
    end,
    widths.reduce((inner, w, n) => sequence(block(labels[n]!, inner), ...make(w), branch(end)), dispatch),
  );
}

const failed = (physical: I64): I32 => i64.eq(physical, i64.const(FAULT));

/** What the log says of an access on the slow path, where pc and budget are in their slots. */
const logged = (kind: LoggedAccess['kind'], width: I32, value?: I64): LoggedAccess => ({
  kind,
  width,
  pc: slot64('pc'),
  budget: slot32('budget'),
  value,
});

function buildLoad(module: ModuleBuilder, locate: Callable<'i64'>, { bus, log }: AccessParts): Callable<'i64'> {
  const f: FunctionBuilder<'i64'> = module.function(['i64', 'i32'], 'i64');
  const address = f.parameter(0, 'i64');
  const width = f.parameter(1, 'i32');
  const physical = f.local('i64');
  const host = f.local('i32');
  const entry = f.local('i32');
  const value = f.local('i64');
  const part = f.local('i64');
  const piece = f.local('i32');
  const done = f.local('i32');
  const next = label('next byte');
  const nextPiece = label('next piece');
  const fail = [setSlot32('fault', i32.const(1)), returns(i64.const(0))];

  f.body(
    countWork('slowAccesses'),
    when(i32.gtU(i32.add(offsetInPage(address), width), i32.const(PAGE_BYTES)), [
      ...locateBoth(locate, address, width, ACCESS.load, fail),
      loop(
        next,
        part.set(call(f, i64.add(address, i64.extendU(done)), i32.const(1))),
        when(slot32('fault'), [returns(i64.const(0))]),
        value.set(i64.or(value, i64.shl(part, i64.extendU(i32.shl(done, i32.const(3)))))),
        done.set(i32.add(done, i32.const(1))),
        branchIf(i32.ltU(done, width), next),
      ),
      returns(value),
    ]),
    physical.set(call(locate, address, width, i32.const(ACCESS.load))),
    when(failed(physical), fail),
    when(ram.inRam(physical), [
      host.set(ram.hostOf(physical)),
      beforeLoad(bus, address, host, width, entry),
      ...(log ? [log.ram(logged('load', width), host)] : []),
      byWidth(width, (w) => [returns(LOADS[w](host))]),
    ]),
    when(misaligned(physical, width), [
      loop(
        nextPiece,
        piece.set(pieceSize(i64.add(address, i64.extendU(done)), i32.sub(width, done))),
        part.set(call(f, i64.add(address, i64.extendU(done)), piece)),
        when(slot32('fault'), [returns(i64.const(0))]),
        value.set(i64.or(value, i64.shl(part, i64.extendU(i32.shl(done, i32.const(3)))))),
        done.set(i32.add(done, piece)),
        branchIf(i32.ltU(done, width), nextPiece),
      ),
      returns(value),
    ]),
    ...(log ? [log.device(logged('device-load', width), physical)] : []),
    ...toDevice(
      physical,
      (low) => [
        when(
          i32.eq(width, i32.const(8)),
          [
            value.set(i64.extendU(call(bus.read, low, i32.const(8)))),
            value.set(i64.or(value, i64.shl(i64.extendU(call(bus.read, i32.add(low, i32.const(4)), i32.const(4))), i64.const(32)))),
          ],
          [value.set(i64.extendU(call(bus.read, low, width)))],
        ),
      ],
      raiseAccessFault(i32.const(ACCESS.load), address),
    ),
    returns(value),
  );
  return f;
}

const LOADS: Record<AccessWidth, (host: I32) => I64> = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load };
const STORES: Record<AccessWidth, (host: I32, value: I64) => Statement> = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store };

function buildStore(module: ModuleBuilder, locate: Callable<'i64'>, { bus, calls, log }: AccessParts): Callable<undefined> {
  const f: FunctionBuilder<undefined> = module.function(['i64', 'i64', 'i32'], undefined);
  const address = f.parameter(0, 'i64');
  const value = f.parameter(1, 'i64');
  const width = f.parameter(2, 'i32');
  const physical = f.local('i64');
  const host = f.local('i32');
  const entry = f.local('i32');
  const done = f.local('i32');
  const piece = f.local('i32');
  const next = label('next byte');
  const nextPiece = label('next piece');
  const fail = [setSlot32('fault', i32.const(1)), returns()];

  f.body(
    countWork('slowAccesses'),
    when(i32.gtU(i32.add(offsetInPage(address), width), i32.const(PAGE_BYTES)), [
      ...locateBoth(locate, address, width, ACCESS.store, fail),
      loop(
        next,
        callVoid(f, i64.add(address, i64.extendU(done)), i64.shrU(value, i64.extendU(i32.shl(done, i32.const(3)))), i32.const(1)),
        when(slot32('fault'), [returns()]),
        done.set(i32.add(done, i32.const(1))),
        branchIf(i32.ltU(done, width), next),
      ),
      returns(),
    ]),
    physical.set(call(locate, address, width, i32.const(ACCESS.store))),
    when(failed(physical), fail),
    when(ram.inRam(physical), [
      host.set(ram.hostOf(physical)),
      ...beforeStore({ bus, calls, entry }, address, host, width, i32.wrap(value)),
      ...(log ? [log.ram(logged('store', width, value), host)] : []),
      byWidth(width, (w) => [STORES[w](host, value)]),
      returns(),
    ]),
    when(misaligned(physical, width), [
      loop(
        nextPiece,
        piece.set(pieceSize(i64.add(address, i64.extendU(done)), i32.sub(width, done))),
        callVoid(f, i64.add(address, i64.extendU(done)), i64.shrU(value, i64.extendU(i32.shl(done, i32.const(3)))), piece),
        when(slot32('fault'), [returns()]),
        done.set(i32.add(done, piece)),
        branchIf(i32.ltU(done, width), nextPiece),
      ),
      returns(),
    ]),
    ...(log ? [log.device(logged('device-store', width, value), physical)] : []),
    ...toDevice(
      physical,
      (low) => [
        when(
          i32.eq(width, i32.const(8)),
          [
            callVoid(bus.write, low, i32.const(8), i32.wrap(value)),
            callVoid(bus.write, i32.add(low, i32.const(4)), i32.const(4), i32.wrap(i64.shrU(value, i64.const(32)))),
          ],
          [callVoid(bus.write, low, width, i32.wrap(value))],
        ),
      ],
      raiseAccessFault(i32.const(ACCESS.store), address),
    ),
    returns(),
  );
  return f;
}

/** Atomics are for RAM only: at a device they fault, as on QEMU's `virt`. */
function buildAtomic(module: ModuleBuilder, locate: Callable<'i64'>, bus: Bus, calls: StoreCalls): Callable<'i32'> {
  const f = module.function(['i64', 'i32', 'i32'], 'i32');
  const address = f.parameter(0, 'i64');
  const width = f.parameter(1, 'i32');
  const access = f.parameter(2, 'i32');
  const physical = f.local('i64');
  const host = f.local('i32');
  const entry = f.local('i32');
  const fail = [setSlot32('fault', i32.const(1)), returns(i32.const(0))];
  const isLoad = i32.eq(access, i32.const(ACCESS.load));
  f.body(
    countWork('slowAccesses'),
    when(i32.and(i32.wrap(address), i32.sub(width, i32.const(1))), [
      setSlot64('tval', address),
      setSlot64('cause', i64.const(EXCEPTION.storeMisaligned)),
      when(isLoad, [setSlot64('cause', i64.const(EXCEPTION.loadMisaligned))]),
      ...fail,
    ]),
    physical.set(call(locate, address, width, access)),
    when(failed(physical), fail),
    when(i32.eqz(ram.inRam(physical)), [...raiseAccessFault(access, address), returns(i32.const(0))]),
    host.set(ram.hostOf(physical)),
    when(isLoad, [beforeLoad(bus, address, host, width, entry)], beforeStore({ bus, calls, entry }, address, host, width, i32.const(0))),
    returns(host),
  );
  return f;
}

/** For translated code, which leaves everything but plain accesses to RAM to the interpreter. */
function buildRefill(module: ModuleBuilder, locate: Callable<'i64'>, { keep }: StoreCalls): Callable<'i32'> {
  const f = module.function(['i64', 'i32', 'i32'], 'i32');
  const address = f.parameter(0, 'i64');
  const width = f.parameter(1, 'i32');
  const access = f.parameter(2, 'i32');
  const physical = f.local('i64');
  const host = f.local('i32');
  const entry = f.local('i32');
  const codeStores = f.local('i32');
  const no = [returns(i32.const(0))];
  f.body(
    when(misaligned(address, width), no),
    codeStores.set(slot32('codeStores')),
    physical.set(call(locate, address, width, access)),
    when(failed(physical), [setSlot32('fault', i32.const(0)), ...no]),
    // The walk has set an A or D bit in memory that is code as well. It may be the code that is running: the interpreter has to decode it anew.
    when(i32.ne(codeStores, slot32('codeStores')), no),
    when(i32.or(i32.eqz(ram.inRam(physical)), slot32('divided')), no),
    host.set(ram.hostOf(physical)),
    when(
      i32.eq(access, i32.const(ACCESS.load)),
      [when(watched(host, WATCHED_LOADS), no), remember(TLB_TABLE.load, address, host, entry)],
      [
        when(i32.or(i32.or(slot32('recording'), watched(host, WATCHED)), decodedPage.of(host)), no),
        remember(TLB_TABLE.store, address, host, entry),
        markDirtyCode(host, keep),
      ],
    ),
    // An access that is left to the interpreter is counted there.
    countWork('slowAccesses'),
    returns(i32.const(1)),
  );
  return f;
}

export function buildAccess(module: ModuleBuilder, locate: Callable<'i64'>, parts: AccessParts): AccessFunctions {
  const { bus, calls } = parts;
  return {
    load: buildLoad(module, locate, parts),
    store: buildStore(module, locate, parts),
    atomic: buildAtomic(module, locate, bus, calls),
    refill: buildRefill(module, locate, calls),
  };
}
