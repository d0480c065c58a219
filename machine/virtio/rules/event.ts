/** What a driver does and what its device answers, as the transport, the queue and the device report it. The rules see nothing else. */
import type { MeantPlace, PageNumber } from '../queue/placement.ts';
import type { Scattered } from '../queue/scattered.ts';
import type { QueueArea, QueueMemory } from '../queue/virtqueue.ts';
import type { ChainProblem, TracedDescriptor } from '../record/trace.ts';

export type VirtioEvent =
  /** A 32-bit access to a register that may be accessed in this direction. A legacy register that means the same as a modern one has its name. */
  | { readonly kind: 'register-read'; readonly register: string; readonly value: number }
  | { readonly kind: 'register-write'; readonly register: string; readonly value: number }
  /** An access that the transport refuses. `register` is undefined if there is no register at the offset. */
  | {
      readonly kind: 'refused-access';
      readonly why: 'width' | 'unknown' | 'read-only' | 'write-only';
      readonly register: string | undefined;
      /** The name that a register at this offset has in the one or the other version of the interface. */
      readonly foreign: string | undefined;
      readonly offset: number;
      readonly width: number;
    }
  | { readonly kind: 'config-read' | 'config-write'; readonly offset: number; readonly width: number }
  /** A read of 8 bytes, which reaches the device as two of 4. */
  | { readonly kind: 'config-read-wide'; readonly offset: number }
  /** The driver has said where a queue is. `areas`: none while it has no memory; `page`: what it wrote over the legacy interface. */
  | {
      readonly kind: 'queue-placed';
      readonly areas: readonly QueueArea[];
      /** The address after RAM's last byte. */
      readonly memoryEnd: bigint;
      readonly page: PageNumber | undefined;
      readonly meant: MeantPlace | undefined;
    }
  /** The driver announced chains of an existing queue; `queue` is undefined while the queue has no memory. */
  | { readonly kind: 'notify'; readonly queue: QueueMemory | undefined }
  /** The device took a chain. */
  | {
      readonly kind: 'chain';
      readonly number: number;
      readonly head: number;
      readonly queueSize: number;
      readonly descriptors: readonly TracedDescriptor[];
      /** The descriptor that refers to the indirect table. */
      readonly reference: TracedDescriptor | undefined;
      readonly problem: ChainProblem | undefined;
      /**
       * The first buffer that does not lie in RAM: its position, where the page table maps its address, if that is a virtual one, and the
       * address after RAM's last byte.
       */
      readonly outside: { readonly position: number; readonly mapped: bigint | undefined; readonly memoryEnd: bigint } | undefined;
      /** Undefined if the chain is too short to have them. */
      readonly type: number | undefined;
      readonly sector: bigint | undefined;
      /** The first bytes after the header. */
      readonly data: Uint8Array;
    }
  /** The virtual pages of a chain's buffer lie apart in physical memory. */
  | { readonly kind: 'scattered'; readonly scattered: Scattered }
  /** The device answered, or gave the chain up. */
  | { readonly kind: 'completion'; readonly number: number; readonly head: number; readonly status: number | undefined }
  /** The device stopped until its next reset. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'interrupt' }
  /** The processor touched memory that belongs to the device (ownership.ts). */
  | { readonly kind: 'touch'; readonly touch: Touch }
  /** The driver has no fence between two of its steps (record/barriers.ts). */
  | { readonly kind: 'unordered'; readonly unordered: Unordered }
  /** The machine has stopped for good. */
  | {
      readonly kind: 'end';
      readonly queue: QueueMemory | undefined;
      readonly broken: boolean;
      readonly interrupt: InterruptHandling;
    };

/**
 * Whether the driver has taken an interrupt of the device (it claimed one, or trapped because of one), and whether a handler has returned
 * from one since.
 */
export type InterruptHandling = 'none' | 'taken' | 'handled';

export interface Unordered {
  /** The instruction that stores to the descriptors or the ring, or for `notify` to the index. */
  readonly store: bigint;
  /** The instruction that must come after it, in the order that others see. */
  readonly pc: bigint;
  readonly before: 'index' | 'notify';
}

export interface Touch {
  readonly access: 'load' | 'store';
  /** What was touched: a descriptor; or the header, the data or the status byte, by position in the chain. */
  readonly part: 'descriptor' | 'header' | 'data' | 'status';
  /** Whether the device writes to it. */
  readonly deviceWritable: boolean;
  /** Guest-physical. */
  readonly address: bigint;
  readonly width: number;
  /** The instruction. */
  readonly pc: bigint;
  /** Guest nanoseconds and instructions retired at the access. The event may be reported later, once it is known whether the byte was polled. */
  readonly time: number;
  readonly instructions: bigint;
  /** The request that the memory belongs to. */
  readonly request: number;
  /** Whether one instruction loaded the status byte again and again until it changed. */
  readonly polled: boolean;
}

export type EventKind = VirtioEvent['kind'];
export type EventOf<Kind extends EventKind> = Extract<VirtioEvent, { readonly kind: Kind }>;
