/**
 * The same random code on this hart and on QEMU's user-mode emulation of RISC-V: all registers and flags after every round of
 * every block, and the memory at the end, have to agree. BOOTGRADE_SEED repeats a run that failed.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { disassemble } from '../debug/disassemble.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { type Assembled, assemble } from '../testkit/assembler.ts';
import { writeElf } from '../testkit/elf-writer.ts';
import { Program } from '../testkit/program.ts';
import { Random } from '../testkit/random.ts';
import { type Code, POOL_BYTES, randomCode, randomValue, SCRATCH_BYTES } from '../testkit/random-code.ts';
import { FLOAT_REGISTERS, INTEGER_REGISTERS } from './registers.ts';

const QEMU = 'qemu-riscv64-static';
/** Ours has all that it can have. */
const CPU = 'rv64,zicond=on,zfh=on,zcb=on';
const seed = BigInt(process.env['BOOTGRADE_SEED'] ?? Math.floor(Math.random() * 2 ** 32));

const INSTRUCTIONS = 1_000_000;
const BLOCKS = 1500;
const ROUNDS = 4;
const BLOCK_LENGTH = 200;
/** x0…x31, f0…f31, fcsr. */
const NAMES = [...INTEGER_REGISTERS, ...FLOAT_REGISTERS, 'fcsr'];
const STATE_BYTES = NAMES.length * 8;
const DUMP_BYTES = BLOCKS * ROUNDS * STATE_BYTES;
const DUMP = 0x8080_0000n;
const POOL = 0x8070_0000n;
const SCRATCH = POOL + BigInt(POOL_BYTES);
const PAGE = 4096;
/** Bytes of the file's header and of the header of its only segment. */
const ELF_HEADERS = 64 + 56;
const END = DUMP + BigInt(DUMP_BYTES + SCRATCH_BYTES);

