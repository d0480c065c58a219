/** The details of an exception: the instruction, the calls that led to it, and how its address was translated. */

import { disassemble } from '../../machine/debug/disassemble.ts';
import type { NamedCsr } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { StoreExplanation } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type ExceptionEvidence, type ExplainedException, isJump, PAGE_MAPPED } from '../evidence/exception.ts';
import { type StoreQuestion, storeKey } from '../evidence/explanation.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import { changedCode } from './changed-code.ts';
import type { KernelCode } from './code.ts';
import { explainOrigin, type FoundOrigin } from './fault-origin.ts';
import { isFirmware, placeOf, targetOf } from './fault-place.ts';
import { illegalReason } from './illegal.ts';
import { lastInterrupt } from './last-interrupt.ts';
import { isInstruction } from './mid-instruction.ts';
import type { Replay } from './replay.ts';
import { wrongSatp } from './satp.ts';
import { instructionBits, StoreWatch, WINDOW } from './stores.ts';
import { vectoredInterrupt } from './vectored.ts';

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

/** To be called when the run has come to just before the exception's time. */
export function explainException({ machine }: Replay, exception: ExceptionEvidence, code: KernelCode): ExplainedException {
  const pc = BigInt(exception.pc);
  const bits = instructionBits(machine, pc);
  const instruction = bits === undefined ? null : disassemble(bits, pc).text;
  const { steps, end } = machine.debug.walk(BigInt(exception.value));
  const translated = PAGE_FAULTS.has(exception.cause);
  const snapshot = snapshotOf(machine);
  const csr = (name: NamedCsr) => hex(machine.debug.csr(name));
  return {
    instruction,
    // The kernel's own calls say nothing of a user program.
    stack: exception.mode === 'U' ? { places: [code.place(pc)], leftOut: 0, notes: [] } : code.stack({ ...snapshot, pc }),
    walk:
      translated || isAccessFault(exception)
        ? steps.map(({ level, address, entry }) => ({ level, address: hex(address), entry: hex(entry) }))
        : [],
    walkEnd: translated ? ('problem' in end ? ENDS[end.problem] : permissions(end.leaf)) : null,
    entryStore: null,
    sp: stackPointer(machine, snapshot.registers[SP]!, instruction, code),
    csrs: { mstatus: csr('mstatus'), satp: csr('satp'), sscratch: csr('sscratch') },
    // Where the code of a user program is, the kernel's file does not say.
    there: exception.mode === 'U' ? null : placeOf(machine, pc, code),
    target: isAccessFault(exception) ? targetOf(machine, BigInt(exception.value)) : null,
    vectorEnd: vectorEnd(machine, exception),
    vectored: vectoredInterrupt(machine, code),
    interrupted: null,
    satp: wrongSatp(machine, exception, code),
    middle: null,
    jump: null,
    origin: null,
    illegal: illegalReason(exception, bits, {
      mstatus: machine.debug.csr('mstatus'),
      isInstruction: exception.mode !== 'U' && isInstruction(pc, machine, code),
    }),
    overwritten: exception.mode === 'U' ? null : overwritten(bits, code.instructionInFile(pc)),
    handler: null,
  };
}

const SP = 2;

const isAccessFault = ({ cause }: ExceptionEvidence): boolean => cause === 5 || cause === 7;

/** The instruction that the file has, if that is not the one in memory. */
function overwritten(memory: number | undefined, file: number | undefined): ExplainedException['overwritten'] {
  const changed = changedCode(memory, file);
  return changed === null ? null : { file: changed, store: null };
}

/** Why the handler that faulted itself could not be fetched. */
function vectorEnd({ debug }: Replay['machine'], { vector, next }: ExceptionEvidence): string | null {
  const handler = BigInt(vector.value) & ~3n;
  if (next === null || !isJump(next) || BigInt(next.pc) !== handler) return null;
  const { end } = debug.walk(handler);
  if ('problem' in end) return ENDS[end.problem];
  return end.leaf === undefined ? null : permissions(end.leaf);
}

function stackPointer(machine: Replay['machine'], sp: bigint, instruction: string | null, code: KernelCode) {
  const used = instruction?.endsWith('(sp)') ?? false;
  return { value: hex(sp), used, inFirmware: isFirmware(machine, sp), symbol: code.variableAt(sp) };
}

/** The entry that the walk ended at, if something wrong was stored there; to be asked when the run is at its beginning again. */
function wrongEntry({ walk, walkEnd, target }: ExplainedException, { time }: ExceptionEvidence): StoreQuestion | null {
  const last = walk.at(-1);
  const isWrong = walkEnd === null ? target?.kind === 'nothing' : !walkEnd.startsWith(PAGE_MAPPED);
  if (last === undefined || BigInt(last.entry) === 0n || !isWrong) return null;
  return { address: last.address, length: 8, before: time };
}

/** Runs once more up to the question's time, to see who stored there last; null if that takes too long. */
export function whoStored(replay: Replay, question: StoreQuestion, code: KernelCode): StoreExplanation | null {
  replay.goBefore(0);
  const watch = new StoreWatch(replay, [question]);
  if (!replay.runTo(question.before - WINDOW)) return null;
  watch.renew();
  if (!replay.runTo(question.before)) return null;
  return watch.answers(question.before, code)[storeKey(question)] ?? null;
}

/** Adds what the run has to be repeated for: how the kernel came there, where the address came from, and who stored what was wrong. */
export function followException(
  replay: Replay,
  exception: ExceptionEvidence,
  { explained, evidence }: { readonly explained: ExplainedException; readonly evidence: Evidence },
  code: KernelCode,
): ExplainedException {
  const wrong = wrongEntry(explained, exception);
  const entryStore = wrong && whoStored(replay, wrong, code);
  const { jump, handler, middle, there = explained.there, ...found } = explainOrigin(replay, exception, explained, code);
  const origin = wholeOrigin(found, found.question && whoStored(replay, found.question, code));
  const changed = explained.overwritten && { ...explained.overwritten, store: codeStore(replay, exception, code) };
  const interrupted = lastInterrupt(replay, exception, { evidence, code });
  return { ...explained, there, interrupted, entryStore, middle, jump, handler, origin, overwritten: changed };
}

/** Null where a function has only put a register back that it had saved for its caller: that says nothing of where the address was made. */
function wholeOrigin(
  { origin, restored }: Pick<FoundOrigin, 'origin' | 'restored'>,
  store: StoreExplanation | null,
): FoundOrigin['origin'] {
  if (origin?.by !== 'memory') return origin;
  const isSaved = store?.by === 'kernel' && ['sd', 'c.sdsp'].some((name) => store.instruction.startsWith(`${name} ${restored},`));
  return isSaved ? null : { ...origin, store };
}

/** Who stored over the instruction. */
function codeStore(replay: Replay, { pc, time }: ExceptionEvidence, code: KernelCode): StoreExplanation | null {
  const before = replay.justBefore(time);
  replay.goBefore(before);
  if (!replay.runTo(before)) return null;
  const { end } = replay.machine.debug.walk(BigInt(pc));
  return 'physical' in end ? whoStored(replay, { address: hex(end.physical), length: 4, before }, code) : null;
}

/** PTE bits (Privileged Architecture, "Sv39 page table entry"). */
const BITS = ['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'];

function permissions(leaf: bigint | undefined): string {
  if (leaf === undefined) return 'no translation was in force';
  return `${PAGE_MAPPED} ${BITS.filter((_, bit) => (leaf >> BigInt(bit)) & 1n).join(' ')}, which does not allow this access`;
}
