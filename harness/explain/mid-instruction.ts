/**
 * A return or jump into the middle of an instruction, as by a handler that adds 4 to sepc although the instruction that trapped has 2 bytes.
 * What is executed from there on are pieces of instructions. Left out: code without symbols, where nothing says where instructions begin.
 * Reference: Privileged Architecture, "sepc"; Unprivileged ISA, "C": an instruction has 2 bytes, unless its lowest two bits are 11.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import type { Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { ExplainedException } from '../evidence/exception.ts';
import type { KernelCode } from './code.ts';
import { instructionBits } from './stores.ts';
import type { Step } from './value-origins.ts';

type Middle = ExplainedException['middle'];

/** Instructions that go on at an address from a register. */
const BY_REGISTER: ReadonlySet<string> = new Set(['sret', 'mret', 'jalr']);
const INTERRUPT = 1n << 63n;
const COMPRESSED = 3;

/** The last time before `pc` that one of the steps led there. `stackOf`: where a step is. */
export function middleOf(
  steps: readonly Step[],
  pc: bigint,
  { machine, code, stackOf }: { readonly machine: Machine; readonly code: KernelCode; readonly stackOf: (at: number) => CodeStack },
): Middle {
  const next = (index: number) => steps[index + 1]?.pc ?? pc;
  const at = steps.findLastIndex(({ effects }, index) => BY_REGISTER.has(effects.name) && isMiddle(next(index), machine, code));
  const step = steps[at];
  if (step === undefined) return null;
  const to = next(at);
  const begins = beginOf(to, machine, code)!;
  const isReturn = step.effects.name !== 'jalr';
  return {
    to: hex(to),
    begins: hex(begins),
    instruction: disassemble(instructionBits(machine, begins) ?? 0, begins).text,
    by: disassemble(step.bits, step.pc).text,
    stack: stackOf(at),
    trap: isReturn ? trapBefore(steps.slice(0, at), step.effects.name === 'mret' ? 'm' : 's', machine) : null,
  };
}

function beginOf(address: bigint, { debug }: Machine, code: KernelCode): bigint | null {
  return code.instructionBegin(address, (at, length) => debug.readVirtual(at, length));
}

function isMiddle(address: bigint, machine: Machine, code: KernelCode): boolean {
  const begin = beginOf(address, machine, code);
  return begin !== null && begin !== address;
}

/** Whether it is known that an instruction of the kernel begins there. */
export function isInstruction(address: bigint, machine: Machine, code: KernelCode): boolean {
  return beginOf(address, machine, code) === address;
}

/** The trap whose handler returned; null where it came too long before. */
function trapBefore(steps: readonly Step[], mode: 'm' | 's', { debug }: Machine): NonNullable<Middle>['trap'] {
  if ((debug.csr(`${mode}cause`) & INTERRUPT) !== 0n) return { kind: 'interrupt' };
  const vector = debug.csr(`${mode}tvec`) & ~3n;
  const entry = steps.findLastIndex(({ pc }) => pc === vector);
  const trapped = steps[entry - 1];
  if (trapped === undefined) return null;
  const { pc, bits } = trapped;
  return { kind: 'exception', pc: hex(pc), instruction: disassemble(bits, pc).text, length: (bits & COMPRESSED) === COMPRESSED ? 4 : 2 };
}
