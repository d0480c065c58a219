/**
 * Faults on purpose: what a device does wrong with one request because a rubric asks for it. A leaf, since the machine, rubrics and evidence
 * all speak of them.
 */
import type { ANSWERS } from './virtio.ts';

/** Status bytes by which a device refuses a request (VIRTIO 1.2, 5.2.6). */
export const REFUSALS = ['IOERR', 'UNSUPP'] as const satisfies readonly Exclude<keyof typeof ANSWERS, 'OK'>[];

/** `Bytes`: the bytes themselves for who makes the fault; evidence has only their number. */
export type Fault<Bytes = Uint8Array> =
  /** Nothing is done, and the status byte says so. */
  | { readonly kind: 'answer'; readonly answer: (typeof REFUSALS)[number] }
  /** Completes so many guest nanoseconds later than usual; requests made in between overtake it. */
  | { readonly kind: 'late'; readonly nanoseconds: number }
  /** Completes right after the request that is made next; late where none is made for a while. */
  | { readonly kind: 'after-next' }
  /** The used element is written, but no interrupt comes of it. */
  | { readonly kind: 'interrupt-lost' }
  /** The answer begins with other bytes; status and length are as they would be. */
  | { readonly kind: 'data'; readonly bytes: Bytes };
