/** The loop that a kernel was in when the machine stopped, and what it waits for there. */
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import { awaitedLoad } from '../../evidence/awaited-load.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { Explanations } from '../../evidence/explanation.ts';
import type { LoopEvidence, LoopLoadEvidence, PolledThing } from '../../evidence/loop.ts';
import { printable } from '../../evidence/printable.ts';
import { queueMistake } from '../../evidence/queue-mistake.ts';
import type { Detail } from '../../result/result.ts';
import { stays } from './awaited.ts';
import { changedCode } from './changed-code.ts';
import { devices } from './devices.ts';
import { nothingToRun } from './nothing-to-run.ts';
import { isQueuePart, queueField } from './queue-part.ts';
import { text } from './text.ts';

/** Privileged Architecture, scause. */
const ECALL_FROM_U = 8;

export function loop(evidence: Evidence): Detail[] {
  const { loop: found, exception, explanations } = evidence;
  const explained = explanations?.loop ?? null;
  // A kernel that sleeps may just have nothing to do: it is explained only where a check has failed.
  if (found === null || ((found.sleeps || found.scan !== undefined) && explained === null)) return [];
  // A kernel that each exception starts again is somewhere on its way when the limit comes: that is no loop of its own.
  if (exception !== null && exception.further > 0 && evidence.stop.reason === 'limit') return [];
  // A call of a user program without end is a loop as well, and said elsewhere.
  if (exception?.cause === ECALL_FROM_U) return [];
  const { scan } = found;
  if (scan !== undefined) {
    const table = nameOf(scan.load.what, explained?.symbol ?? null);
    return [...nothingToRun({ ...found, scan }, table, evidence), ...devices(evidence)];
  }
  const polled = explained?.polled ?? found.loads[0];
  const since = explained?.since ?? null;
  const symbol = explained?.symbol ?? null;
  const subject = found.sleeps
    ? sleeping(polled, symbol, evidence)
    : polled === undefined
      ? spinning(evidence)
      : polling(polled, symbol, evidence);
  const facts = [...round(found), ...(since === null ? [] : [`since instruction ${groupedDigits(since)}`])].join(', ');
  return [
    text(facts === '' ? subject : `${subject} (${facts})`),
    explained !== null && explained.stack.places.length > 0
      ? { kind: 'code', text: found.sleeps ? 'waiting at' : 'looping at', stack: explained.stack }
      : text(`the loop: ${instructions(found)}`),
    ...(explained?.overwritten === undefined ? [] : changedCode(explained.overwritten, evidence)),
    ...takenOut(explained?.hoisted),
    ...copied(explained?.copied, polled),
    ...lock(polled, symbol, found).map(text),
    ...unfit(awaitedLoad(evidence), evidence).map(text),
    ...devices(evidence),
  ];
}

/** Of a loop without a load. */
function spinning(evidence: Evidence): string {
  const register = pendingRegister(evidence);
  return register === null
    ? 'the kernel spins in a loop that loads nothing'
    : `the kernel spins in a loop that looks at ${register}, as long as that does not show what it waits for`;
}

/** A round with a sleep takes longer than its instructions, unless it had no interrupt to wait for. */
function round({ period, sleeps, instructions: all }: LoopEvidence): string[] {
  if (sleeps && period !== all.length) return [];
  return [`a round of ${groupedDigits(period)} instruction${period === 1 ? '' : 's'}`];
}

function polling(polled: LoopLoadEvidence, symbol: string | null, evidence: Evidence): string {
  return polled.decides
    ? `the kernel polls ${thing(polled, symbol, evidence)}`
    : 'the kernel spins in a loop that depends on nothing that it loads';
}

function sleeping(polled: LoopLoadEvidence | undefined, symbol: string | null, evidence: Evidence): string {
  if (polled?.decides === true) return `the kernel sleeps (WFI) in a loop that polls ${thing(polled, symbol, evidence)}`;
  const register = pendingRegister(evidence);
  if (register !== null)
    return `the kernel sleeps (WFI) in a loop that looks at ${register}, and sleeps again as long as that does not show what it waits for`;
  return `the kernel sleeps (WFI) in a loop that looks at nothing: whatever wakes it, it sleeps again${handlersRun(evidence) ? ', and only interrupt handlers run' : ''}`;
}

/** A loop may wait for a bit of the register of pending interrupts, with no handler. */
export function pendingRegister({ loop }: Evidence): string | null {
  const reads = loop?.instructions.map(({ text: instruction }) => /^csrr?[rsc]i? \w+, ([ms]ip)\b/.exec(instruction)?.[1] ?? null) ?? [];
  return reads.find((name) => name !== null) ?? null;
}

/** With sstatus.SIE (in M mode mstatus.MIE) 0, a pending interrupt ends a WFI, and no handler runs. */
function handlersRun({ interrupts }: Evidence): boolean {
  if (interrupts === null) return false;
  const enable = interrupts.mode === 'M' ? 8n : 2n;
  return (BigInt(interrupts.mstatus) & enable) !== 0n;
}

/** A likely cause, and called that: nothing in compiled code says what was meant. */
function takenOut(hoisted: NonNullable<Explanations['loop']>['hoisted']): Detail[] {
  if (hoisted === undefined) return [];
  const { load, symbol, sameLine, stack } = hoisted;
  const what = nameOf(load.what, symbol);
  const once = `${what} at ${load.address} was loaded once, just before the loop, as ${small(load.value)}, and the loop never looks at it again`;
  return [
    text(`${once}; ${causeOf(hoisted, what)}. Is it volatile (in Rust: read_volatile, or an atomic)?`),
    ...(sameLine ? [] : [{ kind: 'code', text: 'loaded at', stack } as const]),
  ];
}

