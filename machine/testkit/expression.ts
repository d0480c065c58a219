/** Expressions of the test assembler: numbers, symbols, sums of them, and the two halves of a distance from pc. */

export interface Scope {
  readonly pc: bigint;
  readonly symbols: ReadonlyMap<string, bigint>;
}

function term(text: string, { symbols, pc }: Scope): bigint {
  if (/^(0x[0-9a-f]+|0b[01]+|\d+)$/i.test(text)) return BigInt(text);
  if (text === '.') return pc;
  const value = symbols.get(text);
  if (value === undefined) throw new Error(`no symbol "${text}"`);
  return value;
}

/** The value as written: the caller has to check whether it fits. */
export function evaluate(text: string, scope: Scope): bigint {
  const half = /^%pcrel_(hi|lo)\((.*)\)$/.exec(text);
  if (half) {
    // The lower half belongs to the AUIPC right before it.
    const distance = evaluate(half[2]!, scope) - (half[1] === 'hi' ? scope.pc : scope.pc - 4n);
    return half[1] === 'hi' ? (distance + 0x800n) >> 12n : BigInt.asIntN(12, distance);
  }
  const terms = text.matchAll(/\s*([+-]?)\s*([\w.]+)\s*/gy);
  let [sum, used] = [0n, 0];
  for (const [whole, sign, name] of terms) {
    sum += (sign === '-' ? -1n : 1n) * term(name!, scope);
    used += whole.length;
  }
  if (used === 0 || used !== text.length) throw new Error(`no expression: "${text}"`);
  return sum;
}
