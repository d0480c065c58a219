/** Accesses where memory ends. Cause and address as QEMU 10 reports them. */
import { describe, expect, it } from 'vitest';
import { EXCEPTION } from '../spec/riscv.ts';
import { Program, type Trap } from '../testkit/program.ts';

const { loadAccess, storeAccess, instructionAccess, storeMisaligned, loadMisaligned } = EXCEPTION;
const RAM_BYTES = 0x10_0000;
const END = 0x8000_0000n + BigInt(RAM_BYTES);

/** One instruction in M mode, without translation. */
function attempt(line: string, address: bigint): { p: Program; trap: Trap | undefined } {
  const p = new Program(`${line}\n end: j end`, { ramBytes: RAM_BYTES });
  p.setX('a1', address);
  p.setX('a2', -1n);
  p.run(line.startsWith('jalr') ? 2 : 1);
  return { p, trap: p.trap };
}

describe.each([
  ['where nothing is', 0x5_0000n],
  ['beyond 32 bits', 0x1_0000_0000n],
  ['beyond physical addresses', 0x80_0000_0000_0000n],
  ['behind RAM', END],
])('%s', (_, address) => {
  it.each([
    ['ld a0, 0(a1)', loadAccess],
    ['lb a0, 0(a1)', loadAccess],
    ['lr.w a0, (a1)', loadAccess],
    ['sd a2, 0(a1)', storeAccess],
    ['amoadd.d a0, a2, (a1)', storeAccess],
    ['jalr ra, 0(a1)', instructionAccess],
  ])('%s', (line, cause) => expect(attempt(line, address).trap).toMatchObject({ cause, tval: address }));
});

it('the last address of all is as absent as any other', () => {
  for (const [line, cause] of [
    ['lb a0, 0(a1)', loadAccess],
    ['ld a0, 0(a1)', loadAccess],
    ['sb a2, 0(a1)', storeAccess],
    ['amoadd.w a0, a2, (a1)', storeMisaligned],
  ] as const) {
    expect(attempt(line, (1n << 64n) - 1n).trap, line).toMatchObject({ cause, tval: (1n << 64n) - 1n });
  }
});

describe('an access that begins in RAM and ends behind it', () => {
  it('names the first byte behind', () => {
    expect(attempt('ld a0, 0(a1)', END - 3n).trap).toMatchObject({ cause: loadAccess, tval: END });
    expect(attempt('sd a2, 0(a1)', END - 3n).trap).toMatchObject({ cause: storeAccess, tval: END });
  });

  it('the other way round names its first byte', () => {
    expect(attempt('ld a0, 0(a1)', 0x7fff_fffdn).trap).toMatchObject({ cause: loadAccess, tval: 0x7fff_fffdn });
    const { p, trap } = attempt('sd a2, 0(a1)', 0x7fff_fffdn);
    expect(trap).toMatchObject({ cause: storeAccess, tval: 0x7fff_fffdn });
    expect(p.load(0x8000_0000n, 4)).not.toBe(0xffff_ffffn);
  });
});

it('a misaligned atomic is that, before it is anything else', () => {
  expect(attempt('amoadd.d a0, a2, (a1)', END - 4n).trap).toMatchObject({ cause: storeMisaligned, tval: END - 4n });
  expect(attempt('lr.d a0, (a1)', 0x5_0004n).trap).toMatchObject({ cause: loadMisaligned, tval: 0x5_0004n });
  expect(attempt('sc.w a0, a2, (a1)', 0x5_0002n).trap).toMatchObject({ cause: storeMisaligned, tval: 0x5_0002n });
});
