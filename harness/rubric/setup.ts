/**
 * The parts of a scenario that decide how a run goes: a saved run may be graded again only if none of them has changed. Each part
 * has its own SHA-256 in the evidence, so that messages can say which part has changed.
 */
import type { Fault } from '../../machine/spec/fault.ts';
import { hexOf } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { coversMemory, isSameCount, isSameReach } from '../vocabulary/facts.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import { interestKey } from '../vocabulary/request-interest.ts';
import type { MachineSetup, OwnImage, Scenario } from '../vocabulary/scenario.ts';
import type { Rubric } from './types.ts';

/** Initial images of the scenario, by drive. */
type Images = ReadonlyMap<string, InitialImage>;

/** Name and visibility decide who sees a run, not how it goes; and what is recorded beside a run does not change it (`asksForMore`, `asksForOtherRequests`). Where its disks come from is a part of `drives`, and under which schedules it is run of `machine`. */
type Part = Exclude<keyof Scenario, 'name' | 'hidden' | 'facts' | 'interests' | 'diskFrom' | 'cuts' | 'schedules' | 'schedule'> | 'drives';

/** Every key of a scenario except those: a new key has to be added here. */
const PARTS: Record<Part, (scenario: Scenario, images: Images) => unknown> = {
  machine: ({ machine, schedules }) => {
    const identity = { ...machineIdentity(machine), ...(schedules === null ? {} : { schedules }) };
    return Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1));
  },
  drives: ({ machine, diskFrom, cuts }, images) =>
    machine.drives.map(({ contents: _, own, serial, ...rest }) => [
      ...Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
      ...beginningOf(rest.name, own, diskFrom, images),
      ...(serial === null ? [] : [['serial', serial]]),
      ...(cuts === null ? [] : [[cuts.runs, cuts.seed, cuts.only, cuts.inOrder]]),
    ]),
  until: ({ until }) => untilIdentity(until),
  keys: ({ keys }) => keys.map(({ when, after, type }) => (after === 0 ? [when, type] : [when, type, after])),
  limit: ({ limit }) => limit.nanoseconds,
  work: ({ work }) => work,
  races: ({ races }) => races,
  faults: ({ faults }) => faults.map(({ drive, type, nth, fault }) => [drive, type, nth, faultIdentity(fault)]),
};

/** What a machine does not have is left out, so that evidence from before rubrics could ask for it can still be graded. */
export function machineIdentity({
  drives: _,
  rng,
  network,
  fwCfg,
  flash,
  bios,
  initrd,
  loader,
  harts,
  clock,
  ...rest
}: MachineSetup): Record<string, unknown> {
  return {
    ...rest,
    bios: typeof bios === 'string' ? bios : { sha256: bios.sha256 },
    ...(rng === null ? {} : { rng }),
    ...(network === null ? {} : { network }),
    ...(flash === null
      ? {}
      : { flash: flash.map((file) => (file === null ? null : file.writable ? [file.sha256, 'writable'] : file.sha256)) }),
    ...(fwCfg === null ? {} : { fwCfg: fwCfg.map(({ name, sha256 }) => [name, sha256]) }),
    ...(harts === 1 ? {} : { harts }),
    ...(clock === 1 ? {} : { clock }),
    ...(initrd === null ? {} : { initrd: initrd.sha256 }),
    ...(loader.length === 0 ? {} : { loader: loader.map(({ at, sha256 }) => [at, sha256]) }),
  };
}

/** One text is itself, so that evidence from before there was more than that can still be graded. */
function untilIdentity(until: Scenario['until']): unknown {
  if (until === null) return null;
  const { console, matches, reaches } = until;
  if (reaches.length > 0) return [console, matches, reaches];
  return matches.length === 0 && console.length === 1 ? console[0] : [console, matches];
}

/** Of an image that the rubric does not describe it says the name alone. Evidence has the SHA-256 of what the drive held beside this. */
function beginningOf(drive: string, own: OwnImage | null, diskFrom: string | null, images: Images): string[] {
  if (own !== null) return [own.source, own.pattern, ...(diskFrom === null ? [] : ['disk-from', diskFrom])];
  return diskFrom === null ? [images.get(drive)!.sha256] : ['disk-from', diskFrom];
}

function faultIdentity(fault: Fault): unknown {
  if (fault.kind === 'data') return [fault.kind, hexOf(fault.bytes)];
  return Object.entries(fault).sort(([a], [b]) => (a < b ? -1 : 1));
}

const PART_NAMES = Object.keys(PARTS) as Part[];

function identity(value: unknown): string {
  return sha256(JSON.stringify(value));
}

/** What evidence says about the scenario that was run. */
export function setupOf(scenario: Scenario, images: Images): Record<string, string> {
  return Object.fromEntries(PART_NAMES.map((part) => [part, identity(PARTS[part](scenario, images))]));
}

/** The identity of what decides which kernel is booted. */
export function submissionSha256({ submission: { kernel, base, take, build } }: Rubric): string {
  return identity(build === null ? { kernel } : { kernel, base, take, build });
}

/** The parts that have changed since the evidence was made, in the rubric's words; none: the run would be the same. */
export function changedParts(scenario: Scenario, images: Images, evidence: Evidence): string[] {
  const now = setupOf(scenario, images);
  const names = new Set([...PART_NAMES, ...Object.keys(evidence.setup)]);
  return [...names].filter((part) => now[part] !== evidence.setup[part] && !isBound(part, scenario, evidence));
}

/** Whether checks of the scenario ask of requests what the run did not look for, while it has left some out. */
export function asksForOtherRequests({ interests }: Scenario, { requestsLeftOut, selections }: Evidence): boolean {
  if (requestsLeftOut === 0) return false;
  const kept = new Set(selections.map(({ key }) => key));
  return interests.some((one) => !kept.has(interestKey(one)));
}

/** A run that ended by itself before a new limit, of time or work, would have ended so under it. */
function isBound(part: string, scenario: Scenario, { stop, time, work }: Evidence): boolean {
  if (stop.reason === 'limit') return false;
  return (part === 'limit' && time < scenario.limit.nanoseconds) || (part === 'work' && work.units < scenario.work);
}

/** Whether checks ask for something that the run has not recorded: nobody asked for it then. */
export function asksForMore({ facts }: Scenario, evidence: Evidence): boolean {
  const { counts = [], memory = [], reached = [] } = evidence.facts ?? {};
  return (
    facts.counts.some((ask) => !counts.some((one) => isSameCount(one, ask))) ||
    facts.memory.some((ask) => !memory.some((one) => coversMemory(one, ask))) ||
    facts.reached.some((ask) => !reached.some((one) => isSameReach(one, ask))) ||
    (facts.races && evidence.facts?.races === undefined)
  );
}
