/**
 * Which variant of the generated code runs: the one that logs accesses (access-log.ts) where somebody looks at what the hart does next, and else the ordinary
 * one. All who call generated code use the same object, whose functions are replaced between two slices.
 */
import type { HartState } from '../layout/state.ts';
import type { OrderWatch } from '../ports.ts';
import { type AccessBatch, type AccessConsumer, AccessLog } from './access-log.ts';
import type { CoreVariant } from './compile-core.ts';
import type { Core } from './core.ts';
import { FollowedOrder } from './followed-order.ts';

export interface LoggingPort {
  now(): number;
  /** The hart whose turn it is. */
  turn(): number;
  /** Has the slice end after the instruction that is being executed. */
  shorten(): void;
  /** Stores that are delayed, for which it matters what some harts do at some times. */
  readonly delays: AccessConsumer & { watches(hart: number, now: number): boolean };
}

export class Logging {
  readonly core: Core;
  readonly #port: LoggingPort;
  readonly #coreOf: (variant: CoreVariant) => Core;
  /** Those that have been used. */
  readonly #cores = new Map<CoreVariant, Core>();
  #variant: CoreVariant = 'ordinary';
  readonly #log: AccessLog;
  #consumer: AccessConsumer | undefined;
  readonly #followers: FollowedOrder[] = [];

  constructor(state: HartState, coreOf: (variant: CoreVariant) => Core, port: LoggingPort) {
    const ordinary = coreOf('ordinary');
    this.#coreOf = coreOf;
    this.#cores.set('ordinary', ordinary);
    this.core = { ...ordinary };
    this.#port = port;
    this.#log = new AccessLog(state, { take: (batch) => this.#took(batch) });
  }

  /** While accesses are logged. */
  get log(): AccessLog | undefined {
    return this.#variant === 'logging' ? this.#log : undefined;
  }

  /** From now on, between two runs: every access goes to the consumer, or with undefined none does. */
  to(consumer: AccessConsumer | undefined): void {
    this.#consumer = consumer;
    this.#log.clear();
    this.choose();
  }

  /** For a device, at power-on: follows the order of stores when it is asked to. */
  followOrder(): OrderWatch {
    const { now, turn, shorten } = this.#port;
    const follower = new FollowedOrder({ now, turn, shorten, flush: () => this.flush() });
    this.#followers.push(follower);
    return follower;
  }

  /** Decides whether what the hart does next is logged, between two slices. */
  choose(): void {
    const { delays, now, turn } = this.#port;
    const isFollowed = this.#followers.some(({ isOn }) => isOn);
    const isLogged = this.#consumer !== undefined || isFollowed || delays.watches(turn(), now());
    const variant = isLogged ? 'logging' : 'ordinary';
    if (variant === this.#variant) return;
    const core = this.#cores.get(variant) ?? this.#coreOf(variant);
    this.#cores.set(variant, core);
    Object.assign(this.core, core);
    this.#variant = variant;
  }

  /** Hands over what harts have done until now. */
  flush(): void {
    this.log?.flush();
  }

  /** After a snapshot was restored. */
  clear(): void {
    this.#log.clear();
  }

  #took(batch: AccessBatch): void {
    this.#port.delays.take(batch);
    for (const follower of this.#followers) follower.take(batch);
    this.#consumer?.take(batch);
  }
}
