/** What a machine has counted and recorded, as plain JSON: the parts of the evidence that are there for every run. */
import type { DeviceView, Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { DeviceEvidence, Evidence, ImageEvidence, RequestEvidence, StopReason } from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import type { RequestCountEvidence } from '../evidence/request-counts.ts';
import { sectorToHex } from '../evidence/sector-bytes.ts';
import type { Drive } from './power-on.ts';
import { queueEvidence } from './queue-evidence.ts';
import { requestEvidence } from './request-evidence.ts';

export const NOTHING_RAN = { instructions: 0, time: 0, pc: null, work: { units: 0, counts: {} } };

/** Instructions stay below the clock's nanoseconds, and those below 2^53. */
export function counters(machine: Machine): Pick<Evidence, 'instructions' | 'time' | 'pc' | 'work'> {
  const { units, counts } = machine.workDone();
  return {
    instructions: Number(machine.instructions()),
    time: machine.now(),
    pc: hex(machine.pc()),
    work: { units, counts: { ...counts } },
  };
}

export function requestCounts(machine: Machine, names: readonly string[]): RequestCountEvidence[] {
  return machine.devices.flatMap(({ trace }, index) =>
    trace.counts.map(({ type, made, phantoms, answers }) => ({
      drive: names[index]!,
      type: type ?? null,
      made,
      phantoms,
      answers: Object.fromEntries([...answers].map(([status, count]) => [status === undefined ? 'none' : String(status), count])),
    })),
  );
}

export function requestsLeftOut(machine: Machine): number {
  return machine.devices.reduce((sum, { trace }) => sum + requestsOf(trace) - trace.requests.length, 0);
}

/** How many there were. */
export function requestsOf({ counts }: DeviceView['trace']): number {
  return counts.reduce((sum, { made }) => sum + made, 0);
}

/** All devices' requests that are kept whole, in the order of their notifies. */
export function requests(machine: Machine, names: readonly string[]): RequestEvidence[] {
  return machine.devices
    .flatMap(({ trace, kind }, index) =>
      trace.requests.map((request) => requestEvidence({ name: names[index]!, kind }, request, request.data.length)),
    )
    .sort((a, b) => a.time - b.time);
}

/** All devices' findings in the order of their first time. */
export function findings(machine: Machine, names: readonly string[]): FindingEvidence[] {
  return machine.devices
    .flatMap(({ trace }, index) =>
      trace.findings.map(
        ({ rule, section, severity, request, culprit, register, time, instructions, pc, count, message }): FindingEvidence => ({
          rule,
          section,
          severity,
          drive: names[index]!,
          request: request ?? null,
          culprit: culprit ?? null,
          register: register ?? null,
          time,
          instructions: Number(instructions),
          pc: pc === undefined ? null : hex(pc),
          count,
          message,
        }),
      ),
    )
    .sort((a, b) => a.time - b.time);
}

export function device(machine: Machine, view: DeviceView, drive: string, reason: StopReason): DeviceEvidence {
  const { trace, unnotified, address, version, accessed } = view;
  return {
    drive,
    address: hex(address),
    version: version ?? null,
    accessed: accessed(),
    statusWrites: [...trace.statusWrites],
    deviceFeatures: hex(trace.deviceFeatures),
    driverFeatures: hex(trace.driverFeatures),
    queueSize: trace.queueSize,
    queue: queueEvidence(machine, view, reason),
    notifies: trace.notifies,
    interruptsRaised: trace.interruptsRaised,
    interruptsAcknowledged: trace.interruptsAcknowledged,
    broken: trace.broken ?? null,
    unnotified: unnotified(),
    racesLeftOut: trace.racesLeftOut,
  };
}

export function image({ name, disk, initialSha256 }: Drive): ImageEvidence {
  const changed = Object.fromEntries(disk.changed().map(({ sector, bytes }) => [String(sector), sectorToHex(bytes)]));
  return { drive: name, size: disk.size, initialSha256, changed };
}
