/**
 * A guest that plays a script: reads and writes of registers and memory, waits, and dumps to the console. So a probe of the board is
 * data, and the same bytes run on this machine and on QEMU (virtio/qemu-oracle.test.ts).
 *
 * The guest runs in M mode from RAM's first byte, and powers off through the test finisher. Every `read` and `dump` prints one line:
 * hexadecimal digits, or `!` and the cause where the access trapped. A `dump` is of RAM, byte by byte.
 */
import { RAM_BASE, TEST_FINISHER, UART } from '../spec/virt-board.ts';
import { assemble } from './assembler.ts';

/** Ticks of `time` (100 ns each) after which `until` gives up. Even a host under load needs less for a request. */
const PATIENCE = 100_000_000;

const PLAYER = `
  la t0, trap
  csrw mtvec, t0
  la s0, script
  li s1, ${UART.base}
  li s2, ${TEST_FINISHER.base}
next:                       # an operation: code, width, address, value
  lw a0, 0(s0)
  lw a1, 4(s0)
  ld a2, 8(s0)
  ld a3, 16(s0)
  addi s0, s0, 24
  mv s3, zero               # cause of the last trap
  la t0, operations
  slli a0, a0, 2
  add t0, t0, a0
  jr t0
operations:
  j end
  j write
  j read
  j dump
  j fill
  j until
end:
  li t0, 0x5555
  sw t0, 0(s2)
  j end

trap:                       # over the access that trapped
  csrr s3, mcause
  csrr t6, mepc
  addi t6, t6, 4
  csrw mepc, t6
  mret

write:
  la t0, stores
  call byWidth
  j next
stores:
  sb a3, 0(a2)
  ret
  sh a3, 0(a2)
  ret
  nop
  nop
  sw a3, 0(a2)
  ret
  nop
  nop
  nop
  nop
  nop
  nop
  sd a3, 0(a2)
  ret

read:
  la t0, loads
  mv a4, zero
  call byWidth
  bnez s3, trapped
  slli a5, a1, 3
  call hex
  j newline
loads:
  lbu a4, 0(a2)
  ret
  lhu a4, 0(a2)
  ret
  nop
  nop
  lwu a4, 0(a2)
  ret
  nop
  nop
  nop
  nop
  nop
  nop
  ld a4, 0(a2)
  ret
byWidth:                    # eight bytes of code for each width's unit
  addi t1, a1, -1
  slli t1, t1, 3
  add t0, t0, t1
  jr t0

trapped:
  li a0, 33
  call put
  mv a4, s3
  li a5, 8
  call hex
newline:
  li a0, 10
  call put
  j next

dump:
  beqz a3, newline
  lbu a4, 0(a2)
  li a5, 8
  call hex
  addi a2, a2, 1
  addi a3, a3, -1
  j dump

fill:                       # the width is the byte
  li t0, 0x0101010101010101
  mul a1, a1, t0
filling:
  beqz a3, next
  or t0, a2, a3
  andi t0, t0, 7
  bnez t0, oneByte
  sd a1, 0(a2)
  addi a2, a2, 8
  addi a3, a3, -8
  j filling
oneByte:
  sb a1, 0(a2)
  addi a2, a2, 1
  addi a3, a3, -1
  j filling

until:                      # memory at a2 reads a3
  csrr s4, time
  li t0, ${PATIENCE}
  add s4, s4, t0
again:
  la t0, loads
  call byWidth
  beq a4, a3, found
  csrr t0, time
  bltu t0, s4, again
  li a0, 63
  call put
  j newline
found:                      # QEMU holds its lock from used ring to interrupt: an access to a device waits for it
  lbu t0, 5(s1)
  j next

hex:                        # the low a5 bits of a4
  mv s5, ra
digit:
  addi a5, a5, -4
  srl a0, a4, a5
  andi a0, a0, 15
  addi a0, a0, 48
  li t0, 58
  bltu a0, t0, decimal
  addi a0, a0, 39
decimal:
  call put
  bnez a5, digit
  jr s5
put:
  lbu t0, 5(s1)
  andi t0, t0, 0x20
  beqz t0, put
  sb a0, 0(s1)
  ret
  .align 3
script:
`;

