/**
 * What a driver compares the registers with that say what a device is, in a kernel that gave up because it knew none of its devices: the last
 * instructions before it said so are followed one by one, from each load of such a register to the branch that looks at its value.
 *
 * Left out: values that are stored to memory and loaded again before they are compared.
 */
import { type Effects, effectsOf } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';

/** Instructions before the end that are looked at: a search through eight slots takes far fewer. */
const REACH = 8192;
/** VIRTIO 1.2, 4.2.2. */
const IDENTITY: Readonly<Record<number, Probe['register']>> = { 0: 'MagicValue', 4: 'Version', 8: 'DeviceID' };
const WORD = 0xffff_ffffn;

type Probe = NonNullable<Explanations['probe']>;

/** A register of the hart that holds what was read from a device, and what was added to it since. */
interface Held {
  readonly drive: string;
  readonly register: Probe['register'];
  readonly value: bigint;
  readonly added: bigint;
}

/** Whether the kernel has looked at a device, and has set up none. */
export function isProbing({ devices }: Evidence): boolean {
  return devices.some(({ accessed }) => accessed) && devices.every(({ statusWrites }) => statusWrites.length === 0);
}

/** `end`: the guest time up to which is looked. The last comparison that was not equal, of a device that is there; null if there is none. */
export function explainProbe(replay: Replay, end: number, { devices }: Evidence, code: KernelCode): Probe | null {
  const start = Math.max(0, end - REACH);
  replay.goBefore(start);
  if (!replay.runTo(start)) return null;
  const { machine } = replay;
  const drives = new Map(devices.filter(({ version }) => version !== null).map(({ drive, address }) => [BigInt(address), drive]));
  const held = new Map<number, Held>();
  let last: { readonly held: Held; readonly compared: bigint; readonly snapshot: HartSnapshot } | undefined;
  while (machine.now() < end) {
    const bits = instructionBits(machine, machine.debug.pc());
    const effects = bits === undefined ? undefined : effectsOf(bits);
    const compared = effects && comparison(effects, held, replay);
    if (compared !== undefined && compared.compared !== compared.held.value) last = { ...compared, snapshot: snapshotOf(machine) };
    const looked = effects && identityAt(effects, drives, replay);
    if (!replay.step()) return null;
    if (effects?.rd === undefined) continue;
    const next = looked === undefined ? moved(effects, held) : { ...looked, value: machine.debug.register(effects.rd) & WORD, added: 0n };
    if (next === undefined) held.delete(effects.rd);
    else held.set(effects.rd, next);
  }
  if (last === undefined) return null;
  const { drive, register, value } = last.held;
  return { drive, register, value: hex(value), compared: hex(last.compared), stack: code.stack(last.snapshot) };
}

/** What a load is about to read of a device's identity. */
function identityAt(
  { load }: Effects,
  drives: ReadonlyMap<bigint, string>,
  { machine }: Replay,
): Pick<Held, 'drive' | 'register'> | undefined {
  if (load === undefined || load.width !== 4) return undefined;
  const { end } = machine.debug.walk((machine.debug.register(load.base) + BigInt(load.offset)) & ((1n << 64n) - 1n));
  if (!('physical' in end)) return undefined;
  const drive = drives.get(end.physical & ~0xfffn);
  const register = IDENTITY[Number(end.physical & 0xfffn)];
  return drive === undefined || register === undefined ? undefined : { drive, register };
}

const ADDS: ReadonlySet<string> = new Set(['addi', 'addiw']);

/** What a register holds after an instruction that only passes a value on, maybe with a constant added. */
function moved({ name, operands, sources }: Effects, held: ReadonlyMap<number, Held>): Held | undefined {
  const [source] = sources;
  const from = source === undefined || sources.length > 1 ? undefined : held.get(source);
  return from !== undefined && ADDS.has(name) ? { ...from, added: from.added + BigInt(operands.imm) } : undefined;
}

/** A branch for equal or not equal, with the value that would be equal. */
function comparison(
  { name, operands }: Effects,
  held: ReadonlyMap<number, Held>,
  { machine }: Replay,
): { readonly held: Held; readonly compared: bigint } | undefined {
  if (name !== 'beq' && name !== 'bne') return undefined;
  const { rs1, rs2 } = operands;
  const [one, other] = [held.get(rs1), held.get(rs2)];
  if ((one === undefined) === (other === undefined)) return undefined;
  const value = one ?? other!;
  const against = machine.debug.register(one === undefined ? rs1 : rs2);
  return { held: value, compared: (against - value.added) & WORD };
}
