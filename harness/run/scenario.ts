/**
 * Boots one kernel in one scenario and writes down what happened: evidence.
 *
 * Every scenario is a fresh machine over a clean image, or goes on from the boot of one that boots alike (shared-boot.ts). The run ends by the rubric's `until`, by the guest, by the rubric's
 * limit, or by one of the bounds below. All of those are counted in what the guest did, so that evidence is the same on any
 * host; the host's own guard is looked at between slices of guest time and makes the run `errored`, never failed.
 */
import type { AccessConsumer, Machine, Snapshot, WatchedRange } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import { EVIDENCE_SCHEMA, type Evidence, type Stop } from '../evidence/evidence.ts';
import { setupOf } from '../rubric/setup.ts';
import { asksNothing } from '../vocabulary/facts.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { type Schedule, scheduleText } from '../vocabulary/schedule.ts';
import type { ConsoleLog } from './console-log.ts';
import type { Dialogue } from './dialogue.ts';
import { exceptionEvidence } from './exception-evidence.ts';
import type { FactWatch } from './fact-watch.ts';
import { hartEvidence } from './hart-snapshot.ts';
import type { Host } from './host.ts';
import { interruptEvidence, timeWait, unfinishedInterrupt } from './interrupt-evidence.ts';
import { hartsAtEnd, waitingEvidence } from './loop-evidence.ts';
import { counters, device, findings, image, NOTHING_RAN, requestCounts, requests, requestsLeftOut } from './machine-evidence.ts';
import type { OverlayDisk } from './overlay-disk.ts';
import { beside, devicesOf, faultsOf, type KernelInput, type PoweredOn, powerOn } from './power-on.ts';
import { refusedCall } from './refused-call.ts';
import type { RequestWatch } from './request-watch.ts';
import { runTo } from './run-to.ts';
import { dialogueOf } from './scenario-dialogue.ts';
import type { WriteLog } from './write-log.ts';

/** When the meter of work has ended a run, so many more units are allowed, to find the loop that the kernel is in. */
const WORK_TO_EXPLAIN = 200_000_000;

/**
 * Runs the scenario to its end. `images`: what each drive holds before. Throws only for a bug of bootgrade: whatever the kernel is or does
 * is in the evidence.
 */
export function runScenario(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host): Evidence {
  const run = new ScenarioRun(scenario, images, kernel, host);
  const evidence = run.toItsEnd();
  run.release();
  return evidence;
}

/** A run at one moment: the machine, the bytes of its disks, what the console has shown, and what is to be typed. */
export interface RunSnapshot {
  readonly machine: Snapshot;
  readonly disks: readonly ReturnType<OverlayDisk['save']>[];
  readonly written: ReturnType<ConsoleLog['save']>;
  readonly dialogue: ReturnType<Dialogue['save']>;
  readonly facts: ReturnType<FactWatch['save']>;
  readonly requestWatch: ReturnType<RequestWatch['save']>;
}

/** A run that can be stopped on its way, gone back to, and gone on with. */
export class ScenarioRun {
  #scenario: Scenario;
  #images: ReadonlyMap<string, InitialImage>;
  readonly #kernel: KernelInput;
  readonly #host: Host;
  readonly #power: PoweredOn;
  #stop: Stop | undefined;
  #beforeRequests: RunSnapshot | undefined;

  /** `log`: of what is written to drives. `branches`: whether the moment before the first request is kept, for `branch`. */
  constructor(
    scenario: Scenario,
    images: ReadonlyMap<string, InitialImage>,
    kernel: KernelInput,
    host: Host,
    { branches = false, log }: { readonly branches?: boolean; readonly log?: WriteLog } = {},
  ) {
    this.#scenario = scenario;
    this.#images = images;
    this.#kernel = kernel;
    this.#host = host;
    const keep = () => {
      if (this.#isSmall) this.#beforeRequests = this.#snapshotWith(this.#machine.keepMoment());
    };
    this.#power = powerOn(scenario, images, kernel, host, branches ? keep : undefined, log);
    const { machine } = this.#power;
    if ('problem' in machine) this.#stop = { reason: machine.ofRubric ? 'wrong-machine' : 'not-bootable', message: machine.problem };
  }

  /** Gives the machine's memory to the next one. Nothing can be done with this run afterwards. */
  release(): void {
    const { machine } = this.#power;
    if (!('problem' in machine)) machine.release();
  }

  toItsEnd(): Evidence {
    this.to(Number.POSITIVE_INFINITY);
    return this.finish();
  }

  /** Whether the moment for `branch` was kept, and the machine is small enough for others to be made beside it. */
  get mayBranch(): boolean {
    return this.#beforeRequests !== undefined && this.#isSmall;
  }

  get #isSmall(): boolean {
    return this.#machine.debug.countStored() <= MOST_KEPT_PAGES;
  }

