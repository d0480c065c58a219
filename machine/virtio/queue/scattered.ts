/**
 * Buffers whose virtual pages do not lie side by side in physical memory. A driver that translates only the address of the first byte gives
 * the device such a buffer as one piece, and the device goes on at the next frame, which holds something else (VIRTIO 1.2, 2.7.13.1).
 *
 * The device sees physical addresses alone, so the virtual pages of the buffer's frame are looked up. If each of them is followed by a
 * page that lies elsewhere, the buffer is scattered. If one has the next frame as its neighbour (an identity map, a linear map) and one has
 * not, both are possible. Then the bytes around the end of the page are watched: the kernel goes on from one page to the next where it thinks
 * that the buffer goes on. Nothing is said before it has done so.
 */
import type { HartAccess, MemoryWatch, PageMap, WatchedRange } from '../../ports.ts';
import { PAGE_BYTES } from '../../spec/riscv.ts';
import type { TracedDescriptor } from '../record/trace.ts';

const PAGE = BigInt(PAGE_BYTES);
/** Ends of pages in one chain that are looked at. */
const MOST_EDGES = 16;
/** Searches of a whole page table in one run, as each may take as long as a request. */
const MOST_SEARCHES = 64;
/** Watches in one run, and accesses that one of them looks at. */
const MOST_WATCHES = 4;
const MOST_ACCESSES = 4096;
/** Bytes that are watched on each side of the end of a page: more than any instruction moves at a time. */
const EDGE = 64;

/** When the driver notified the device, and by which instruction. */
export interface NotifyMoment {
  readonly request: number;
  readonly time: number;
  readonly instructions: bigint;
  readonly pc: bigint;
}

export interface Scattered {
  readonly moment: NotifyMoment;
  /** The descriptor, and its position in the chain. */
  readonly descriptor: TracedDescriptor;
  readonly position: number;
  /** The frame in which the buffer comes to the end of a page, and the virtual page that lies there. */
  readonly frame: bigint;
  readonly virtual: bigint;
  /** Where the next virtual page lies. */
  readonly next: bigint;
  /** Bytes of the buffer after the end of that page. */
  readonly rest: number;
}

export interface ScatteredPorts {
  readonly pages: PageMap;
  /** For what is not clear. */
  readonly watch: MemoryWatch;
  readonly tell: (scattered: Scattered) => void;
}

/** What is watched, and where the kernel was last. */
export interface Suspicion {
  readonly scattered: Scattered;
  readonly tail: WatchedRange;
  readonly elsewhere: WatchedRange;
  readonly neighbour: WatchedRange;
  readonly accesses: number;
  readonly atTail: boolean;
}

export class ScatteredBuffers {
  readonly #ports: ScatteredPorts;
  /** Frames that were looked up. */
  #known = new Set<bigint>();
  #watches = 0;
  #suspicion: Suspicion | undefined;

  constructor(ports: ScatteredPorts) {
    this.#ports = ports;
    ports.watch.listen((access) => this.#accessed(access));
  }

  look(descriptors: readonly TracedDescriptor[], moment: () => NotifyMoment): void {
    if (!this.#ports.pages.on) return;
    let edges = 0;
    for (const [position, descriptor] of descriptors.entries()) {
      const { address, length } = descriptor;
      const end = address + BigInt(length);
      for (let frame = address - (address % PAGE); frame + PAGE < end; frame += PAGE) {
        if (++edges > MOST_EDGES) return;
        if (this.#known.has(frame) || this.#known.size === MOST_SEARCHES) continue;
        this.#known.add(frame);
        const torn = this.#tornAt(frame);
        if (torn === undefined) continue;
        const { virtual, next, isCertain } = torn;
        const scattered = { moment: moment(), descriptor, position, frame, virtual, next, rest: Number(end - frame - PAGE) };
        if (isCertain) this.#ports.tell(scattered);
        else this.#suspect(scattered);
      }
    }
  }

  /** A virtual page of the frame whose next page lies elsewhere. */
  #tornAt(frame: bigint): { virtual: bigint; next: bigint; isCertain: boolean } | undefined {
    const { pages } = this.#ports;
    const followed = (pages.virtualPagesOf(frame) ?? []).map((virtual) => ({ virtual, next: pages.physicalOf(virtual + PAGE) }));
    const torn = followed.find(({ next }) => next !== undefined && next !== frame + PAGE);
    if (torn?.next === undefined) return undefined;
    return { virtual: torn.virtual, next: torn.next, isCertain: followed.every(({ next }) => next !== frame + PAGE) };
  }

  #suspect(scattered: Scattered): void {
    if (this.#suspicion !== undefined || this.#watches === MOST_WATCHES) return;
    this.#watches++;
    const { frame, next, rest, descriptor } = scattered;
    const within = Number(frame + PAGE - (descriptor.address > frame ? descriptor.address : frame));
    const range = (address: bigint, length: number): WatchedRange => ({ address, length, loads: true });
    const before = Math.min(EDGE, within);
    const suspicion: Suspicion = {
      scattered,
      tail: range(frame + PAGE - BigInt(before), before),
      elsewhere: range(next, Math.min(EDGE, rest)),
      neighbour: range(frame + PAGE, Math.min(EDGE, rest)),
      accesses: 0,
      atTail: false,
    };
    this.#suspicion = suspicion;
    this.#ports.watch.add(rangesOf(suspicion));
  }

  #accessed({ ranges }: HartAccess): void {
    const suspicion = this.#suspicion;
    if (suspicion === undefined) return;
    const { tail, elsewhere, neighbour, atTail, accesses, scattered } = suspicion;
    const isElsewhere = ranges.includes(elsewhere);
    const hasGoneOn = atTail && (isElsewhere || ranges.includes(neighbour));
    if (hasGoneOn || accesses === MOST_ACCESSES) this.#drop();
    else this.#suspicion = { ...suspicion, accesses: accesses + 1, atTail: ranges.includes(tail) };
    if (hasGoneOn && isElsewhere) this.#ports.tell(scattered);
  }

  #drop(): void {
    if (this.#suspicion !== undefined) this.#ports.watch.remove(rangesOf(this.#suspicion));
    this.#suspicion = undefined;
  }

  save() {
    return { known: this.#known, watches: this.#watches, suspicion: this.#suspicion };
  }

  /** What is watched is restored by the watch itself. */
  restore({ known, watches, suspicion }: ReturnType<ScatteredBuffers['save']>): void {
    this.#known = known;
    this.#watches = watches;
    this.#suspicion = suspicion;
  }
}

function rangesOf({ tail, elsewhere, neighbour }: Suspicion): WatchedRange[] {
  return [tail, elsewhere, neighbour];
}
