/** The live machine as the student sees it: a terminal, the requests on a time line with their chains, and buttons to pause and to step. */

import { Terminal } from '@xterm/xterm';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { Course } from '../vocabulary/course.ts';
import { element } from './element.ts';
import { startWorker } from './grader.ts';
import type { Chosen, Command, LiveAnswer, LiveState } from './messages.ts';

const STATES: Readonly<Record<LiveState, string>> = {
  running: 'The machine runs. Type in the terminal; Shift and Tab leave it.',
  stepping: 'Running until the next request …',
  paused: 'Paused.',
};

export class LiveView {
  readonly #section = element('live', HTMLElement);
  readonly #pause = element('live-pause', HTMLButtonElement);
  readonly #step = element('live-step', HTMLButtonElement);
  readonly #status = element('live-status', HTMLElement);
  readonly #counts = element('live-counts', HTMLElement);
  readonly #requests = element('live-requests', HTMLElement);
  readonly #screen = element('live-terminal', HTMLElement);
  #terminal: Terminal | undefined;
  #worker: Worker | undefined;
  #state: LiveState = 'running';

  constructor() {
    this.#pause.addEventListener('click', () => this.#send({ kind: this.#state === 'paused' ? 'go' : 'pause' }));
    this.#step.addEventListener('click', () => this.#send({ kind: 'step' }));
    element('live-off', HTMLButtonElement).addEventListener('click', () => {
      this.#stop();
      this.#say('Switched off.');
    });
  }

  /** A machine that runs already is switched off. */
  begin(course: Course, chosen: Chosen): void {
    this.close();
    this.#section.hidden = false;
    this.#open();
    const worker = startWorker();
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<LiveAnswer>) => {
      if (this.#worker === worker) this.#answered(data);
    };
    worker.onerror = ({ message }) => {
      if (this.#worker === worker) this.#answered({ kind: 'ended', why: message || 'the browser has ended it' });
    };
    worker.postMessage({ kind: 'live', course, chosen });
    this.#buttons({ on: true });
    this.#say(`Booting ${chosen.name} …`);
    this.#screen.scrollIntoView({ block: 'nearest' });
    this.#terminal?.focus();
  }

  /** What is seen of it goes as well. */
  close(): void {
    this.#stop();
    this.#section.hidden = true;
    this.#terminal?.dispose();
    this.#terminal = undefined;
    this.#requests.replaceChildren();
    this.#counts.textContent = '';
  }

  #open(): void {
    // A screen reader gets what is printed as text. Kernels end lines as terminals of Unix have them.
    const terminal = new Terminal({ cols: 80, rows: 20, fontSize: 14, screenReaderMode: true, scrollback: 5000, convertEol: true });
    // The kernel gets Tab. Shift and Tab have to lead out of the terminal, for those who use the keyboard alone.
    terminal.attachCustomKeyEventHandler(({ key, shiftKey }) => key !== 'Tab' || !shiftKey);
    terminal.open(this.#screen);
    const encoder = new TextEncoder();
    terminal.onData((keys) => this.#send({ kind: 'keys', bytes: encoder.encode(keys) }));
    this.#terminal = terminal;
  }

  #answered(answer: LiveAnswer): void {
    switch (answer.kind) {
      case 'console':
        return this.#terminal?.write(answer.bytes);
      case 'counted': {
        const { instructions, time, requests } = answer;
        const counted = `${groupedDigits(instructions)} instructions · ${(time / 1e6).toFixed(1)} ms of guest time`;
        this.#counts.textContent = `${counted} · ${requests} ${requests === 1 ? 'request' : 'requests'}`;
        return;
      }
      case 'requests':
        return this.#draw(answer.html);
      case 'state':
        this.#state = answer.state;
        this.#pause.textContent = answer.state === 'paused' ? 'Go on' : 'Pause';
        return this.#say(STATES[answer.state]);
      case 'ended':
        this.#stop();
        return this.#say(`Machine stopped: ${answer.why}`);
    }
  }

  /** The last request is the one to look at. */
  #draw(html: string): void {
    // The markup is our own: whatever a kernel has a hand in was made text (report/html/markup.ts).
    this.#requests.innerHTML = html;
    const last = [...this.#requests.querySelectorAll('details')].at(-1);
    if (last !== undefined) last.open = true;
  }

  #send(command: Command): void {
    this.#worker?.postMessage(command);
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#buttons({ on: false });
  }

  #buttons({ on }: { readonly on: boolean }): void {
    for (const button of [this.#pause, this.#step, element('live-off', HTMLButtonElement)]) button.disabled = !on;
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}
