/**
 * The way of an interrupt from its device to the handler: PLIC, then the hart's CSRs. The first thing on it that is not as it must be is the
 * reason why the interrupt does not come.
 * Reference: RISC-V PLIC specification 1.0.0; Privileged Architecture, "Supervisor Interrupt Registers".
 */
import { RTC, UART, VIRTIO_SLOTS, virtioSlot } from '../../../machine/spec/virt-board.ts';
import type { InterruptsEvidence } from '../../evidence/interrupts.ts';

/** What belongs to the mode in which a kernel takes its interrupts. */
export interface KernelMode {
  readonly name: 'M' | 'S';
  /** The registers by their names there, and the bits of an external and a timer interrupt. */
  readonly enableRegister: 'mie' | 'sie';
  readonly pendingRegister: 'mip' | 'sip';
  readonly external: { readonly bit: number; readonly enable: string; readonly pending: string };
  readonly timer: { readonly bit: number; readonly enable: string; readonly pending: string };
  readonly globally: { readonly mask: bigint; readonly name: string };
}

const SUPERVISOR: KernelMode = {
  name: 'S',
  enableRegister: 'sie',
  pendingRegister: 'sip',
  external: { bit: 9, enable: 'SEIE', pending: 'SEIP' },
  timer: { bit: 5, enable: 'STIE', pending: 'STIP' },
  globally: { mask: 1n << 1n, name: 'sstatus.SIE' },
};

const MACHINE: KernelMode = {
  name: 'M',
  enableRegister: 'mie',
  pendingRegister: 'mip',
  external: { bit: 11, enable: 'MEIE', pending: 'MEIP' },
  timer: { bit: 7, enable: 'MTIE', pending: 'MTIP' },
  globally: { mask: 1n << 3n, name: 'mstatus.MIE' },
};

/** A kernel with the SBI below it has S mode only; without it, the mode that it is in counts. */
export function modeOf({ firmware, mode }: InterruptsEvidence): KernelMode {
  return firmware || mode !== 'M' ? SUPERVISOR : MACHINE;
}

export function isSet(register: string, bit: number): boolean {
  return ((BigInt(register) >> BigInt(bit)) & 1n) === 1n;
}

/** What is wrong between a source that a device has raised and the kernel's handler, with what to do. */
export function pathOf(found: InterruptsEvidence, source: number): string {
  return atController(found, source) ?? atHart(found, modeOf(found).external);
}

/** Undefined if the PLIC passes it on. */
function atController(found: InterruptsEvidence, source: number): string | undefined {
  const { sources, contexts, lines } = found;
  const mode = modeOf(found);
  const name = `source ${source} of the PLIC`;
  const state = sources.find((one) => one.source === source);
  if (state?.claimed)
    return `${name} was claimed and never completed, so the PLIC passes on no other interrupt of it: write ${source} back to the claim register when it is handled`;
  if (state === undefined || !state.pending) {
    return state === undefined || state.claims === 0
      ? `${name} is not pending, and comes only when the device raises its interrupt again`
      : `${name} was claimed ${times(state.claims)} and completed, but the handler did not do all that there was to do, and no other interrupt comes for the rest`;
  }
  if (state.priority === 0)
    return `the priority of ${name} is 0, which means never: write 1 to ${register(4 * source)}${setUpInstead(found)}`;
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
    return `${name} is not enabled for hart 0's ${mode.name} mode, in which the kernel takes its interrupts (${where}): set bit ${source & 31} of ${register(word)}`;
  }
  if (own.threshold >= state.priority)
    return (
      `the threshold of hart 0's ${mode.name} mode is ${own.threshold}, and ${name} has priority ${state.priority}: ` +
      `only priorities above the threshold interrupt (${register(THRESHOLD + CONTEXT_STRIDE * contexts.indexOf(own))})`
    );
  if (!isSet(found.mip, mode.external.bit))
    return (
      `${name} was enabled only after it had become pending, and the PLIC (QEMU's as well) does not look at it again before its next event: ` +
      'enable it before the first request'
    );
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
export function atHart(found: InterruptsEvidence, { bit, enable, pending }: KernelMode['external']): string {
  const mode = modeOf(found);
  const arrived = `the interrupt is pending at the hart (${mode.pendingRegister}.${pending})`;
  if (!isSet(found.mie, bit)) return `${arrived}, but ${mode.enableRegister}.${enable} (bit ${bit}) is 0: set it`;
  if (mode.name === 'S' && !isSet(found.mideleg, bit))
    return `${arrived}, but bit ${bit} of mideleg is 0, so that it goes to M mode and not to the handler in stvec`;
  if (mode.name === 'M' && isSet(found.mideleg, bit)) return `${arrived}, but bit ${bit} of mideleg is 1, so that it goes to S mode`;
  if (found.mode === mode.name && (BigInt(found.mstatus) & mode.globally.mask) === 0n)
    return (
      `${arrived} and enabled in ${mode.enableRegister}, but ${mode.globally.name} is 0, so that no trap is taken in ${mode.name} mode ` +
      '(WFI does not wait then, and takes no trap either): set it'
    );
  return `${arrived}, and nothing keeps it from being taken`;
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`;
}
