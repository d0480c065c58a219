/** Scripts of the course: what they get, what they may return, and that one that goes wrong is an error and not a zero. */
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { rubricOf } from '../testkit/checks.ts';
import { evidence, request } from '../testkit/evidence.ts';
import { evaluate } from './index.ts';
import { runScript, scriptProblem } from './script/engine.ts';

async function judge(source: string, run: Evidence, parameters: Record<string, unknown> = {}) {
  const [scenario] = (await rubricOf(' - { id: it, points: 10, console: x }')).scenarios;
  return evaluate(
    { kind: 'script', expected: { file: 'lab.mjs', source, parameters } },
    { scenario: scenario!, evidence: run, images: new Map() },
  );
}

/** The reason of an errored check. */
async function wrong(source: string): Promise<string> {
  const verdict = await judge(source, evidence());
  if (verdict.outcome !== 'errored') throw new Error(`it is ${verdict.outcome}`);
  return verdict.reason;
}

describe('a script', () => {
  it('gets the evidence, the console as a text, and its parameters', async () => {
    const source = `export default ({ evidence, console, parameters }) =>
      evidence.requests.length === parameters.requests && console === 'Grüße' && evidence.stop.reason === 'poweroff'
        ? { passed: true } : { passed: false, reason: JSON.stringify([evidence.requests.length, console, parameters]) };`;
    const run = evidence({ console: 'Grüße', requests: [request({ number: 1 })] });
    expect(await judge(source, run, { requests: 1 })).toEqual({ outcome: 'passed' });
    expect(await judge(source, run, { requests: 2 })).toMatchObject({ outcome: 'failed', reason: '[1,"Grüße",{"requests":2}]' });
  });

  it('fails with a reason, points, a hint, and what was expected and found', async () => {
    const source = `export default () => ({ passed: false, reason: 'too slow', points: 2.5, hint: 'Count them.', expected: '3 at most', found: '9' });`;
    expect(await judge(source, evidence())).toEqual({
      outcome: 'failed',
      reason: 'too slow',
      score: 2.5,
      hint: 'Count them.',
      questions: [],
      details: [
        { kind: 'expected', text: '3 at most' },
        { kind: 'found', text: '9' },
      ],
    });
  });

  it('may return one object for both: beside passed: true the rest means nothing', async () => {
    const source = `export default ({ evidence }) => ({ passed: evidence.requests.length === 0, reason: 'made requests', points: 1, found: '' + evidence.requests.length });`;
    expect(await judge(source, evidence({ requests: [] }))).toEqual({ outcome: 'passed' });
    expect(await judge(source, evidence({ requests: [request({ number: 1 })] }))).toMatchObject({
      outcome: 'failed',
      reason: 'made requests',
      score: 1,
    });
    expect(await wrong('export default () => ({ passed: true, raeson: 1 })')).toContain('it must return');
  });

  it('may replace JSON: its answer is read all the same', async () => {
    const source = `export default () => { JSON.stringify = () => 'not JSON'; return { passed: true }; };`;
    expect(await judge(source, evidence())).toEqual({ outcome: 'passed' });
  });

  it('does not see what a repeated run has found out: whether there was one must not change a grade', async () => {
    const source = `export default ({ evidence }) => evidence.explanations === null ? { passed: true } : { passed: false, reason: 'seen' };`;
    const explained = { ...evidence(), explanations: { stores: {} } as unknown as Evidence['explanations'] };
    expect(await judge(source, explained)).toEqual({ outcome: 'passed' });
  });
});

describe('evidence of any size', () => {
  const source = 'export default ({ evidence }) => evidence.requests.length';
  const input = (requests: number) =>
    JSON.stringify({ evidence: { requests: Array.from({ length: requests }, (_, number) => ({ number, data: '0'.repeat(1000) })) } });

  it('of ten thousand requests is passed on, in a memory that has to grow', () => {
    expect(runScript('lab.mjs', source, input(10_000))).toEqual({ json: '10000' });
  });

  it('that does not fit is an error', () => {
    expect(runScript('lab.mjs', source, input(100_000))).toMatchObject({ problem: expect.stringMatching(/memory/) as string });
  });
});

