/**
 * Records what checks ask about the inside of the kernel. The machine counts all the time; here the counts are read where the console has
 * shown a text, at the instruction that wrote its last byte.
 */
import { type CodeWatch, type Machine, RaceDetector, type Tally } from '../../machine/index.ts';
import { INTERRUPT } from '../../machine/spec/riscv.ts';
import type { CountFact, FactsEvidence, MemoryFact } from '../evidence/facts.ts';
import type { CountAsk, FactAsks, MemoryAsk } from '../vocabulary/facts.ts';
import { AskedFunctions } from './asked-functions.ts';
import { ConsoleWatch } from './console-watch.ts';
import { AskedPlaces } from './memory-fact.ts';
import { NOT_LOOKED_AT, racesFact } from './race-fact.ts';

/** What the machine has counted at a moment. */
interface Sample {
  readonly instructions: number;
  readonly tally: Tally;
  /** Guest time, in nanoseconds. */
  readonly time: number;
}

/** Page faults of fetches, loads and stores (Privileged Architecture, "Supervisor Cause Register"). */
const PAGE_FAULTS = [12, 13, 15];
const ECALL_FROM_USER = 8;

/** What is counted between two texts: the text that it waits for, and what was counted at those that were shown. */
class Stretch {
  readonly ask: CountAsk;
  readonly #watches: readonly ConsoleWatch[];
  samples: Sample[] = [];

  constructor(ask: CountAsk) {
    this.ask = ask;
    this.#watches = (ask.between === null ? [] : [ask.between.from, ask.between.to]).map((text) => new ConsoleWatch(text));
  }

  push(byte: number, sample: () => Sample): void {
    if (this.#watches[this.samples.length]?.push(byte)) this.samples = [...this.samples, sample()];
  }

  save() {
    return { samples: this.samples, matched: this.#watches.map(({ matched }) => matched) };
  }

  restore({ samples, matched }: ReturnType<Stretch['save']>): void {
    this.samples = samples;
    this.#watches.forEach((watch, index) => {
      watch.matched = matched[index]!;
    });
  }
}

/** A place in memory that is read when the console has shown a text, or at the end. */
class Look {
  readonly ask: MemoryAsk;
  readonly #watch: ConsoleWatch | undefined;
  seen: MemoryFact | undefined;

  constructor(ask: MemoryAsk) {
    this.ask = ask;
    this.#watch = ask.at === null ? undefined : new ConsoleWatch(ask.at);
  }

  push(byte: number, read: (ask: MemoryAsk) => MemoryFact): void {
    if (this.seen === undefined && this.#watch?.push(byte)) this.seen = read(this.ask);
  }

  finish(read: (ask: MemoryAsk) => MemoryFact): MemoryFact {
    if (this.ask.at === null) return read(this.ask);
    return this.seen ?? { ...this.ask, place: null, bytes: '', problem: 'not-shown' };
  }

  save() {
    return { seen: this.seen, matched: this.#watch?.matched ?? 0 };
  }

  restore({ seen, matched }: ReturnType<Look['save']>): void {
    this.seen = seen;
    if (this.#watch !== undefined) this.#watch.matched = matched;
  }
}

export class FactWatch {
  readonly #stretches: readonly Stretch[];
  readonly #looks: readonly Look[];
  readonly #places: AskedPlaces;
  readonly #callNumbers: readonly string[];
  readonly #functions: AskedFunctions;
  readonly #file: Uint8Array | undefined;
  /** Looks at all accesses of harts from power-on on. */
  readonly races: RaceDetector | undefined;
  /** The run goes on from a snapshot: what came before was not looked at, so nothing can be said about races. */
  #goesOn = false;

  /** `endings`: functions among those that are asked for that end the run. `file`: the kernel's, with its symbols; undefined: there is none. */
  constructor(asks: FactAsks, endings: readonly string[], file: Uint8Array | undefined) {
    this.#looks = asks.memory.map((ask) => new Look(ask));
    this.#places = new AskedPlaces(asks.memory, file);
    this.#stretches = asks.counts.map((ask) => new Stretch(ask));
    this.#callNumbers = callNumbers(asks);
    this.#functions = new AskedFunctions(asks.reached, endings, file);
    this.#file = file;
    this.races = asks.races ? new RaceDetector() : undefined;
  }

  /** The calls that the machine has to count. */
  get watched(): readonly CodeWatch[] {
    return this.#functions.watches;
  }

  /** The function of a watch that ends the run. */
  ending(watch: number): string {
    return this.#functions.ending(watch);
  }

  /** Takes the console's next byte. */
  push(byte: number, machine: Machine): void {
    for (const stretch of this.#stretches) stretch.push(byte, () => sampleOf(machine));
    for (const look of this.#looks) look.push(byte, (ask) => this.#places.read(ask, machine));
  }

  /** At the end of the run, before anything lets the machine go on. */
  finish(machine: Machine): FactsEvidence {
    const end = sampleOf(machine);
    return {
      counts: this.#stretches.map((stretch) => this.#count(stretch, end)),
      memory: this.#looks.map((look) => look.finish((ask) => this.#places.read(ask, machine))),
      ...(this.#functions.asksNothing ? {} : { reached: this.#functions.facts(end.tally) }),
      ...(this.races === undefined ? {} : { races: this.#goesOn ? NOT_LOOKED_AT : racesFact(this.races, this.#file) }),
    };
  }

  #count({ ask, samples }: Stretch, end: Sample): CountFact {
    const [from, to] = ask.between === null ? [undefined, end] : samples;
    const isShown = ask.between === null || samples.length === 2;
    const at = (sample: Sample | undefined) => (sample === undefined ? 0 : this.#read(ask, sample, end));
    return { ...ask, count: isShown ? at(to) - at(from) : null };
  }

  #read({ of, systemCall }: CountAsk, { instructions, tally, time }: Sample, end: Sample): number {
    switch (of) {
      case 'instructions':
        return instructions;
      case 'page-faults':
        return PAGE_FAULTS.reduce((sum, cause) => sum + tally.exceptions[cause]!, 0);
      case 'system-calls':
        return systemCall === null ? tally.exceptions[ECALL_FROM_USER]! : tally.calls[this.#callNumbers.indexOf(systemCall)]!;
      case 'timer-interrupts':
        return timerInterrupts(tally, end.tally);
      case 'context-switches':
        return tally.contextSwitches;
      case 'nanoseconds':
        return time;
    }
  }

  save() {
    return { stretches: this.#stretches.map((stretch) => stretch.save()), looks: this.#looks.map((look) => look.save()) };
  }

  restore({ stretches, looks }: ReturnType<FactWatch['save']>): void {
    this.#goesOn = true;
    this.#stretches.forEach((stretch, index) => {
      stretch.restore(stretches[index]!);
    });
    this.#looks.forEach((look, index) => {
      look.restore(looks[index]!);
    });
  }
}

/** Where S mode takes timer interrupts, software in M mode has passed them on: they are not counted twice. */
function timerInterrupts({ interrupts }: Tally, end: Tally): number {
  const isPassedOn = end.interrupts.S[INTERRUPT.supervisorTimer]! > 0;
  return isPassedOn ? interrupts.S[INTERRUPT.supervisorTimer]! : interrupts.M[INTERRUPT.machineTimer]!;
}

function sampleOf(machine: Machine): Sample {
  return { instructions: Number(machine.instructions()), tally: machine.tally(), time: machine.now() };
}

/** Numbers of system calls that the machine has to count one by one, in decimal. */
export function callNumbers({ counts }: FactAsks): string[] {
  return [...new Set(counts.flatMap(({ systemCall }) => systemCall ?? []))];
}
