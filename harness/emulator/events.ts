/**
 * `--events FILE`: every request that the virtio devices saw, one JSON line each, in the order of their notifies. Lines are written while the
 * machine runs, each once its request is answered, so that a long run takes no memory for them.
 *
 * A line is the request as evidence has it (harness/evidence/evidence.ts), except that each descriptor names its role,
 * the data is cut to its first bytes, `boot` counts the power-ons of a machine that rebooted, and there are
 * no faults on purpose.
 */
import type { TracedRequest } from '../../machine/index.ts';
import { isDeviceWritable } from '../../machine/spec/block-request.ts';
import { type NamedDevice, requestEvidence } from '../run/request-evidence.ts';

/** Of a request's data, how many bytes a line shows. */
const DATA_BYTES = 64;

/** Requests that wait before it is looked how many of them are answered. */
const TOGETHER = 256;

/** Requests that can be under way at once: 1024 in each of 8 queues. One that waits before more of them will never be answered. */
const MOST_UNDER_WAY = 8192;

interface Waiting {
  readonly device: NamedDevice;
  readonly request: TracedRequest;
}

export class EventLines {
  readonly #devices: readonly NamedDevice[];
  readonly #write: (text: string) => void;
  #boot = 1;
  #waiting: Waiting[] = [];
  /** How many of those that wait were known not to be answered when it was looked last. */
  #looked = 0;

  /** `devices`: in the machine's order. `write` is called with whole lines. */
  constructor(devices: readonly NamedDevice[], write: (text: string) => void) {
    this.#devices = devices;
    this.#write = write;
  }

  /** The device at this position has taken a request, which it may answer later. False: its record need not keep it. */
  taken(device: number, request: TracedRequest): false {
    this.#waiting.push({ device: this.#devices[device]!, request });
    if (this.#waiting.length < this.#looked + TOGETHER) return false;
    const surplus = this.#waiting.length - MOST_UNDER_WAY;
    const open = this.#waiting.findIndex((one, index) => index >= surplus && !isDone(one.request));
    this.#tell(open === -1 ? this.#waiting.length : open);
    this.#looked = this.#waiting.length;
    return false;
  }

  /** The machine was reset: its requests are answered, or never will be. */
  reboot(): void {
    this.end();
    this.#boot++;
  }

  /** The machine has stopped, and its requests in flight are completed. */
  end(): void {
    this.#tell(this.#waiting.length);
    this.#looked = 0;
  }

  #tell(count: number): void {
    const told = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    if (count > 0) this.#write(told.map((one) => `${JSON.stringify({ boot: this.#boot, ...eventOf(one) })}\n`).join(''));
  }
}

function isDone({ completion, problem }: TracedRequest): boolean {
  return completion !== undefined || problem !== undefined;
}

function eventOf({ device, request }: Waiting) {
  const { roles, descriptors, fault: _, ...rest } = requestEvidence(device, request, DATA_BYTES);
  return {
    ...rest,
    descriptors: descriptors.map((descriptor, position) => ({
      ...descriptor,
      deviceWritable: isDeviceWritable(descriptor.flags),
      /** Most descriptors play one role; one that holds several names them all: "header+data". */
      role: roles
        .filter((stretch) => stretch.descriptor === position)
        .map(({ role }) => role)
        .join('+'),
    })),
  };
}
