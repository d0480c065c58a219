/**
 * What a driver wrote last to the registers that say where queue 0 lies, in the transports' names. Only for those who explain a run: the
 * transports keep what they compute with. Left out: the registers of further queues.
 */
import type { VirtioEvent } from '../rules/event.ts';

const OF_QUEUE = /^Queue(Num|Align|PFN|Ready|(Desc|Driver|Device)(Low|High))$/;
/** They tell the device nothing about one queue, and a reset does not change their meaning. */
const OF_DEVICE: ReadonlySet<string> = new Set(['GuestPageSize', 'QueueSel']);
/** What a reset by the driver sets back, on the one transport or the other. */
const RESET: readonly string[] = ['QueueSel', 'QueueNum', 'QueuePFN', 'QueueReady'];

export class QueueRegisters {
  #values: ReadonlyMap<string, number> = new Map<string, number>();

  /** By name; without those that were not written since the last reset. */
  get values(): ReadonlyMap<string, number> {
    return this.#values;
  }

  observe(event: VirtioEvent): void {
    if (event.kind !== 'register-write') return;
    const { register, value } = event;
    if (register === 'Status' && (value & 0xff) === 0) this.#forget();
    const isOfQueue = OF_QUEUE.test(register) && (this.#values.get('QueueSel') ?? 0) === 0;
    if (isOfQueue || OF_DEVICE.has(register)) this.#values = new Map(this.#values).set(register, value);
  }

  #forget(): void {
    const values = new Map(this.#values);
    for (const register of RESET) values.delete(register);
    this.#values = values;
  }

  save() {
    return this.#values;
  }

  restore(values: ReturnType<QueueRegisters['save']>): void {
    this.#values = values;
  }
}
