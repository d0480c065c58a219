/** A valid rubric with every default filled in. */

import type { z } from 'zod';
import { sha256 } from '../bytes/sha256.ts';
import { asksForRaces } from '../checks/findings.ts';
import {
  asksOf,
  type CheckKindName,
  checkKindNames,
  type HandInCheckSpec,
  interestsOf,
  isHandInKind,
  type RunCheckSpec,
} from '../checks/index.ts';
import { type WrittenRequest, withSelection } from '../checks/request.ts';
import { endingAsks, joinedAsks } from '../vocabulary/facts.ts';
import { wholeFile } from '../vocabulary/image.ts';
import { DEFAULT_MAC } from '../vocabulary/mac.ts';
import { distinctInterests } from '../vocabulary/request-interest.ts';
import {
  type ConfigSetup,
  type CutSchedule,
  type DriveSetup,
  type FlashSetup,
  type Limit,
  type LoaderSetup,
  type NetworkSetup,
  type OwnImage,
  ownImages,
  type Scenario,
  type ScheduleDraw,
} from '../vocabulary/scenario.ts';
import { parseLimit } from '../vocabulary/units.ts';
import { resolveConditions } from './conditions.ts';
import type { ContentReader } from './contents.ts';
import type { CourseFiles } from './course-files.ts';
import { resolveExpectations } from './expectations.ts';
import { mergedScenarios } from './extends.ts';
import { resolveFault } from './faults.ts';
import { wantedTexts } from './handed-files.ts';
import { resolveKeys } from './keys.ts';
import { asMap, type Loose } from './loose.ts';
import { resolveGroups } from './points.ts';
import {
  type CheckInput,
  type configSchema,
  DEFAULT_CUTS,
  DEFAULT_SCHEDULE_SEED,
  DEFAULT_SCHEDULES,
  isBuiltinBios,
  type loaderSchema,
  type RubricInput,
  type ScenarioInput,
} from './schema.ts';
import type { ScriptFiles } from './script-files.ts';
import { resolveSubmission } from './submission.ts';
import type { Check, Rubric } from './types.ts';

/** QEMU's defaults where QEMU has one. */
const DEFAULT_CPU = 'rv64';
const DEFAULT_MEMORY = 128 * 2 ** 20;
const DEFAULT_LIMIT = '10s guest';
const DEFAULT_CLOCK = 1;

/** What has read the files that the rubric names. */
export interface Readers {
  readonly reader: ContentReader;
  readonly files: CourseFiles;
  readonly scripts: ScriptFiles;
}

/** `written`: the scenarios as they are written, with what they inherit. Both arguments are valid. */
export async function resolveRubric(
  input: RubricInput,
  written: ReadonlyMap<string, Loose>,
  { reader, files, scripts }: Readers,
  identity: string,
): Promise<Rubric> {
  const scenarios: Omit<Scenario, 'work' | 'facts' | 'interests'>[] = [];
  // Each was parsed with the rubric. What a valid scenario inherits is valid, so the parsed ones merge as the written ones do.
  const parsed = mergedScenarios(input) as Map<string, ScenarioInput>;
  for (const [name, scenario] of parsed) scenarios.push(await resolveScenario(name, scenario, written.get(name)!, { reader, files }));
  const first = scenarios[0]!.name;
  const requests = new Map(input.checks.flatMap(({ id, request }) => (request === undefined ? [] : [[id, request] as const])));
  const checks = input.checks.map((check) => resolveCheck(check, first, { requests, scripts }));
  return {
    title: input.title,
    sha256: identity,
    submission: resolveSubmission(input.submission, { images: ownImages(scenarios), texts: wantedTexts({ checks }) }),
    scenarios: scenarios.map((scenario) => {
      const races = scenario.races || checks.some((check) => asks(check, scenario));
      const own = checks.filter((check) => check.scenario === scenario.name);
      const facts = joinedAsks([...own.map(asksOf), { reached: endingAsks(scenario.until) }]);
      const interests = distinctInterests(own.flatMap(interestsOf));
      return { ...scenario, races, facts, interests, work: parsed.get(scenario.name)!.work ?? defaultWork(scenario, { races }) };
    }),
    checks,
    conditions: resolveConditions(input.scenarios, scenarios, checks),
    groups: resolveGroups(input.groups),
    acceptedRules: input.findings?.accept ?? [],
    random: null,
    unlisted: input['hidden-checks'] ?? null,
    expect: input.expect === undefined ? null : resolveExpectations(input.expect, first),
  };
}