const OPERATION = { end: 0, write: 1, read: 2, dump: 3, fill: 4, until: 5 } as const;
const OPERATION_BYTES = 24;

export type AccessWidth = 1 | 2 | 4 | 8;

interface Operation {
  readonly code: number;
  readonly width: number;
  readonly address: bigint;
  readonly value: bigint;
}

/** The probe and the label that one line of the console belongs to. */
export interface Line {
  readonly probe: string;
  readonly label: string;
}

/** Lines by probe and label, in order. */
export type Answers = ReadonlyMap<string, ReadonlyMap<string, string>>;

export class ProbeScript {
  readonly #operations: Operation[] = [];
  readonly #lines: Line[] = [];
  #probe = '';

  /** All that follows belongs to this probe. */
  begin(probe: string): void {
    this.#probe = probe;
  }

  write(address: bigint, width: AccessWidth, value: bigint): void {
    this.#add('write', width, address, value);
  }

  /** Prints the value that is read at the address. */
  read(label: string, address: bigint, width: AccessWidth): void {
    this.#expect(label);
    this.#add('read', width, address);
  }

  /** Prints bytes of RAM. */
  dump(label: string, address: bigint, length: number): void {
    this.#expect(label);
    this.#add('dump', 0, address, BigInt(length));
  }

  fill(address: bigint, length: number, byte: number): void {
    this.#add('fill', byte, address, BigInt(length));
  }

  /** Waits until the value is read at the address. After ten seconds of guest time it gives up and prints a line, which makes the test fail. */
  until(address: bigint, width: AccessWidth, value: bigint): void {
    this.#add('until', width, address, value);
  }

  #expect(label: string): void {
    const used = this.#lines.some((line) => line.probe === this.#probe && line.label === label);
    if (used) throw new Error(`${this.#probe}: two lines are called ${label}`);
    this.#lines.push({ probe: this.#probe, label });
  }

  #add(name: keyof typeof OPERATION, width: number, address = 0n, value = 0n): void {
    this.#operations.push({ code: OPERATION[name], width, address, value });
  }

  /** A raw kernel for the start of RAM. */
  kernel(): Uint8Array<ArrayBuffer> {
    const { bytes } = assemble(PLAYER, BigInt(RAM_BASE));
    const kernel = new Uint8Array(bytes.length + (this.#operations.length + 1) * OPERATION_BYTES);
    kernel.set(bytes);
    const view = new DataView(kernel.buffer, bytes.length);
    this.#operations.forEach(({ code, width, address, value }, index) => {
      const at = index * OPERATION_BYTES;
      view.setUint32(at, code, true);
      view.setUint32(at + 4, width, true);
      view.setBigUint64(at + 8, BigInt.asUintN(64, address), true);
      view.setBigUint64(at + 16, BigInt.asUintN(64, value), true);
    });
    return kernel;
  }

  /** Throws if the console does not hold exactly one line for each read and dump. */
  answers(console: string): Answers {
    const texts = console.split('\n').slice(0, -1);
    const lost = texts.indexOf('?');
    if (lost >= 0) throw new Error(`${this.#lines[lost]?.probe ?? 'the end'}: what the script waited for did not come`);
    if (texts.length !== this.#lines.length) throw new Error(`${texts.length} lines on the console instead of ${this.#lines.length}`);
    const answers = new Map<string, Map<string, string>>();
    this.#lines.forEach(({ probe, label }, index) => {
      const lines = answers.get(probe) ?? new Map<string, string>();
      answers.set(probe, lines.set(label, texts[index]!));
    });
    return answers;
  }
}
