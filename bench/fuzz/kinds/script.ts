/**
 * Scripts of a course that are careless or hostile: each comes to an end that is counted, and what it says is safe to show. Put together
 * of parts that use up time, stack and memory, change the language's own objects, or return what is no answer.
 */
import { evaluate } from '../../../harness/checks/index.ts';
import type { CheckContext } from '../../../harness/checks/kind.ts';
import { rubricOf } from '../../../harness/testkit/checks.ts';
import { evidence, request } from '../../../harness/testkit/evidence.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { changeBytes } from '../mutate.ts';
import { mustBeSentence } from '../sentence.ts';

/** What happens before the answer. */
const DEEDS = [
  'const again = (n) => 1 + again(n + 1); try { again(0); } catch {}',
  'let text = "x"; for (let n = 0; n < 40; n++) text += text;',
  'for (;;) {}',
  'const list = []; for (;;) list.push(new Array(1000).fill("y"));',
  'Array.prototype.toJSON = () => { throw 1; };',
  'Object.prototype.toJSON = function () { return this; };',
  'JSON.stringify = () => "not JSON\\n";',
  'JSON.parse = null; Object.freeze = null;',
  'globalThis.Promise = class { static [Symbol.hasInstance]() { throw "no"; } };',
  '/^(a+)+$/.test("a".repeat(40) + "!");',
  'try { evidence.requests.length = 0; } catch {}',
  'Error.prepareStackTrace = () => { throw new Error("again"); };',
  'Object.defineProperty(Error.prototype, "stack", { get() { throw 1; } });',
  'new Proxy({}, { get() { throw new Error("\\u202e\\u0000"); } }).x;',
  'eval("1 +"); ',
  'throw { toString() { throw 1; } };',
  'throw null;',
  'new Uint8Array(2 ** 31);',
  '"x".padEnd(2 ** 29, "y");',
  'structure: { break structure; }',
];

const ANSWERS = [
  '{ passed: true }',
  '{ passed: false, reason: "no" }',
  '{ passed: false, reason: "\\u202e\\u0000\\ud800".repeat(2000), points: 1e300 }',
  '{ passed: false, reason: "", points: NaN }',
  '{ passed: false, reason: "x", points: -1 }',
  '{ passed: false, get reason() { for (;;); } }',
  'Symbol("x")',
  '10n',
  'new Promise(() => {})',
  '(() => { const circle = {}; circle.circle = circle; return circle; })()',
  'new Proxy({ passed: true }, { ownKeys: () => ["__proto__", "passed"] })',
  '{ ["__proto__"]: { passed: true } }',
  'evidence',
  'console.repeat(1e6)',
  'undefined',
  '-0',
];

function make(random: Random): Uint8Array {
  const deeds = Array.from({ length: random.below(3) }, () => random.pick(DEEDS));
  const source = `export default ${random.below(8) === 0 ? 'async ' : ''}({ evidence, console }) => { ${deeds.join(' ')} return ${random.pick(ANSWERS)}; };`;
  const bytes = new TextEncoder().encode(source);
  if (random.below(4) === 0) changeBytes(bytes, random, random.below(bytes.length), 1);
  return bytes;
}

let context: Promise<CheckContext> | undefined;

async function contextOf(): Promise<CheckContext> {
  const { scenarios } = await rubricOf(' - { id: it, points: 10, console: x }');
  return { scenario: scenarios[0]!, evidence: evidence({ console: 'hello\n', requests: [request()] }), images: new Map() };
}

export const script: Kind = {
  describe: "a course's scripts that never end, use up memory, or answer nonsense",
  // The engine's own limit of memory, beside that of Node.
  bound: { seconds: 30, mebibytes: 900 },
  make,
  async check(input) {
    context ??= contextOf();
    const expected = { file: 'lab.mjs', source: new TextDecoder().decode(input), parameters: {} };
    const verdict = evaluate({ kind: 'script', expected }, await context);
    if (verdict.outcome === 'passed') return;
    mustBeSentence(verdict.reason, 'a reason');
    if (verdict.outcome === 'failed') must(verdict.score >= 0 && verdict.score <= 1_000_000, `the score is ${verdict.score}`);
  },
};