  /**
   * Once this run is finished: becomes the run of a different scenario, and goes on with it from the moment before the first request. The
   * scenarios boot alike (shared-boot.ts). False, and nothing is changed, where that moment was not kept, or the other scenario would have
   * typed something or ended before.
   */
  branch(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, log?: WriteLog): boolean {
    const moment = this.#beforeRequests;
    const dialogue = moment && dialogueAt(moment, this.#scenario, scenario);
    if (dialogue === undefined) return false;
    this.#scenario = scenario;
    this.#images = images;
    Object.assign(this.#power, beside(scenario, images, this.#kernel, this.#host, this.#power, log));
    const { drives, requestWatch } = this.#power;
    for (const byte of moment!.written.bytes) requestWatch.push(byte);
    this.restore({ ...moment!, disks: drives.map(({ disk }) => disk.save()), dialogue, requestWatch: requestWatch.save() });
    this.#machine.planFaults(scenario.machine.drives.map(({ name }) => faultsOf(name, scenario)));
    return true;
  }

  /** Runs to a guest time in nanoseconds, or to its end. False once it is over. */
  to(time: number): boolean {
    const { machine, drives, guest, guard } = this.#power;
    if (!('problem' in machine)) this.#stop ??= runTo(machine, this.#scenario, drives, guest, guard, time);
    return this.#stop === undefined;
  }

  /** Of a run that is not over. A stop at another moment than the run's own may change its `work` (machine/index.ts, Machine.snapshot). */
  snapshot(): RunSnapshot {
    return this.#snapshotWith(this.#machine.snapshot());
  }

  #snapshotWith(machine: Snapshot): RunSnapshot {
    const { drives, guest, requestWatch } = this.#power;
    return {
      machine,
      disks: drives.map(({ disk }) => disk.save()),
      written: guest.written.save(),
      dialogue: guest.dialogue.save(),
      facts: guest.facts.save(),
      requestWatch: requestWatch.save(),
    };
  }

  /** Goes back to a moment of this run, or of another one of the same scenario and kernel. Not after `finish`. */
  restore({ machine, disks, written, dialogue, facts, requestWatch }: RunSnapshot): void {
    const { drives, guest } = this.#power;
    this.#machine.restore(machine);
    drives.forEach(({ disk }, index) => {
      disk.restore(disks[index]!);
    });
    guest.written.restore(written);
    guest.dialogue.restore(dialogue);
    guest.facts.restore(facts);
    this.#power.requestWatch.restore(requestWatch);
    this.#stop = undefined;
  }

  /** The moment of a run that is not over, for `goBack` alone. */
  keep(): RunSnapshot {
    return this.#snapshotWith(this.#machine.keepMoment());
  }

  /** Whether the machine can still go back to a moment that was kept. */
  holds({ machine }: RunSnapshot): boolean {
    return this.#machine.holds(machine);
  }

  /** Goes back to a moment of this run, also when it is finished, and goes on from it under a different schedule. */
  goBack(moment: RunSnapshot, schedule: Schedule): void {
    this.#scenario = { ...this.#scenario, schedule };
    Object.assign(this.#power, beside(this.#scenario, this.#images, this.#kernel, this.#host, this.#power));
    this.restore(moment);
    this.#machine.follow(schedule);
  }

  /**
   * Hands each access of a hart to memory to the consumer: from a guest time on, to the end of the run or until the consumer has enough, or the run has cost so many
   * instructions and units of work since then.
   */
  logFrom(time: number, consumer: AccessConsumer & { readonly isFull: boolean }, most: number): void {
    if (!this.toBefore(time)) return;
    const before = this.spent;
    this.#machine.logAccesses(consumer);
    this.#toEndUnless(() => consumer.isFull || this.spent - before > most);
    this.#machine.logAccesses(undefined);
  }

  /** Runs on, and tells of each access to these bytes just before it. The machine may be looked at then, and not run. `isDone`: nothing more is to be told. */
  watch(ranges: readonly WatchedRange[], tell: (machine: Machine) => void, isDone: () => boolean): void {
    const machine = this.#machine;
    machine.debug.watch(ranges, ({ by }) => {
      if (by === 'hart') tell(machine);
    });
    this.#toEndUnless(isDone);
    machine.debug.watch([], () => undefined);
  }

  #toEndUnless(isDone: () => boolean): void {
    for (let time = this.#machine.now(); !isDone() && this.toBefore(time); ) time += LOOK;
  }

  /** Instructions and units of work until now. */
  get spent(): number {
    return Number(this.#machine.instructions()) + this.#machine.workDone().units;
  }

  /** Runs to the last moment at which no hart has come to a guest time. False once the run is over. */
  toBefore(time: number): boolean {
    return this.to(this.#machine.momentBefore(time));
  }

  get #machine(): Machine {
    const { machine } = this.#power;
    if ('problem' in machine) throw new Error(`there is no machine: ${machine.problem}`);
    return machine;
  }

  /** Instead of `finish`: how it ended and what its drivers did wrong. The requests of a long run take much memory as evidence. */
  finishFindings(): Pick<Evidence, 'stop' | 'findings'> {
    const { machine } = this.#power;
    if (!('problem' in machine)) machine.settle();
    return {
      stop: this.#ended(),
      findings:
        'problem' in machine
          ? []
          : findings(
              machine,
              devicesOf(this.#scenario).map(({ name }) => name),
            ),
    };
  }

  #ended(): Stop {
    if (this.#stop === undefined) throw new Error('the run is not over');
    return this.#stop;
  }

  /** To its end, with evidence that does not say in which loop the kernel was then: to find that takes longer than many a run. */
  toItsVerdicts(): Evidence {
    this.to(Number.POSITIVE_INFINITY);
    return this.finish({ findsLoops: false });
  }

  /** What it left, once it is over. Nothing can be done with it afterwards. */
  finish({ findsLoops }: { readonly findsLoops: boolean } = { findsLoops: true }): Evidence {
    const { drives, guest, machine, requestWatch } = this.#power;
    const [scenario, images, kernel, stop] = [this.#scenario, this.#images, this.#kernel, this.#ended()];
    const names = devicesOf(this.#scenario).map(({ name }) => name);
    const interrupts = 'problem' in machine ? null : interruptEvidence(machine, names, stop.reason);
    const unfinished = 'problem' in machine ? undefined : unfinishedInterrupt(machine, stop.reason);
    const refused = 'problem' in machine ? undefined : refusedCall(machine, stop.reason);
    const facts = 'problem' in machine || asksNothing(scenario.facts) ? undefined : guest.facts.finish(machine);
    if (!('problem' in machine)) machine.settle();
    const evidence: Evidence = {
      schema: EVIDENCE_SCHEMA,
      tool: this.#host.tool,
      scenario: scenario.name,
      setup: setupOf(scenario, images),
      kernelSha256: 'problem' in kernel ? null : kernel.sha256,
      stop,
      ...('problem' in machine ? NOTHING_RAN : counters(machine)),
      ...(scenario.machine.harts === 1 ? {} : { harts: scenario.machine.harts }),
      ...(scenario.machine.clock === 1 ? {} : { clock: scenario.machine.clock }),
      ...(scenario.schedule.length === 0 ? {} : { schedule: scheduleText(scenario.schedule) }),
      ...(refused === undefined ? {} : { refusedCall: refused }),
      ...(unfinished === undefined ? {} : { unfinishedInterrupt: unfinished }),
      console: guest.written.base64(),
      requests: 'problem' in machine ? [] : requests(machine, names),
      requestsLeftOut: 'problem' in machine ? 0 : requestsLeftOut(machine),
      requestCounts: 'problem' in machine ? [] : requestCounts(machine, names),
      selections: requestWatch.evidence(),
      devices: 'problem' in machine ? [] : machine.devices.map((view, index) => device(machine, view, names[index]!, stop.reason)),
      emptySlots: 'problem' in machine ? [] : machine.emptySlotsAccessed().map(hex),
      findings: 'problem' in machine ? [] : findings(machine, names),
      images: drives.map(image),
      hart: 'problem' in machine ? null : hartEvidence(machine, stop.reason),
      loop: null,
      exception: 'problem' in machine ? null : exceptionEvidence(machine, stop),
      interrupts: interrupts === null ? null : { ...interrupts, ahead: null, timeWait: null },
      ...(facts === undefined ? {} : { facts }),
      explanations: null,
    };
    if (!findsLoops || 'problem' in machine || !MAY_LOOP.has(stop.reason)) return evidence;
    // Last of all: it lets the machine run on.
    machine.allowWork(WORK_TO_EXPLAIN);
    if (machine.debug.harts > 1) return { ...evidence, hartsAtEnd: hartsAtEnd(machine, names, evidence.requests) };
    const { loop, ahead } = waitingEvidence(machine, names, evidence.requests);
    const waits = loop === null && ahead === null && stop.reason !== 'idle' ? timeWait(machine) : null;
    return { ...evidence, loop, interrupts: interrupts === null ? null : { ...interrupts, ahead, timeWait: waits } };
  }
}

/** Guest nanoseconds after which it is looked whether somebody has seen enough of a run. */
const LOOK = 1_000_000;

/** Ends at which a kernel may have been in a loop. */
const MAY_LOOP: ReadonlySet<Stop['reason']> = new Set(['idle', 'hang', 'limit']);

/** Pages of memory that a run may have stored to when its moment before the first request is kept: 64 MiB. */
const MOST_KEPT_PAGES = 16_384;

/**
 * The other scenario's dialogue at a moment of a run of the one: where they type the same, it is as far; else it is at its beginning, and both must have had
 * nothing to do until then. Undefined where that is not so, or where the other scenario was over before.
 */
export function dialogueAt(
  { machine, written, dialogue }: RunSnapshot,
  one: Scenario,
  other: Scenario,
): RunSnapshot['dialogue'] | undefined {
  if (machine.time >= other.limit.nanoseconds) return undefined;
  const typed = ({ keys, until }: Scenario) => JSON.stringify([keys, until]);
  if (typed(one) === typed(other)) return dialogue;
  // Keys that wait for a time alone may have been typed by now.
  if ([one, other].some(({ keys: [first] }) => first?.when === null)) return undefined;
  const [ofOne, ofOther] = [dialogueOf(one), dialogueOf(other)];
  for (const byte of written.bytes) if (ofOne.push(byte) || ofOther.push(byte)) return undefined;
  return ofOther.save();
}
