/**
 * Zicbom and Zicboz: cache-block management and zeroing. There is no cache: the first three only check the access.
 * Reference: RISC-V Unprivileged ISA, "Base Cache Management Operation ISA Extensions". The block size is QEMU's default.
 * Prefetches (Zicbop) are ORI to x0, and so do nothing already.
 */
import { define, OPCODE } from './define.ts';
import type { CacheBlockOperation, Extension, Instruction } from './instruction.ts';

export const CACHE_BLOCK_SIZE = 64;

const cbo = (extension: Extension, name: CacheBlockOperation, operation: number): Instruction =>
  define(extension, name, 'cacheBlock', { opcode: OPCODE.MISC_MEM, funct3: 2, rs2: operation }, (s) => [s.system(name)], { effects: true });

export const ZICBO: readonly Instruction[] = [
  cbo('zicbom', 'cbo.inval', 0),
  cbo('zicbom', 'cbo.clean', 1),
  cbo('zicbom', 'cbo.flush', 2),
  cbo('zicboz', 'cbo.zero', 4),
];
