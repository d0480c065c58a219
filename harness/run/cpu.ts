/** Asks the machine whether it can be the CPU that a rubric names. */
import { CpuOptionError, parseCpuModel } from '../../machine/isa/cpu-model.ts';

/** What is wrong with QEMU's `-cpu` text, in one line; null: nothing. */
export function cpuProblem(cpu: string): string | null {
  try {
    parseCpuModel(cpu);
    return null;
  } catch (error) {
    if (error instanceof CpuOptionError) return error.message;
    throw error;
  }
}
