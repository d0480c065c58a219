/** A watch whose accesses the test plays itself. */
import type { HartAccess, MemoryWatch, WatchedRange } from '../ports.ts';

export class PlayedWatch implements MemoryWatch {
  ranges: readonly WatchedRange[] = [];
  #tell: (access: HartAccess) => void = () => undefined;

  listen(tell: (access: HartAccess) => void): void {
    this.#tell = tell;
  }

  add(ranges: readonly WatchedRange[]): void {
    this.ranges = [...this.ranges, ...ranges];
  }

  remove(ranges: readonly WatchedRange[]): void {
    this.ranges = this.ranges.filter((range) => !ranges.includes(range));
  }

  play(kind: HartAccess['kind'], address: bigint, { length = 1, pc = 0x100n, value = 0 } = {}): void {
    const touches = (range: WatchedRange) => range.address < address + BigInt(length) && address < range.address + BigInt(range.length);
    const ranges = this.ranges.filter((range) => touches(range) && (kind === 'store' || range.loads));
    if (ranges.length > 0) this.#tell({ kind, ranges, address, length, pc, value });
  }
}
