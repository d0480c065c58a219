/**
 * How a kernel that has no debug information is built so that it has: in the words of the toolchain that made it. Compilers leave their
 * name in the section .comment, which a linker script may drop; then Rust is known by its symbols.
 */
import type { ElfFile } from '../run/elf.ts';

/** Bytes of .comment that are looked at. */
const LONGEST = 4096;

type Toolchain = 'rust' | 'gcc' | 'clang';

function toolchainOf({ sections, units }: ElfFile): Toolchain | null {
  const comment = new TextDecoder().decode(sections.get('.comment')?.bytes.subarray(0, LONGEST) ?? new Uint8Array());
  if (comment.includes('rustc version') || units.some((name) => name.includes('-cgu.'))) return 'rust';
  if (comment.includes('GCC: (')) return 'gcc';
  return comment.includes('clang version') ? 'clang' : null;
}

const CARGO =
  'with the environment variable CARGO_PROFILE_RELEASE_DEBUG=true, such as `CARGO_PROFILE_RELEASE_DEBUG=true cargo build --release`, or the same in front of `make` (for a profile of another name put its name for RELEASE)';
const FLAG = 'add -g to the compiler flags (CFLAGS) and build everything anew';

/** One paragraph for a whole report. */
export function remedyFor(elf: ElfFile): string {
  const toolchain = toolchainOf(elf);
  const without =
    elf.symbols.length > 0 ? 'no debug information, so no source lines can be named' : 'neither symbols nor debug information';
  const strip = elf.symbols.length > 0 ? '' : ', and do not strip the file';
  return `the kernel has ${without}. For source lines ${how(toolchain)}${strip}. That changes no verdict.`;
}

function how(toolchain: Toolchain | null): string {
  switch (toolchain) {
    case 'rust':
      return `build it ${CARGO}`;
    case 'gcc':
    case 'clang':
      return `${FLAG} (${toolchain})`;
    case null:
      return `${FLAG}; a Rust kernel is built ${CARGO}`;
  }
}