describe('a script that goes wrong is errored', () => {
  const call = (body: string) => `export default ({ evidence }) => {\n  ${body}\n};`;
  it.each([
    ['throws', call("throw new RangeError('no line')"), /lab\.mjs:2:\d+: RangeError: no line/],
    [
      'takes a field that is not there',
      call('return evidence.request.length;'),
      /lab\.mjs:2:\d+: TypeError: cannot read property 'length'/,
    ],
    ['changes what it is given', call("evidence.stop.reason = 'hang';"), /lab\.mjs:2:\d+: TypeError: .*read-only/],
    ['never ends', call('for (;;);'), /lab\.mjs:\d:\d+: it does not come to an end, or computes too long/],
    ['calls itself for ever', 'export default function deep() { return deep() + 1; }', /lab\.mjs:1:\d+: RangeError: Maximum call stack/],
    ['never stops collecting', call("let all = []; for (;;) all.push('x'.repeat(1e6) + all.length);"), /lab\.mjs:2:\d+: .*out of memory/],
    ['has an expression that takes for ever', call("return /^(a+)+$/.test('a'.repeat(40) + 'b');"), /does not come to an end/],
    ['returns nothing', call(''), /the function returned undefined/],
    ['is asynchronous', 'export default async () => ({ passed: true });', /asynchronous/],
    ['returns no verdict', call('return true;'), /it must return \{ passed: true \}.*, not true/],
    ['fails without a reason', call('return { passed: false };'), /it must return .*, not \{"passed":false\}/],
    ['gives points that are no number', call("return { passed: false, reason: 'x', points: 0 / 0 };"), /"points":null/],
    ['has a key that does not exist', call("return { passed: false, reason: 'x', score: 1 };"), /"score":1/],
  ])('if it %s', async (_, source, expected) => {
    const reason = await wrong(source);
    expect(reason).toMatch(/^the course's script is wrong, which is no fault of the submission: lab\.mjs/);
    expect(reason).toMatch(expected);
    expect(reason).toMatch(/Correct it, then use bootgrade regrade$/);
  });
});

describe('what a script must not depend on', () => {
  const typeOf = (name: string) => runScript('x.mjs', `export default () => typeof ${name}`, '{}');
  it.each(['Date', 'performance', 'Math.random', 'process', 'require', 'fetch', 'setTimeout', 'WeakRef', 'console'])('%s', (name) => {
    expect(typeOf(name)).toEqual({ json: '"undefined"' });
  });

  it('an earlier call leaves nothing behind', () => {
    const source = 'let calls = 0; export default () => { globalThis.seen ??= 0; return [++calls, ++globalThis.seen]; }';
    expect([runScript('x.mjs', source, '{}'), runScript('x.mjs', source, '{}')]).toEqual([{ json: '[1,1]' }, { json: '[1,1]' }]);
  });

  it('an endless script ends at the same round each time', () => {
    const source = 'let rounds = 0; export default () => { try { for (;;) rounds++; } finally { globalThis.rounds = rounds; } }';
    const end = () => runScript('x.mjs', source, '{}');
    expect(end()).toEqual(end());
    const counted = 'export default ({ most }) => { let n = 0; while (n < most) n++; return n; }';
    expect(runScript('x.mjs', counted, '{"most":45000000}')).toEqual({ json: '45000000' });
    expect(runScript('x.mjs', counted, '{"most":55000000}')).toHaveProperty('problem');
  });
});

describe('before it is called', () => {
  it.each([
    ['export default ({ evidence }) => ({ passed: true });', null],
    ['export default function () {', /^lab\.mjs:1:\d+: SyntaxError/],
    ['export const check = () => {};', /^lab\.mjs: it exports no function by default; write: export default/],
    ['export default 5;', /^lab\.mjs: it exports no function by default/],
    ["import fs from 'node:fs';\nexport default () => {};", /^lab\.mjs: .*node:fs.*: a script imports nothing/],
    ["export default () => {};\nthrow new Error('at the top');", /^lab\.mjs:2:\d+: Error: at the top/],
    ['await new Promise(() => {});\nexport default () => {};', /^lab\.mjs: it waits for something at its top/],
    ['for (;;);\nexport default () => {};', /^lab\.mjs:1:\d+: it does not come to an end/],
  ])('%s', (source, expected) => {
    const problem = scriptProblem('lab.mjs', source);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatch(expected);
  });
});