const folder = mkdtempSync(join(tmpdir(), 'bootgrade-qemu-user-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stores all registers at gp; fcsr goes through t0. */
const SAVE = [
  ...INTEGER_REGISTERS.map((name, i) => `sd ${name}, ${i * 8}(gp)`),
  ...FLOAT_REGISTERS.map((name, i) => `fsd ${name}, ${(32 + i) * 8}(gp)`),
  'csrrs t0, fcsr, zero',
  `sd t0, ${64 * 8}(gp)`,
  'ld t0, 40(gp)',
  `addi gp, gp, ${STATE_BYTES}`,
].join('\n');

const START = `
  li gp, ${DUMP}
  li tp, ${SCRATCH}
  mv sp, tp
  mv s0, tp
  mv s1, tp
  ${INTEGER_REGISTERS.filter((name) => !['zero', 'gp', 'tp', 'sp', 's0', 's1'].includes(name))
    .map((name, i) => `ld ${name}, ${-8 * (i + 1)}(tp)`)
    .join('\n')}
  ${FLOAT_REGISTERS.map((name, i) => `fld ${name}, ${-8 * (i + 40)}(tp)`).join('\n')}
`;

/** Copies the scratch area after the registers' states, and writes both to standard output with Linux's write; then exit. */
const FINISH = `
  li a0, ${SCRATCH}
  li a1, ${SCRATCH + BigInt(SCRATCH_BYTES)}
copy:
  ld a2, 0(a0)
  sd a2, 0(gp)
  addi a0, a0, 8
  addi gp, gp, 8
  bne a0, a1, copy
  li a1, ${DUMP}
  li a2, ${DUMP_BYTES + SCRATCH_BYTES}
write:
  li a0, 1
  li a7, 64
finished:
  ecall
  add a1, a1, a0
  sub a2, a2, a0
  bnez a2, write
  li a0, 0
  li a7, 93
  ecall
`;

interface Image extends Assembled {
  readonly blocks: readonly (readonly Code[])[];
}

/** The memory from RAM's first byte to the end of the dump: start, blocks in loops, finish, data. */
function createImage(random: Random): Image {
  const bytes = new Uint8Array(Number(POOL) - RAM_BASE + POOL_BYTES + SCRATCH_BYTES);
  let at = 0;
  const append = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.length;
  };
  append(assemble(START).bytes);
  const blocks = Array.from({ length: BLOCKS }, () => randomCode(random, BLOCK_LENGTH));
  for (const block of blocks) {
    const body = new Uint8Array(block.reduce((size, { length }) => size + length, 0));
    const view = new DataView(body.buffer);
    block.reduce((offset, { bits, length }) => {
      if (length === 2) view.setUint16(offset, bits, true);
      else view.setUint32(offset, bits, true);
      return offset + length;
    }, 0);
    append(assemble(`li t6, ${ROUNDS}`).bytes);
    append(body);
    append(assemble(`.space ${body.length}\n${SAVE}\naddi t6, t6, -1\nbnez t6, ${RAM_BASE}`, BigInt(RAM_BASE)).bytes.subarray(body.length));
  }
  const finish = assemble(FINISH, BigInt(RAM_BASE + at));
  append(finish.bytes);
  const data = new DataView(bytes.buffer, Number(POOL) - RAM_BASE);
  for (let offset = 0; offset < data.byteLength; offset += 8) data.setBigUint64(offset, randomValue(random), true);
  return { base: BigInt(RAM_BASE), bytes, symbols: finish.symbols, blocks };
}

function runQemu(image: Image): Uint8Array {
  const file = join(folder, 'random');
  // The file's headers are mapped right before RAM, so that offset and address are the same within a page, as ELF requires.
  const address = BigInt(RAM_BASE - PAGE + ELF_HEADERS);
  const bytes = new Uint8Array(PAGE - ELF_HEADERS + image.bytes.length);
  bytes.set(image.bytes, PAGE - ELF_HEADERS);
  const elf = writeElf({ entry: image.base, segments: [{ address, virtualAddress: address, flags: 7, bytes, memorySize: END - address }] });
  writeFileSync(file, elf);
  chmodSync(file, 0o755);
  const { status, stdout, stderr, signal } = spawnSync(QEMU, ['-cpu', CPU, file], { maxBuffer: 2 ** 28, timeout: 60_000 });
  expect({ status, signal, stderr: stderr.toString() }).toEqual({ status: 0, signal: null, stderr: '' });
  return stdout;
}

function runHart(image: Image): { dump: Uint8Array; instructions: bigint } {
  const program = new Program(image, { ramBytes: 32 * 2 ** 20 });
  for (let slices = 0; program.trap === undefined && slices < 100; slices++) program.run(100_000);
  const end = image.symbols.get('finished');
  expect(program.trap).toEqual({ cause: EXCEPTION.ecallFromM, interrupt: false, tval: 0n, pc: end });
  return { dump: program.bytes(DUMP, DUMP_BYTES + SCRATCH_BYTES), instructions: program.hart.retired() };
}

/** What a person needs to find the culprit: the block's code and the registers that differ after it. */
function firstDifference(image: Image, expected: Uint8Array, actual: Uint8Array): string | undefined {
  const at = expected.findIndex((byte, i) => byte !== actual[i]);
  if (at < 0) return undefined;
  if (at >= DUMP_BYTES) return `scratch memory at byte ${at - DUMP_BYTES}`;
  const state = Math.floor(at / STATE_BYTES);
  const word = (dump: Uint8Array, n: number, i: number): string =>
    n < 0
      ? '?'
      : `0x${Buffer.from(dump.buffer, dump.byteOffset)
          .readBigUInt64LE(n * STATE_BYTES + i * 8)
          .toString(16)}`;
  const registers = NAMES.flatMap((name, i) => {
    const [theirs, ours] = [word(expected, state, i), word(actual, state, i)];
    return theirs === ours ? [] : [`${name}: QEMU ${theirs}, this hart ${ours}`];
  });
  const before = NAMES.map((name, i) => `${name} ${word(expected, state - 1, i)}`).join(', ');
  const block = image.blocks[Math.floor(state / ROUNDS)]!.map(({ bits }) => disassemble(bits, 0n).text);
  return [`block ${Math.floor(state / ROUNDS)}, round ${state % ROUNDS}`, ...registers, `before: ${before}`, ...block].join('\n');
}

it.skipIf(lacks('QEMU for programs'))(`agrees with QEMU on a million random instructions (BOOTGRADE_SEED=${seed})`, () => {
  const image = createImage(new Random(seed));
  const expected = runQemu(image);
  const { dump, instructions } = runHart(image);
  expect(firstDifference(image, expected, dump)).toBeUndefined();
  expect(expected.length).toBe(dump.length);
  expect(Number(instructions)).toBeGreaterThan(INSTRUCTIONS);
});
