/**
 * The bus: finds the device for a physical address. The address map is a list of regions; nothing answers outside of them.
 * Reference: QEMU's memory regions; an access of a width that a device does not take is an access fault.
 */
import type { HartBus } from './exec/running-hart.ts';
import type { Device, Width } from './ports.ts';
import type { Region } from './spec/virt-board.ts';

export interface Mapping {
  readonly region: Region;
  readonly device: Device;
}

export class Bus implements HartBus {
  readonly #mappings: readonly Mapping[];
  /** The device of the last access: most often the next access goes to it, too. */
  #last: Mapping;
  readonly #touched: (device: Device) => void;
  /** For explanations: told of each write, just before it happens. */
  watch: ((address: number, value: number) => void) | undefined;

  /** @param touched called for every access that may have changed a device, or read a clock */
  constructor(mappings: readonly Mapping[], touched: (device: Device) => void) {
    this.#mappings = mappings;
    this.#touched = touched;
    this.#last = mappings[0]!;
  }

  #find(address: number, width: number): Mapping | undefined {
    const inside = (m: Mapping) => address >= m.region.base && address < m.region.base + m.region.size;
    if (!inside(this.#last)) {
      const found = this.#mappings.find(inside);
      if (!found) return undefined;
      this.#last = found;
    }
    const { device } = this.#last;
    const taken = width === 8 ? device.splits8 : device.widths.includes(width as Width);
    return taken ? this.#last : undefined;
  }

  /** What answers at an address. */
  at(address: number): Mapping | undefined {
    return this.#mappings.find(({ region }) => address >= region.base && address < region.base + region.size);
  }

  /** Width 8 reads the low half of a doubleword; the caller reads the high half by a second access. */
  read(address: number, width: number): number | undefined {
    const mapping = this.#find(address, width);
    if (!mapping) return undefined;
    const offset = address - mapping.region.base;
    if (!mapping.device.quiet?.(offset)) this.#touched(mapping.device);
    if (width === 8) mapping.device.aboutToSplit?.(offset);
    return mapping.device.read(offset, Math.min(width, 4) as Width);
  }

  write(address: number, width: number, value: number): boolean {
    const mapping = this.#find(address, width);
    if (!mapping) return false;
    this.watch?.(address, value);
    this.#touched(mapping.device);
    mapping.device.write(address - mapping.region.base, value, Math.min(width, 4) as Width);
    return true;
  }
}
