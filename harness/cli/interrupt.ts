/** Ctrl-C, and a polite request to end: noticed, so that a batch can stop between two submissions and say how to go on. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A batch that was stopped before its end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** As shells have it: 130 for Ctrl-C. */
  readonly exitCode: number;

  constructor(message: string, signal: (typeof SIGNALS)[number]) {
    super(message);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Does the work, with a signal that is aborted when the process is asked to end: its reason is the signal's name. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const handlers = SIGNALS.map((name) => ({ name, handler: () => controller.abort(name) }));
  for (const { name, handler } of handlers) process.on(name, handler);
  try {
    return await work(controller.signal);
  } finally {
    for (const { name, handler } of handlers) process.off(name, handler);
  }
}
