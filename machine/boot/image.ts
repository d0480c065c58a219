/**
 * A kernel that is not an ELF file: Linux's `Image`, or raw bytes.
 *
 * Reference: Linux, Documentation/arch/riscv/boot-image-header. QEMU places both as raw bytes and does not read the header
 * (measured: any text_offset, the same address); we read it only to refuse files that could not run.
 */
import { GuestFileError } from './error.ts';

const HEADER_SIZE = 64;
/** "RSC\x05" at 56: magic2; magic at 48 ("RISCV") is deprecated. */
const MAGIC2 = 0x05435352;
const BIG_ENDIAN_FLAG = 1n;

/** Files that people hand in instead of a kernel, recognized by their first bytes. */
const OTHER_FILES: readonly { readonly magic: readonly number[]; readonly what: string; readonly remedy: string }[] = [
  { magic: [0x1f, 0x8b], what: 'a gzip file', remedy: 'unpack it first' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'a zstd file', remedy: 'unpack it first' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'an xz file', remedy: 'unpack it first' },
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip file', remedy: 'unpack it first' },
  { magic: [0x27, 0x05, 0x19, 0x56], what: 'a U-Boot uImage', remedy: 'give the kernel inside it' },
  { magic: [0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e], what: 'a static library', remedy: 'link it to an executable' },
];

/** Bytes of memory that the kernel needs from its first byte on: image_size for an `Image`, else the file's size. */
export function imageMemorySize(bytes: Uint8Array): bigint {
  refuseOtherFiles(bytes);
  const size = BigInt(bytes.length);
  if (bytes.length < HEADER_SIZE) return size;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(56, true) !== MAGIC2) return size;
  if ((view.getBigUint64(24, true) & BIG_ENDIAN_FLAG) !== 0n) {
    throw new GuestFileError('image-header', 'kernel', 'a big-endian Linux Image; build it little-endian');
  }
  const imageSize = view.getBigUint64(16, true);
  return imageSize > size ? imageSize : size;
}

function refuseOtherFiles(bytes: Uint8Array): void {
  const other = OTHER_FILES.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
  if (other) throw new GuestFileError('not-a-kernel', 'kernel', `${other.what}, not a kernel; ${other.remedy}`);
}
