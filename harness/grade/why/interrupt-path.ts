/**
 * The way of an interrupt from its device to the handler: PLIC, then the hart's CSRs. The first thing on it that is not as it must be is the
 * reason why the interrupt does not come.
 * Reference: RISC-V PLIC specification 1.0.0; Privileged Architecture, "Supervisor Interrupt Registers".
 */

import { RTC, UART, VIRTIO_SLOTS, virtioSlot } from '../../../machine/spec/virt-board.ts';
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import { type InterruptsEvidence, type KernelMode, kernelMode } from '../../evidence/interrupts.ts';

export function isSet(register: string, bit: number): boolean {
  return ((BigInt(register) >> BigInt(bit)) & 1n) === 1n;
}

/** What keeps an interrupt from its handler. */
export interface Obstacle {
  readonly text: string;
  /** The bit (`sie.9`) or the register of the PLIC (its address) that is not as it must be, as the evidence names it (`controls`). */
  readonly control?: string;
}

/** What is wrong between a source that a device has raised and the kernel's handler, with what to do. */
export function pathOf(found: InterruptsEvidence, source: number): Obstacle {
  return atController(found, source) ?? atHart(found, kernelMode(found).external);
}

/** Undefined if the PLIC passes it on. */
function atController(found: InterruptsEvidence, source: number): Obstacle | undefined {
  const { sources, contexts, lines } = found;
  const mode = kernelMode(found);
  const name = `source ${source} of the PLIC`;
  const state = sources.find((one) => one.source === source);
  if (state?.claimed)
    return {
      text: `${name} was claimed and never completed, so the PLIC passes on no other interrupt of it: write ${source} back to the claim register when it is handled`,
    };
  if (state === undefined || !state.pending) {
    if (state !== undefined && state.claims > 0 && openHandler(found) !== undefined) {
      return {
        text: `${name} was claimed ${times(state.claims)} and completed, by a handler that has not returned yet`,
        control: `${mode.statusRegister}.${mode.status[0]}`,
      };
    }
    return {
      text:
        state === undefined || state.claims === 0
          ? `${name} is not pending, and comes only when the device raises its interrupt again`
          : `${name} was claimed ${times(state.claims)} and completed, but the handler did not do all that there was to do, and no other interrupt comes for the rest`,
    };
  }
  if (state.priority === 0)
    return {
      text: `the priority of ${name} is 0, which means never: write 1 to ${register(4 * source)}${setUpInstead(found)}`,
      control: register(4 * source),
    };
  const own = contexts.find((one) => one.mode === mode.name);
  if (own === undefined) return undefined;
  if (!own.enabled.includes(source)) {
    const other = contexts.find((one) => one.mode !== mode.name && one.enabled.includes(source));
    const instead = own.enabled.map((one) => `source ${one} (${sourceName(one, lines)})`);
    const where =
      other !== undefined
        ? `it is enabled for hart 0's ${other.mode} mode`
        : instead.length === 0
          ? 'no source is'
          : `enabled there: ${instead.join(', ')}`;
    const word = ENABLE + ENABLE_STRIDE * contexts.indexOf(own) + 4 * (source >>> 5);
    return {
      text: `${name} is not enabled for hart 0's ${mode.name} mode, in which the kernel takes its interrupts (${where}): set bit ${source & 31} of ${register(word)}`,
      control: register(word),
    };
  }
  const threshold = register(THRESHOLD + CONTEXT_STRIDE * contexts.indexOf(own));
  if (own.threshold >= state.priority)
    return {
      text:
        `the threshold of hart 0's ${mode.name} mode is ${own.threshold}, and ${name} has priority ${state.priority}: ` +
        `only priorities above the threshold interrupt (${threshold})`,
      control: threshold,
    };
  if (!isSet(found.mip, mode.external.bit))
    return {
      text:
        `${name} was enabled only after it had become pending, and the PLIC (QEMU's as well) does not look at it again before its next event: ` +
        'enable it before the first request',
    };
  return undefined;
}

/** Sources that the kernel has enabled, although they belong to no device: it has counted wrongly. */
function setUpInstead({ contexts, lines }: InterruptsEvidence): string {
  const devices = new Set([UART.irq, RTC.irq, ...lines.map((line) => line.source)]);
  const [wrong] = contexts.flatMap(({ enabled }) => enabled.filter((source) => source !== 0 && !devices.has(source)));
  return wrong === undefined ? '' : ` (the kernel has enabled source ${wrong}: ${sourceName(wrong, lines)})`;
}

const PLIC = 0xc00_0000;
const ENABLE = 0x2000;
const ENABLE_STRIDE = 0x80;
const THRESHOLD = 0x20_0000;
const CONTEXT_STRIDE = 0x1000;

function register(offset: number): string {
  return `0x${(PLIC + offset).toString(16)}`;
}

/** Which device a source belongs to. */
export function sourceName(source: number, lines: InterruptsEvidence['lines']): string {
  const drive = lines.find((line) => line.source === source)?.drive;
  if (drive !== undefined) return drive;
  if (source === UART.irq) return 'the UART';
  if (source === RTC.irq) return 'the clock';
  return source >= 1 && source <= VIRTIO_SLOTS
    ? `the empty virtio slot at 0x${virtioSlot(source - 1).base.toString(16)}`
    : 'no device has this one';
}

/** Of an interrupt that has come to the hart. */
export function atHart(found: InterruptsEvidence, { bit, enable, pending }: KernelMode['external']): Obstacle {
  const mode = kernelMode(found);
  const arrived = `the interrupt is pending at the hart (${mode.pendingRegister}.${pending})`;
  if (mode.name === 'S' && !isSet(found.mideleg, bit)) {
    return {
      text: `${arrived}, but bit ${bit} of mideleg is 0, so that it goes to M mode and not to the handler in stvec (and the bit of ${mode.enableRegister} is 0, whatever is written there)`,
    };
  }
  if (!isSet(found.mie, bit))
    return {
      text: `${arrived}, but ${mode.enableRegister}.${enable} (bit ${bit}) is 0: set it`,
      control: `${mode.enableRegister}.${bit}`,
    };
  if (mode.name === 'M' && isSet(found.mideleg, bit))
    return { text: `${arrived}, but bit ${bit} of mideleg is 1, so that it goes to S mode` };
  if (found.mode === mode.name && (BigInt(found.mstatus) & mode.globally.mask) === 0n) {
    return {
      text:
        `${arrived} and enabled in ${mode.enableRegister}, but ${mode.globally.name} is 0, so that no trap is taken in ${mode.name} mode ` +
        '(WFI does not wait then, and takes no trap either): set it',
      control: `${mode.statusRegister}.${mode.status[0]}`,
    };
  }
  return { text: `${arrived}, and nothing keeps it from being taken` };
}

/** The interrupt that was taken last, where the kernel has returned from no trap since: interrupts are off. */
export function openHandler(found: InterruptsEvidence): InterruptsEvidence['taken'][number] | undefined {
  const { name, globally } = kernelMode(found);
  const last = [...found.taken].sort((a, b) => a.time - b.time).at(-1);
  const isOff = found.mode === name && (BigInt(found.mstatus) & globally.mask) === 0n;
  return isOff && last?.returned === false ? last : undefined;
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${groupedDigits(count)} times`;
}
