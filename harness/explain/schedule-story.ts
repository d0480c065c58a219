/**
 * Why a run fails under a schedule, in a few lines with source places: where harts are preempted, and what they do to each other's memory then that they do
 * not do without the schedule. It is found by comparing the logs of both runs (interleavings.ts); the first one is then repeated once more, and
 * stopped at those accesses, to see values and callers.
 */
import { type AccessConsumer, isDelayedStore, type Preemption } from '../../machine/index.ts';
import { ScenarioRun } from '../run/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';
import { AccessDetails } from './access-details.ts';
import { CallSites } from './call-sites.ts';
import { KernelCode } from './code.ts';
import { accessesOf, DelayedStoreLooks, lookSentence, storeSentence, type ToldStore } from './delayed-store-story.ts';
import { type Access, type Interleaving, type InterleavingKind, Interleavings, SharedWords } from './interleavings.ts';
import { kernelFile } from './kernel-file.ts';
import type { ReplayedRun } from './replay.ts';
import type { SourceLines } from './source-files.ts';
import { AccessSentences, type Role } from './story-sentences.ts';

/** Lines of a story. */
const MOST_LINES = 10;
/** Guest nanoseconds before the first preemption from which on accesses are looked at. */
const BEFORE = 200_000;
/** Instructions and units of work that are looked at from there on: each takes as long as some twenty that are not. */
const MOST_LOGGED = 10e6;

/** What becomes a line. `order`: its place among the accesses of the run. */
type Event =
  | { readonly order: number; readonly access: Access; readonly role: Role }
  | { readonly order: number; readonly preemption: Preemption; readonly next: Access }
  | { readonly order: number; readonly delayed: ToldStore; readonly sentence: typeof storeSentence };

type BootableRun = Omit<ReplayedRun, 'kernel'> & { readonly kernel: Exclude<ReplayedRun['kernel'], { problem: string }> };

/** Empty where nothing can be told. */
export function scheduleStory(run: ReplayedRun, sources: SourceLines | null): string[] {
  const { kernel } = run;
  if ('problem' in kernel) return [];
  const file = kernelFile(kernel.debug ?? kernel.bytes);
  const code = new KernelCode(file, sources);
  const events = eventsOf({ ...run, kernel }, code);
  const accesses = events.flatMap((event) =>
    'delayed' in event ? accessesOf(event.delayed) : 'access' in event ? event.access : event.next,
  );
  const details = new AccessDetails(accesses, run.scenario.machine.clock);
  repeated(run, run.scenario.schedule, (again) => details.look(again));
  const sentences = new AccessSentences(code, new CallSites(file.elf), details, run.scenario.machine.harts);
  const told = withNearest(events);
  const lines = told.map((event) => {
    if ('delayed' in event) return event.sentence(event.delayed, sentences);
    return 'access' in event ? sentences.ofAccess(event.access, event.role) : sentences.ofPreemption(event.preemption, event.next);
  });
  const left = events.length - told.length;
  return left === 0 ? lines : [`harts are preempted ${left} times more than is told here`, ...lines];
}

/** All accesses, and as many preemptions as there is room for: those among the accesses, then those shortly before them. */
function withNearest(events: readonly Event[]): readonly Event[] {
  if (events.length <= MOST_LINES) return events;
  const accesses = events.filter((event) => !('preemption' in event));
  const [first, last] = [accesses[0]?.order ?? 0, accesses.at(-1)?.order ?? 0];
  const away = ({ order }: Event) => (order > last ? order : Math.max(0, first - order));
  const preemptions = events.filter((event) => 'preemption' in event).sort((a, b) => away(a) - away(b));
  const told = new Set<Event>([...accesses, ...preemptions.slice(0, MOST_LINES - 1 - accesses.length)]);
  return events.filter((event) => told.has(event));
}