function causeOf({ load, sameLine, compares }: NonNullable<NonNullable<Explanations['loop']>['hoisted']>, what: string): string {
  const cause = 'most likely the compiler has taken the load out of the loop';
  if (sameLine) return `the source line reads memory and the loop does not: ${cause}`;
  // Nobody else stores to a variable that only the kernel's own code uses.
  if (compares && isOfDevice(load.what)) return `the loop compares it in each round: ${cause}`;
  return `if the loop is meant to wait for ${what}, the compiler has taken the load out of it`;
}

function isOfDevice({ kind }: PolledThing): boolean {
  return kind !== 'memory' && kind !== 'stack' && kind !== 'register';
}

/** The loop looks at a copy. */
function copied(found: NonNullable<Explanations['loop']>['copied'], polled: LoopLoadEvidence | undefined): Detail[] {
  if (found === undefined || polled === undefined) return [];
  const what = nameOf(found.load.what, null);
  return [
    text(
      `what it polls is a copy of ${what} at ${found.load.address}, made once before the loop, and the device writes to the original: ` +
        `read ${what} itself in each round (through a volatile pointer; in Rust: read_volatile)`,
    ),
    { kind: 'code', text: 'copied at', stack: found.stack },
  ];
}

/** What is looked at by an atomic instruction in each round is most likely a lock. */
function lock(polled: LoopLoadEvidence | undefined, symbol: string | null, { instructions: all }: LoopEvidence): string[] {
  if (polled?.decides !== true || polled.what.kind !== 'memory' || BigInt(polled.value) === 0n) return [];
  const [atomic] = /^(?:amoswap|lr)\S*/.exec(all.find(({ pc }) => pc === polled.pc)?.text ?? '') ?? [];
  if (atomic === undefined) return [];
  return [
    `each round tries to take it by ${atomic}, as one does with a lock: if ${nameOf(polled.what, symbol)} is one, it is held, and nothing releases ` +
      'it any more. Does a function return without releasing it, or does the code that holds it (or an interrupt handler that interrupted that code) take it again?',
  ];
}

const SHOWN_INSTRUCTIONS = 6;

function instructions({ instructions: all }: LoopEvidence): string {
  const shown = all.slice(0, SHOWN_INSTRUCTIONS).map(({ pc, text: instruction }) => `${pc} ${instruction}`);
  return [...shown, ...(all.length > shown.length ? ['…'] : [])].join('; ');
}

/** What is polled, and what is read there: `used.idx of queue 0 of blk at 0x80208002, which stays 1, and it waits for …`. */
function thing(load: LoopLoadEvidence, symbol: string | null, evidence: Evidence): string {
  return `${fieldOf(load, evidence) ?? nameOf(load.what, symbol)} at ${load.address}, ${stays(load)}`;
}

/** A field of a queue, if it lies where the driver has it: else the field is only the device's idea of what is there. */
function fieldOf(load: LoopLoadEvidence, evidence: Evidence): string | null {
  const { what } = load;
  if (!isQueuePart(what) || isElsewhere(what.drive, load, evidence)) return null;
  const field = queueField(what, load, evidence);
  return field && `${field.name} of queue 0 of ${what.drive}`;
}

function isElsewhere(drive: string, load: LoopLoadEvidence, { devices: all }: Evidence): boolean {
  return all.some((device) => device.drive === drive && queueMistake(device, load) !== null);
}

/** Why what is polled does not say that a request is done. */
function unfit(load: LoopLoadEvidence | undefined, evidence: Evidence): string[] {
  if (load === undefined || !load.decides) return [];
  const { what, awaited } = load;
  if (isQueuePart(what)) {
    const advice = isElsewhere(what.drive, load, evidence) ? null : (queueField(what, load, evidence)?.advice ?? null);
    return advice === null ? [] : [`${what.drive}: ${advice}`];
  }
  if (what.kind === 'register' && what.register === 'InterruptStatus' && awaited !== undefined && BigInt(awaited.mask) !== 1n) {
    return [`${what.drive ?? what.device}: bit 0 of InterruptStatus stands for a used buffer, bit 1 for a change of the configuration`];
  }
  return [];
}

export function small(value: string): string {
  return BigInt(value) < 10n ? `${BigInt(value)}` : value;
}

export function nameOf(what: PolledThing, symbol: string | null): string {
  switch (what.kind) {
    case 'used-index':
      return `used.idx of queue 0 of ${what.drive}`;
    case 'misplaced-used-index':
      return `what looks like used.idx of queue 0 of ${what.drive}`;
    case 'used-ring':
      return `the used ring of queue 0 of ${what.drive}`;
    case 'available-ring':
      return `what the device has as the available ring of queue 0 of ${what.drive}`;
    case 'descriptor-table':
      return `what the device has as the descriptor table of queue 0 of ${what.drive}`;
    case 'status-byte':
      return `the status byte of request #${what.request} of ${what.drive}`;
    case 'data':
      return `the buffer of request #${what.request} of ${what.drive}`;
    case 'register':
      return `${what.register} of ${what.drive ?? what.device}`;
    case 'stack':
      return 'a variable on its stack';
    case 'memory':
      return symbol === null ? 'memory' : `the variable ${printable(symbol)}`;
  }
}
