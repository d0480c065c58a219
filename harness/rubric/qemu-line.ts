/** The words of `machine: { qemu: "…" }`, and every mistake in them with its remedy. */
import { readOptions, settleMachine, splitWords } from '../qemu/command-line.ts';
import { emptyDraft, QEMU_OPTIONS } from '../qemu/options.ts';
import type { MachineSettings } from '../qemu/settings.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

export interface LineProblem {
  readonly message: string;
  readonly remedy?: string;
}

/** What the line may begin with. */
const PROGRAM = /(^|\/)qemu-system-(\w+)$/;

/** Complete where there is no problem. `random`: names that stand for a value of the rubric's. */
export function readLine(line: string, random: ReadonlySet<string>): { settings: MachineSettings; problems: LineProblem[] } {
  const draft = emptyDraft('rubric');
  const problems: LineProblem[] = [];
  let words: string[] = [];
  try {
    words = splitWords(line);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push({ message: error.message });
  }
  const program = words.findIndex((word) => PROGRAM.test(word));
  const processor = PROGRAM.exec(words[program] ?? '')?.[2] ?? 'riscv64';
  if (processor !== 'riscv64')
    problems.push({ message: `this machine is the one of qemu-system-riscv64, not of qemu-system-${processor}` });
  const variables = variablesIn(words, random);
  for (const [variable, word] of variables) {
    problems.push({ message: `${word}: ${variable} is a variable of make or of the shell`, remedy: 'write what it stands for' });
  }
  readOptions(words.slice(program + 1), { draft, options: QEMU_OPTIONS, remedy: 'leave it out if the kernel cannot see what it does' });
  const { machine } = settleMachine(draft);
  // What a variable stands for may well be right.
  const isKnown = (line: string) => ![...variables.keys()].some((variable) => line.includes(variable));
  problems.push(...draft.mistakes.lines.filter(isKnown).map(withRemedy));
  return { settings: machine, problems };
}

/** The remedy stands after the semicolon. */
function withRemedy(line: string): LineProblem {
  const [message, ...rest] = line.split('; ');
  return { message: message!, ...(rest.length === 0 ? {} : { remedy: rest.join('; ') }) };
}

const VARIABLE = /\$(?:\([^)]*\)?|\{([^}]*)\}?|[A-Za-z_]\w*)/g;

/** By variable, the first word that has it. */
function variablesIn(words: readonly string[], random: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const word of words) {
    for (const [variable, braced] of word.matchAll(VARIABLE)) {
      if ((braced === undefined || !random.has(braced)) && !found.has(variable)) found.set(variable, word);
    }
  }
  return found;
}
