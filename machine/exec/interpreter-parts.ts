/** What the interpreter's code is put together from, besides the semantics of instructions (registers-in-memory.ts, out-of-line.ts). */
import type { AccessFunctions } from '../mmu/access.ts';
import type { LogCode } from '../mmu/access-log.ts';
import { type Callable, type Label, label, type Statement } from '../wasm/code.ts';
import type { FusedFunctions } from './fused.ts';

/** What the interpreter calls outside itself. */
export interface InterpreterParts {
  readonly access: AccessFunctions;
  /** Virtual address -> decoded page, or 0 after a fault. */
  readonly fetchPage: Callable<'i32'>;
  /** (entry, decoded page): decodes from this entry on. */
  readonly decode: Callable<undefined>;
  /** Fetches and decodes the instruction at `pc`, which crosses a page, into the scratch page; 0 after a fault. */
  readonly crossing: Callable<'i32'>;
  /** (place): counts that a watched instruction is about to be executed (tally.ts). */
  readonly countReached: Callable<undefined>;
  /** (number of the watch): tells the machine's owner. */
  readonly reached: Callable<undefined>;
  /** (entry, operation, source, budget) -> CSR_RESULT (csr-access.ts). */
  readonly csr: Callable<'i32'>;
  /** (exit code, entry) -> exit code, or GO_ON (stop.ts). */
  readonly stop: Callable<'i32'>;
  /** (number in SOFT_OPERATIONS, entry) -> 1 where the rounding mode is illegal. */
  readonly soft: Callable<'i32'>;
  readonly fused: FusedFunctions;
  /** In the variant of the module that logs accesses. */
  readonly log?: LogCode | undefined;
}

/** Where the code of an operation may go. */
const LABELS = ['next', 'jump', 'exit', 'done', 'taken', 'takenAligned', 'loadMiss', 'floatLoadMiss', 'storeMiss', 'csr'] as const;
export type Labels = Readonly<Record<(typeof LABELS)[number], Label>>;
export const newLabels = (): Labels => Object.fromEntries(LABELS.map((name) => [name, label(name)])) as Labels;

/** Code that operations share, since V8 takes longer to optimize a longer function. It goes to the next instruction. */
export interface Tail {
  readonly label: Label;
  readonly code: readonly Statement[];
}
