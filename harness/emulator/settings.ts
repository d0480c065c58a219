/** A run for a person, as the command line describes it (cli/qemu-arguments.ts): no defaults are filled in further down, and files are named, not read. */
import type { ConsoleBackend, MachineSettings } from '../qemu/settings.ts';
import type { KeyPair } from '../run/dialogue.ts';
import type { Limit } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';

export interface RunSettings extends MachineSettings {
  /** The byte that RAM holds at power-on where no file is loaded. */
  readonly fillRam: number;
  /** When harts are preempted, and which stores are delayed; after a reboot there is none. */
  readonly schedule: Schedule;
  readonly console: ConsoleBackend;
  /** Whether a reset boots again (QEMU's default) or ends the run (`-no-reboot`). */
  readonly reboot: boolean;
  readonly until: string | undefined;
  readonly limit: Limit | undefined;
  readonly keys: readonly KeyPair[];
  readonly events: string | undefined;
  /** What to tell the user about options without effect, one line each. */
  readonly notes: readonly string[];
}
