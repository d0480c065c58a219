/**
 * Platform-level interrupt controller with 95 sources, priorities 0 to 7, and two contexts for each hart: in M and in S mode.
 *
 * Reference: RISC-V PLIC specification 1.0.0; behaviour is that of QEMU 10's hw/intc/sifive_plic.c on `virt`, measured, where it
 * is stricter or looser than the specification:
 * - The gateway marks a source as pending each time its line is *set* high, even if it was high already, and lowering the line does not
 *   take that back. Completion does not look at the line again: a device that is not acknowledged interrupts only once.
 * - A write to an enable register does not change the outputs at once: they are only computed again at the next other event.
 * - A claim considers only sources above the context's threshold.
 * - Completion needs neither a claim nor an enabled source. Bits of source 0 can be enabled, without effect.
 * Accesses are 32 bits wide; an 8-byte access is a fault, not split. The region is 0x600000 bytes; holes read 0.
 */
import type { Device, InterruptLine } from '../ports.ts';

/** Sources including source 0, which does not exist. */
const SOURCES = 96;
const WORDS = SOURCES / 32;
const HIGHEST_PRIORITY = 7;

const PENDING = 0x1000;
const ENABLE = 0x2000;
const ENABLE_STRIDE = 0x80;
const CONTEXT = 0x200000;
const CONTEXT_STRIDE = 0x1000;

/** One hart in one mode: where its interrupt goes, and which sources it lets through. */
class Context {
  readonly output: InterruptLine;
  readonly enabled = new Uint32Array(WORDS);
  threshold = 0;

  constructor(output: InterruptLine) {
    this.output = output;
  }
}

function mark(bits: Uint32Array, source: number): void {
  bits[source >>> 5]! |= 1 << (source & 31);
}

function unmark(bits: Uint32Array, source: number): void {
  bits[source >>> 5]! &= ~(1 << (source & 31));
}

/** A register of a context: its context and the offset within that context's part. */
interface ContextRegister {
  readonly context: Context;
  readonly offset: number;
}

/** How often a source was claimed and completed; and the guest time of its last claim. */
export interface ClaimHistory {
  claims: number;
  completions: number;
  lastClaim: number | undefined;
}

/** A source as it is now, for explanations. */
export interface PlicSource {
  readonly source: number;
  readonly priority: number;
  readonly pending: boolean;
  /** Claimed and not completed since. */
  readonly claimed: boolean;
  readonly claims: number;
  readonly completions: number;
  /** Guest time in nanoseconds. */
  readonly lastClaim: number | undefined;
}

/** A context as it is now, for explanations. */
export interface PlicContext {
  readonly mode: 'M' | 'S';
  readonly threshold: number;
  /** The sources that are enabled, ascending. */
  readonly enabled: readonly number[];
}

export class Plic implements Device {
  readonly name = 'plic';
  readonly widths = [4] as const;
  readonly #priority = new Uint32Array(SOURCES);
  readonly #pending = new Uint32Array(WORDS);
  readonly #claimed = new Uint32Array(WORDS);
  readonly #contexts: readonly Context[];
  readonly #now: () => number;
  /** For explanations. */
  #history: ClaimHistory[] = Array.from({ length: SOURCES }, () => ({ claims: 0, completions: 0, lastClaim: undefined }));

  /** The MEIP and SEIP of each hart; `now` is the guest's clock. */
  constructor(harts: readonly { readonly machine: InterruptLine; readonly supervisor: InterruptLine }[], now: () => number = () => 0) {
    this.#contexts = harts.flatMap(({ machine, supervisor }) => [new Context(machine), new Context(supervisor)]);
    this.#now = now;
  }

  /** Every source that anything was ever done with: by a device, or by the kernel. */
  sources(): PlicSource[] {
    const has = (bits: Uint32Array, source: number) => ((bits[source >>> 5]! >>> (source & 31)) & 1) !== 0;
    return this.#history.flatMap(({ claims, completions, lastClaim }, source) => {
      const priority = this.#priority[source]!;
      const [pending, claimed] = [has(this.#pending, source), has(this.#claimed, source)];
      const isEnabled = this.#contexts.some(({ enabled }) => has(enabled, source));
      if (source === 0 || (priority === 0 && !pending && !claimed && claims + completions === 0 && !isEnabled)) return [];
      return [{ source, priority, pending, claimed, claims, completions, lastClaim }];
    });
  }

