/**
 * Where things are on QEMU's `virt` board (hw/riscv/virt.c; board.md, "Memory map"): addresses, sizes as the device tree
 * gives them, and interrupt numbers at the PLIC. Plain numbers: all lie below 2^53.
 *
 * Left out: what the machine does not have (PCIe, the platform bus).
 */
import { QUEUE_NOTIFY } from './virtio.ts';

export interface Region {
  readonly base: number;
  readonly size: number;
}

/** Read-only memory with the reset vector (boot/reset-vector.ts). */
export const RESET_ROM = { base: 0x1000, size: 0xf000 } as const;
export const TEST_FINISHER = { base: 0x10_0000, size: 0x1000 } as const;
export const RTC = { base: 0x10_1000, size: 0x1000, irq: 11 } as const;
/** SiFive's CLINT: software interrupts and timer of machine mode. */
export const ACLINT = { base: 0x200_0000, size: 0x1_0000 } as const;
export const PLIC = { base: 0xc00_0000, size: 0x60_0000, sources: 95 } as const;
export const UART = { base: 0x1000_0000, size: 0x100, irq: 10, clockFrequency: 3_686_400 } as const;

/** Data, selector at 8, DMA address at 16. */
export const FW_CFG = { base: 0x1010_0000, size: 0x18 } as const;

export const VIRTIO_SLOTS = 8;

/** Slot 0…7 of the virtio-mmio transport; QEMU's `virtio-mmio-bus.N`. */
export function virtioSlot(slot: number): Region & { readonly irq: number } {
  return { base: 0x1000_1000 + slot * 0x1000, size: 0x1000, irq: slot + 1 };
}

/** Whether a store to this physical address notifies the device of a slot, if it has one. */
export function isVirtioNotify(address: number): boolean {
  return Array.from({ length: VIRTIO_SLOTS }, (_, slot) => virtioSlot(slot).base + QUEUE_NOTIFY).includes(address);
}

/** The slot for a device on virtio-mmio, or why it gets none. `by`: which of the devices has the slot already. */
export type Placement =
  | { readonly slot: number }
  | { readonly problem: 'no-such-slot'; readonly slot: number }
  | { readonly problem: 'taken'; readonly slot: number; readonly by: number }
  | { readonly problem: 'full' };

/**
 * Places devices as QEMU does, one after the other: each in the slot that it asks for (`-device …,bus=virtio-mmio-bus.N`), or else in the
 * last free slot.
 */
export function placeInSlots(wanted: readonly (number | undefined)[]): Placement[] {
  const devices: (number | undefined)[] = new Array(VIRTIO_SLOTS).fill(undefined);
  return wanted.map((own, device): Placement => {
    const slot = own ?? devices.lastIndexOf(undefined);
    if (!(slot in devices)) return own === undefined ? { problem: 'full' } : { problem: 'no-such-slot', slot };
    const by = devices[slot];
    if (by !== undefined) return { problem: 'taken', slot, by };
    devices[slot] = device;
    return { slot };
  });
}

/** Two units of flash memory, one after the other; `size`: of each. */
export const FLASH = { base: 0x2000_0000, size: 0x200_0000, units: 2 } as const;

export const RAM_BASE = 0x8000_0000;
/** The most RAM that the machine can have, in bytes: 3 GiB, which fits into one 32-bit WebAssembly memory with the rest. QEMU has no such limit. */
export const MOST_RAM = 0xc000_0000;
/** Beside flash memory, which is kept in the same WebAssembly memory. */
export const MOST_RAM_BESIDE_FLASH = MOST_RAM - 0x500_0000;
/** The most harts that the machine can have. QEMU has up to 512. */
export const MOST_HARTS = 8;

/**
 * Memory that S mode may not use when the built-in SBI is there: the two regions that OpenSBI 1.5 reserves (code, then data). Our SBI needs
 * no memory, but a kernel must find the same memory usable as under QEMU.
 */
export const FIRMWARE_REGIONS: readonly Region[] = [
  { base: RAM_BASE, size: 0x4_0000 },
  { base: RAM_BASE + 0x4_0000, size: 0x2_0000 },
];
export const FIRMWARE_END = RAM_BASE + 0x6_0000;

/** Ticks of `time` and mtime in a second. */
export const TIMEBASE_FREQUENCY = 10_000_000;