/** A check that names a rule about races needs a run that is watched for them. */
function asks(check: Check, { name }: Pick<Scenario, 'name'>): boolean {
  return check.scenario === name && check.kind === 'findings' && asksForRaces(check.expected);
}

/** The default: units of work for each instruction that the limit allows, and the least and the most in all. */
const WORK_PER_INSTRUCTION = 0.8;
const LEAST_WORK = 8e9;
/** The same in a run that is watched for races, in which a request costs three times as much. */
const LEAST_WORK_WATCHED = 20e9;
const MOST_WORK = 40e9;

/** More than a reasonable kernel needs (several million system calls or disk requests), but only some seconds of the host's time. */
function defaultWork({ limit, machine }: Pick<Scenario, 'limit' | 'machine'>, { races }: Pick<Scenario, 'races'>): number {
  const least = races ? LEAST_WORK_WATCHED : LEAST_WORK;
  return Math.min(Math.max(Math.floor((limit.nanoseconds / machine.clock) * WORK_PER_INSTRUCTION), least), MOST_WORK);
}

async function resolveScenario(
  name: string,
  scenario: ScenarioInput,
  written: Loose,
  { reader, files }: Pick<Readers, 'reader' | 'files'>,
): Promise<Omit<Scenario, 'work' | 'facts' | 'interests'>> {
  const drives: DriveSetup[] = [];
  const { clock = DEFAULT_CLOCK } = scenario;
  for (const [drive, { built, submitted, image, size, slot, serial, readonly, present }] of Object.entries(scenario.drives ?? {})) {
    const own = ownImage(built, submitted);
    const holds = async (): Promise<Pick<DriveSetup, 'size' | 'contents'>> => {
      if (own !== null) return { size: 0, contents: [] };
      if (image !== undefined) return wholeFile(files.of(image).bytes);
      return { size: size!, contents: await reader.extentsOf(asMap(asMap(written['drives'])[drive])['contents']) };
    };
    drives.push({
      name: drive,
      own,
      ...(await holds()),
      slot: slot ?? null,
      serial: serial ?? null,
      readonly: readonly ?? false,
      present: present ?? true,
    });
  }
  return {
    name,
    hidden: scenario.visibility === 'hidden',
    machine: {
      cpu: scenario.cpu ?? DEFAULT_CPU,
      memory: scenario.memory ?? DEFAULT_MEMORY,
      bios: biosOf(scenario.bios ?? 'builtin', files),
      initrd: scenario.initrd === undefined ? null : files.of(scenario.initrd),
      loader: (scenario.loader ?? []).map((item) => loaded(item, files)),
      harts: scenario.harts ?? 1,
      clock,
      fillRam: scenario['fill-ram'] ?? 0,
      append: scenario.append ?? '',
      drives,
      rng: scenario.rng === undefined ? null : { seed: scenario.rng.seed ?? 0, slot: scenario.rng.slot ?? null },
      network: networkOf(scenario.network),
      flash: scenario.flash?.map((unit) => flashOf(unit, files)) ?? null,
      fwCfg: scenario['fw-cfg']?.map((item) => configured(item, files)) ?? null,
      transport: scenario.transport ?? 'legacy',
    },
    until: endingsOf(scenario.until),
    keys: (scenario.keys ?? []).flatMap(resolveKeys),
    limit: limitOf(scenario.limit?.text ?? DEFAULT_LIMIT, clock),
    races: scenario.races ?? false,
    diskFrom: scenario['disk-from']?.scenario ?? null,
    cuts: cutsOf(scenario['disk-from']),
    schedules: schedulesOf(scenario.schedules),
    schedule: [],
    faults: (scenario.faults ?? []).map((fault) => resolveFault(fault, drives[0]!.name, clock)),
  };
}