  /** Those of a hart, or of all harts. */
  contexts(hart?: number): PlicContext[] {
    const contexts = hart === undefined ? this.#contexts : this.#contexts.slice(2 * hart, 2 * hart + 2);
    return contexts.map(({ enabled, threshold }, index) => ({
      mode: (index & 1) === 0 ? 'M' : 'S',
      threshold,
      enabled: Array.from({ length: SOURCES }, (_, source) => source).filter(
        (source) => ((enabled[source >>> 5]! >>> (source & 31)) & 1) !== 0,
      ),
    }));
  }

  /** The line into `source`, 1 to 95. */
  line(source: number): InterruptLine {
    if (!Number.isInteger(source) || source < 1 || source >= SOURCES) throw new RangeError(`no interrupt source ${source}`);
    return {
      set: (level) => {
        if (!level) return;
        mark(this.#pending, source);
        this.#update();
      },
    };
  }

  /** Every read but a claim, which takes the source that it answers with. */
  quiet(offset: number): boolean {
    return this.#find(offset, CONTEXT, CONTEXT_STRIDE)?.offset !== 4;
  }

  read(offset: number): number {
    if (offset < SOURCES * 4) return this.#priority[offset >>> 2] ?? 0;
    if (offset >= PENDING && offset < PENDING + WORDS * 4) return this.#pending[(offset - PENDING) >>> 2] ?? 0;
    const enable = this.#find(offset, ENABLE, ENABLE_STRIDE);
    if (enable) return enable.context.enabled[enable.offset >>> 2] ?? 0;
    const register = this.#find(offset, CONTEXT, CONTEXT_STRIDE);
    if (register?.offset === 0) return register.context.threshold;
    if (register?.offset === 4) return this.#claim(register.context);
    return 0;
  }

  write(offset: number, value: number): void {
    const register = this.#find(offset, CONTEXT, CONTEXT_STRIDE);
    const enable = this.#find(offset, ENABLE, ENABLE_STRIDE);
    if (offset > 0 && offset < SOURCES * 4) {
      this.#priority[offset >>> 2] = value & HIGHEST_PRIORITY;
      this.#update();
    } else if (enable) {
      // A typed array ignores a value after its last word; that is right here, since the register there is reserved.
      enable.context.enabled[enable.offset >>> 2] = value;
    } else if (register?.offset === 0) {
      register.context.threshold = value & HIGHEST_PRIORITY;
      this.#update();
    } else if (register?.offset === 4 && value < SOURCES) {
      unmark(this.#claimed, value);
      this.#history[value]!.completions++;
      this.#update();
    }
  }

  #find(offset: number, base: number, stride: number): ContextRegister | undefined {
    const context = offset < base ? undefined : this.#contexts[Math.floor((offset - base) / stride)];
    return context && { context, offset: (offset - base) % stride };
  }

  #claim(context: Context): number {
    const source = this.#best(context);
    if (source === 0) return 0;
    unmark(this.#pending, source);
    mark(this.#claimed, source);
    const history = this.#history[source]!;
    history.claims++;
    history.lastClaim = this.#now();
    this.#update();
    return source;
  }

  /** The source that a claim returns: the one of highest priority above the threshold; among equals the lowest number; 0 for none. */
  #best(context: Context): number {
    let best = 0;
    let priority = context.threshold;
    for (let word = 0; word < WORDS; word++) {
      const open = (this.#pending[word] ?? 0) & ~(this.#claimed[word] ?? 0) & (context.enabled[word] ?? 0);
      if (open === 0) continue;
      for (let source = word * 32; source < word * 32 + 32; source++) {
        const own = this.#priority[source] ?? 0;
        if (((open >>> (source & 31)) & 1) === 0 || own <= priority) continue;
        best = source;
        priority = own;
      }
    }
    return best;
  }

  #update(): void {
    for (const context of this.#contexts) context.output.set(this.#best(context) !== 0);
  }

  save() {
    const contexts = this.#contexts.map(({ enabled, threshold }) => ({ enabled, threshold }));
    return { priority: this.#priority, pending: this.#pending, claimed: this.#claimed, contexts, history: this.#history };
  }

  restore({ priority, pending, claimed, contexts, history }: ReturnType<Plic['save']>): void {
    this.#history = history;
    this.#priority.set(priority);
    this.#pending.set(pending);
    this.#claimed.set(claimed);
    contexts.forEach(({ enabled, threshold }, index) => {
      const context = this.#contexts[index]!;
      context.enabled.set(enabled);
      context.threshold = threshold;
    });
  }
}
