/** Ctrl-C, and a polite request to end: noticed, so that a batch can stop between two submissions and say how to go on. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

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
