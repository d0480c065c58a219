/**
 * Whether the machine starts a kernel where its file says. QEMU starts an ELF kernel at its lowest physical address and ignores e_entry
 * (machine/boot/boot.ts), so boot code that is not linked first is not what runs first.
 */
import { ELF_HEADER_BYTES, elfHeader, isElf, type ProgramHeader, PT_LOAD, programHeaders, viewOf } from '../../machine/spec/elf.ts';
import { hex } from '../bytes/hex.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { KernelCode } from './code.ts';

/** Null where it does. The file is one that was booted. */
export function explainEntry(kernel: Uint8Array, code: KernelCode): Explanations['entry'] {
  if (kernel.length < ELF_HEADER_BYTES || !isElf(kernel)) return null;
  const view = viewOf(kernel);
  const header = elfHeader(view);
  const segments = (programHeaders(view, header) ?? []).filter(({ type }) => type === PT_LOAD);
  const [first, ...others] = segments;
  if (first === undefined || header.entry === 0n) return null;
  const lowest = others.reduce((low, segment) => (segment.paddr < low.paddr ? segment : low), first);
  if (physicalOf(header.entry, segments) === lowest.paddr) return null;
  return { elf: hex(header.entry), machine: hex(lowest.paddr), place: code.place(lowest.vaddr) };
}

/** A kernel may be linked to run at virtual addresses, and its entry be one of those. */
function physicalOf(entry: bigint, segments: readonly ProgramHeader[]): bigint {
  const within = segments.find(({ vaddr, memsz }) => vaddr <= entry && entry < vaddr + memsz);
  return within === undefined ? entry : entry - within.vaddr + within.paddr;
}
