import { describe, expect, it } from 'vitest';
import { sha256 } from '../bytes/sha256.ts';
import { CHECKS, GOOD, HEAD, load, problemsOf, withChecks, withMachine, withScenarios, withSubmission } from '../testkit/rubric-text.ts';
import { excerptOf, formatProblem } from '../vocabulary/problem.ts';

describe('how a problem looks', () => {
  it('place, message, code; the line and a caret; the remedy', async () => {
    const [problem] = await problemsOf(withMachine('machine: { append: 5 }'));
    expect(formatProblem(problem!)).toBe(`lab.yaml:4:20: text expected, this is the number 5 [not-text]
  machine: { append: 5 }
                     ^
  put it in quotation marks: "5"`);
  });

  it('a long line is cut around the caret; control characters do not reach the terminal', () => {
    const [line, caret] = excerptOf(`${'a'.repeat(300)}X${'b'.repeat(300)}`, 301).split('\n');
    expect(line).toHaveLength(120);
    expect(line![caret!.indexOf('^')]).toBe('X');
    expect(excerptOf('a\x1b[2J\tb', 6)).toBe('a·[2J b\n     ^');
  });
});

describe('a good rubric', () => {
  it('gets its defaults', async () => {
    const rubric = await load(`${HEAD}scenarios: { run: {} }\n${CHECKS}`);
    expect(rubric.scenarios).toEqual([
      {
        name: 'run',
        hidden: false,
        machine: {
          cpu: 'rv64',
          memory: 128 * 2 ** 20,
          bios: 'builtin',
          initrd: null,
          loader: [],
          harts: 1,
          clock: 1,
          fillRam: 0,
          append: '',
          drives: [],
          rng: null,
          network: null,
          fwCfg: null,
          flash: null,
          transport: 'legacy',
        },
        until: null,
        races: false,
        diskFrom: null,
        cuts: null,
        schedules: null,
        schedule: [],
        faults: [],
        facts: { counts: [], memory: [], reached: [], races: false },
        keys: [],
        limit: { text: '10s guest', nanoseconds: 10e9 },
        work: 8e9,
        interests: [],
      },
    ]);
    expect(rubric.checks).toEqual([
      {
        id: 'a',
        title: '',
        points: 1,
        bonus: false,
        group: null,
        needs: [],
        scenario: 'run',
        hidden: false,
        hints: [],
        kind: 'console',
        expected: { contains: 'x' },
      },
    ]);
    expect(rubric.submission).toEqual({
      kernel: ['kernel.elf'],
      several: 'error',
      format: 'elf',
      base: null,
      take: [],
      given: [],
      build: null,
      prebuilt: false,
      images: { built: [], submitted: [] },
      texts: [],
      attempts: 'last',
      deadline: null,
      late: null,
    });
  });

  it('work: more for a run that is watched for races, unless the rubric says how much', async () => {
    const works = async (scenarios: string) =>
      (await load(`${HEAD}scenarios: { ${scenarios} }\n${CHECKS}`)).scenarios.map(({ work }) => work);
    expect(await works('a: { races: true }, b: { races: true, work: 9G units }, c: { races: true, limit: 100s guest }')).toEqual([
      20e9, 9e9, 40e9,
    ]);
  });

  it('build: a text is a line for the shell, a list is a program with its arguments', async () => {
    const { submission } = await load(
      withSubmission(
        `base: lab, take: "src/**/*.c", given: [src/lib.c], build: { steps: ["make -C a && b", [cc, "it's", x=1]], time: 2min, memory: 1G }`,
      ),
    );
    expect(submission).toMatchObject({ base: 'lab', take: ['src/**/*.c'], given: ['src/lib.c'] });
    expect(submission.build).toEqual({
      steps: [
        { argv: ['/bin/sh', '-c', 'make -C a && b'], text: 'make -C a && b' },
        { argv: ['cc', "it's", 'x=1'], text: `cc 'it'\\''s' x=1` },
      ],
      folder: '',
      environment: {},
      seconds: 120,
      output: 2 ** 18,
      memory: 2 ** 30,
      disk: 2 ** 31,
      dependencies: null,
      tools: [],
      image: null,
    });
  });

  it('extends: maps merge, lists and scalars replace, over any number of steps', async () => {
    const rubric = await load(`${HEAD}
machine: { append: quiet, drives: { blk: { size: 4K, contents: [{ at: 0, text: A }, { at: 9, text: B }] } } }
scenarios:
  third: { extends: second, visibility: hidden, drives: { log: { size: 1K } } }
  first: { until: { console: done }, limit: 10s guest, keys: [{ when: a, type: b }] }
  second: { extends: first, append: loud, limit: 5M instructions, keys: [], drives: { blk: { contents: [{ at: 1, text: C }] } } }
${CHECKS}`);
    const [third, first, second] = rubric.scenarios;
    expect(rubric.scenarios.map((scenario) => scenario.name)).toEqual(['third', 'first', 'second']);
    expect(first!.machine.append).toBe('quiet');
    expect(first!.machine.drives[0]!.contents).toHaveLength(2);
    expect(second!.machine.append).toBe('loud');
    expect(second!.machine.drives).toEqual([
      {
        name: 'blk',
        own: null,
        size: 4096,
        contents: [{ at: 1, bytes: new Uint8Array([0x43]) }],
        slot: null,
        serial: null,
        readonly: false,
        present: true,
      },
    ]);
    expect(second!.until).toEqual({ console: ['done'], matches: [], reaches: [] });
    expect(second!.keys).toEqual([]);
    expect(second!.limit).toEqual({ text: '5M instructions', nanoseconds: 5e6 });
    expect(third!.machine.drives.map((drive) => drive.name)).toEqual(['blk', 'log']);
    expect([third!.hidden, first!.hidden]).toEqual([true, false]);
    expect(rubric.checks[0]!.scenario).toBe('third');
  });

  it('expect: outcomes by check, the first scenario where none is named', async () => {
    const { expect: expected } = await load(`${GOOD}expect:
  submissions:
    good: { score: 1 }
    bad: { score: 0, failed: [a], stop: hang }
    worse: { score: 0, skipped: [a], stop: { run: limit } }
  blind-spots: [{ mutations: "*/console/*", reason: because }]
`);
    expect(expected).toEqual({
      folder: '.',
      reference: null,
      submissions: [
        { submission: 'good', score: 1, outcomes: null, stop: new Map() },
        { submission: 'bad', score: 0, outcomes: new Map([['a', 'failed']]), stop: new Map([['run', 'hang']]) },
        { submission: 'worse', score: 0, outcomes: new Map([['a', 'skipped']]), stop: new Map([['run', 'limit']]) },
      ],
      blindSpots: [{ mutations: ['*/console/*'], reason: 'because' }],
    });
  });

  it('hints: one text is there from the first attempt on, a list comes in order', async () => {
    const rubric = await load(
      withChecks(` - { id: a, points: 1, console: x, hint: one }
 - { id: b, points: 1, console: x, hint: [{ from-attempt: 3, text: late }, { from-attempt: 2, text: early }] }`),
    );
    expect(rubric.checks.map(({ hints }) => hints.map(({ fromAttempt, text }) => `${fromAttempt} ${text}`))).toEqual([
      ['1 one'],
      ['2 early', '3 late'],
    ]);
  });

  it('contents: text, hex, file and fill, sorted', async () => {
    const rubric = await load(
      withMachine(
        'machine: { drives: { blk: { size: 4K, contents: [{ at: 99, fill: 0xff, length: 3 }, { at: 0, hex: "48 65 6C" }, { at: 8, file: blk.txt }, { at: 50, text: é }] } } }',
      ),
    );
    expect(rubric.scenarios[0]!.machine.drives[0]!.contents).toEqual([
      { at: 0, bytes: new Uint8Array([0x48, 0x65, 0x6c]) },
      { at: 8, bytes: new TextEncoder().encode('from a file') },
      { at: 50, bytes: new Uint8Array([0xc3, 0xa9]) },
      { at: 99, fill: 0xff, length: 3 },
    ]);
  });

  it('escapes in `type` are YAML’s own', async () => {
    const rubric = await load(withScenarios(`  run: { keys: [{ when: $, type: "ls\\n" }, { when: $, type: 'a\\n' }] }`));
    expect(rubric.scenarios[0]!.keys.map((press) => press.type)).toEqual(['ls\n', 'a\\n']);
  });

  it('aliases may be used in measure', async () => {
    const rubric = await load(
      `${HEAD}scenarios: { run: {} }\nchecks: [{ id: a, points: 1, console: &text hello }, { id: b, points: 1, console: *text }]`,
    );
    expect(rubric.checks.map((check) => check.expected)).toEqual([{ contains: 'hello' }, { contains: 'hello' }]);
  });

  it('is named by the SHA-256 of its text', async () => {
    const rubric = await load(GOOD);
    expect(rubric.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await load(`${GOOD}# more\n`)).sha256).not.toBe(rubric.sha256);
  });
});

