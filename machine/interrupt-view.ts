/** How far each interrupt has come on its way from a device to the hart. */
import type { Aclint } from './devices/aclint.ts';
import type { Plic, PlicContext, PlicSource } from './devices/plic.ts';
import type { Uart16550 } from './devices/uart16550.ts';
import type { Hart } from './hart/hart.ts';
import type { InterruptView } from './machine.ts';
import { INTERRUPT, PRIVILEGE } from './spec/riscv.ts';
import type { InterruptHandling } from './virtio/rules/event.ts';

const EXTERNAL: ReadonlySet<number> = new Set([INTERRUPT.supervisorExternal, INTERRUPT.machineExternal]);
/** By privilege. */
const MODES: Readonly<Record<number, 'M' | 'S' | 'U'>> = { [PRIVILEGE.user]: 'U', [PRIVILEGE.supervisor]: 'S', [PRIVILEGE.machine]: 'M' };

export interface InterruptParts {
  readonly plic: Plic;
  readonly aclint: Aclint;
  readonly uart: Uart16550;
}

export function interruptView(hart: Hart, { plic, aclint, uart }: InterruptParts): InterruptView {
  const { state, traps, waiting } = hart;
  return {
    mode: MODES[state.small('privilege')]!,
    waiting,
    firmware: traps.firmware !== undefined,
    mstatus: state.get('mstatus'),
    mip: state.get('mip'),
    mie: state.get('mie'),
    mideleg: state.get('mideleg'),
    stvec: state.get('stvec'),
    mtvec: state.get('mtvec'),
    time: hart.ticks(),
    stimecmp: state.get('stimecmp'),
    mtimecmp: aclint.compare(hart.options.id),
    taken: traps.interrupts(),
    inARow: traps.inARow,
    sources: plic.sources(),
    contexts: plic.contexts(hart.options.id),
    uart: { unread: uart.pending(), enabled: uart.ier },
  };
}

/** A source of the PLIC was taken if it was claimed. A handler that never claims has been entered because of it while it is let through. */
export function handlingOf(source: PlicSource | undefined, harts: readonly Hart[], plic: Plic): InterruptHandling {
  if (source === undefined) return 'none';
  const trapped = harts.flatMap(({ traps }) => traps.interrupts()).filter(({ cause }) => EXTERNAL.has(cause));
  const passes = ({ enabled, threshold }: PlicContext) => enabled.includes(source.source) && source.priority > threshold;
  const isTaken = source.claims > 0 || (trapped.length > 0 && source.pending && plic.contexts().some(passes));
  if (!isTaken) return 'none';
  // A kernel may claim without a trap, when it polls the PLIC.
  return trapped.length === 0 || trapped.some(({ count, returned }) => count > 1 || returned) ? 'handled' : 'taken';
}
