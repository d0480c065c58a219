/** Asks the machine whether any kernel could boot beside the files that a rubric gives it. */
import { checkFiles } from '../../machine/boot/boot.ts';
import { type GuestFile, GuestFileError } from '../../machine/boot/error.ts';
import { parseCpuModel } from '../../machine/isa/cpu-model.ts';
import type { MachineProblem } from '../rubric/mistakes/boot.ts';
import type { MachineSetup } from '../vocabulary/scenario.ts';

const KEYS = { firmware: 'bios', initrd: 'initrd', loader: 'loader', flash: 'flash', kernel: 'memory' } as const satisfies Record<
  GuestFile,
  string
>;

/** What the machine takes of the rubric's files, beside the kernel. */
export function filesOf({ bios, initrd, loader, fwCfg, flash }: MachineSetup) {
  return {
    bios: typeof bios === 'string' ? bios : bios.bytes,
    initrd: initrd?.bytes,
    flash: flash?.map((file) => file?.bytes),
    fwCfg: fwCfg?.map(({ name, bytes }) => ({ name, bytes })),
    loader: loader.map(({ at, bytes }) => ({ at: at ?? undefined, bytes })),
  };
}

export const machineProblem: MachineProblem = (machine) => {
  try {
    const { fwCfg: _, ...files } = filesOf(machine);
    checkFiles({ cpu: parseCpuModel(machine.cpu), memory: machine.memory, ...files });
    return null;
  } catch (error) {
    if (!(error instanceof GuestFileError)) throw error;
    return { key: KEYS[error.file], ...(error.index === undefined ? {} : { index: error.index }), message: error.message };
  }
};
