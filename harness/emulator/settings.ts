/** A run for a person, as the command line describes it (cli/qemu-arguments.ts): no defaults are filled in further down, and files are named, not read. */
import type { KeyPair } from '../run/dialogue.ts';
import type { Limit } from '../vocabulary/scenario.ts';

export type ConsoleBackend = 'stdio' | 'null';

/** A disk of the machine: an image file and the block device in front of it. */
export interface DriveSettings {
  /** QEMU's id of the drive: its name in messages and events. */
  readonly id: string;
  readonly file: string;
  readonly serial: string;
  /** virtio-mmio slot 0…7. */
  readonly slot: number;
  readonly readOnly: boolean;
  /** Writes stay in memory and end with the run. */
  readonly snapshot: boolean;
}

/** QEMU's `-device loader`: a file, or the bytes of a number. Without an address the file is ELF. */
export interface LoaderSettings {
  readonly from: { readonly file: string } | { readonly bytes: Uint8Array };
  readonly at: number | undefined;
}

export interface RunSettings {
  readonly cpu: string;
  /** Bytes. */
  readonly memory: number;
  /** Guest nanoseconds that each instruction takes. */
  readonly harts: number;
  readonly clock: number;
  /** The byte that RAM holds at power-on where no file is loaded. */
  readonly fillRam: number;
  readonly kernel: string | undefined;
  readonly bios: 'builtin' | 'none' | { readonly file: string };
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly loader: readonly LoaderSettings[];
  readonly drives: readonly DriveSettings[];
  /** The entropy device. */
  readonly entropy: { readonly seed: number; readonly slot: number } | undefined;
  /** Version 2 of virtio-mmio in every slot, not version 1. */
  readonly modernVirtio: boolean;
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
