/** Where an address came from that was used for a load, in small kernels; and how the report says it. */
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { assembled, explainKernel } from '../testkit/explained-kernel.ts';
import { pollingKernel } from '../testkit/polling-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

function told(source: string): string {
  const { evidence, explanations } = explainKernel(assembled(source));
  return whyStopped({ ...evidence, explanations })
    .flatMap((detail) => (detail.kind === 'text' ? [detail.text] : []))
    .join('\n');
}

describe('an SBI call whose results nobody expects', () => {
  /** Prints a text as C code does whose inline assembly does not say that a call changes a0; `kept`: where the text's address is meanwhile. */
  const print = (kept: string) => `
      la ${kept}, text
      lbu a5, 0(${kept})
    loop: mv a1, zero
      ${kept === 'a0' ? 'mv s1, a0' : 'mv a0, a5'}
      li a7, 1
      ecall
      addi s0, ${kept}, 1
      mv ${kept}, s0
      lbu a5, 0(s0)
      bnez a5, loop
      li a7, 8
      ecall
    text: .word 0x6f6f62`;

  it('is said to be what changed the pointer, and not the text that was loaded before', () => {
    const says = told(print('a0'));
    expect(says).toContain('load access fault at address 0x1,');
    expect(says).toContain('the address came from a0 or a1 after an SBI call (ecall): a call overwrites both');
    expect(says).not.toContain('0x6f');
    expect(told(print('s2'))).toBe('');
  });
});

describe('a number that the compiler uses as a null pointer, since it knows that it is 0', () => {
  const withLoad = (load: string) => toldOf(pollingKernel('modern', { after: `${load}\n lbu t0, 0(a0)` })).says;

  it('is not said to be a pointer that a buffer of the device lies over', () => {
    // The status byte of the request, which the device has set to 0.
    const says = withLoad('lbu a0, 0(a3)');
    expect(says).toMatch(/the address \(0x0\) was loaded as 1 byte from .*: that is a number and not an address/);
    expect(says).toContain('the address of one of its own variables');
    expect(says).not.toContain('lies over this memory');
    expect(withLoad('mv a0, a3')).toBe('');
  });

  it('is told apart from a pointer that the device has overwritten', () => {
    expect(withLoad('ld a0, 0(a2)')).toContain('lies over this memory');
  });
});
