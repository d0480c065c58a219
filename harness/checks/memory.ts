/** `memory`: what memory holds at a symbol of the kernel or at a virtual address, at the end of the run or once the console has shown a text. */

import { z } from 'zod';
import { bytesOfHex, hexOf } from '../bytes/hex.ts';
import { utf8Text } from '../bytes/text.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { MemoryFact } from '../evidence/facts.ts';
import { quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { coversMemory, type MemoryAsk } from '../vocabulary/facts.ts';
import { hex, someText, symbolName, text, whole } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { consoleDifference } from './console-difference.ts';
import { shownBy } from './console-text.ts';
import { hexDifference } from './hex-dump.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Verdict } from './kind.ts';

const NUMBERS = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'] as const;
/** Bytes of a text that are looked at; C's texts end with a zero byte before that. */
const TEXT_BYTES = 1024;
const LONGEST_TEXT = 1000;

const NUMBER = /^-?(0x[0-9A-Fa-f]{1,16}|[0-9]{1,20})$/;
const number = () => z.union([z.int(), z.string().regex(NUMBER)]);

const schema = z.strictObject({
  symbol: symbolName().optional().describe('A variable of the kernel, by its name in the symbol table.'),
  address: z
    .string()
    .regex(/^0x[0-9A-Fa-f]{1,16}$/)
    .optional()
    .describe('Instead of it, a virtual address in hex and in quotation marks, e.g. "0x87f00000".'),
  offset: whole()
    .max(2 ** 30)
    .default(0)
    .describe('So many bytes further. Default: 0.'),
  at: z
    .union([z.literal('end'), z.strictObject({ console: someText().max(LONGEST_TEXT).describe('Text on the console.') })])
    .default('end')
    .describe('When: at the end of the run (the default), or once the console has shown a text.'),
  as: z
    .enum([...NUMBERS, 'text', 'bytes'])
    .describe('What lies there: a number of so many bits, a text that ends with a zero byte, or bytes.'),
  equals: z
    .union([z.int(), text()])
    .optional()
    .describe('What it must be: a number (large ones in quotation marks), a text, or pairs of hex digits.'),
  min: number().optional().describe('The least that a number may be.'),
  max: number().optional().describe('The most that a number may be.'),
  contains: someText().optional().describe('What a text must contain.'),
});

type ExpectedMemory = z.output<typeof schema>;

function isNumber(as: ExpectedMemory['as']): as is (typeof NUMBERS)[number] {
  return as !== 'text' && as !== 'bytes';
}

function mistakes(written: ExpectedMemory): Mistake[] {
  const { symbol, address, as, equals, min, max, contains } = written;
  if ((symbol === undefined) === (address === undefined)) {
    return [{ path: [], code: symbol === undefined ? 'missing-key' : 'one-of', message: 'it is either a symbol or an address' }];
  }
  if ([equals, min, max, contains].every((one) => one === undefined)) {
    const remedy = isNumber(as) ? 'write equals, min or max' : as === 'text' ? 'write equals or contains' : 'write equals';
    return [{ path: [], code: 'missing-key', message: 'nothing is said about what memory holds', remedy }];
  }
  if (contains !== undefined && as !== 'text') return [{ path: ['contains'], code: 'one-of', message: 'only a text can contain a text' }];
  if (isNumber(as)) {
    const wrong = (['equals', 'min', 'max'] as const).flatMap((key) => numberMistakes(written, key, as));
    return wrong.length > 0 ? wrong : boundMistakes(written);
  }
  const bound = min === undefined ? (max === undefined ? null : 'max') : 'min';
  if (bound !== null)
    return [{ path: [bound], code: 'one-of', message: `only a number has a ${bound}`, remedy: 'say `as` which number it is' }];
  if (equals === undefined) return [];
  if (typeof equals === 'number') return [{ path: ['equals'], code: 'wrong-type', message: `as: ${as} needs a text in quotation marks` }];
  return as === 'text' || hex().safeParse(equals).success
    ? []
    : [{ path: ['equals'], code: 'bad-hex', message: 'these are not pairs of hex digits' }];
}

/** Numbers that no number can satisfy together. */
function boundMistakes({ equals, min, max }: ExpectedMemory): Mistake[] {
  const [low, high] = [min, max].map((bound) => (bound === undefined ? undefined : numberOf(bound)!));
  if (equals !== undefined && (min !== undefined || max !== undefined))
    return [
      { path: ['equals'], atKey: true, code: 'one-of', message: '"equals" does not go with "min" and "max"', remedy: 'remove one of them' },
    ];
  if (low === undefined || high === undefined || low <= high) return [];
  return [{ path: ['min'], code: 'out-of-range', message: '`min` is larger than `max`', remedy: 'no number is between them: change one' }];
}

function numberMistakes(written: ExpectedMemory, key: 'equals' | 'min' | 'max', as: (typeof NUMBERS)[number]): Mistake[] {
  const given = written[key];
  if (given === undefined) return [];
  const value = numberOf(given);
  if (value === null) return [{ path: [key], code: 'wrong-type', message: `${JSON.stringify(given)} is not a number` }];
  const isInRange = as.startsWith('u') ? BigInt.asUintN(bitsOf(as), value) === value : BigInt.asIntN(bitsOf(as), value) === value;
  return isInRange ? [] : [{ path: [key], code: 'out-of-range', message: `no ${as} is ${value}` }];
}

function numberOf(written: string | number): bigint | null {
  if (typeof written === 'number') return BigInt(written);
  if (!NUMBER.test(written)) return null;
  return written.startsWith('-') ? -BigInt(written.slice(1)) : BigInt(written);
}

function bitsOf(as: (typeof NUMBERS)[number]): number {
  return Number(as.slice(1));
}

function lengthOf({ as, equals }: ExpectedMemory): number {
  if (isNumber(as)) return bitsOf(as) / 8;
  return as === 'text' ? TEXT_BYTES : bytesOf(equals).length;
}

function bytesOf(written: string | number | undefined): Uint8Array {
  return bytesOfHex(
    String(written ?? '')
      .replace(/\s/g, '')
      .toLowerCase(),
  );
}

function askOf(expected: ExpectedMemory): MemoryAsk {
  const { symbol, address, offset, at } = expected;
  const place = { symbol: symbol ?? null, address: address?.toLowerCase() ?? null };
  return { ...place, offset, length: lengthOf(expected), at: at === 'end' ? null : at.console };
}

/** `ticks + 8` */
function nameOf({ symbol, address, offset }: MemoryAsk): string {
  return `${symbol ?? address}${offset === 0 ? '' : ` + ${offset}`}`;
}

function evaluate(expected: ExpectedMemory, { evidence }: CheckContext): Verdict {
  const ask = askOf(expected);
  const fact = evidence.facts?.memory.find((one) => coversMemory(one, ask));
  if (fact === undefined) throw new Error(`the evidence does not have what memory held at ${nameOf(ask)}`);
  const bytes = bytesOfHex(fact.bytes).subarray(0, ask.length);
  const problem = fact.problem ?? (expected.as !== 'text' && bytes.length < ask.length ? 'unmapped' : null);
  if (problem !== null) return notThere(problem, ask, fact, evidence);
  const when = ask.at === null ? '' : ` when the console shows ${quoted(ask.at, 60)}`;
  const wrong = isNumber(expected.as)
    ? wrongNumber(expected, expected.as, bytes)
    : expected.as === 'text'
      ? wrongText(expected, bytes)
      : wrongBytes(expected, bytes);
  return wrong === null
    ? PASSED
    : failed(`${nameOf(ask)} ${wrong.reason}${when}`, [...wrong.details, { kind: 'text', text: `It was read at ${fact.place}.` }]);
}

function notThere(problem: NonNullable<MemoryFact['problem']>, ask: MemoryAsk, { place }: MemoryFact, evidence: Evidence): Verdict {
  const { symbol, at } = ask;
  switch (problem) {
    case 'not-shown':
      return failed(
        `the console never shows ${quoted(at!, 60)}, when memory was to be looked at`,
        consoleDifference(shownBy(evidence), at!),
      );
    case 'no-symbols':
      return failed(`the kernel's file has no symbol table, in which ${symbol} was to be looked up`, [
        { kind: 'text', text: 'Was the file stripped?' },
      ]);
    case 'no-symbol':
      return failed(`the kernel has no symbol ${symbol}`, [
        { kind: 'text', text: 'Is it spelled differently, or was it left out because nothing uses it?' },
      ]);
    case 'several-symbols':
      return failed(`the kernel has several symbols ${symbol}`, [{ kind: 'text', text: 'Only one of them may have this name.' }]);
    case 'unmapped':
      return failed(`there is no memory at ${nameOf(ask)}${symbol === null ? '' : ` (${place})`}: no page of RAM is mapped there`, []);
  }
}

interface Wrong {
  reason: string;
  details: Detail[];
}

function wrongNumber({ equals, min, max }: ExpectedMemory, as: (typeof NUMBERS)[number], bytes: Uint8Array): Wrong | null {
  const unsigned = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const found = as.startsWith('i') ? BigInt.asIntN(bitsOf(as), unsigned) : unsigned;
  const [exact, least, most] = [equals, min, max].map((one) => (one === undefined ? null : numberOf(one)));
  const isWrong = (exact != null && found !== exact) || (least != null && found < least) || (most != null && found > most);
  if (!isWrong) return null;
  const wanted = [
    ...(exact == null ? [] : [String(exact)]),
    ...(least == null ? [] : [`at least ${least}`]),
    ...(most == null ? [] : [`at most ${most}`]),
  ].join(' and ');
  const details: Detail[] = [
    { kind: 'expected', text: wanted },
    { kind: 'found', text: `${found} (0x${unsigned.toString(16)})` },
  ];
  return { reason: `is ${found}, expected ${wanted}`, details };
}

function wrongText({ equals, contains }: ExpectedMemory, bytes: Uint8Array): Wrong | null {
  const end = bytes.indexOf(0);
  const found = utf8Text(end === -1 ? bytes : bytes.subarray(0, end));
  const isWrong = (equals !== undefined && found !== equals) || (contains !== undefined && !found.includes(contains));
  if (!isWrong) return null;
  const wanted = equals === undefined ? `a text with ${quoted(contains!)}` : quoted(String(equals));
  const details: Detail[] = [
    { kind: 'expected', text: wanted },
    { kind: 'found', text: quoted(found) },
  ];
  return { reason: 'is a different text', details };
}

function wrongBytes({ equals }: ExpectedMemory, found: Uint8Array): Wrong | null {
  const expected = bytesOf(equals);
  return hexOf(expected) === hexOf(found) ? null : { reason: 'holds different bytes', details: hexDifference({ expected, found, at: 0 }) };
}

export const memoryCheck = defineCheck({ schema, mistakes, asks: (expected) => ({ memory: [askOf(expected)] }), evaluate });