function flashOf(unit: NonNullable<ScenarioInput['flash']>[number], files: CourseFiles): FlashSetup | null {
  if (unit === null) return null;
  return typeof unit === 'string' ? { ...files.of(unit), writable: false } : { ...files.of(unit.file), writable: unit.writable ?? false };
}

function networkOf(network: ScenarioInput['network']): NetworkSetup | null {
  return network === undefined ? null : { mac: network.mac ?? DEFAULT_MAC, slot: network.slot ?? null };
}

function endingsOf(until: ScenarioInput['until']): Scenario['until'] {
  if (until === undefined) return null;
  return { console: until.console ?? [], matches: until.matches ?? [], reaches: until.reaches ?? [] };
}

function cutsOf(diskFrom: ScenarioInput['disk-from']): CutSchedule | null {
  if (diskFrom?.power === undefined) return null;
  return {
    runs: diskFrom.runs ?? DEFAULT_CUTS,
    seed: diskFrom.seed ?? 0,
    only: diskFrom.only ?? null,
    inOrder: diskFrom.power === 'cut-in-order',
  };
}

function schedulesOf(given: ScenarioInput['schedules']): ScheduleDraw | null {
  if (given === undefined) return null;
  const { runs = DEFAULT_SCHEDULES, seed = DEFAULT_SCHEDULE_SEED, stores, only = null } = given;
  return { runs, seed, delaysStores: stores === 'delayed', only };
}

function ownImage(built: string | undefined, submitted: string | undefined): OwnImage | null {
  if (built !== undefined) return { source: 'built', pattern: built };
  return submitted === undefined ? null : { source: 'submitted', pattern: submitted };
}

/** What is further away than a double counts exactly is never reached. */
function limitOf(text: string, clock: number): Limit {
  return parseLimit(text, clock) ?? { text, nanoseconds: Number.MAX_SAFE_INTEGER };
}

function biosOf(bios: string, files: CourseFiles): Scenario['machine']['bios'] {
  return isBuiltinBios(bios) ? bios : files.of(bios);
}

function loaded(item: z.output<typeof loaderSchema>, files: CourseFiles): LoaderSetup {
  if ('file' in item) return { at: item.at ?? null, ...files.of(item.file) };
  const bytes = 'text' in item ? item.text : item.hex;
  return { at: item.at, bytes, sha256: sha256(bytes) };
}

function configured({ name, ...item }: z.output<typeof configSchema>, files: CourseFiles): ConfigSetup {
  if ('file' in item) return { name, ...files.of(item.file) };
  const bytes = 'text' in item ? item.text : item.hex;
  return { name, bytes, sha256: sha256(bytes) };
}

/** What checks refer to: those of requests by id, and files. */
interface Referred {
  readonly requests: ReadonlyMap<string, WrittenRequest>;
  readonly scripts: ScriptFiles;
}

function resolveCheck(check: CheckInput, firstScenario: string, referred: Referred): Check {
  const common = {
    id: check.id,
    title: check.title ?? '',
    points: check.points,
    bonus: check.bonus ?? false,
    group: check.group ?? null,
    needs: check.needs ?? [],
    hidden: check.visibility === 'hidden',
    hints: (check.hint ?? [])
      .map((hint) => ({ fromAttempt: hint['from-attempt'], text: hint.text }))
      .sort((a, b) => a.fromAttempt - b.fromAttempt),
  };
  const kind = checkKindNames.find((name) => check[name] !== undefined);
  if (kind === undefined) throw new Error(`check ${check.id} is of no kind`);
  if (isHandInKind(kind)) return { ...common, scenario: null, ...handInSpec(check, kind) };
  return { ...common, scenario: check.in ?? firstScenario, ...runSpec(check, kind, referred) };
}

function handInSpec(check: CheckInput, kind: HandInCheckSpec['kind']): HandInCheckSpec {
  return { kind, expected: check[kind]! } as HandInCheckSpec;
}

function runSpec(check: CheckInput, kind: Exclude<CheckKindName, HandInCheckSpec['kind']>, { requests, scripts }: Referred): RunCheckSpec {
  if (check.request !== undefined) return { kind: 'request', expected: withSelection(check.request, requests) };
  if (check.script !== undefined) return { kind: 'script', expected: scripts.expected(check.script) };
  return { kind, expected: check[kind] } as RunCheckSpec;
}
