/**
 * What a driver does with its queue although the device owns it, or looks for it elsewhere: from the repeated run. Reference: VIRTIO 1.2, 2.7.6,
 * 2.7.8, 2.7.13, 2.7.14.
 */
import { AVAILABLE_ENTRY_BYTES } from '../../../machine/spec/virtio.ts';
import type { DriverExplanation } from '../../evidence/driver.ts';
import type { DeviceEvidence, Evidence, RequestEvidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import type { Detail } from '../../result/result.ts';
import { ringSlot, slotOf } from './ring-slot.ts';
import { text } from './text.ts';

export function queueUse(evidence: Evidence): Detail[] {
  const restarts = evidence.devices.flatMap((device) => restarted(device, evidence));
  const drivers = evidence.explanations?.drivers ?? [];
  return [
    ...restarts,
    ...drivers.flatMap((driver) => {
      const device = evidence.devices.find(({ drive }) => drive === driver.drive);
      return device === undefined
        ? []
        : [...usedStore(driver, device), ...entry(driver, device, evidence), ...element(driver, device), ...reused(driver)];
    }),
  ];
}

const indexAt = (ring: string): string => `0x${(BigInt(ring) + 2n).toString(16)}`;

function usedStore({ drive, usedStore: found }: DriverExplanation, { queue: { place } }: DeviceEvidence): Detail[] {
  if (found === null || place === null) return [];
  const { before, after, next, stack } = found;
  return [
    text(
      `${drive}: before request #${next} the kernel changed used.idx (at ${indexAt(place.used)}) from ${before}, which the device had written, to ${after}: ` +
        'only the device writes to the used ring, and it goes on from its own count. A driver compares used.idx with an index of its own',
    ),
    { kind: 'code', text: 'stored at', stack },
  ];
}

function entry({ drive, entry: found }: DriverExplanation, device: DeviceEvidence, evidence: Evidence): Detail[] {
  // A chain that the device refused is said there.
  if (found === null || ringSlot(device, evidence).length > 0) return [];
  const { request, slot, holds, stored, late } = found;
  const took = `for request #${request} the device took avail.ring[${slot}]`;
  if (late !== null) {
    return [
      text(
        `${drive}: ${took} when it was notified, and ${holds} stood there: the driver stored ${late.value} there only afterwards. Store the head first, ` +
          'then raise avail.idx, then write QueueNotify',
      ),
      { kind: 'code', text: 'stored at', stack: late.stack },
    ];
  }
  if (stored === null) return [];
  return [
    text(`${drive}: ${took}, which holds ${holds}, and ${elsewhere(found, stored, device, evidence)}`),
    { kind: 'code', text: 'stored at', stack: stored.stack },
  ];
}

type Entry = NonNullable<DriverExplanation['entry']>;

function elsewhere(
  { request }: Entry,
  { offset, width, value }: NonNullable<Entry['stored']>,
  device: DeviceEvidence,
  evidence: Evidence,
): string {
  const put = `avail.ring[${Math.floor(offset / AVAILABLE_ENTRY_BYTES)}]`;
  if (width > AVAILABLE_ENTRY_BYTES)
    return `the driver had stored its head (${value}) as ${width} bytes at ${put}: an entry of the available ring has 2 bytes (u16)`;
  const { place } = device.queue;
  const time = evidence.requests.find((one) => one.drive === device.drive && one.number === request)?.time;
  const isTaken = (one: RequestEvidence): boolean => one.drive === device.drive && one.time === time && one.number !== request;
  if (place !== null && evidence.requests.some((one) => isTaken(one) && slotOf(one, place) * AVAILABLE_ENTRY_BYTES === offset))
    return `the driver had put one head into the ring, in ${put}: raise avail.idx by 1 for each head, and not by more`;
  return `the driver had put its head (${value}) into ${put}: the slot is avail.idx % ${place?.size ?? 'size'}, before avail.idx is raised, whatever the head is`;
}

function element({ drive, element: found }: DriverExplanation, { queue: { place } }: DeviceEvidence): Detail[] {
  if (found === null || place === null) return [];
  const { slot, index, unread, again, stack } = found;
  const how = again ? `used.ring[${slot}] once more` : `used.ring[${slot}], which the device had not written yet,`;
  return [
    text(
      `${drive}: the driver read ${how} when used.idx was ${index}, and used.ring[${unread}] was next: that is used.ring[i % ${place.size}], where i is the ` +
        `driver's own index, before it is raised${again ? '; and an element has 8 bytes (id and len, 4 bytes each)' : ''}`,
    ),
    { kind: 'code', text: 'read at', stack },
  ];
}

function reused({ drive, reused: found }: DriverExplanation): Detail[] {
  if (found === null) return [];
  const { request, index, times, stack } = found;
  return [
    text(
      `${drive}: desc ${index} was filled in ${times} times for request #${request}, with a different address each time, and only the last one is left: each ` +
        'part of a chain needs a descriptor of its own. Is a descriptor marked as used when it is taken?',
    ),
    { kind: 'code', text: 'filled in last at', stack },
  ];
}

/** A driver that keeps its own index of the used ring where the device begins again at 0. */
function restarted({ drive, queue: { place } }: DeviceEvidence, evidence: Evidence): Detail[] {
  if (place === null || panicOf(evidence) === null) return [];
  const own = evidence.requests.filter((one) => one.drive === drive && one.queue === 0 && !one.phantom);
  const at = own.findIndex((one, index) => {
    const before = own[index - 1];
    // Between requests that are kept, others may have been left out.
    return before?.number === one.number - 1 && slotOf(one, place) === 0 && (slotOf(before, place) + 1) % place.size !== 0;
  });
  const [first] = at < 0 ? [] : own.slice(at);
  if (first === undefined || !isUnanswered(first, evidence)) return [];
  return [
    text(
      `${drive}: the device was reset between request #${own[at - 1]!.number} and request #${first.number}, and counts the elements of its used ring from 0 ` +
        `again, but the kernel did not wait for the answer to request #${first.number}: does the driver still compare used.idx with the number that it ` +
        'had seen before the reset?',
    ),
  ];
}

/** By the end of the run; what is under way then is completed afterwards. */
function isUnanswered({ completion }: RequestEvidence, { time }: Evidence): boolean {
  return completion === null || completion.time >= time;
}
