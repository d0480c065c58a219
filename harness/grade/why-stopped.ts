/**
 * Why a kernel came to its end, from the evidence alone: its panic, its last exception, the loop that it was in. With explanations
 * (harness/explain) these name source lines. Pure.
 */
import { describeProblem } from '../evidence/chain-problems.ts';
import type { DeviceEvidence, Evidence } from '../evidence/evidence.ts';
import type { CodeStack, ExceptionEvidence, LoopEvidence, LoopLoadEvidence, PolledThing } from '../evidence/explanation.ts';
import { panicOf } from '../evidence/panic.ts';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';

const SENTENCE = 300;

export function whyStopped(evidence: Evidence): Detail[] {
  return [...panic(evidence), ...exception(evidence), ...loop(evidence), ...end(evidence)];
}

const text = (line: string): Detail => ({ kind: 'text', text: line });

function panic(evidence: Evidence): Detail[] {
  const found = panicOf(evidence);
  if (found === null) return [];
  const where = found.file === null ? '' : ` at ${printable(found.file, SENTENCE)}:${found.line}`;
  const stack = evidence.explanations?.panic ?? null;
  const calls = stack === null ? null : beforePanicking(stack);
  return [
    text(`the kernel panicked${where}: ${printable(found.message, SENTENCE)}`),
    ...(calls === null || calls.places.length === 0 ? [] : [{ kind: 'code', text: 'panicked in', stack: calls } as const]),
  ];
}

const PANICKING = /panic|unwind/i;

/** Without the functions that only print the message. */
function beforePanicking({ places, leftOut, notes }: CodeStack): CodeStack {
  const flat = places.flatMap(({ address, frames }) => frames.map((frame) => ({ address, frame })));
  const last = flat.findLastIndex(({ frame }) => frame.function !== null && PANICKING.test(frame.function));
  const rest = flat.slice(last + 1);
  const addresses = [...new Set(rest.map(({ address }) => address))];
  const kept = addresses.map((address) => ({ address, frames: rest.filter((one) => one.address === address).map(({ frame }) => frame) }));
  return { places: rest.length === 0 ? places : kept, leftOut, notes };
}

/** Privileged Architecture, scause. */
const CAUSES: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};
const ILLEGAL_INSTRUCTION = 2;

function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}

function exception({ exception: taken, explanations }: Evidence): Detail[] {
  if (taken === null) return [];
  const explained = explanations?.exception ?? null;
  const instruction = explained?.instruction ?? null;
  const what = `${causeOf(taken)}, by the instruction at ${taken.pc}${instruction === null ? '' : `: ${instruction}`}`;
  const details = [text(`the last exception, after ${taken.instructions.toLocaleString('en-US')} instructions: ${what}`)];
  if (explained !== null) {
    details.push({ kind: 'code', text: 'trapped at', stack: explained.stack });
    const walk = explained.walk.map(({ level, address, entry }) => `level ${level}: entry at ${address} is ${entry}`);
    if (explained.walkEnd !== null) details.push(text(`page table: ${[...walk, explained.walkEnd].join('; ')}`));
  }
  if (taken.nested !== null) details.push(text(`the trap vector at ${taken.nested.pc} then faulted itself: ${causeOf(taken.nested)}`));
  return details;
}

function loop(evidence: Evidence): Detail[] {
  const { loop: found, explanations } = evidence;
  if (found === null) return [];
  const explained = explanations?.loop ?? null;
  const [polled] = found.loads;
  const since = explained?.since ?? null;
  const when = since === null ? '' : `, since instruction ${since.toLocaleString('en-US')}`;
  const subject =
    polled === undefined ? 'the kernel spins in a loop that loads nothing' : `the kernel polls ${thing(polled, explained?.symbol ?? null)}`;
  const round = `a round of ${found.period.toLocaleString('en-US')} instruction${found.period === 1 ? '' : 's'}`;
  return [
    text(`${subject} (${round}${when})`),
    explained !== null && explained.stack.places.length > 0
      ? { kind: 'code', text: 'looping at', stack: explained.stack }
      : text(`the loop: ${instructions(found)}`),
    ...devices(polled, evidence).map(text),
  ];
}

/** Where the kernel was, if no other detail says so. */
function end({ explanations }: Evidence): Detail[] {
  const stack = explanations?.end ?? null;
  return stack === null ? [] : [{ kind: 'code', text: 'the kernel was at', stack }];
}

const SHOWN_INSTRUCTIONS = 6;

function instructions({ instructions: all }: LoopEvidence): string {
  const shown = all.slice(0, SHOWN_INSTRUCTIONS).map(({ pc, text: instruction }) => `${pc} ${instruction}`);
  return [...shown, ...(all.length > shown.length ? ['…'] : [])].join('; ');
}

/** What is polled, and what is read there: `used.idx of queue 0 of blk at 0x80208002, which stays 1`. */
function thing({ address, value, what }: LoopLoadEvidence, symbol: string | null): string {
  return `${nameOf(what, symbol)} at ${address}, which stays ${BigInt(value) < 10n ? BigInt(value) : value}`;
}

function nameOf(what: PolledThing, symbol: string | null): string {
  switch (what.kind) {
    case 'used-index':
      return `used.idx of queue 0 of ${what.drive}`;
    case 'used-ring':
      return `the used ring of queue 0 of ${what.drive}`;
    case 'available-ring':
      return `the available ring of queue 0 of ${what.drive}`;
    case 'descriptor-table':
      return `the descriptor table of queue 0 of ${what.drive}`;
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

/** The state of the devices that the loop could be waiting for: of the polled drive, or of all. */
function devices(polled: LoopLoadEvidence | undefined, evidence: Evidence): string[] {
  const drive = polled !== undefined && 'drive' in polled.what ? polled.what.drive : null;
  const lines = evidence.devices.filter((one) => drive === null || one.drive === drive).flatMap((one) => deviceState(one, evidence));
  const nothing = evidence.stop.reason === 'hang' ? ['no event is scheduled that could end the loop: it is proved to run for ever'] : [];
  return [...lines, ...nothing];
}

function deviceState({ drive, unnotified, broken }: DeviceEvidence, { requests }: Evidence): string[] {
  const ofDrive = requests.filter((one) => one.drive === drive);
  if (broken !== null) {
    const culprit = ofDrive.find(({ problem }) => problem !== null);
    const since = culprit === undefined ? '' : ` since request #${culprit.number}`;
    return [`${drive}: the device is broken${since}: ${describeProblem(broken)}; only a reset would end that`];
  }
  if (unnotified > 0) {
    const next = (ofDrive.at(-1)?.number ?? 0) + 1;
    const which = unnotified === 1 ? `request #${next} is` : `requests #${next} to #${next + unnotified - 1} are`;
    return [`${drive}: ${which} in the available ring, but QueueNotify was not written since`];
  }
  const waiting = ofDrive.filter(({ completion }) => completion === null);
  return waiting.length > 0 ? [] : [`${drive}: the device has answered every request that it was notified of (${ofDrive.length})`];
}
