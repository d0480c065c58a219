/** A machine as QEMU's command line describes it: files are named, not read. */

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

/** QEMU's `-fw_cfg`: a file, or the bytes of a text. */
export interface ConfigSettings {
  readonly name: string;
  readonly from: { readonly file: string } | { readonly bytes: Uint8Array };
}

/** A unit of flash memory. */
export interface FlashSettings {
  readonly file: string;
  /** It cannot be written; what is written reaches the file; it ends with the run. */
  readonly writes: 'refused' | 'kept' | 'lost';
}

export interface MachineSettings {
  readonly cpu: string;
  /** Bytes. */
  readonly memory: number;
  readonly harts: number;
  /** Guest nanoseconds that each instruction takes. */
  readonly clock: number;
  readonly kernel: string | undefined;
  readonly bios: 'builtin' | 'none' | { readonly file: string };
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly loader: readonly LoaderSettings[];
  readonly drives: readonly DriveSettings[];
  /** The entropy device. */
  readonly entropy: { readonly seed: number; readonly slot: number } | undefined;
  /** A network device whose link is down. */
  readonly network: { readonly mac: string; readonly slot: number } | undefined;
  /** The files of fw_cfg, which the machine has if there are any. */
  readonly fwCfg: readonly ConfigSettings[];
  /** By unit. */
  readonly flash: readonly (FlashSettings | undefined)[] | undefined;
  /** Version 2 of virtio-mmio in every slot, not version 1. */
  readonly modernVirtio: boolean;
}
