/**
 * A kernel's file as it was read for explanations. The scenarios of a submission have one kernel, and explain it one after the other: what was read
 * of it stays until the kernel itself is dropped.
 */

import { type ElfFile, readElf } from '../run/elf.ts';
import { StackWalker } from './call-stack.ts';
import { Budget } from './dwarf/budget.ts';
import { DebugInfo } from './dwarf/debug-info.ts';

export class KernelFile {
  readonly elf: ElfFile;
  readonly debug: DebugInfo;
  readonly walker: StackWalker;
  readonly #budget: Budget;

  constructor(kernel: Uint8Array, budget: Budget) {
    this.#budget = budget;
    this.elf = readElf(kernel);
    this.debug = new DebugInfo(this.elf, budget);
    this.walker = new StackWalker(this.elf, budget, (address) => this.isCode(address));
  }

  isCode(address: bigint): boolean {
    return this.elf.code.some(({ low, high }) => low <= address && address < high);
  }

  /** Whether all that was asked of it could be read. Else the next explanation reads it anew, so that it says the same as if it were the first. */
  get isSound(): boolean {
    return this.debug.notes.size === 0 && this.#budget.left >= 0;
  }

  /** Lets one more explanation cost as much as the first one could. */
  allowMore(): void {
    this.#budget.renew();
  }
}

const READ = new WeakMap<Uint8Array, KernelFile>();

export function kernelFile(kernel: Uint8Array): KernelFile {
  const known = READ.get(kernel);
  if (known?.isSound === true) {
    known.allowMore();
    return known;
  }
  const file = new KernelFile(kernel, new Budget());
  READ.set(kernel, file);
  return file;
}
