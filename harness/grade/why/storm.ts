/** Interrupts that come over and over, so that nothing else runs. */

import { UART } from '../../../machine/spec/virt-board.ts';
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type InterruptsEvidence, kernelMode, type TakenEvidence } from '../../evidence/interrupts.ts';
import type { Detail } from '../../result/result.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { isSet, sourceName, times } from './interrupt-path.ts';
import { text } from './text.ts';

/** Bit 1 of the UART's IER. */
const SENT = 2;

const NANOSECONDS_A_TICK = 100n;
/** In instructions: there is at least the one that returns, and the one that does something. */
const SHORTEST_HANDLER = 2n;

export function storm(found: InterruptsEvidence, { explanations, clock = 1 }: Evidence): Detail[] {
  const last = [...found.taken].sort((a, b) => a.time - b.time).at(-1);
  if (last === undefined) return [];
  const handler = explanations?.interrupts?.handler ?? null;
  const name = INTERRUPTS[last.cause] ?? `interrupt ${last.cause}`;
  const row = groupedDigits(found.inARow);
  return [
    text(
      `the kernel takes the ${name} (cause ${last.cause}) over and over: ${times(last.count)}, and the last ${row} interrupts without one ` +
        'instruction of the interrupted code between them',
    ),
    text(reason(last, found, clock)),
    ...(handler === null
      ? []
      : [{ kind: 'code', text: handler.setsTimer ? 'the handler sets it in' : 'the handler', stack: handler.stack } as const]),
  ];
}

/** `clock`: nanoseconds of an instruction. */
function reason({ cause, mode }: TakenEvidence, found: InterruptsEvidence, clock: number): string {
  switch (cause) {
    case 5:
      return timer(found.stimecmp, found, clock, 'the SBI call set_timer or stimecmp');
    case 7:
      return timer(found.mtimecmp, found, clock, 'mtimecmp');
    case 9:
    case 11:
      return external(mode, found);
    default:
      return `its bit in ${kernelMode(found).pendingRegister} stays set: the handler must clear it`;
  }
}

function timer(set: string, { time, inARow }: InterruptsEvidence, clock: number, by: string): string {
  const [compare, now] = [BigInt(set), BigInt(time)];
  const state = `the timer is set to ${groupedDigits(compare)}, and time is ${groupedDigits(now)}`;
  // If not even the shortest handlers would have fitted in between, the time was set while the interrupts came.
  const isAnew = (now - compare) * NANOSECONDS_A_TICK < BigInt(inARow * clock) * SHORTEST_HANDLER;
  if (compare <= now && !isAnew) {
    return `${state}: as long as that lies in the past the interrupt stays pending. The handler must set a later time by ${by}: time + interval, in ticks (10,000,000 a second)`;
  }
  return `${state}: the handler sets a later time, but the interval is shorter than what the handler takes (one tick is 100 ns)`;
}

/** The source for which the PLIC interrupts. */
function external(mode: 'M' | 'S', { sources, contexts, lines, mip, uart }: InterruptsEvidence): string {
  const context = contexts.find((one) => one.mode === mode);
  const open = sources.find(
    ({ source, pending, claimed, priority }) => pending && !claimed && context?.enabled.includes(source) && priority > context.threshold,
  );
  if (open === undefined || !isSet(mip, mode === 'S' ? 9 : 11)) return 'the PLIC raises it again after each time';
  const name = `source ${open.source} of the PLIC (${sourceName(open.source, lines)})`;
  return open.claims === 0
    ? `${name} is pending and was never claimed: the handler must read the claim register (0x${(0xc20_0004 + (mode === 'S' ? 0x1000 : 0)).toString(16)}), which takes the interrupt, and write the number back when it is handled`
    : `${name} is pending again, after it was claimed ${times(open.claims)}: the handler does not do what its device waits for${open.source === UART.irq && (uart.enabled & SENT) !== 0 ? '. (Bit 1 of its register IER is set, so that it interrupts whenever it can take a byte to send.)' : ''}`;
}
