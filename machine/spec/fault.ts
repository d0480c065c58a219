/**
 * Faults on purpose: what a device does wrong with one request because a rubric asks for it. This file imports nothing, since the machine,
 * rubrics and evidence all use it.
 */
import type { ANSWERS } from './virtio.ts';

/** Status bytes by which a device refuses a request (VIRTIO 1.2, 5.2.6). */
export const REFUSALS = ['IOERR', 'UNSUPP'] as const satisfies readonly Exclude<keyof typeof ANSWERS, 'OK'>[];

/** `Bytes` is the type of the replaced bytes: the bytes themselves where the fault is made, only their number in evidence. */
export type Fault<Bytes = Uint8Array> =
  /** The request is not carried out, and the status byte says so. */
  | { readonly kind: 'answer'; readonly answer: (typeof REFUSALS)[number] }
  /** The request completes so many guest nanoseconds later than usual; requests that are made in between overtake it. */
  | { readonly kind: 'late'; readonly nanoseconds: number }
  /** The request completes right after the next request, or late if no other request is made for a while. */
  | { readonly kind: 'after-next' }
  /** The used element is written, but no interrupt is raised for it. */
  | { readonly kind: 'interrupt-lost' }
  /** The request completes together with the next one, and one interrupt is raised for both; late and alone if no other request is made. */
  | { readonly kind: 'interrupt-joined' }
  /** The power goes off when the request is made: it is not carried out, and the machine stops. */
  | { readonly kind: 'power-cut' }
  /** The answer begins with these bytes instead of its own; status and length are as usual. */
  | { readonly kind: 'data'; readonly bytes: Bytes };
