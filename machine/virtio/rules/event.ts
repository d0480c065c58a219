/** What a driver does and what its device answers, as the transport, the queue and the device tell it: the rules see nothing else. */
import type { QueueMemory } from '../queue/virtqueue.ts';
import type { ChainProblem, TracedDescriptor } from '../record/trace.ts';

export type VirtioEvent =
  /** A 32-bit access to a register that has this direction. Legacy names are given as the modern ones where the meaning is the same. */
  | { readonly kind: 'register-read'; readonly register: string; readonly value: number }
  | { readonly kind: 'register-write'; readonly register: string; readonly value: number }
  /** An access that the transport does not take. `register` is undefined where there is none at the offset. */
  | {
      readonly kind: 'refused-access';
      readonly why: 'width' | 'unknown' | 'read-only' | 'write-only';
      readonly register: string | undefined;
      readonly offset: number;
      readonly width: number;
    }
  | { readonly kind: 'config-read' | 'config-write'; readonly offset: number; readonly width: number }
  /** The driver announced chains of a queue that is there; `queue` is undefined while it has no memory. */
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
      /** Bytes of buffers that are not RAM. */
      readonly unmapped: number;
      /** As far as the chain has them. */
      readonly type: number | undefined;
      readonly sector: bigint | undefined;
      /** First bytes after the header. */
      readonly data: Uint8Array;
    }
  /** The device answered, or gave the chain up. */
  | { readonly kind: 'completion'; readonly number: number; readonly head: number; readonly status: number | undefined }
  /** The device stopped for good until its reset; `chain` where one was at fault. */
  | { readonly kind: 'broken'; readonly problem: ChainProblem; readonly chain: boolean }
  | { readonly kind: 'interrupt' }
  /** The processor touched memory that belongs to the device (ownership.ts). */
  | { readonly kind: 'touch'; readonly touch: Touch }
  /** The machine has stopped for good. */
  | { readonly kind: 'end'; readonly queue: QueueMemory | undefined; readonly broken: boolean };

export interface Touch {
  readonly access: 'load' | 'store';
  /** What was touched: a descriptor, or by position in the chain the header, the data, the status byte. */
  readonly part: 'descriptor' | 'header' | 'data' | 'status';
  /** Guest-physical. */
  readonly address: bigint;
  readonly width: number;
  /** The instruction. */
  readonly pc: bigint;
  /** Guest nanoseconds and instructions retired then; it is told later where it was open whether the byte was polled. */
  readonly time: number;
  readonly instructions: bigint;
  /** The request that the memory belongs to. */
  readonly request: number;
  /** One instruction loaded the status byte again and again until it changed. */
  readonly polled: boolean;
}

export type EventKind = VirtioEvent['kind'];
export type EventOf<Kind extends EventKind> = Extract<VirtioEvent, { readonly kind: Kind }>;
