/** Grades in a worker, one submission at a time. */
import type { Answer, Job } from './messages.ts';
import { workerText } from './worker-text.ts';

let script: string | undefined;

/** A worker with our script, which is held to the page's policy. */
export function startWorker(): Worker {
  script ??= URL.createObjectURL(new Blob([workerText()], { type: 'text/javascript' }));
  return new Worker(script);
}

export class Grader {
  readonly #tell: (answer: Answer) => void;
  #worker: Worker | undefined;

  /** `tell` gets the answers of the grading that was begun last. */
  constructor(tell: (answer: Answer) => void) {
    this.#tell = tell;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Stops what runs. */
  begin(job: Job): void {
    this.stop();
    const worker = startWorker();
    this.#worker = worker;
    const told = (answer: Answer) => {
      if (this.#worker !== worker) return;
      if (answer.kind === 'done' || answer.kind === 'failed') this.stop();
      this.#tell(answer);
    };
    worker.onmessage = ({ data }: MessageEvent<Answer>) => told(data);
    worker.onerror = ({ message }) => told({ kind: 'failed', message: message || 'the browser has ended the work' });
    worker.postMessage(job);
  }

  /** Whatever the kernel is doing. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
