/** The progress display, as a terminal of a given width shows it. */
import { describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture } from '../testkit/command.ts';
import { ProgressDisplay } from './progress.ts';

/** What a terminal shows of what is written: CSI 2K erases the line, 1A goes up, G to its begin (ECMA-48); lines longer than it wrap. */
class Screen {
  readonly #width: number;
  #lines = [''];
  #at = 0;

  constructor(width: number) {
    this.#width = width;
  }

  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
  static readonly #TOKEN = /\x1b\[(\d*)([A-Z])|\n|[^\x1b\n]/gu;

  readonly write = (text: string): void => {
    for (const [token, , letter] of text.matchAll(Screen.#TOKEN)) {
      const line = this.#lines[this.#at] ?? '';
      if (letter === 'K') this.#lines[this.#at] = '';
      else if (letter === 'A') this.#at--;
      else if (letter === 'G') continue;
      else if (token === '\n') this.#lines[++this.#at] ??= '';
      else if (line.length < this.#width) this.#lines[this.#at] = line + token;
      else this.#lines[++this.#at] = token;
    }
  };

  get lines(): string[] {
    return this.#lines.filter((line) => line !== '');
  }
}

const ended = (name: string): SubmissionResult => ({ name, outcome: 'passed', score: 10, maxScore: 10 }) as SubmissionResult;

describe.each([200, 80, 40, 20])('on a terminal of %d columns', (columns) => {
  it('leaves nothing of what it drew before', async () => {
    const screen = new Screen(columns);
    const progress = await ProgressDisplay.begin(
      300,
      { lines: true },
      { ...capture({ progress: true }).environment, err: screen.write, columns },
    );
    for (let at = 0; at < 50; at++) {
      progress.started(`student-${at}`, 'a scenario with a long name');
      progress.ended(ended(`student-${at}`));
    }
    const shown = screen.lines.join('');
    expect(shown).toMatch(/^ \[====-{20}\] 50\/300 · 50 passed · about 1 s left ?$/);
    progress.clear();
    expect(screen.lines).toEqual([]);
  });
});
