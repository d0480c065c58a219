/**
 * What a kernel does with the answers of a disk, watched in a repeated run: whether it reads the status byte and the data where the device has
 * written them, and what else of the same variable it reads. Where a pointer stood in the place of the data, that is told as well.
 *
 * Left out: requests beyond the first ones of a run, data in several pieces beyond the first one.
 */

import type { Machine, WatchedAccess } from '../../machine/index.ts';
import { FIRMWARE_END, RAM_BASE } from '../../machine/spec/virt-board.ts';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { AnswerExplanation } from '../evidence/driver.ts';
import type { RequestEvidence, RoleEvidence } from '../evidence/evidence.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

type Range = Parameters<Machine['debug']['watch']>[0][number];

/** Requests whose answers are watched. */
export const MOST_ANSWERED = 16;
/** Bytes of a variable around an answer that are watched. */
const MOST_AROUND = 4096n;
/** How far above the stack pointer something counts as on the stack. */
const STACK = 16n * 1024n;
const SP = 2;
const POINTER_BYTES = 8;

interface Seen {
  readonly address: bigint;
  readonly instructions: number;
  readonly snapshot: HartSnapshot;
}

class Answer {
  readonly request: RequestEvidence;
  readonly piece: RoleEvidence;
  readonly address: bigint;
  /** When the device had written it, or had read it. */
  readonly time: number;
  /** The variable that it lies in, by physical addresses. */
  readonly around: Range | undefined;
  onStack = false;
  /** Where its address was put into the descriptor. */
  given: HartSnapshot | undefined;
  pointer: { readonly value: bigint; readonly range: Range; read: boolean } | undefined;
  read: Seen | undefined;
  instead: Seen | undefined;

  constructor(request: RequestEvidence, piece: RoleEvidence, code: KernelCode) {
    this.request = request;
    this.piece = piece;
    this.address = BigInt(piece.address);
    this.time = request.completion!.time;
    this.around = aroundOf(this.address, code);
  }

  get isData(): boolean {
    return this.piece.role === 'data';
  }

  covers(address: bigint): boolean {
    return address >= this.address && address < this.address + BigInt(this.piece.length);
  }
}

/** Whether it was not read where the device has written it, or lies where it should not. */
function isTelling({ address, read, instead, pointer, piece, isData }: Answer, code: KernelCode): boolean {
  const inFile = code.fileAddress(address);
  const isConstant = piece.deviceWritable && inFile !== undefined && code.constantsAt(inFile) !== null;
  return isConstant || (read === undefined && instead !== undefined) || (isData && read === undefined && pointer !== undefined);
}

function aroundOf(physical: bigint, code: KernelCode): Range | undefined {
  const address = code.fileAddress(physical);
  const extent = address === undefined ? undefined : code.extentAt(address);
  if (address === undefined || extent === undefined || extent.high - extent.low > MOST_AROUND) return undefined;
  return { address: physical - (address - extent.low), length: Number(extent.high - extent.low), loads: true };
}

export class AnswerWatch {
  readonly #machine: Machine;
  readonly #justBefore: (request: RequestEvidence) => number;
  readonly #answers: readonly Answer[];
  readonly #own = new Map<Range, readonly Answer[]>();
  readonly #around = new Map<Range, readonly Answer[]>();
  /** Bytes that a device writes its answers to. */
  readonly #written: readonly Answer[];

