/** What a kernel is told that has not found its device: where it looked, and what is where. */
import type { DeviceEvidence, Evidence, StopReason } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import { reversed } from '../../evidence/reversed.ts';
import type { Detail } from '../../result/result.ts';
import { RNG_NAME } from '../../vocabulary/scenario.ts';
import { text } from './text.ts';

/** Empty slots that are named. */
const MOST_NAMED = 3;
/** Ends of a kernel that has got no further. */
const STUCK: ReadonlySet<StopReason> = new Set(['hang', 'idle', 'limit', 'exit', 'trap-loop']);
const INTERFACES: Readonly<Record<number, string>> = { 1: 'the legacy interface', 2: 'the modern interface' };

/** The registers that say what a device is (VIRTIO 1.2, 4.2.2; 5). */
const MAGIC = '0x74726976 (the letters "virt", the first one in the lowest byte)';
const BLOCK = '2 (a block device)';
const ENTROPY = '4 (an entropy device)';

export function probing(evidence: Evidence): Detail[] {
  const devices = evidence.devices.filter(({ version }) => version !== null);
  if (devices.length === 0) return [];
  return devices.every(({ accessed }) => !accessed) ? elsewhere(devices, evidence) : unused(devices, evidence);
}

/** The kernel has looked at slots, and at none with a device. */
function elsewhere(devices: readonly DeviceEvidence[], { emptySlots: slots, exception }: Evidence): Detail[] {
  if (slots.length === 0) return [];
  const named = slots.slice(0, MOST_NAMED).join(', ');
  const rest = slots.length > MOST_NAMED ? ` and ${slots.length - MOST_NAMED} more` : '';
  const places = devices.map(({ drive, address }) => `${drive} is at ${address}`).join(', ');
  const what =
    slots.length === 1 ? 'a virtio-mmio slot that is empty (its DeviceID is 0)' : 'virtio-mmio slots that are empty (their DeviceID is 0)';
  // One that an exception stopped may have had the next slot in mind.
  const advice = exception === null ? '. Look at all eight slots, or at that one' : '';
  return [text(`the kernel looked at ${named}${rest}, ${what}, and never at the one with a device: ${places}${advice}`)];
}

/** The kernel has looked at its devices and used none. That is a mistake only if it got no further: it may only list what there is. */
function unused(devices: readonly DeviceEvidence[], evidence: Evidence): Detail[] {
  const gotNoFurther = STUCK.has(evidence.stop.reason) || panicOf(evidence) !== null;
  if (!gotNoFurther || devices.some(({ statusWrites }) => statusWrites.length > 0)) return [];
  return devices
    .filter(({ accessed }) => accessed)
    .flatMap((device): Detail[] => {
      const { drive, address, version } = device;
      const probe = evidence.explanations?.probe;
      const known = probe?.drive === drive ? compared(probe, device) : [];
      return [
        text(
          `${drive}: the kernel looked at the device at ${address}, but never wrote to its Status. What it reads there is MagicValue ${MAGIC}, Version ` +
            `${version} (${INTERFACES[version!] ?? 'unknown'}) and DeviceID ${drive === RNG_NAME ? ENTROPY : BLOCK}${known.length > 0 ? '' : question(evidence)}`,
        ),
        ...known,
      ];
    });
}

type Probe = NonNullable<NonNullable<Evidence['explanations']>['probe']>;

/** What the kernel compares with, and why that is not what it reads. */
function compared({ drive, register, value, compared: wanted, stack }: Probe, { version }: DeviceEvidence): Detail[] {
  return [
    text(
      `${drive}: the kernel compares ${register}, which is ${shown(value)}, with ${shown(wanted)}${reason(register, { value, wanted, version })}`,
    ),
    { kind: 'code', text: 'compared at', stack },
  ];
}

const SMALL = 16;
const shown = (value: string): string => (Number(value) < SMALL ? `${Number(value)}` : value);

/** Types of devices that a driver may have in mind (VIRTIO 1.2, 5). */
const TYPES: Readonly<Record<number, string>> = { 1: 'a network device', 2: 'a block device', 3: 'a console', 4: 'an entropy device' };

function reason(
  register: Probe['register'],
  { value, wanted, version }: { readonly value: string; readonly wanted: string; readonly version: number | null },
): string {
  if (reversed(BigInt(value), 4) === BigInt(wanted))
    return ': that is the same with its bytes reversed, and all registers of virtio are little-endian';
  if (register === 'DeviceID') return `${TYPES[Number(wanted)] === undefined ? '' : ` (${TYPES[Number(wanted)]})`}`;
  if (register === 'Version' && INTERFACES[Number(wanted)] !== undefined)
    return `: the driver is written for ${INTERFACES[Number(wanted)]}, and the device has ${INTERFACES[version!] ?? 'a different one'}`;
  return '';
}

/** A driver that an exception stopped may have found what it looked for. */
function question({ exception }: Evidence): string {
  return exception === null ? ': does the driver compare with these, and read them at the offsets 0, 4 and 8?' : '';
}
