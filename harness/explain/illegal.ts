/**
 * Why an instruction is illegal, as far as its bits, the mode and mstatus say.
 * Reference: RISC-V Privileged Architecture, "CSR Address Mapping Conventions", "Machine Status Registers"; "RISC-V Instruction Set Listings"
 * for what this cpu does not have.
 */
import { csrNamed } from '../../machine/hart/csr.ts';
import { createDecoder, type Decoded } from '../../machine/isa/decoder.ts';
import { EXTENSIONS, type Extension } from '../../machine/isa/instruction.ts';
import { STATUS } from '../../machine/spec/riscv.ts';
import { hex } from '../bytes/hex.ts';
import type { ExceptionEvidence, ExplainedException } from '../evidence/exception.ts';

type Illegal = ExplainedException['illegal'];

const decode = createDecoder(new Set(EXTENSIONS));

const ILLEGAL_INSTRUCTION = 2;
const LEVELS = { U: 0, S: 1, M: 3 } as const;
/** Extensions whose instructions mstatus.FS turns off. */
const FLOAT: ReadonlySet<Extension> = new Set(['f', 'd', 'zfhmin', 'zfh']);

/** `csrrw x0, cycle, x0`, which assemblers write for `unimp`; its compressed form is two bytes of zeroes. */
const UNIMP = 0xc000_1073;

/** `bits`: the instruction in memory. `mstatus`: just before the exception. `isInstruction`: an instruction of the kernel begins there. */
export function illegalReason(
  { cause, mode }: ExceptionEvidence,
  bits: number | undefined,
  { mstatus, isInstruction }: { readonly mstatus: bigint; readonly isInstruction: boolean },
): Illegal {
  if (cause !== ILLEGAL_INSTRUCTION || bits === undefined) return null;
  if (bits >>> 0 === UNIMP) return { kind: 'unimp' };
  if ((bits & 0xffff) === 0) return { kind: isInstruction ? 'unimp' : 'zeroes' };
  const decoded = decode(bits);
  if (decoded === undefined) return { kind: 'unknown', extension: foreignExtension(bits >>> 0) };
  const { instruction } = decoded;
  if (instruction.format === 'csr' || instruction.format === 'csri') return csrReason(decoded, mode);
  if (instruction.extension === 'system') return { kind: 'privileged', instruction: instruction.name, isTrapped: isTrapped(decoded, mode) };
  if (FLOAT.has(instruction.extension) && (mstatus & STATUS.FS) === 0n) return { kind: 'float-off' };
  return { kind: 'unknown', extension: decoded.compressed === undefined ? instruction.extension : 'c' };
}

function csrReason({ instruction: { name }, operands }: Decoded, mode: ExceptionEvidence['mode']): Illegal {
  const number = operands.imm & 0xfff;
  const known = csrNamed(number);
  const needed = (number >>> 8) & 3;
  const writes = name.startsWith('csrrw') || operands.rs1 !== 0;
  // fflags, frm and fcsr are off together with the registers.
  if (number > 0 && number <= 3) return { kind: 'float-off' };
  const isReadOnly = number >>> 10 === 3;
  const reason =
    needed > LEVELS[mode] ? 'privilege' : known === undefined ? 'unknown' : writes && isReadOnly ? 'read-only' : ('disabled' as const);
  const needs = needed === 0 ? 'U' : needed === 3 ? 'M' : 'S';
  return { kind: 'csr', csr: known ?? hex(number), reason, needs };
}

/** In a mode that may execute it, a bit of mstatus (TVM, TW, TSR) makes it trap. */
function isTrapped({ instruction: { name } }: Decoded, mode: ExceptionEvidence['mode']): boolean {
  return mode === 'S' && name !== 'mret';
}

/** Extensions that kernels are compiled for by mistake, by their encodings: the opcode, and for some the function fields. */
function foreignExtension(bits: number): string | null {
  const [opcode, funct3, funct7] = [bits & 0x7f, (bits >>> 12) & 7, bits >>> 25];
  switch (opcode) {
    case 0x57:
      return 'v';
    case 0x07:
    case 0x27:
      return funct3 === 0 || funct3 >= 5 ? 'v' : 'q';
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f:
    case 0x53:
      return (funct7 & 3) === 3 ? 'q' : null;
    case 0x2f:
      return bits >>> 27 === 5 ? 'zacas' : funct3 < 2 ? 'zabha' : null;
    case 0x73:
      return funct3 === 4 ? 'h' : null;
    default:
      return null;
  }
}