  constructor(replay: Replay, requests: readonly RequestEvidence[], code: KernelCode) {
    this.#machine = replay.machine;
    this.#justBefore = ({ time }) => replay.justBefore(time);
    const answers = requests
      .slice(0, MOST_ANSWERED)
      .flatMap((request) => partsOf(request).map((piece) => new Answer(request, piece, code)));
    this.#answers = answers;
    this.#written = answers.filter(({ piece }) => piece.deviceWritable);
    for (const same of groupsOf(this.#written, ({ piece }) => `${piece.address}+${piece.length}`))
      this.#own.set({ address: same[0]!.address, length: same[0]!.piece.length, loads: true }, same);
    for (const same of groupsOf(this.#written, ({ around }) => `${around?.address}`))
      if (same[0]!.around !== undefined) this.#around.set(same[0]!.around, same);
  }

  get ranges(): Range[] {
    const pointers = this.#answers.flatMap(({ pointer }) => (pointer === undefined ? [] : [pointer.range]));
    return [...this.#own.keys(), ...this.#around.keys(), ...pointers];
  }

  /** Guest times just before the notifies. */
  get times(): number[] {
    return [...new Set(this.#answers.map(({ request }) => this.#justBefore(request)))].sort((a, b) => a - b);
  }

  /**
   * To be called at one of the times: what stands where the device will write, or read. True if there is more to watch. `filledBy`: where the
   * address of a descriptor was stored.
   */
  look(filledBy: (index: number) => HartSnapshot | undefined): boolean {
    const { debug } = this.#machine;
    const now = this.#machine.now();
    const sp = physicalOf(this.#machine, debug.register(SP));
    let more = false;
    for (const answer of this.#answers.filter(({ request }) => this.#justBefore(request) === now)) {
      answer.onStack = sp !== undefined && answer.address >= sp && answer.address < sp + STACK;
      const descriptor = answer.request.descriptors[answer.piece.descriptor];
      answer.given = descriptor === undefined || descriptor.indirect ? undefined : filledBy(descriptor.index);
      const found = answer.isData ? this.#pointerAt(answer) : undefined;
      if (found === undefined) continue;
      answer.pointer = found;
      more = true;
    }
    return more;
  }

  #pointerAt(answer: Answer): Answer['pointer'] {
    const bytes = this.#machine.debug.readMemory(answer.address, POINTER_BYTES);
    const value = bytes && new DataView(bytes.buffer).getBigUint64(0, true);
    const physical = value === undefined ? undefined : physicalOf(this.#machine, value);
    if (value === undefined || physical === undefined || physical < BigInt(FIRMWARE_END) || answer.covers(physical)) return undefined;
    if (this.#machine.debug.readMemory(physical, POINTER_BYTES) === undefined) return undefined;
    return { value, range: { address: physical, length: POINTER_BYTES, loads: true }, read: false };
  }

  touched({ kind, by, ranges, address, length }: WatchedAccess, now: number): void {
    if (kind !== 'load' || by !== 'hart') return;
    for (const range of ranges) {
      const own = latest(this.#own.get(range), now);
      // Registers that a function saves lie on the stack as well, and a buffer over them is not read by that.
      if (own !== undefined && own.read === undefined && !(own.isData && own.onStack && length === POINTER_BYTES))
        own.read = this.#seen(address);
      const around = latest(this.#around.get(range), now);
      if (around !== undefined && around.instead === undefined && !this.#isAnswer(address) && (around.isData || length === 1))
        around.instead = this.#seen(address);
      for (const answer of this.#answers) if (answer.pointer?.range === range && answer.time <= now) answer.pointer.read = true;
    }
  }

  #isAnswer(address: bigint): boolean {
    return this.#written.some((one) => one.covers(address));
  }

  #seen(address: bigint): Seen {
    return { address, instructions: Number(this.#machine.instructions()), snapshot: snapshotOf(this.#machine) };
  }

  /** `panicked`: then the last status byte is of interest as well, although it was read where it is. */
  answers(code: KernelCode, { panicked }: { readonly panicked: boolean }): AnswerExplanation[] {
    const nameOf = (physical: bigint): string | null => {
      const address = code.fileAddress(physical);
      return address === undefined ? null : code.variableAt(address);
    };
    const last = panicked ? this.#answers.findLast(({ isData }) => !isData) : undefined;
    const found = this.#answers.filter((one) => one === last || isTelling(one, code));
    return found.map(({ request, piece, isData, address, onStack, given, read, instead, pointer }) => {
      const inFile = code.fileAddress(address);
      const other = instead && nameOf(instead.address);
      return {
        request: request.number,
        part: isData ? 'data' : 'status',
        address: piece.address,
        symbol: nameOf(address),
        constants: inFile === undefined || !piece.deviceWritable ? null : code.constantsAt(inFile),
        onStack,
        descriptor: request.descriptors[piece.descriptor]?.index ?? piece.descriptor,
        given: given === undefined ? null : code.stack(given),
        read: read === undefined ? null : code.stack(read.snapshot),
        readAt: read?.instructions ?? null,
        instead:
          instead === undefined || other === undefined || other === null
            ? null
            : { address: hex(instead.address), symbol: other, stack: code.stack(instead.snapshot) },
        pointer: pointer === undefined ? null : { value: hex(pointer.value), symbol: nameOf(pointer.range.address), read: pointer.read },
      };
    });
  }
}

/** The parts of a request that the device has written, and of a write the data that it has read. */
function partsOf({ type, roles, problem, completion, phantom }: RequestEvidence): RoleEvidence[] {
  if (problem !== null || completion === null || phantom) return [];
  const data = type === REQUEST_TYPES.IN || type === REQUEST_TYPES.OUT ? roles.find(({ role }) => role === 'data') : undefined;
  const status = roles.findLast(({ role }) => role === 'status');
  return [data, status].filter((piece) => piece !== undefined).filter(({ address }) => BigInt(address) >= BigInt(RAM_BASE));
}

function groupsOf(answers: readonly Answer[], key: (answer: Answer) => string): Answer[][] {
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) groups.set(key(answer), [...(groups.get(key(answer)) ?? []), answer]);
  return [...groups.values()];
}

/** Of several answers in one place the one that is there now. */
function latest(answers: readonly Answer[] | undefined, now: number): Answer | undefined {
  return answers?.filter(({ time }) => time <= now).sort((a, b) => b.time - a.time)[0];
}

function physicalOf({ debug }: Machine, address: bigint): bigint | undefined {
  const { end } = debug.walk(address);
  return 'physical' in end ? end.physical : undefined;
}
