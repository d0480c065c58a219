/** A loop that is not the kernel's own any more: its code was overwritten, most likely by a stack. */
import { describe, expect, it } from 'vitest';
import { assembled } from '../testkit/explained-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

/** JAL to itself, which is stored over the first instruction of `over`. */
const LOOP = 'li t1, 0x6f';
/** The first byte of the only segment in an assembled kernel's file, and its address. */
const [CODE, START] = [120, 0x8020_0000n];
const HEADER = 64;

/** The same file with a section .text, without which nobody knows what code it has. */
function withText(elf: Uint8Array): Uint8Array {
  const names = new TextEncoder().encode('\0.text\0.shstrtab\0');
  const at = elf.length + names.length;
  const file = new Uint8Array(at + 3 * HEADER);
  file.set(elf);
  file.set(names, elf.length);
  const view = new DataView(file.buffer);
  view.setBigUint64(40, BigInt(at), true);
  for (const [offset, value] of [
    [58, HEADER],
    [60, 3],
    [62, 2],
  ] as const)
    view.setUint16(offset, value, true);
  const section = (index: number, [name, type, flags]: readonly number[], [address, offset, size]: readonly bigint[]) => {
    const header = at + index * HEADER;
    view.setUint32(header, name!, true);
    view.setUint32(header + 4, type!, true);
    for (const [field, value] of [BigInt(flags!), address!, offset!, size!].entries())
      view.setBigUint64(header + 8 + 8 * field, value, true);
  };
  // Progbits that are loaded and executed; a table of strings.
  section(1, [1, 1, 6], [START, BigInt(CODE), BigInt(elf.length - CODE)]);
  section(2, [7, 3, 0], [0n, BigInt(elf.length), BigInt(names.length)]);
  return file;
}

const told = (store: string, over = 'nop') =>
  toldOf(withText(assembled(`la s1, over\n ${store}\n fence.i\n over: ${over}\n li a7, 8\n ecall`)));

describe('a loop over which something was stored', () => {
  it('by sp has a stack that has run over the code', () => {
    const { stop, says } = told(`mv sp, s1\n ${LOOP}\n sw t1, 0(sp)`);
    expect(stop).toBe('hang');
    expect(says).toMatch(/the code at 0x80200[0-9a-f]{3} was overwritten: the kernel file has 0x13 there, and memory has jal zero,/);
    expect(says).toContain('; stored last by sw t1, 0(sp): that is a store to the stack, which has run down over the code.');
  });

  it('while sp is below it may have one', () => {
    const { says } = told(`li sp, 0x80100000\n ${LOOP}\n sw t1, 0(s1)`);
    expect(says).toContain('; sp is 0x80100000, below this code: has the stack run down over it?');
  });

  it('while sp is above is not said to have one', () => {
    const { says } = told(`li sp, 0x80210000\n ${LOOP}\n sw t1, 0(s1)`);
    expect(says).toContain('was overwritten');
    expect(says).not.toContain('the stack');
  });

  it("that is the kernel's own is none", () => {
    const { stop, says } = told('li sp, 0x80100000', 'j over');
    expect(stop).toBe('hang');
    expect(says).not.toContain('overwritten');
  });
});
