/** How far a driver has looked at its used ring, and why no interrupt comes for the rest. */
import { FEATURE_BITS, RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../../machine/spec/virtio.ts';
import type { DeviceEvidence, Evidence } from '../../evidence/evidence.ts';
import type { LineEvidence } from '../../evidence/interrupts.ts';
import type { Detail } from '../../result/result.ts';
import { at, text } from './text.ts';

export function usedRing(
  { drive, source, used, status, refused }: LineEvidence,
  { explanations, devices, requests, interrupts }: Evidence,
): Detail[] {
  const looked = explanations?.interrupts?.looked.find((one) => one.drive === drive)?.elements;
  if (used === null || looked === undefined) return [];
  // It has looked at elements, but not at those that were next, which is said there: their number would say nothing.
  if ((explanations?.drivers ?? []).some((one) => one.drive === drive && one.element !== null)) return [];
  const seen = `${drive}: the used index is ${used.index}, and the driver has looked at ${looked === 0 ? 'no element' : elements(looked)} of the used ring`;
  if (status !== 0) return [text(seen)];
  const lost = requests.find((one) => one.drive === drive && one.fault?.kind === 'interrupt-lost' && one.completion !== null);
  if (lost !== undefined) return [text(seen), text(`${drive}: request #${lost.number} was made to complete without an interrupt`)];
  if (refused)
    return [
      text(`${seen}; it asks for no interrupts: the flags of the available ring are 1 (VIRTQ_AVAIL_F_NO_INTERRUPT), so none will come`),
    ];
  const device = devices.find((one) => one.drive === drive);
  const raised = device?.interruptsRaised ?? 0;
  if (raised === 0) return [text(`${seen}; the device has raised no interrupt`)];
  if (looked === 0) {
    const index = `0x${(BigInt(used.ring) + 2n).toString(16)}`;
    const ring = `the device has it at ${used.ring}, with used.idx at ${index}: does the handler look there?`;
    return [
      text(seen),
      text(`${drive}: its last interrupt was acknowledged (InterruptStatus is 0), but nothing has looked at the used ring; ${ring}`),
    ];
  }
  if (device !== undefined && hasEventIndex(device)) {
    return [
      text(seen),
      text(
        `${drive}: the driver has accepted EVENT_IDX (bit ${FEATURE_BITS.EVENT_IDX} of its features): then the device interrupts only when used.idx ` +
          'passes used_event, which is the field after the last entry of the available ring. After each look at the used ring, set it to the ' +
          'used.idx up to which the driver has looked, or do not accept this feature',
      ),
    ];
  }
  const claims = interrupts?.sources.find((one) => one.source === source)?.claims ?? 0;
  if (claims >= used.index) {
    const last = used.index - 1;
    const address = `0x${(BigInt(used.ring) + BigInt(RING_HEADER_BYTES + USED_ELEMENT_BYTES * (last % used.size))).toString(16)}`;
    return [
      text(
        `${drive}: the used index is ${used.index}, and the driver has not looked at the element that the device wrote last, used.ring[${last % used.size}] at ` +
          `${address}, although it has claimed ${claims} interrupts of the device: does it look at used.ring[i % ${used.size}], where i is its own count of ` +
          'elements (it goes beyond the size of the queue), and is each element 8 bytes (id and len, 4 bytes each)?',
      ),
    ];
  }
  const look = explanations?.interrupts?.handlers
    .flatMap(({ steps }) => steps)
    .find((step) => step.kind === 'looked' && step.drive === drive);
  return [
    text(seen),
    text(
      `${drive}: its last interrupt was acknowledged (InterruptStatus is 0), and no other one comes for elements that are there already: ` +
        `the next one to look at is used.ring[${looked % used.size}]. Look at each slot in its turn, and at all up to used.idx (\`while\`, not \`if\`)`,
    ),
    ...(look?.kind === 'looked' ? [at('the handler looks at', look.place)] : []),
  ];
}

function hasEventIndex({ driverFeatures }: DeviceEvidence): boolean {
  return ((BigInt(driverFeatures) >> BigInt(FEATURE_BITS.EVENT_IDX)) & 1n) === 1n;
}

const elements = (count: number): string => `${count} element${count === 1 ? '' : 's'}`;
