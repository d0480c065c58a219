/**
 * `translate`: from a virtual to a physical address, by walking the page table in guest RAM.
 * Reference: RISC-V Privileged Architecture, "Virtual Address Translation Process" (its steps are numbered here), Svadu and Svade for
 * the A and D bits, Svnapot, and Svpbmt, whose types of memory make no difference here: there are no caches, and accesses are in order.
 */

import { markDirtyCode } from '../layout/dirty-pages.ts';
import { generated as ram } from '../layout/ram.ts';
import { has, setSlot32, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import {
  EXCEPTION,
  NAPOT,
  PAGE_SHIFT,
  PAGE_TABLE,
  PRIVILEGE,
  PTE,
  PTE_N,
  PTE_PBMT,
  PTE_PPN_MASK,
  PTE_PPN_SHIFT,
  STATUS,
} from '../spec/riscv.ts';
import {
  block,
  branch,
  branchIf,
  type Callable,
  call,
  callVoid,
  type I32,
  type I64,
  i32,
  i64,
  label,
  loop,
  returns,
  type Statement,
  select,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { dataPrivilege } from './context.ts';

const NAPOT_MASK = (1n << BigInt(NAPOT.bits)) - 1n;

export const ACCESS = { fetch: 0, load: 1, store: 2 } as const;

/** The result of `translate` when the access faults; `cause` and `tval` say why. */
export const FAULT = -1n;

const byAccess = (access: I32, fetch: number, load: number, store: number): I64 =>
  select(
    i32.eq(access, i32.const(ACCESS.fetch)),
    i64.const(fetch),
    select(i32.eq(access, i32.const(ACCESS.load)), i64.const(load), i64.const(store)),
  );

const raise = (cause: I64, address: I64): Statement[] => [
  setSlot64('cause', cause),
  setSlot64('tval', address),
  setSlot32('fault', i32.const(1)),
];

/** Records a page fault for `access`. */
export const raisePageFault = (access: I32, address: I64): Statement[] =>
  raise(byAccess(access, EXCEPTION.instructionPage, EXCEPTION.loadPage, EXCEPTION.storePage), address);

export const raiseAccessFault = (access: I32, address: I64): Statement[] =>
  raise(byAccess(access, EXCEPTION.instructionAccess, EXCEPTION.loadAccess, EXCEPTION.storeAccess), address);

/** What is called where RAM is stored to. */
export interface StoreCalls {
  /** (host address, length): the bytes may be code. A page table may be, too. */
  readonly written: Callable<undefined>;
  /** (number of a page of RAM): before the first store to it, while the slot `keeping` is set. */
  readonly keep: Callable<undefined>;
}

/**
 * (virtual address, access) -> physical address or FAULT.
 * @param protection buildProtection's: the walk reads and writes page tables as S mode does
 */
export function buildTranslate(module: ModuleBuilder, protection: Callable<'i32'>, { written, keep }: StoreCalls): Callable<'i64'> {
  const f = module.function(['i64', 'i32'], 'i64');
  const address = f.parameter(0, 'i64');
  const access = f.parameter(1, 'i32');
  const privilege = f.local('i32');
  const level = f.local('i32');
  const table = f.local('i64');
  const entry = f.local('i32');
  const pte = f.local('i64');
  const status = f.local('i64');
  const shift = f.local('i64');
  const pageFault = label('page fault');
  const accessFault = label('access fault');
  const leaf = label('leaf');
  const walk = label('walk');
  const unless = (condition: I32) => branchIf(i32.eqz(condition), pageFault);
  const is = (kind: number) => i32.eq(access, i32.const(kind));
  const levelBits = i64.mul(i64.extendU(level), i64.const(PAGE_TABLE.indexBits));
  const wanted = f.local('i64');
  const entryAddress = f.local('i64');
  const mayTouch = (kind: number) => call(protection, entryAddress, i32.const(8), i32.const(kind), i32.const(PRIVILEGE.supervisor));

  f.body(
    status.set(slot64('mstatus')),
    privilege.set(select(is(ACCESS.fetch), slot32('privilege'), dataPrivilege(status))),
    when(i32.or(i32.eq(privilege, i32.const(PRIVILEGE.machine)), i32.eqz(slot32('levels'))), [
      // -1 means FAULT, so the address -1 must fault by itself; no memory is there.
      when(i64.eq(address, i64.const(FAULT)), raiseAccessFault(access, address)),
      returns(address),
    ]),
    block(
      accessFault,
      block(
        pageFault,
        level.set(slot32('levels')),
        // The bits above the translated ones must all equal the highest translated one.
        shift.set(i64.sub(i64.const(64 - PAGE_SHIFT), levelBits)),
        unless(i64.eq(i64.shrS(i64.shl(address, shift), shift), address)),
        table.set(slot64('root')), // 1
        block(
          leaf,
          loop(
            walk,
            level.set(i32.sub(level, i32.const(1))),
            shift.set(i64.add(levelBits, i64.const(PAGE_SHIFT))),
            table.set(i64.add(table, i64.shl(i64.and(i64.shrU(address, shift), i64.const(PAGE_TABLE.indexMask)), i64.const(3)))),
            entryAddress.set(table),
            // 2: where there is no memory, the specification has an access fault, but QEMU a page fault; this follows QEMU.
            branchIf(i32.eqz(ram.inRam(table, 8)), pageFault),
            branchIf(i32.eqz(mayTouch(ACCESS.load)), accessFault),
            entry.set(ram.hostOf(table)),
            pte.set(i64.load(entry)),
            unless(has(pte, PTE.V)), // 3
            branchIf(i64.ne(i64.and(pte, slot64('reservedPte')), i64.const(0)), pageFault),
            branchIf(i64.eq(i64.and(pte, i64.const(PTE.R | PTE.W)), i64.const(PTE.W)), pageFault),
            branchIf(has(pte, PTE.R | PTE.X), leaf), // 4
            // A, D and U are reserved in a pointer to the next level, and so are N and PBMT.
            branchIf(has(pte, PTE.A | PTE.D | PTE.U | PTE_N | PTE_PBMT), pageFault),
            branchIf(i32.eqz(level), pageFault),
            table.set(i64.shl(i64.and(i64.shrU(pte, i64.const(PTE_PPN_SHIFT)), i64.const(PTE_PPN_MASK)), i64.const(PAGE_SHIFT))),
            branch(walk),
          ),
        ),
        branchIf(i64.eq(i64.and(pte, i64.const(PTE_PBMT)), i64.const(PTE_PBMT)), pageFault),
        // 5: user pages are for U mode, and for S-mode data with SUM.
        when(
          has(pte, PTE.U),
          [
            when(i32.eq(privilege, i32.const(PRIVILEGE.supervisor)), [
              branchIf(is(ACCESS.fetch), pageFault),
              unless(has(status, STATUS.SUM)),
            ]),
          ],
          [branchIf(i32.eqz(privilege), pageFault)],
        ),
        wanted.set(
          select(
            is(ACCESS.fetch),
            i64.const(PTE.X),
            select(is(ACCESS.store), i64.const(PTE.W), select(has(status, STATUS.MXR), i64.const(PTE.R | PTE.X), i64.const(PTE.R))),
          ),
        ),
        branchIf(i64.eqz(i64.and(pte, wanted)), pageFault),
        // 6: a superpage is aligned to its size.
        table.set(i64.and(i64.shrU(pte, i64.const(PTE_PPN_SHIFT)), i64.const(PTE_PPN_MASK))),
        branchIf(i64.ne(i64.and(table, i64.sub(i64.shl(i64.const(1), levelBits), i64.const(1))), i64.const(0)), pageFault),
        // Svnapot: the lowest bits of the page number come from the address.
        when(has(pte, PTE_N), [
          branchIf(level, pageFault),
          unless(i64.eq(i64.and(table, i64.const(NAPOT_MASK)), i64.const(NAPOT.encoded))),
          table.set(
            i64.or(i64.and(table, i64.const(~NAPOT_MASK)), i64.and(i64.shrU(address, i64.const(PAGE_SHIFT)), i64.const(NAPOT_MASK))),
          ),
        ]),
        // 7: hardware sets A, and D for a store; or a page fault leaves that to software (Svade; Svadu with menvcfg.ADUE = 0).
        wanted.set(i64.or(pte, select(is(ACCESS.store), i64.const(PTE.A | PTE.D), i64.const(PTE.A)))),
        when(i64.ne(wanted, pte), [
          branchIf(i32.eqz(slot32('setsAccessed')), pageFault),
          branchIf(i32.eqz(mayTouch(ACCESS.store)), accessFault),
          markDirtyCode(entry, keep),
          i64.store(entry, wanted),
          callVoid(written, entry, i32.const(8)),
          setSlot32('unreported', i32.const(1)),
        ]),
        shift.set(i64.sub(i64.shl(i64.const(1), shift), i64.const(1))), // 8
        returns(i64.or(i64.and(i64.shl(table, i64.const(PAGE_SHIFT)), i64.xor(shift, i64.const(-1))), i64.and(address, shift))),
      ),
      ...raisePageFault(access, address),
      returns(i64.const(FAULT)),
    ),
    ...raiseAccessFault(access, address),
    returns(i64.const(FAULT)),
  );
  return f;
}