describe('what is typed', () => {
  const typed = async (keys: string) => (await load(withScenarios(`  run: { keys: [${keys}] }`))).scenarios[0]!.keys;

  it('lines at a prompt are pairs with enter', async () => {
    expect(await typed('{ prompt: "$ ", lines: [echo hi, cat README] }')).toEqual([
      { when: '$ ', after: 0, type: 'echo hi\n' },
      { when: '$ ', after: 0, type: 'cat README\n' },
    ]);
  });

  it('keys may wait for a time, beside a text or alone', async () => {
    expect(await typed('{ after: 500ms, type: a }, { when: x, after: 2s, press: tab }, { prompt: "$ ", after: 1us, lines: [ls] }')).toEqual(
      [
        { when: null, after: 500_000_000, type: 'a' },
        { when: 'x', after: 2_000_000_000, type: '\t' },
        { when: '$ ', after: 1000, type: 'ls\n' },
      ],
    );
  });

  it('keys that are no characters are pressed', async () => {
    // ETX, EOT and DLE of ASCII; the arrow of a VT100.
    expect(await typed('{ when: x, press: ctrl-c }, { when: y, press: [ctrl-d, ctrl-p, up, enter, tab] }')).toEqual([
      { when: 'x', after: 0, type: '\x03' },
      { when: 'y', after: 0, type: '\x04\x10\x1b[A\n\t' },
    ]);
  });

  it('text and lines come from files, with plain line ends', async () => {
    expect(await typed('{ when: x, type: { file: expected.txt } }, { prompt: "> ", lines: { file: expected.txt } }')).toEqual([
      { when: 'x', after: 0, type: 'one\n\ntwo\n' },
      { when: '> ', after: 0, type: 'one\n' },
      { when: '> ', after: 0, type: 'two\n' },
    ]);
  });
});

