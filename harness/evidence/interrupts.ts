/**
 * What decides which interrupts a kernel gets, at the end of a run that came to no end of its own: the hart's CSRs, its timers, the interrupt
 * controller (PLIC), and the devices' own state. Part of evidence.ts.
 */
import { z } from 'zod';
import { count, decimal, flag, hexNumber, type Saved, text } from './fields.ts';
import { loadSchema } from './loop.ts';

const mode = z.enum(['M', 'S']);

const takenSchema = z
  .object({
    cause: count.describe('scause or mcause without its highest bit: 9 is the supervisor external interrupt'),
    mode: mode.describe('in which mode it was taken'),
    count: count.describe('how often'),
    time: count.describe('guest nanoseconds when it was taken last'),
    pc: hexNumber.describe('the instruction before which it was taken last'),
    returned: flag.describe('whether a handler has returned since then'),
  })
  .meta({ id: 'taken-interrupt', description: 'The interrupts of one cause that the kernel has taken.' });

const sourceSchema = z
  .object({
    source: count.describe('its number'),
    priority: count.describe('0 to 7; a source of priority 0 never interrupts'),
    pending: flag.describe('whether the PLIC holds an interrupt of it that was not claimed yet'),
    claimed: flag.describe('whether it was claimed and not completed since; until then the PLIC passes nothing of it'),
    claims: count.describe('how often it was claimed'),
    completions: count.describe('how often it was completed'),
    lastClaim: count.nullable().describe('guest nanoseconds of the last claim; `null` if there was none'),
  })
  .meta({ id: 'plic-source', description: 'A source of the PLIC that a device or the kernel has done something with.' });

const contextSchema = z
  .object({
    mode: mode.describe('the mode of hart 0 that it interrupts: context 0 is for M mode, context 1 for S mode'),
    threshold: count.describe('only sources of a higher priority interrupt'),
    enabled: z.array(count).describe('the sources that are enabled'),
  })
  .meta({ id: 'plic-context', description: 'A context of the PLIC.' });

const lineSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    source: count.describe('its source at the PLIC'),
    status: count.describe('InterruptStatus'),
    refused: flag.describe("whether the available ring's flags ask for no interrupts"),
    used: z
      .object({
        ring: hexNumber.describe('physical address of the used ring'),
        size: count.describe('entries of the queue'),
        index: count.describe("the device's used index: elements that it has put into the used ring, modulo 65,536"),
      })
      .nullable()
      .describe('queue 0; `null` if the driver has not set it up'),
  })
  .meta({ id: 'interrupt-line', description: "A virtio device's interrupt, and how far its used ring is filled." });

const timeWaitSchema = z
  .object({
    pc: hexNumber.describe('the branch that ends the loop'),
    until: decimal.describe('the value of `time` with which it compares, in ticks'),
  })
  .meta({ id: 'time-wait', description: 'A loop that reads the time again and again.' });

