/** What a command needs from the process: where it prints, and how. Tests bring their own. */
import picocolors from 'picocolors';
import type { Colors } from '../report/words.ts';

export interface Environment {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** For standard output. */
  readonly colors: Colors;
  /** Whether standard error is a terminal, on which a line may be drawn over. */
  readonly progress: boolean;
}

/** https://no-color.org: set and not empty means none; FORCE_COLOR asks for them where there is no terminal. */
function wantsColors(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0';
  return terminal && environment['TERM'] !== 'dumb';
}

export function processEnvironment(): Environment {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colors: picocolors.createColors(wantsColors(process.env, process.stdout.isTTY)),
    progress: process.stderr.isTTY && process.env['TERM'] !== 'dumb',
  };
}
