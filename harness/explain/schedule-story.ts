/**
 * What happens around the preemptions of a schedule, in a few lines with source places: what the preempted hart did to a word of memory before, what the others did
 * to it meanwhile, and what the hart does to it then. Found in the log of accesses of the same run, which is made twice for it.
 */
import type { AccessBatch, AccessConsumer } from '../../machine/index.ts';
import { ScenarioRun } from '../run/scenario.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { type Schedule, timeText } from '../vocabulary/schedule.ts';
import { KernelCode } from './code.ts';
import { kernelFile } from './kernel-file.ts';
import type { ReplayedRun } from './replay.ts';
import type { SourceLines } from './source-files.ts';

const ACCESSES: ReadonlySet<string> = new Set(['load', 'store', 'atomic', 'reserve', 'conditional']);

/** Lines of a story. */
const MOST_LINES = 10;

interface Access {
  readonly hart: number;
  readonly writes: boolean;
  readonly pc: bigint;
  /** Physical. */
  readonly address: number;
  /** In the handler of an interrupt or an exception that has come since the hart was preempted. */
  readonly inHandler: boolean;
}

/** What is known of one preemption. */
interface Told {
  readonly preemption: Schedule[number];
  /** Handlers that the hart was in when it was preempted; undefined before that. */
  depth: number | undefined;
  /** The first access of the hart when it goes on. */
  next: Access | undefined;
  /** Its last one before, to the same word. */
  before: Access | undefined;
  /** The last one of the others meanwhile, and how many there were. */
  meanwhile: { access: Access; count: number } | undefined;
}

/** Empty where nothing can be told. */
export function scheduleStory({ kernel, ...run }: ReplayedRun, sources: SourceLines | null): string[] {
  if ('problem' in kernel) return [];
  const { schedule, machine } = run.scenario;
  const told = schedule.map(
    (preemption): Told => ({ preemption, depth: undefined, next: undefined, before: undefined, meanwhile: undefined }),
  );
  for (const pass of [new NextAccesses(told, machine.clock), new OtherAccesses(told, machine.clock)]) log(run, kernel, pass);
  const code = new KernelCode(kernelFile(kernel.debug ?? kernel.bytes), sources);
  const lines = told.flatMap((one) => linesOf(one, run.scenario, code));
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), 'and so on'] : lines;
}

function log({ scenario, images, host }: Omit<ReplayedRun, 'kernel'>, kernel: ReplayedRun['kernel'], consumer: AccessConsumer): void {
  const run = new ScenarioRun(scenario, images, kernel, host);
  run.log(consumer);
  run.release();
}

/** Goes through a log, and counts the handlers that each hart is in. */
abstract class Pass implements AccessConsumer {
  readonly told: readonly Told[];
  readonly #clock: number;
  readonly #depths: number[] = [];

  constructor(told: readonly Told[], clock: number) {
    this.told = told;
    this.#clock = clock;
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      const hart = batch.hart(record);
      const depth = this.#depths[hart] ?? 0;
      const time = batch.time(record) * this.#clock;
      const kind = batch.kindName(record);
      if (kind === 'trap' || kind === 'return') {
        for (const one of this.told) if (this.isPast(one, hart, time)) one.depth ??= depth;
        this.#depths[hart] = Math.max(0, depth + (kind === 'trap' ? 1 : -1));
      } else if (ACCESSES.has(kind)) this.accessed(batch, record, { hart, depth, time });
    }
  }

  isPast({ preemption }: Told, hart: number, time: number): boolean {
    return preemption.hart === hart && time >= preemption.at;
  }

  accessOf(batch: AccessBatch, record: number, depth: number, from: number): Access {
    const pc = BigInt.asUintN(64, BigInt(batch.pc(record)));
    return { hart: batch.hart(record), writes: batch.writes(record), pc, address: batch.address(record), inHandler: depth > from };
  }

  abstract accessed(batch: AccessBatch, record: number, at: { readonly hart: number; readonly depth: number; readonly time: number }): void;
}

class NextAccesses extends Pass {
  accessed(batch: AccessBatch, record: number, { hart, depth, time }: { hart: number; depth: number; time: number }): void {
    for (const one of this.told) {
      if (one.next !== undefined || !this.isPast(one, hart, time)) continue;
      one.depth ??= depth;
      if (depth <= one.depth) one.next = this.accessOf(batch, record, depth, depth);
    }
  }
}

class OtherAccesses extends Pass {
  /** Preemptions after which the hart has gone on. */
  readonly #over = new Set<Told>();

  accessed(batch: AccessBatch, record: number, { hart, depth, time }: { hart: number; depth: number; time: number }): void {
    const address = batch.address(record);
    for (const one of this.told) {
      const { next, preemption, depth: own = 0 } = one;
      if (next === undefined || this.#over.has(one) || address >>> 3 !== next.address >>> 3) continue;
      const isOwn = hart === preemption.hart && depth <= own;
      if (isOwn && this.isPast(one, hart, time)) this.#over.add(one);
      else if (isOwn) one.before = this.accessOf(batch, record, depth, own);
      else if (time >= preemption.at && (next.writes || batch.writes(record))) {
        one.meanwhile = {
          access: this.accessOf(batch, record, hart === preemption.hart ? depth : own, own),
          count: (one.meanwhile?.count ?? 0) + 1,
        };
      }
    }
  }
}

function linesOf({ preemption: { hart, for: length }, next, before, meanwhile }: Told, { machine }: Scenario, code: KernelCode): string[] {
  if (next === undefined) return [];
  const say = (access: Access): string => {
    const who = access.inHandler ? `the handler of hart ${access.hart}` : `hart ${access.hart}`;
    return `${machine.harts === 1 && !access.inHandler ? 'the kernel' : who} ${access.writes ? 'stores' : 'loads'} ${wordAt(access.address, code)} at ${placeOf(access.pc, code)}`;
  };
  const stopped = `hart ${hart} is preempted ${length === 'event' ? 'up to the next event' : `for ${timeText(length)}`}, before ${placeOf(next.pc, code)}`;
  if (meanwhile === undefined) return [stopped];
  const more = meanwhile.count > 1 ? `, the last of ${meanwhile.count} accesses` : '';
  return [...(before === undefined ? [] : [say(before)]), stopped, `${say(meanwhile.access)}${more}`, say(next)];
}

function wordAt(physical: number, code: KernelCode): string {
  const address = BigInt(physical);
  return code.variableAt(code.fileAddress(address) ?? address) ?? `0x${physical.toString(16)}`;
}

function placeOf(pc: bigint, code: KernelCode): string {
  const frame = code.place(pc).frames[0];
  const at = `0x${pc.toString(16)}`;
  if (frame === undefined) return at;
  if (frame.file !== null) return `${frame.file}:${frame.line}`;
  return frame.function === null ? at : `${frame.function} (${at})`;
}