export const interruptsSchema = z
  .object({
    mode: z.enum(['M', 'S', 'U']).describe('privilege mode'),
    waiting: flag.describe('whether the hart waits in WFI'),
    ahead: z
      .array(loadSchema)
      .nullable()
      .describe(
        'what would decide its way if that WFI ended, in the order of its loads; `null` if it does not wait, or would come back to the same WFI: see `loop`',
      ),
    firmware: flag.describe('whether the built-in SBI is in M mode, so that the kernel has only S mode'),
    mstatus: hexNumber.describe('bit 1 is SIE, which sstatus shows as well; bit 3 is MIE'),
    mip: hexNumber.describe('interrupts that are pending at the hart'),
    mie: hexNumber.describe('interrupts that are enabled; its bits for S mode are those of sie'),
    mideleg: hexNumber.describe('interrupts that go to S mode'),
    stvec: hexNumber.describe('where traps into S mode begin'),
    mtvec: hexNumber.describe('where traps into M mode begin'),
    time: decimal.describe('ticks of `time`, 10,000,000 in a second'),
    stimecmp: decimal.describe('for which time the timer of S mode is set, by stimecmp or the SBI: 2^64-1 if it was never set'),
    mtimecmp: decimal.describe('for which time the timer of M mode is set: 0 if it was never set'),
    taken: z.array(takenSchema).describe('interrupts that the kernel has taken, by cause'),
    inARow: count.describe('how many of them followed each other at the end, without an instruction of the interrupted code between them'),
    sources: z.array(sourceSchema).describe('of the PLIC'),
    contexts: z.array(contextSchema).describe('of the PLIC'),
    lines: z.array(lineSchema).describe('one for each virtio device'),
    uart: z
      .object({
        unread: count.describe('keys that the kernel has not read'),
        enabled: count.describe('IER; bit 0 enables the interrupt for keys'),
      })
      .describe('the serial port'),
    timeWait: timeWaitSchema.nullable().describe('the loop in which the kernel waits for a time; `null` if it is in none'),
  })
  .meta({ id: 'interrupts', description: 'What decides which interrupts the kernel gets.' });

export type InterruptsEvidence = Saved<typeof interruptsSchema>;
export type SourceEvidence = Saved<typeof sourceSchema>;
export type LineEvidence = Saved<typeof lineSchema>;
export type TakenEvidence = Saved<typeof takenSchema>;

/** From so many interrupts in a row on they are what the kernel is busy with. */
const STORM = 1000;

/** Whether the kernel did nothing any more but take interrupts. */
export function isStorm({ inARow }: Pick<InterruptsEvidence, 'inARow'>): boolean {
  return inARow >= STORM;
}

/** Where a source is claimed and completed: of hart 0's M mode, and of its S mode (RISC-V PLIC specification, "Memory Map"). */
export function isPlicClaim(physical: bigint): boolean {
  return physical === 0xc20_0004n || physical === 0xc20_1004n;
}

/** What belongs to the mode in which a kernel takes its interrupts. */
export interface KernelMode {
  readonly name: 'M' | 'S';
  /** The registers by their names there, and the bits of an external and a timer interrupt. */
  readonly enableRegister: 'mie' | 'sie';
  readonly pendingRegister: 'mip' | 'sip';
  readonly external: { readonly bit: number; readonly enable: string; readonly pending: string };
  readonly timer: { readonly bit: number; readonly enable: string; readonly pending: string };
  readonly globally: { readonly mask: bigint; readonly name: string };
  readonly statusRegister: 'mstatus' | 'sstatus';
  /** Bits of the enable register; of the status register the one that enables all, and the one that a return puts there. */
  readonly enabling: readonly number[];
  readonly status: readonly [number, number];
}

const SUPERVISOR: KernelMode = {
  name: 'S',
  enableRegister: 'sie',
  pendingRegister: 'sip',
  external: { bit: 9, enable: 'SEIE', pending: 'SEIP' },
  timer: { bit: 5, enable: 'STIE', pending: 'STIP' },
  globally: { mask: 1n << 1n, name: 'sstatus.SIE' },
  statusRegister: 'sstatus',
  enabling: [1, 5, 9],
  status: [1, 5],
};

const MACHINE: KernelMode = {
  name: 'M',
  enableRegister: 'mie',
  pendingRegister: 'mip',
  external: { bit: 11, enable: 'MEIE', pending: 'MEIP' },
  timer: { bit: 7, enable: 'MTIE', pending: 'MTIP' },
  globally: { mask: 1n << 3n, name: 'mstatus.MIE' },
  statusRegister: 'mstatus',
  enabling: [3, 7, 11],
  status: [3, 7],
};

/** A kernel with the SBI below it has S mode only; without it, the mode that it is in counts. */
export function kernelMode({ firmware, mode }: Pick<InterruptsEvidence, 'firmware' | 'mode'>): KernelMode {
  return firmware || mode !== 'M' ? SUPERVISOR : MACHINE;
}
