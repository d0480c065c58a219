/**
 * The code at which the hart starts, as QEMU 10 puts it into the read-only memory of `virt` (hw/riscv/boot.c): it loads a0
 * with the hart's number, a1 with the device tree's address, a2 with that of a `fw_dynamic_info`, and jumps.
 *
 * Reference: OpenSBI, docs/firmware/fw_dynamic. Compared byte by byte with QEMU's by `boot.qemu.test.ts`.
 */

const CODE = [
  0x00000297, // auipc t0, 0
  0x02828613, // addi  a2, t0, 0x28
  0xf1402573, // csrr  a0, mhartid
  0x0202b583, // ld    a1, 0x20(t0)
  0x0182b283, // ld    t0, 0x18(t0)
  0x00028067, // jr    t0
] as const;

/** Offset of the `fw_dynamic_info`. */
export const RESET_INFO = 0x28;

/** "OSBI" */
const FW_DYNAMIC_MAGIC = 0x4942534fn;
const FW_DYNAMIC_VERSION = 2n;
const NEXT_MODE_S = 1n;

/** Bytes of the reset ROM. `start`: where it jumps to; `next`: where a fw_dynamic firmware enters its payload (0: there is none). */
export function resetVector(start: bigint, fdt: bigint, next: bigint): Uint8Array {
  const dwords = [start, fdt, FW_DYNAMIC_MAGIC, FW_DYNAMIC_VERSION, next, NEXT_MODE_S, 0n, 0n];
  const view = new DataView(new ArrayBuffer(CODE.length * 4 + dwords.length * 8));
  CODE.forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  dwords.forEach((dword, index) => {
    view.setBigUint64(CODE.length * 4 + index * 8, dword, true);
  });
  return new Uint8Array(view.buffer);
}
