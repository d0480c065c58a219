/**
 * A file that was handed in to be booted (kernel, firmware, initrd, one of the loader's, or flash memory) and cannot be booted: the user's mistake, reported in one line.
 */

export type GuestFile = 'kernel' | 'firmware' | 'initrd' | 'loader' | 'flash';

export type GuestFileErrorCode =
  | 'missing'
  | 'empty'
  | 'not-a-kernel'
  | 'elf-header'
  | 'elf-class'
  | 'elf-endianness'
  | 'elf-machine'
  | 'elf-type'
  | 'elf-truncated'
  | 'elf-no-segments'
  | 'elf-segment'
  | 'image-header'
  | 'outside-ram'
  | 'overlap'
  | 'no-address'
  | 'for-machine-mode'
  | 'no-room-for-device-tree'
  | 'flash-size'
  | 'beside-flash';

export class GuestFileError extends Error {
  override readonly name = 'GuestFileError';
  readonly code: GuestFileErrorCode;
  /** Which of the files is at fault. Whoever knows its path puts it before the message. */
  readonly file: GuestFile;
  /** Which of the loader's files, or which unit of flash memory, by its index in the options. */
  readonly index: number | undefined;

  /** `message` is one line that ends in the remedy, without the file's name. */
  constructor(code: GuestFileErrorCode, file: GuestFile, message: string, index?: number) {
    super(message);
    this.code = code;
    this.file = file;
    this.index = index;
  }
}
