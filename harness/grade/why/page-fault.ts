/** How an address was translated, and why that did not allow the access. Reference: Privileged Architecture, "Sv39", "Virtual Address Translation Process". */
import { PAGE_TABLE, PTE, PTE_N, PTE_PBMT, PTE_PPN_MASK, PTE_PPN_SHIFT, PTE_RESERVED, STATUS } from '../../../machine/spec/riscv.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type ExceptionEvidence, type ExplainedException, PAGE_MAPPED } from '../../evidence/exception.ts';
import type { Detail } from '../../result/result.ts';
import { deviceWrite } from './dma.ts';
import { recursionOf } from './recursion.ts';
import { text } from './text.ts';

const [EXECUTE, STORE] = [12, 15];

export function pageTable(taken: ExceptionEvidence, explained: ExplainedException, evidence: Evidence): Detail[] {
  const { walk, walkEnd } = explained;
  // Of an access fault, where the page lies was said already.
  if (walkEnd === null) return storer(explained, evidence);
  const steps = walk.map(({ level, address, entry }) => `level ${level}: entry at ${address} is ${entry}`);
  // What a table has to do with an address that is not meant for it says nothing.
  const reason = explained.satp !== null ? null : walkEnd.startsWith(PAGE_MAPPED) ? refusal(taken, explained) : noPage(explained);
  return [
    text(`page table: ${[...steps, walkEnd].join('; ')}`),
    ...(reason === null ? [] : [text(reason)]),
    ...storer(explained, evidence),
  ];
}

/** Bits of a page number that must be 0 for each level of a table (Privileged Architecture, "Sv39"). */
const INDEX_BITS = BigInt(PAGE_TABLE.indexBits);

/** What is wrong with an entry that is valid and maps no page; null if nothing is to be said. */
function noPage({ walk }: ExplainedException): string | null {
  const last = walk.at(-1);
  if (last === undefined) return null;
  const entry = BigInt(last.entry);
  if ((entry & PTE.V) === 0n || (entry & (PTE_RESERVED | PTE_PBMT | PTE_N)) !== 0n) return null;
  if ((entry & (PTE.R | PTE.W)) === PTE.W) return 'W is set in that entry and R is not, which is a reserved combination: set R as well';
  const isLeaf = (entry & (PTE.R | PTE.X)) !== 0n;
  const page = (entry >> BigInt(PTE_PPN_SHIFT)) & PTE_PPN_MASK;
  if (isLeaf && (page & ((1n << (INDEX_BITS * BigInt(last.level))) - 1n)) !== 0n) {
    return (
      'an entry with R, W or X maps memory itself, here a large page. Is it meant to point to the next table? Then R, W and X must be 0 ' +
      'in it; a large page must begin at a multiple of its size'
    );
  }
  return null;
}

/** What the page's entry, the mode and mstatus have against the access; null if no page was found. */
function refusal({ cause, mode }: ExceptionEvidence, { walk, csrs, jump }: ExplainedException): string | null {
  const entry = BigInt(walk.at(-1)?.entry ?? 0);
  const has = (bits: bigint) => (entry & bits) === bits;
  if (!has(PTE.V) || (entry & (PTE.R | PTE.X)) === 0n) return null;
  const mstatus = BigInt(csrs.mstatus);
  const isStore = cause === STORE;
  if (mode === 'U' && !has(PTE.U)) {
    return 'U is not set in that entry: user mode may only use pages with U. Map the pages of a user program, its code and its stack, with U';
  }
  if (mode === 'S' && has(PTE.U) && cause === EXECUTE) {
    if (jump?.kind === 'satp') {
      return "that page belongs to user mode (U), and S mode never executes such a page: clear U in the entries that map the kernel's own code";
    }
    const returned =
      jump?.kind === 'trap-return'
        ? 'sret went there, and stayed in S mode since SPP was 1: clear sstatus.SPP before it'
        : 'was sret meant, with SPP = 0?';
    return `that page belongs to user mode (U), and S mode never executes such a page: ${returned}`;
  }
  if (mode === 'S' && has(PTE.U) && (mstatus & STATUS.SUM) === 0n) {
    return (
      'that page belongs to user mode (U), and sstatus.SUM is 0, so that the kernel may not access it: set SUM (bit 18 of sstatus) for as ' +
      'long as it reads or writes user memory, or use the address at which the kernel has mapped that memory for itself'
    );
  }
  if (cause === EXECUTE && !has(PTE.X)) return 'X is not set in that entry: code needs pages with R and X';
  if (isStore && !has(PTE.W)) return 'W is not set in that entry: the page is read-only';
  if (!isStore && cause !== EXECUTE && !has(PTE.R) && (mstatus & STATUS.MXR) === 0n)
    return 'R is not set in that entry: the page can only be executed';
  if (!has(PTE.A))
    return 'A is not set in that entry, and this cpu does not set it by itself: set A (and D for pages that are written) when you map a page';
  if (isStore && !has(PTE.D))
    return 'D is not set in that entry, and this cpu does not set it by itself: set D when you map a page that is written';
  return null;
}

/** Bytes above sp in which an entry is taken to lie in the stack, where calls repeat: more than any kernel's stack has. */
const DEEPEST_STACK = 1n << 20n;

function storer({ walk, entryStore: store, sp, stack: trapped }: ExplainedException, evidence: Evidence): Detail[] {
  if (store === null) return [];
  if (store.by === 'nobody') return [text('nothing has stored that entry: it is as the kernel file has it')];
  const { address } = walk.at(-1)!;
  if (store.by === 'device')
    return [text(`the device has stored that entry: a buffer lies over the page table${deviceWrite(address, store, evidence)}`)];
  const { instruction, stack } = store;
  const above = BigInt(address) - BigInt(sp.value);
  const recursion = above >= 0n && above < DEEPEST_STACK ? (recursionOf(stack) ?? recursionOf(trapped)) : null;
  const byStack =
    recursion !== null || instruction.endsWith('(sp)') ? ': it has written to its stack, which has grown into the page table' : '';
  const who = recursion === null ? '' : `${recursion} calls itself again and again`;
  return [
    { kind: 'code', text: 'that entry was stored at', stack },
    text(`that entry was stored last by ${instruction}${byStack}${who === '' ? '' : `; ${who}`}`),
  ];
}
