/** The details of an exception: the instruction, the calls that led to it, and how its address was translated. */

import { disassemble } from '../../machine/debug/disassemble.ts';
import { FIRMWARE_END, RAM_BASE } from '../../machine/spec/virt-board.ts';
import { hex } from '../bytes/hex.ts';
import { isJump } from '../evidence/exception.ts';
import { type ExceptionEvidence, type Explanations, type StoreQuestion, storeKey } from '../evidence/explanation.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';
import { instructionBits, StoreWatch } from './stores.ts';

/** Causes whose value is an address that a page table translates (Privileged Architecture, scause): page faults. */
const PAGE_FAULTS: ReadonlySet<number> = new Set([12, 13, 15]);

const ENDS = {
  'not-canonical': 'the address is not canonical: its upper bits must all equal the highest one that is translated',
  'table-outside-ram': 'the next table would lie outside RAM',
  invalid: 'the entry is not valid (V is 0)',
  reserved: 'the entry has reserved bits or a reserved combination of permissions',
  'no-leaf': 'the last level points to a further table',
  'misaligned-superpage': 'the entry maps a large page that is not aligned to its size',
} as const;

/** To be called when the run has come to the exception's time: registers and page tables are then as it left them. */
export function explainException({ machine }: Replay, exception: ExceptionEvidence, code: KernelCode): Explanations['exception'] {
  const pc = BigInt(exception.pc);
  const bits = instructionBits(machine, pc);
  const instruction = bits === undefined ? null : disassemble(bits, pc).text;
  const { steps, end } = machine.debug.walk(BigInt(exception.value));
  const translated = PAGE_FAULTS.has(exception.cause);
  const snapshot = snapshotOf(machine);
  const stack = code.stack({ ...snapshot, pc });
  return {
    instruction,
    // Where there is no code, there is nothing to say of the place itself.
    stack: isJump(exception) && stack.places[0]?.frames.length === 0 ? { ...stack, places: stack.places.slice(1), notes: [] } : stack,
    walk: translated ? steps.map(({ level, address, entry }) => ({ level, address: hex(address), entry: hex(entry) })) : [],
    walkEnd: translated ? ('problem' in end ? ENDS[end.problem] : permissions(end.leaf)) : null,
    entryStore: null,
    sp: stackPointer(snapshot.registers[SP]!, instruction, code),
  };
}

const SP = 2;

function stackPointer(sp: bigint, instruction: string | null, code: KernelCode) {
  const physical = sp >= BigInt(RAM_BASE) && sp < BigInt(FIRMWARE_END);
  return { value: hex(sp), used: instruction?.endsWith('(sp)') ?? false, inFirmware: physical, symbol: code.variableAt(sp) };
}

/** The entry that the walk ended at, if something was stored there that is no entry; to be asked when the run is at its beginning again. */
export function corruptEntry({ walk, walkEnd }: NonNullable<Explanations['exception']>, { time }: ExceptionEvidence): StoreQuestion | null {
  const last = walk.at(-1);
  if (last === undefined || BigInt(last.entry) === 0n || walkEnd === null || walkEnd.startsWith(MAPPED)) return null;
  return { address: last.address, length: 8, before: time };
}

/** Runs once more up to the exception, to see who stored the entry last; null if that takes too long. */
export function explainEntryStore(replay: Replay, question: StoreQuestion, code: KernelCode) {
  replay.goBefore(0);
  const watch = new StoreWatch(replay, [question]);
  if (!replay.runTo(question.before)) return null;
  return watch.answers(question.before, code)[storeKey(question)] ?? null;
}

/** PTE bits (Privileged Architecture, "Sv39 page table entry"). */
const BITS = ['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'];

const MAPPED = 'the page is mapped with';

function permissions(leaf: bigint | undefined): string {
  if (leaf === undefined) return 'no translation was in force';
  return `${MAPPED} ${BITS.filter((_, bit) => (leaf >> BigInt(bit)) & 1n).join(' ')}, which does not allow this access`;
}
