/** `npm run fuzz` on the command line. Exit code: 0 when nothing was found, 1 when something was, 2 for a mistake in the command. */
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { dir } from 'tmp-promise';
import { type Finding, type FuzzOptions, fuzz, type Summary } from './fuzz.ts';
import { KINDS } from './kinds/index.ts';
import { type Plan, readCorpus } from './plan.ts';

const CASES = 100_000;
const SEEDS = 2 ** 32;
/** Below the project's folder. */
const CORPUS = 'bench/fuzz/corpus';
/** Milliseconds between two lines that say how far it is. */
const REPORT_INTERVAL = 30_000;

interface Flags {
  readonly seed?: number;
  readonly cases?: number;
  readonly minutes?: number;
  readonly kind: readonly string[];
  readonly case?: number;
  readonly file?: string;
  readonly keep?: string;
  readonly jobs: number;
}

function number(lowest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < lowest)
      throw new InvalidArgumentError(`a number from ${lowest} on is expected`);
    return value;
  };
}

function whole(lowest: number): (text: string) => number {
  return (text) => {
    const value = number(lowest)(text);
    if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number is expected');
    return value;
  };
}

function kindsOf(text: string): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(KINDS, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`there is no kind ${unknown}`);
  return names;
}

const table = Object.entries(KINDS).map(([name, { describe }]) => `  ${name.padEnd(12)} ${describe}`);

function parse(argv: readonly string[]): Flags {
  const program = new Command('npm run fuzz --')
    .description('Tries inputs that nobody would write on purpose. The corpus comes first, then cases of every kind by turns.')
    .addOption(new Option('--seed <number>', 'what all cases are made from; printed, and random without it').argParser(whole(0)))
    .addOption(new Option('--cases <number>', `cases; ${CASES} without --minutes`).argParser(whole(1)))
    .addOption(new Option('--minutes <number>', 'ends after so long').argParser(number(0)))
    .addOption(new Option('--kind <names>', 'kinds, with commas between them').argParser(kindsOf).default(Object.keys(KINDS), 'all'))
    .addOption(new Option('--case <number>', 'nothing but this case of one --kind').argParser(whole(0)))
    .addOption(new Option('--file <path>', 'nothing but this input of one --kind').conflicts('case'))
    .addOption(new Option('--keep <folder>', 'where inputs that fail are written; a new temporary folder without it'))
    .addOption(new Option('--jobs <number>', 'worker processes at a time').argParser(whole(1)).default(1))
    .addHelpText('after', `\nKinds:\n${table.join('\n')}`)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' });
  const flags = program.opts<Flags>();
  const alone = flags.case !== undefined || flags.file !== undefined;
  if (alone && flags.kind.length !== 1) program.error('--case and --file need one --kind');
  if (flags.case !== undefined && flags.seed === undefined) program.error('--case needs the --seed that it was made from');
  return flags;
}

/** Which cases are tried: one, or the corpus and what is made up. */
function casesOf({ kind, cases, minutes, file, ...flags }: Flags, seed: number, root: string): Pick<FuzzOptions, 'plan' | 'from' | 'to'> {
  const plan = (corpus: Plan['corpus']): Plan => ({ seed, kinds: kind, corpus });
  if (file !== undefined) return { plan: plan([{ kind: kind[0]!, file: resolve(file) }]), from: 0, to: 1 };
  if (flags.case !== undefined) return { plan: plan([]), from: flags.case, to: flags.case + 1 };
  const corpus = readCorpus(root, CORPUS, kind);
  const count = cases ?? (minutes === undefined ? CASES : Number.MAX_SAFE_INTEGER / 2);
  return { plan: plan(corpus), from: 0, to: corpus.length + count };
}

function print(line: string): void {
  console.log(line);
}

function printFinding({ one, what, again, command, file }: Finding): void {
  print(`\nFOUND ${one.kind}: ${what}`);
  print(`  again: ${command}${again ? '' : '   (not seen again when it was tried alone)'}`);
  if (file !== null) print(`  input: ${file}`);
}

function printSummary({ cases, findings, more }: Summary, seed: number, seconds: number): void {
  print(`${cases} cases in ${Math.round(seconds)} s, ${(cases / seconds).toFixed(1)} a second, seed ${seed}`);
  print(`${findings.length + more} findings${more > 0 ? `, ${more} of them like others` : ''}`);
}

/** `worker`: the bundled worker.ts; `root`: the project's folder. Returns the exit code. */
export async function main(argv: readonly string[], worker: string, root: string): Promise<number> {
  const flags = parse(argv);
  const seed = flags.seed ?? randomInt(SEEDS);
  print(`seed ${seed}`);
  const temporary = await dir({ prefix: 'bootgrade-fuzz-scratch-', unsafeCleanup: true });
  const end = new AbortController();
  const timers = [setInterval(() => print(`${tried} cases, ${found} findings`), REPORT_INTERVAL)];
  if (flags.minutes !== undefined) timers.push(setTimeout(() => end.abort(), flags.minutes * 60_000));
  process.once('SIGINT', () => end.abort());
  const start = performance.now();
  let [tried, found] = [0, 0];
  try {
    const keep = flags.keep ?? join(tmpdir(), `bootgrade-fuzz-${seed}`);
    const options = { ...casesOf(flags, seed, root), jobs: flags.jobs, worker, root, scratch: temporary.path, keep, signal: end.signal };
    const summary = await fuzz(options, {
      tried: (cases) => {
        tried += cases;
      },
      found: (finding) => {
        found++;
        printFinding(finding);
      },
    });
    printSummary(summary, seed, (performance.now() - start) / 1000);
    return summary.findings.length > 0 ? 1 : 0;
  } finally {
    timers.forEach(clearInterval);
    await temporary.cleanup();
  }
}
