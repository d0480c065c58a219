/** Zicond: expected values from the operations that the specification writes out. */
import { it } from 'vitest';
import { expectBinary } from '../testkit/expect-instruction.ts';

it('CZERO.EQZ gives zero where the second operand is zero', () => expectBinary('czero.eqz', (a, b) => (b === 0n ? 0n : a)));
it('CZERO.NEZ gives zero where the second operand is not', () => expectBinary('czero.nez', (a, b) => (b === 0n ? a : 0n)));