describe('texts out of files', () => {
  it('are what a check expects, as a whole or line by line, and belong to the identity of the rubric', async () => {
    const rubric = await load(
      withChecks(
        ' - { id: a, points: 1, console: { equals: { file: expected.txt } } }\n - { id: b, points: 1, console: { in-order: { file: expected.txt } } }',
      ),
    );
    expect(rubric.checks[0]!.expected).toEqual({ equals: 'one\n\ntwo\n' });
    expect(rubric.checks[1]!.expected).toEqual({ 'in-order': [{ contains: 'one' }, { contains: 'two' }] });
    expect(rubric.sha256).not.toBe(sha256(withChecks('')));
    const inline = withChecks(' - { id: a, points: 1, console: x }');
    expect((await load(inline)).sha256).toBe(sha256(inline));
  });
});

it('`until` ends at any of several texts or expressions', async () => {
  const { scenarios } = await load(withScenarios('  run: { until: { console: [panic, done], matches: "^[0-9]+ passed$" } }'));
  expect(scenarios[0]!.until).toEqual({ console: ['panic', 'done'], matches: ['^[0-9]+ passed$'], reaches: [] });
});

describe('random values', () => {
  const RANDOM = 'random: { seed: 7, words: { needle: 8 }, numbers: { pid: 5 } }\n';
  const lab = (random: string, check: string) =>
    `${random}${HEAD}machine: { append: "x=\${needle}", drives: { blk: { size: 4K, contents: [{ at: 0, text: "\${needle}" }] } } }
scenarios: { run: { keys: [{ prompt: "$ ", lines: ["echo \${pid}"] }] } }
checks: [${check}]
`;

  it('are the same in what is typed, on the disk, and in what is expected', async () => {
    const { scenarios, checks } = await load(lab(RANDOM, `{ id: a, points: 1, console: "\${pid} \${needle} $\${needle}" }`));
    const { machine, keys } = scenarios[0]!;
    const needle = machine.append.slice(2);
    const pid = keys[0]!.type.slice('echo '.length, -1);
    expect(needle).toMatch(/^[a-z]{8}$/);
    expect(pid).toMatch(/^[1-9][0-9]{4}$/);
    expect(machine.drives[0]!.contents).toEqual([{ at: 0, bytes: new TextEncoder().encode(needle) }]);
    expect(checks[0]!.expected).toEqual({ contains: `${pid} ${needle} \${needle}` });
  });

  it('are others for a different seed and a different name, and the same for the same', async () => {
    const appended = async (random: string) => (await load(lab(random, '{ id: a, points: 1, console: x }'))).scenarios[0]!.machine.append;
    const first = await appended(RANDOM);
    expect(await appended(RANDOM.replace('pid: 5', 'other: 3, pid: 5'))).toBe(first);
    expect(await appended(RANDOM.replace('7', '8'))).not.toBe(first);
    expect(await appended(RANDOM.replace('needle: 8', 'needle: 3'))).toBe(first.slice(0, 'x='.length + 3));
  });

  it('without `random` a text is what it says', async () => {
    const { checks } = await load(withChecks(` - { id: a, points: 1, console: "\${HOME} $\${x}" }`));
    expect(checks[0]!.expected).toEqual({ contains: `\${HOME} $\${x}` });
  });
});