function eventsOf(run: BootableRun, code: KernelCode): Event[] {
  const { schedule, machine } = run.scenario;
  const from = Math.max(0, Math.min(...schedule.map(({ at }) => at)) - BEFORE);
  const logged = <Of extends AccessConsumer & { readonly isFull: boolean }>(under: Schedule, consumer: Of): Of => {
    repeated(run, under, (again) => again.logFrom(from, consumer, MOST_LOGGED));
    return consumer;
  };
  const { words } = logged(schedule, new SharedWords());
  const preemptions = schedule.filter((item) => !isDelayedStore(item));
  const preempted = preemptions.map(({ hart, at }) => ({ hart, time: at / machine.clock }));
  const failing = logged(schedule, new Interleavings(words, preempted));
  const delayed = logged(schedule, new DelayedStoreLooks(schedule.filter(isDelayedStore), machine.clock)).found();
  const ofStores = delayed.flatMap((one): Event[] => [
    { order: one.store.order, delayed: one, sentence: storeSentence },
    ...(one.look === undefined ? [] : [{ order: one.look.order, delayed: one, sentence: lookSentence }]),
  ]);
  const plain = logged([], new Interleavings(words)).found();
  const isNew = [...failing.found()].filter(([key]) => !plain.has(key));
  // A store that others do not see is the reason by itself. What they load then is not what was stored last.
  const isPlain = delayed.every(({ look }) => look === undefined);
  const told = isPlain ? chosen(isNew.map(([, interleaving]) => ofOneVariable(interleaving, code))) : [];
  const ofAccesses = told.flatMap(({ kind, accesses, stores }) =>
    accesses.map((access, index): Event => {
      const isLast = index === accesses.length - 1;
      const role = {
        waits: isLast && kind === 'held',
        stores: index === accesses.length - 2 ? stores : 1,
        isLast: isLast ? kind : undefined,
      };
      return { order: access.order, access, role };
    }),
  );
  const ofPreemptions = preemptions.flatMap((preemption, index): Event[] => {
    const moment = failing.preempted[index];
    return moment === undefined ? [] : [{ order: moment.order, preemption, next: moment.next }];
  });
  return once([...ofPreemptions, ...ofStores, ...ofAccesses]).sort((a, b) => a.order - b.order);
}

/** What a reader accessed before says something where it is a part of the same variable. */
function ofOneVariable(one: Interleaving, code: KernelCode): Interleaving {
  const [first, ...rest] = one.accesses;
  if (one.kind !== 'reads' || rest.length < 2) return one;
  const addressOf = ({ address }: Access) => code.fileAddress(BigInt(address)) ?? BigInt(address);
  return code.inOneVariable(addressOf(first!), addressOf(rest[1]!)) ? one : { ...one, accesses: rest };
}

function repeated(run: ReplayedRun, schedule: Schedule, use: (run: ScenarioRun) => void): void {
  const again = new ScenarioRun({ ...run.scenario, schedule }, run.images, run.kernel, run.host);
  use(again);
  again.release();
}

/** Those that say most: who waits for whom, or else what got lost with how that came about, or else whatever there is. */
function chosen(found: readonly Interleaving[]): Interleaving[] {
  const of = (kind: InterleavingKind, most: number) => found.filter((one) => one.kind === kind).slice(0, most);
  const held = of('held', 2);
  if (held.length > 0) return held;
  const lost = of('lost', 1);
  const changed = of('changed', 1).filter(({ accesses }) => lost.every((one) => accesses[0]!.order < one.accesses.at(-1)!.order));
  if (lost.length > 0) return [...changed, ...lost];
  // What a hart has loaded is old in the end of every run, unless it is what another one has stored: then that is the news.
  const reads = found.filter(({ kind }) => kind === 'reads').map(({ accesses }) => accesses.at(-1)!);
  const isRead = ({ pc, address }: Access) => reads.some((load) => load.pc === pc && load.address === address);
  const old = of('old-value', 2);
  const isTold = old.length > 0 && !isRead(old[0]!.accesses[0]!);
  return [isTold ? old : [], of('reads', 1), changed, of('between', 1)].find((some) => some.length > 0) ?? [];
}

/** An access that has a part in two of them is told once. */
function once(events: readonly Event[]): Event[] {
  return events.filter((event, index) => {
    if (!('access' in event)) return true;
    return events.findIndex((other) => 'access' in other && other.access.order === event.access.order) === index;
  });
}
