/**
 * A guest that plays a list of operations in S mode: any loads and stores, SBI calls, writes of CSRs, jumps. Whatever traps is passed
 * over, and an interrupt switches interrupts off. So a hostile kernel is a short list, and needs no compiler.
 */
import { assemble } from '../../../machine/testkit/assembler.ts';
import { writeElf } from '../../../machine/testkit/elf-writer.ts';
import type { Random } from '../../../machine/testkit/random.ts';

export const KERNEL = 0x8020_0000n;

/** What stores, loads and more take from the record: a0 the address, a1 a value, a2 another one. */
const ONE_INSTRUCTION = {
  loadByte: 'lb t2, 0(a0)',
  loadHalf: 'lh t2, 0(a0)',
  loadWord: 'lw t2, 0(a0)',
  loadDouble: 'ld t2, 0(a0)',
  storeByte: 'sb a1, 0(a0)',
  storeHalf: 'sh a1, 0(a0)',
  storeWord: 'sw a1, 0(a0)',
  storeDouble: 'sd a1, 0(a0)',
  addWord: 'amoadd.w t2, a1, (a0)',
  swapDouble: 'amoswap.d t2, a1, (a0)',
  reserve: 'lr.d t2, (a0)',
  conditional: 'sc.d t2, a1, (a0)',
  loadFloat: 'fld ft0, 0(a0)',
  storeFloat: 'fsd ft0, 0(a0)',
  zeroBlock: 'cbo.zero (a0)',
  wait: 'wfi',
  fetchFence: 'fence.i',
  fence: 'fence iorw, iorw',
  translationFence: 'sfence.vma a0, a1',
  jump: 'jalr ra, 0(a0)',
} as const;

/** CSRs of S mode that can be written, set and cleared (with a0) without an end of the list itself. */
const CSRS = ['satp', 'sstatus', 'sie', 'sip', 'sscratch', 'scounteren', 'senvcfg', 'stimecmp', 'stval', 'fcsr'] as const;

type CsrOperation = `${'write' | 'set' | 'clear' | 'read'} ${(typeof CSRS)[number]}`;
const SEVERAL = ['call', 'addHalf', 'repeatWord', 'delay', 'again', 'end', 'spin', 'sleep', 'handler'] as const;
export type Operation = keyof typeof ONE_INSTRUCTION | (typeof SEVERAL)[number] | CsrOperation;

/** Labels are letters and digits. */
const label = (operation: string): string => operation.replace(' ', '_');
const one = (operation: string, instruction: string): string => `${label(operation)}:\n  ${instruction}\n  j next`;

const csrOperations = (csr: string): string =>
  [
    one(`write ${csr}`, `csrw ${csr}, a0`),
    one(`set ${csr}`, `csrs ${csr}, a0`),
    one(`clear ${csr}`, `csrc ${csr}, a0`),
    one(`read ${csr}`, `csrr t2, ${csr}`),
  ].join('\n');

const PLAYER = `
  la t0, trap
  csrw stvec, t0
  la sp, stack
again:
  la s0, script
next:
  ld t0, 0(s0)
  ld a0, 8(s0)
  ld a1, 16(s0)
  ld a2, 24(s0)
  addi s0, s0, 32
  jr t0

${Object.entries(ONE_INSTRUCTION)
  .map(([name, instruction]) => one(name, instruction))
  .join('\n')}
${CSRS.map(csrOperations).join('\n')}

call:                       # the next two records hold a0 to a7
  ld a0, 0(s0)
  ld a1, 8(s0)
  ld a2, 16(s0)
  ld a3, 24(s0)
  ld a4, 32(s0)
  ld a5, 40(s0)
  ld a6, 48(s0)
  ld a7, 56(s0)
  addi s0, s0, 64
  ecall
  j next
addHalf:
  lhu t1, 0(a0)
  add t1, t1, a1
  sh t1, 0(a0)
  j next
repeatWord:                 # a2 times
  sw a1, 0(a0)
  addi a2, a2, -1
  bnez a2, repeatWord
  j next
delay:
  addi a0, a0, -1
  bnez a0, delay
  j next
sleep:
  wfi
  j sleep
spin:
  j spin
end:
  li a7, 8
  ecall
  j end
handler:                    # another trap vector
  csrw stvec, a0
  j next

  .align 2
trap:                       # behind the instruction; of a jump that led nowhere, behind the jump
  csrr t1, scause
  bltz t1, interrupted
  addi t1, t1, -1
  beqz t1, nowhere
  addi t1, t1, -11
  beqz t1, nowhere
  csrr t1, sepc
  addi t1, t1, 4
  csrw sepc, t1
  sret
nowhere:
  csrw satp, zero
  sfence.vma
  csrw sepc, ra
  sret
interrupted:
  csrw sie, zero
  sret
  .align 4
  .space 256
stack:
script:
`;

/** `bltz` and the like are not the test assembler's. */
const { bytes: CODE, symbols } = assemble(PLAYER.replaceAll('bltz t1,', 'blt t1, zero,'), KERNEL);

/** Where the player itself lies: what it plays may change that, too. */
export const PLAYER_BYTES = CODE.length;

type End = 'end' | 'spin' | 'sleep' | 'again';

/** The list is seldom repeated: such a run goes on to the limit, and takes as long as ten that end. */
export function anyEnd(random: Random): End {
  return random.below(16) === 0 ? 'again' : random.pick(['end', 'spin', 'sleep']);
}

export class Script {
  readonly #words: bigint[] = [];

  do(operation: Operation, a0 = 0n, a1 = 0n, a2 = 0n): this {
    this.#words.push(symbols.get(label(operation))!, a0, a1, a2);
    return this;
  }

  /** An ECALL with a0 to a7. */
  call(registers: readonly bigint[]): this {
    return this.do('call').#put(Array.from({ length: 8 }, (_, index) => registers[index] ?? 0n));
  }

  #put(words: readonly bigint[]): this {
    this.#words.push(...words);
    return this;
  }

  /** The kernel's file; `end`: what it does after the last operation. */
  kernel(end: End): Uint8Array {
    this.do(end);
    const bytes = new Uint8Array(CODE.length + 8 * this.#words.length);
    bytes.set(CODE);
    const view = new DataView(bytes.buffer);
    this.#words.forEach((word, index) => {
      view.setBigUint64(CODE.length + 8 * index, BigInt.asUintN(64, word), true);
    });
    return writeElf({ segments: [{ address: KERNEL, bytes, flags: 7, virtualAddress: KERNEL }] });
  }
}
