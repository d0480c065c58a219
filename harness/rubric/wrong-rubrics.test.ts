/** Each mistake that the loader knows: its code, its place and its remedy. */
import { describe, expect, it } from 'vitest';
import {
  CHECKS,
  GOOD,
  HEAD,
  MACHINE,
  problemsOf,
  SCENARIOS,
  withChecks,
  withMachine,
  withScenarios,
  withSubmission,
} from '../testkit/rubric-text.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { PROBLEM_CODES } from '../vocabulary/problem.ts';
import { MOST_PROBLEMS } from './loader.ts';

/** One mistake: `«` in the text marks where it must be shown. */
interface Wrong {
  code: (typeof PROBLEM_CODES)[number];
  text: string;
  says?: string;
  remedy?: string;
}

const withConsole = (console: string) => withChecks(` - { id: a, points: 1, console: ${console} }`);
const withScript = (script: string) => withChecks(` - { id: a, points: 1, script: ${script} }`);
const withBuilt = (build: string) =>
  withChecks(` - { id: a, points: 1, build: ${build} }`).replace('kernel: kernel.elf', 'kernel: kernel.elf, build: { steps: make }');
const withImage = (image: string) => withChecks(` - { id: a, points: 1, image: { ${image} } }`);

const WRONG: Wrong[] = [
  // A value that YAML reads as a number is to be written as it stands there.
  { code: 'not-text', text: withConsole('«1e3'), remedy: 'put it in quotation marks: "1e3"' },
  { code: 'not-text', text: withImage('file-system: ext2, path: /a, mode: «0644'), remedy: 'put it in quotation marks: "0644"' },
  {
    code: 'not-text',
    text: withChecks(' - { id: a, points: 1, memory: { address: «0x80000000, as: u8, min: 1 } }'),
    remedy: 'put it in quotation marks: "0x80000000"',
  },
  {
    code: 'out-of-range',
    text: withChecks(' - { id: a, points: 1, memory: { symbol: t, as: u64, equals: «0xffffffff80000000 } }'),
    remedy: 'put it in quotation marks: "0xffffffff80000000"',
  },
  { code: 'not-text', text: withConsole('«\u201chello\u201d'), says: 'curved quotation marks', remedy: 'write straight ones: "…"' },
  { code: 'not-yaml', text: withConsole('«!!binary aGVsbG8='), says: 'a tag that means nothing here' },
  // Bounds that no number satisfies would fail every submission.
  { code: 'out-of-range', text: withConsole('{ matches: "(a)", where: { 1: { min: «9, max: 5 } } }'), says: '`min` is larger than `max`' },
  { code: 'one-of', text: withConsole('{ matches: "(a)", where: { 1: { is: «3, min: 5 } } }'), remedy: 'remove "is", or the bounds' },
  { code: 'out-of-range', text: withConsole('{ count: { contains: x, min: «3, max: 1 } }') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, counts: { of: page-faults, min: «5, max: 1 } }') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, counts: { of: page-faults, is: «1, max: 3 } }') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, reached: { function: f, count: { min: «3, max: 1 } } }') },
  { code: 'out-of-range', text: withImage('file-system: xv6, path: /a, size: { min: «3, max: 1 }') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, memory: { symbol: t, as: u8, min: «"0x10", max: 2 } }') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, memory: { symbol: t, as: u8, «equals: 1, max: 2 } }') },
  { code: 'bad-name', text: withChecks(' - { id: a, points: 1, reached: «commit() }'), remedy: 'write it without ()' },
  // What to write where a value has the wrong type.
  { code: 'wrong-type', text: withScenarios('  run: { until: «done }'), remedy: 'its keys: console, matches, reaches' },
  { code: 'wrong-type', text: withScenarios('  run: { races: «yes }'), remedy: 'write true, without quotation marks' },
  { code: 'wrong-type', text: withConsole('{ none: «panic }'), remedy: 'write ["panic"]' },
  { code: 'wrong-type', text: withMachine('machine: { flash: «code.fd }'), remedy: 'write ["code.fd"]' },
  { code: 'wrong-type', text: withImage('file-system: xv6, path: /a, size: «4K'), remedy: 'write it in digits, without a unit' },
  { code: 'wrong-type', text: withImage('file-system: xv6, path: /a, listing: «a'), remedy: 'write ["a"]' },
  { code: 'wrong-type', text: withImage('file-system: xv6, sound: «false'), says: 'true expected, this is false' },
  {
    code: 'wrong-type',
    text: withChecks(' - { id: a, points: 1, counts: { of: page-faults, between: «x, min: 1 } }'),
    says: 'a list of two expected',
  },
  { code: 'wrong-type', text: withConsole('{ takes: «1s, from: a, to: b }'), remedy: 'its keys: min, max' },
  { code: 'unknown-key', text: withMachine('machine: { «smp: 3 }'), remedy: 'here it is called "harts"' },
  {
    code: 'unknown-group',
    text: withChecks(' - { id: a, points: 1, group: «g, console: x }'),
    remedy: 'groups are written at the top: groups: { g: { title: TEXT } }',
  },
  { code: 'unreadable-file', text: withMachine('machine: { initrd: «none }'), remedy: "paths are relative to the rubric's folder" },
  {
    code: 'bad-random',
    text: `${withConsole('«"$' + '{needle"')}\nrandom: { seed: 1, words: { needle: 8 } }\n`,
    says: 'needle" has no }',
  },
  { code: 'out-of-range', text: withMachine('machine: { drives: { blk: { size: 4K, serial: «abcdefghijklmnopqrstu } } }') },
  { code: 'unreadable-file', text: `include: «none.yaml\n${GOOD}`, remedy: 'paths are relative to the file that includes' },
  { code: 'cycle', text: `include: [«lab.yaml]\n${GOOD}`, says: 'lab.yaml → lab.yaml' },
  { code: 'not-text', text: `include: «5\n${GOOD}` },
  { code: 'out-of-range', text: `include: «[]\n${GOOD}` },
  { code: 'bad-qemu', text: withMachine('machine: { qemu: «"-kernel k -smp 9" }'), says: '-smp 9', remedy: 'write -smp 8' },
  { code: 'not-text', text: withMachine('machine: { qemu: «5 }') },
  { code: 'unknown-check', text: withScenarios('  run: {}\n  long: { needs: «b }'), remedy: 'did you mean "a"?' },
  { code: 'unknown-scenario', text: withScenarios('  run: {}\n  long: { needs: { scenario: «rum } }'), remedy: 'did you mean "run"?' },
  { code: 'cycle', text: withScenarios('  run: { needs: [«a] }\n  long: {}'), says: 'is not decided before this scenario' },
  {
    code: 'cycle',
    text: withScenarios('  run: { needs: { scenario: «long } }\n  long: {}'),
    remedy: 'scenarios are run in their order: write this one later',
  },
  { code: 'missing-key', text: withSubmission('«late: { per-day: 10% }'), says: '"deadline" is missing' },
  { code: 'bad-unit', text: withSubmission('deadline: "2026-12-01T23:59+08:00", late: { per-day: «10 }'), remedy: 'write e.g. 10%' },
  {
    code: 'bad-unit',
    text: withSubmission('deadline: "2026-12-01T23:59+08:00", late: { per-day: «101% }'),
    says: 'not a part from 0% to 100%',
  },
  {
    code: 'unknown-group',
    text: withChecks(
      ' - { id: a, points: 1, group: «trap, console: x }\n - { id: b, points: 1, group: traps, console: x }\ngroups: { traps: {} }',
    ),
    remedy: 'did you mean "traps"?',
  },
  {
    code: 'unknown-group',
    text: withChecks(' - { id: a, points: 1, console: x }\ngroups: { «traps: {} }'),
    remedy: 'give its checks group: traps',
  },
  {
    code: 'points-mismatch',
    text: withChecks(' - { id: a, points: 1, group: g, console: x }\ngroups: { g: { cap: «2 } }'),
    says: 'changes nothing',
  },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, file: «{ path: a.txt } }'),
    says: 'does not say what the file must hold',
  },
  {
    code: 'one-of',
    text: withChecks(' - { id: a, points: 1, file: { path: a.txt, exists: «false, contains: x } }'),
    says: 'holds nothing',
  },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, «build: { warnings: none } }'),
    says: 'nothing is built here',
    remedy: 'say in `submission` how a kernel is made',
  },
  { code: 'unknown-name', text: withBuilt('{ warnings: «nine }'), remedy: 'did you mean "none"?' },
  { code: 'out-of-range', text: withBuilt('{ warnings: { max: «100 } }'), says: 'at most 99' },
  { code: 'missing-key', text: withBuilt('{}').replace('build: {} }', '«build: {} }'), says: '"warnings" is missing' },
  { code: 'unreadable-file', text: withScript('«none.mjs'), says: 'cannot read "none.mjs": no such file' },
  { code: 'unreadable-file', text: withScript('{ file: «none.mjs }') },
  {
    code: 'bad-script',
    text: withScript('{ file: «broken.mjs }'),
    says: 'broken.mjs:2:1: SyntaxError',
    remedy: 'docs/script.md says what a script is',
  },
  { code: 'bad-script', text: withScript('«imports.mjs'), says: 'a script imports nothing, so put all that it needs into its file' },
  { code: 'bad-script', text: withScript('«exports.mjs'), says: 'it exports no function by default; write: export default' },
  { code: 'missing-key', text: withChecks(' - { id: a, points: 1, «script: { with: { x: 1 } } }'), says: '"file" is missing' },
  { code: 'unknown-key', text: withScript('{ file: lab.mjs, «wiht: { x: 1 } }'), remedy: 'did you mean "with"?' },
  { code: 'wrong-type', text: withScript('{ file: lab.mjs, with: { x: «{ y: 1 } } }'), says: 'this is a map' },
  { code: 'not-text', text: withScript('«5') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, «in: run, file: a.txt }'), remedy: 'remove "in"' },
  { code: 'bad-path', text: withChecks(' - { id: a, points: 1, file: { path: «../a.txt, contains: x } }') },
  { code: 'wrong-type', text: withChecks(' - { id: a, points: 1, file: { path: a.c, each: «yes, forbids: goto } }') },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, file: «{ path: a.c, each: true } }'),
    says: 'does not say what the file must hold',
  },
  { code: 'bad-regex', text: withChecks(' - { id: a, points: 1, file: { path: a.txt, matches: «"(" } }') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, file: { path: a.txt, min-lines: «0 } }') },
  {
    code: 'out-of-range',
    text: withChecks(' - { id: a, points: 1, file: { path: a.c, forbids: «"// goto" } }'),
    says: 'not a word of code',
  },
  { code: 'missing-key', text: withChecks(' - { id: a, points: 1, «file: { contains: x } }'), says: '"path" is missing' },
  { code: 'missing-key', text: withSubmission('«take: blk.c, build: { steps: make }'), says: '"base" is missing' },
  { code: 'missing-key', text: withSubmission('«base: lab, build: { steps: make }'), says: '"take" is missing' },
  { code: 'missing-key', text: withSubmission('«base: lab, take: blk.c'), says: '"build" is missing' },
  { code: 'missing-key', text: withSubmission('«build: { folder: x }'), says: '"steps" is missing' },
  { code: 'missing-key', text: withSubmission('«prebuilt: true, build: { steps: make }'), says: '"take" is missing' },
  { code: 'unreadable-file', text: withSubmission('base: «nowhere, take: blk.c, build: { steps: make }'), says: 'no such file or folder' },
  { code: 'unreadable-file', text: withSubmission('build: { steps: make, dependencies: «nowhere }'), says: 'no such file or folder' },
  { code: 'bad-path', text: withSubmission('base: lab, take: [«../blk.c], build: { steps: make }'), says: 'below the top' },
  { code: 'bad-path', text: withSubmission('given: [«/etc/*]') },
  { code: 'bad-unit', text: withSubmission('deadline: «2026-12-01T23:59') },
  { code: 'bad-path', text: withSubmission('build: { steps: make, folder: «a//b }') },
  { code: 'bad-unit', text: withSubmission('build: { steps: make, time: «5 }'), says: 'a time needs its unit' },
  { code: 'bad-unit', text: withSubmission('build: { steps: make, time: «5m }'), remedy: 'write e.g. 90s or 10min' },
  { code: 'out-of-range', text: withSubmission('build: { steps: make, time: «25h }'), says: 'at most 86400s' },
  { code: 'out-of-range', text: withSubmission('build: { steps: [«[]] }'), says: 'the list is empty' },
  {
    code: 'bad-name',
    text: withSubmission('build: { steps: make, environment: «{ a-b: x } }'),
    remedy: 'a letter or _, then letters, digits and _',
  },
  { code: 'bad-name', text: withSubmission('build: { steps: make, image: «"a b" }'), says: 'not the name of an image' },
  { code: 'not-yaml', text: 'rubric: 1\ntitle: [x\n«', says: 'not YAML' },
  {
    code: 'not-yaml',
    text: GOOD.replace('title: Lab', 'title: «Lab 1: hello'),
    says: 'a second colon',
    remedy: 'put the text in quotation marks: title: "Lab 1: hello"',
  },
  {
    code: 'not-yaml',
    text: GOOD.replace('title: Lab', 'title: «Say "hi": it\'s'),
    remedy: `put the text in quotation marks: title: 'Say "hi": it''s'`,
  },
  { code: 'not-yaml', text: 'rubric: 1\n«\ttitle: x\n', remedy: 'indent with blanks' },
  {
    code: 'not-yaml',
    text: 'rubric: «1\n  title: x\n',
    says: 'keys below it',
    remedy: 'indent the next line as this one, or take the value away',
  },
  { code: 'not-yaml', text: 'rubric: 1\ntitle: «@x\n', says: 'a text cannot begin with "@"', remedy: 'put it in quotation marks' },
  { code: 'not-yaml', text: 'rubric: 1\ntitle: [a] «b\n', remedy: 'put all of the text in one pair of quotation marks' },
  { code: 'not-yaml', text: 'rubric: 1\n«title\nchecks: x\n', says: 'a key without a colon' },
  { code: 'not-yaml', text: 'checks:\n  - id: a\n«   points: 1\n', says: 'belongs to no item' },
  { code: 'not-yaml', text: 'rubric: 1\nchecks: «- a\n', remedy: 'begin each "- " on a line of its own' },
  { code: 'not-yaml', text: 'rubric: 1\ntitle: "x\n«', says: '" is missing' },
  { code: 'not-yaml', text: 'rubric: 1\ntitle: «!x y\n', remedy: 'if it is a text, put it in quotation marks' },
  { code: 'not-yaml', text: '«' },
  {
    code: 'not-yaml',
    text: GOOD.replace('title: Lab', 'title: «*nowhere'),
    says: 'no anchor &nowhere',
    remedy: 'if it is a text, put it in quotation marks',
  },
  { code: 'too-complex', text: GOOD.replace('title: Lab', `title: ${'['.repeat(100)}«[${']'.repeat(101)}`), says: 'nested' },
  { code: 'several-documents', text: `${GOOD}«---\nrubric: 1\n` },
  { code: 'duplicate-key', text: `${GOOD}«title: again\n`, says: 'title' },
  { code: 'unknown-version', text: GOOD.replace('rubric: 1', 'rubric: «7'), remedy: 'write rubric: 1' },
  { code: 'unknown-key', text: `${GOOD}«extra: 1\n` },
  { code: 'unknown-key', text: withMachine('machine: { «apend: x }'), remedy: 'did you mean "append"?' },
  { code: 'unknown-key', text: withChecks(' - { id: a, points: 1, console: { «contians: x } }'), remedy: 'did you mean "contains"?' },
  {
    code: 'unknown-key',
    text: withChecks(' - { id: a, points: 1, request: { expect: { data: { «lenght: 5 } } } }'),
    remedy: 'did you mean "length"?',
  },
  { code: 'missing-key', text: withChecks(' - «{ id: a, console: x }'), says: '"points" is missing' },
  { code: 'missing-key', text: withMachine('machine: { drives: { blk: «{ contents: [] } } }'), says: 'no size' },
  {
    code: 'one-of',
    text: withMachine('machine: { drives: { blk: { size: 4K, «built: fs.img } } }'),
    says: '"built" does not go with "size"',
    remedy: 'remove "size", or "built"',
  },
  { code: 'bad-path', text: withMachine('machine: { drives: { blk: { built: «../fs.img } } }') },
  { code: 'unknown-scenario', text: withScenarios('  first: {}\n  second: { disk-from: «frist }'), says: 'no scenario "frist"' },
  { code: 'cycle', text: withScenarios('  first: { disk-from: «second }\n  second: { disk-from: first }'), says: '`disk-from` goes round' },
  { code: 'cycle', text: withScenarios('  first: { disk-from: «first }') },
  {
    code: 'bad-disk-from',
    text: withScenarios('  second: { disk-from: «first }\n  first: {}'),
    says: 'scenario "first" is run after this one',
    remedy: 'write "first" above "second"',
  },
  {
    code: 'bad-disk-from',
    text: withScenarios('  first: { visibility: hidden }\n  second: { disk-from: «first }'),
    says: 'scenario "first" is hidden',
  },
  {
    code: 'unknown-drive',
    text: `${HEAD}scenarios:\n  first: { drives: { a: { size: 4K } } }\n  second: { drives: { b: { size: 4K } }, disk-from: «first }\n${CHECKS}`,
    says: 'scenario "first" has no drive "b"',
  },
  {
    code: 'bad-disk-from',
    text: withScenarios('  first: {}\n  second: { drives: { blk: { size: 8K } }, disk-from: «first }'),
    says: 'the drive "blk" is not the same one in scenario "first"',
  },
  {
    code: 'one-of',
    text: withScenarios('  first: {}\n  second: { disk-from: first, drives: { blk: { «contents: [] } } }'),
    says: '"contents" does not go with "disk-from"',
  },
  {
    code: 'unknown-scenario',
    text: withScenarios('  first: {}\n  second: { disk-from: { scenario: «frist, power: cut-anywhere } }'),
  },
  {
    code: 'out-of-range',
    text: withScenarios('  first: {}\n  second: { disk-from: { scenario: first, power: cut-anywhere, runs: 9, only: «10 } }'),
    says: 'there is no power cut number 10',
  },
  {
    code: 'bad-disk-from',
    text: withScenarios('  a: {}\n  b: { disk-from: { scenario: a, power: cut-anywhere } }\n  c: { disk-from: «b }'),
    says: 'scenario "b" is run for several power cuts',
  },
  { code: 'out-of-range', text: withScenarios('  a: {}\n  b: { disk-from: { scenario: a, power: cut-anywhere, runs: «201 } }') },
  { code: 'out-of-range', text: withScenarios('  a: { schedules: «0 }') },
  { code: 'out-of-range', text: withScenarios('  a: { schedules: { runs: «2001 } }') },
  { code: 'unknown-key', text: withScenarios('  a: { schedules: { «sed: 3 } }'), remedy: 'did you mean "seed"?' },
  // A key of a map that stands beside it, or could.
  {
    code: 'unknown-key',
    text: withScenarios('  a: { schedules: 3, «seed: 3 }'),
    remedy: 'it is a key of "schedules": write schedules: { seed: … }',
  },
  { code: 'unknown-key', text: `${GOOD}«harts: 3\n`, remedy: 'it is a key of "machine": write machine: { harts: … }' },
  {
    code: 'bad-unit',
    text: withScenarios('  a: { harts: 2, schedules: { only: «hart1@5 } }'),
    says: '"hart1@5" is neither a preemption nor a delayed store; write hart1@123456+20us or hart1:store@123456+20us',
    remedy: 'copy it from a report',
  },
  {
    code: 'bad-unit',
    text: withScenarios('  a: { harts: 2, schedules: { only: «hart9@1+1us } }'),
    says: '"hart9@1+1us" names hart 9: a machine has at most 8 harts, hart0 to hart7',
  },
  { code: 'bad-unit', text: withScenarios('  a: { schedules: { only: «"hart0:store@5+event" } }'), says: 'nor a delayed store' },
  { code: 'unknown-name', text: withScenarios('  a: { schedules: { stores: «late } }') },
  {
    code: 'out-of-range',
    text: withScenarios('  a: { schedules: { only: «"hart0:store@5+1us,hart1:store@5+1us" } }'),
    says: 'there is no hart 1: the scenario has one hart',
  },
  {
    code: 'out-of-range',
    text: withScenarios('  a: { harts: 2, schedules: { only: «"hart0@5+1us,hart2@5+1us" } }'),
    says: 'there is no hart 2: the scenario has 2 harts, from 0 on',
  },
  {
    code: 'one-of',
    text: withScenarios('  a: {}\n  b: { disk-from: { scenario: a, power: cut-anywhere }, «schedules: 5 }'),
    says: '"schedules" does not go with power cuts',
  },
  { code: 'unknown-drive', text: `${HEAD}scenarios:\n  first: {}\n  second: { disk-from: «first }\n${CHECKS}` },
  {
    code: 'one-of',
    text: withMachine('machine: { drives: { blk: { contents: [], «submitted: fs.img } } }'),
    says: '"submitted" does not go with "contents": an image that was handed in',
    remedy: 'remove "contents", or "submitted"',
  },
  {
    code: 'one-of',
    text: withMachine('machine: { drives: { blk: { «built: fs.img, submitted: fs.img } } }'),
    says: '"built" does not go with "submitted"',
  },
  { code: 'bad-path', text: withMachine('machine: { drives: { blk: { submitted: «/fs.img } } }') },
  {
    code: 'one-of',
    text: withChecks(
      ' - { id: a, points: 1, request: {} }\n - { id: b, points: 1, request: { «like: a, drive: blk, nth: 2, expect: {} } }',
    ),
    says: '"like" does not go with "drive" and "nth"',
    remedy: 'remove "like", or "drive" and "nth"',
  },
  {
    code: 'one-of',
    text: withChecks(' - { id: a, points: 1, request: {} }\n - { id: b, points: 1, request: { like: a, «nth: 2 } }'),
    says: '"nth" does not go with "like"',
  },
  { code: 'unknown-name', text: withConsole("{ matches: '(a)', where: { «2: { is: 1 } } }"), says: 'no group "2": it has 1' },
  {
    code: 'unknown-name',
    text: withConsole("{ all: [x, { matches: '(?P<n>a)', where: { «m: { is: 1 } } }] }"),
    says: 'of which n have names',
  },
  { code: 'missing-key', text: withConsole("{ matches: '(a)', where: { 1: «{} } }"), says: 'the condition is empty' },
  { code: 'bad-name', text: withConsole("{ matches: '(a)', where: { «a-b: { is: 1 } } }") },
  { code: 'bad-regex', text: withConsole("{ in-order: [x, { matches: «'(' }] }") },
  { code: 'points-mismatch', text: withConsole('{ all: «[{ contains: x, points: 1 }, y] }'), says: 'only some of the texts have points' },
  { code: 'points-mismatch', text: withConsole('{ all: «[{ contains: x, points: 2 }] }'), says: 'worth 2 points together, the check 1' },
  { code: 'missing-key', text: withConsole('{ count: «{ contains: x } }'), remedy: 'give it `is`, `min` or `max`' },
  { code: 'one-of', text: withConsole('{ count: { contains: x, «is: 1, min: 1 } }') },
  { code: 'out-of-range', text: withConsole('{ count: { contains: x, min: «2, max: 1 } }') },
  { code: 'one-of', text: withConsole('{ none: [x], «count: { contains: x, is: 1 } }'), says: '"count" does not go with "none"' },
  { code: 'one-of', text: withConsole('{ contains: x, after: y, «from: z }'), remedy: 'remove "from", or "after"' },
  { code: 'one-of', text: withConsole('{ contains: x, until-next: y, «to: z }') },
  { code: 'unknown-name', text: withConsole('{ contains: x, after: [y, { matches: z, where: { «1: { is: 1 } } }] }') },
  { code: 'unreadable-file', text: withConsole('{ equals: { file: «nowhere.txt } }'), says: 'cannot read "nowhere.txt"' },
  { code: 'unreadable-file', text: withScenarios('  run: { keys: [{ prompt: x, lines: { file: «nowhere.txt } }] }') },
  { code: 'unknown-name', text: withScenarios('  run: { keys: [{ when: x, press: «ctrl-cc }] }'), remedy: 'did you mean "ctrl-c"?' },
  { code: 'one-of', text: withScenarios('  run: { keys: [{ when: x, type: y, «lines: [z] }] }') },
  { code: 'missing-key', text: withScenarios('  run: { until: «{} }'), remedy: 'give it `console`, `matches` or `reaches`' },
  { code: 'missing-key', text: withScenarios('  run: { keys: [«{ type: x }] }'), remedy: 'give it `when` or `after`' },
  { code: 'bad-unit', text: withScenarios('  run: { keys: [{ after: «500, type: x }] }') },
  { code: 'bad-unit', text: withScenarios('  run: { keys: [{ prompt: x, after: «5 ms, lines: [y] }] }') },
  { code: 'out-of-range', text: withScenarios('  run: { until: { reaches: «[] } }') },
  { code: 'bad-regex', text: withScenarios("  run: { until: { matches: «'(' } }") },
  {
    code: 'unknown-name',
    text: `random: { seed: 1, words: { needle: 4 } }\n${withConsole(`«"\${nedle}"`)}`,
    remedy: `did you mean "needle"? (two dollars stand for the text itself: $\${nedle})`,
  },
  { code: 'duplicate-id', text: `random: { seed: 1, words: { a: 4 }, numbers: { «a: 4 } }\n${withConsole('x')}` },
  {
    code: 'unknown-name',
    text: `random: { seed: 1, per: «sumbission, words: { a: 4 } }\n${withConsole('x')}`,
    remedy: 'did you mean "submission"?',
  },
  {
    code: 'out-of-range',
    text: `random: { seed: 1, per: submission, words: { a: «3 } }\n${withConsole('x')}`,
    says: 'at least 4 characters',
    remedy: 'a shorter one could be guessed',
  },
  {
    code: 'bad-random',
    text: `random: { seed: 1, per: submission, numbers: { a: 4 } }\n${withScenarios(`  run: { limit: «"\${a}ms guest" }`)}`,
    remedy: 'write the value out, or leave `per: submission` out',
  },
  { code: 'out-of-range', text: `random: { seed: 1, numbers: { a: «16 } }\n${withConsole('x')}`, says: 'at most 15' },
  { code: 'missing-key', text: `«random: { words: { a: 4 } }\n${withConsole('x')}`, says: '"seed" is missing' },
  { code: 'missing-key', text: withConsole('{ takes: «{}, from: a, to: b }'), remedy: 'give it `min` or `max`' },
  { code: 'missing-key', text: withChecks(' - { id: a, points: 1, «console: { takes: { min: 1s }, from: a } }'), says: '"to" is missing' },
  { code: 'out-of-range', text: withConsole('{ takes: { min: «1s, max: 900ms }, from: a, to: b }') },
  {
    code: 'bad-unit',
    text: withConsole('{ takes: { min: «1 }, from: a, to: b }'),
    remedy: 'write a whole number and ns, us, ms or s, e.g. 900ms',
  },
  { code: 'bad-unit', text: withConsole('{ takes: { min: «1.5s }, from: a, to: b }'), says: '"1.5s" is not a time' },
  { code: 'one-of', text: withChecks(' - «{ id: a, points: 1 }') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, console: x, «stop: poweroff }') },
  {
    code: 'one-of',
    text: withMachine('machine: { drives: { blk: { size: 4K, contents: [«{ at: 0 }] } } }'),
    says: 'one of text, hex, file, fill is missing',
  },
  {
    code: 'one-of',
    text: withChecks(' - { id: a, points: 1, image: { unchanged: true, «at: 4 } }'),
    says: '"at" does not go with "unchanged"',
  },
  { code: 'wrong-type', text: withChecks(' - { id: a, points: «"5", console: x }'), remedy: 'write it without quotation marks' },
  { code: 'wrong-type', text: GOOD.replace('{ kernel: kernel.elf }', '«kernel.elf') },
  { code: 'not-text', text: withMachine('machine: { append: «5 }'), remedy: 'put it in quotation marks: "5"' },
  { code: 'not-text', text: GOOD.replace('title: Lab', 'title: «true'), remedy: 'put it in quotation marks: "true"' },
  { code: 'not-text', text: withMachine('machine: { drives: { blk: { size: 4K, contents: [{ at: 0, hex: «1234 }] } } }') },
  {
    code: 'unknown-name',
    text: withChecks(' - { id: a, points: 1, request: { expect: { type: «OUTT } } }'),
    remedy: 'did you mean "OUT"?',
  },
  { code: 'unknown-name', text: withChecks(' - { id: a, points: 1, stop: «power-off }'), remedy: 'did you mean "poweroff"?' },
  { code: 'bad-name', text: withChecks(' - { id: «"a/b", points: 1, console: x }') },
  { code: 'bad-name', text: withScenarios('  run: {}\n  «../x: {}') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: «-1, console: x }'), says: 'at least 0' },
  { code: 'out-of-range', text: `${HEAD}${SCENARIOS}checks: «[]`, says: 'the list is empty' },
  { code: 'out-of-range', text: withMachine('machine: { memory: «64G }') },
  { code: 'bad-unit', text: withMachine('machine: { memory: «64 }'), says: 'a size needs its unit' },
  { code: 'bad-unit', text: withMachine('machine: { memory: «64MB }') },
  { code: 'bad-unit', text: withScenarios('  run: { limit: «10s }') },
  { code: 'bad-unit', text: withScenarios('  run: { work: «8G }') },
  { code: 'bad-hex', text: withMachine('machine: { drives: { blk: { size: 4K, contents: [{ at: 0, hex: «"4" }] } } }') },
  { code: 'bad-regex', text: withChecks(' - { id: a, points: 1, console: { matches: «"(a" } }'), says: 'missing closing )' },
  { code: 'bad-regex', text: withChecks(' - { id: a, points: 1, console: { matches: «"(a)\\\\1" } }') },
  { code: 'unquoted-escape', text: withScenarios('  run: { keys: [{ when: $, type: «ls\\n }] }') },
  { code: 'unknown-cpu', text: withMachine('machine: { cpu: «rv46 }') },
  { code: 'unknown-cpu', text: withMachine('machine: { cpu: «rva23s64 }') },
  { code: 'duplicate-id', text: withChecks(' - { id: a, points: 1, console: x }\n - { id: «a, points: 1, console: x }') },
  {
    code: 'unknown-check',
    text: withChecks(' - { id: write, points: 1, console: x }\n - { id: b, points: 1, needs: «wirte, console: x }'),
    remedy: 'did you mean "write"?',
  },
  { code: 'unknown-check', text: withChecks(' - { id: a, points: 1, request: { like: «b, expect: {} } }') },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, requests: «{ of: { type: OUT } } }'),
    says: 'nothing is said about these requests',
    remedy: 'write count, all or order',
  },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, requests: { order: [{ type: OUT }, «{}] } }'),
    says: 'this step says of no request that it is meant',
    remedy: 'give it drive, type or sector',
  },
  { code: 'unknown-drive', text: withChecks(' - { id: a, points: 1, requests: { order: [{ drive: «x }] } }'), says: 'no drive "x"' },
  { code: 'unknown-drive', text: withChecks(' - { id: a, points: 1, requests: { of: { drive: «x }, count: 1 } }') },
  { code: 'unknown-key', text: withChecks(' - { id: a, points: 1, requests: { «nth: 2, count: 1 } }') },
  { code: 'unknown-name', text: `findings: { accept: [«data-lenght] }\n${GOOD}` },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, counts: «{ of: instructions } }'),
    says: 'nothing is said about this number',
    remedy: 'write is, min or max',
  },
  { code: 'unknown-name', text: withChecks(' - { id: a, points: 1, counts: { of: «page-fault, is: 1 } }') },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, counts: { of: { system-call: «-1 }, is: 1 } }') },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, memory: «{ as: u8, equals: 1 } }'),
    says: 'either a symbol or an address',
  },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, memory: «{ symbol: x, as: text } }'),
    says: 'nothing is said about what memory holds',
    remedy: 'write equals or contains',
  },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: u8, equals: «256 } }'), says: 'no u8 is 256' },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: i8, min: «-129 } }') },
  { code: 'wrong-type', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: u8, equals: «many } }'), says: 'not a number' },
  { code: 'wrong-type', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: text, equals: «5 } }') },
  { code: 'bad-hex', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: bytes, equals: «xyz } }') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: bytes, equals: "00", max: «5 } }') },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, memory: { symbol: x, as: u8, contains: «y } }') },
  { code: 'missing-key', text: withChecks(' - { id: a, points: 1, reached: «{ count: 1 } }'), says: 'either a function or an address' },
  { code: 'one-of', text: withChecks(' - { id: a, points: 1, reached: «{ function: f, address: "0x80200000" } }') },
  { code: 'unknown-key', text: withChecks(' - { id: a, points: 1, reached: { function: f, «times: 3 } }') },
  { code: 'unknown-name', text: withChecks(' - { id: a, points: 1, races: { harts: «some } }') },
  { code: 'missing-key', text: withChecks(' - { id: a, points: 1, «races: { except: [ticks] } }') },
  { code: 'unknown-scenario', text: withChecks(' - { id: a, points: 1, in: «rum, console: x }'), remedy: 'did you mean "run"?' },
  { code: 'unknown-scenario', text: withScenarios('  run: { extends: «nope }') },
  {
    code: 'unknown-drive',
    text: withChecks(' - { id: a, points: 1, image: { drive: «blk1, unchanged: true } }'),
    remedy: 'did you mean "blk"?',
  },
  { code: 'unknown-drive', text: `${HEAD}${SCENARIOS}checks: [{ id: a, points: 1, device: «{ queue-size: 4 } }]`, says: 'no drive' },
  {
    code: 'cycle',
    text: withChecks(' - { id: a, points: 1, needs: «b, console: x }\n - { id: b, points: 1, needs: a, console: x }'),
    says: 'a → b → a',
  },
  { code: 'cycle', text: withChecks(' - { id: a, points: 1, needs: «a, console: x }'), says: 'a → a' },
  { code: 'cycle', text: withScenarios('  a: { extends: «b }\n  b: { extends: a }'), says: 'a → b → a' },
  { code: 'cycle', text: withChecks(' - { id: a, points: 1, request: { like: «a, expect: {} } }') },
  { code: 'bad-like', text: withChecks(' - { id: a, points: 1, console: x }\n - { id: b, points: 1, request: { like: «a, expect: {} } }') },
  {
    code: 'bad-like',
    text: `${HEAD}${MACHINE}scenarios: { run: {}, other: {} }\nchecks:\n - { id: a, points: 1, request: {} }\n - { id: b, points: 1, in: other, request: { like: «a, expect: {} } }`,
    says: 'another scenario, run',
  },
  {
    code: 'bad-like',
    text: withChecks(
      ' - { id: a, points: 1, visibility: hidden, request: {} }\n - { id: b, points: 1, request: { like: «a, expect: {} } }',
    ),
    says: 'would show what it looks at',
  },
  {
    code: 'unknown-submission',
    text: `${GOOD}expect: { reference: «solutoin, submissions: { solution: { score: 1 } } }`,
    remedy: 'did you mean "solution"?',
  },
  { code: 'unknown-check', text: `${GOOD}expect: { submissions: { x: { score: 1, failed: [«b] } } }` },
  { code: 'unknown-scenario', text: `${GOOD}expect: { submissions: { x: { score: 1, stop: { «rum: hang } } } }` },
  { code: 'unknown-name', text: `${GOOD}expect: { submissions: { x: { score: 1, stop: «hnag } } }`, remedy: 'did you mean "hang"?' },
  { code: 'missing-key', text: `${GOOD}expect: { submissions: «{} }` },
  { code: 'out-of-range', text: withChecks(' - { id: a, points: 1, console: x, hint: [{ from-attempt: «0, text: x }] }') },
  { code: 'points-mismatch', text: withChecks(' - { id: a, points: 3, console: { in-order: «[{ contains: x, points: 1 }] } }') },
  {
    code: 'points-mismatch',
    text: withChecks(' - { id: a, points: 1, console: { in-order: «[{ contains: x, points: 1 }, { contains: y }] } }'),
  },
  {
    code: 'outside-image',
    text: withMachine('machine: { drives: { blk: { size: 4K, contents: [«{ at: 4090, text: Hello World }] } } }'),
    says: 'end at byte 4101, the image at 4096',
  },
  { code: 'outside-image', text: withChecks(' - { id: a, points: 1, image: { at: «4095, equals: { text: ab } } }') },
  { code: 'unknown-name', text: withImage('file-system: «xv7, path: /a'), remedy: 'did you mean "xv6"?' },
  { code: 'bad-path', text: withImage('file-system: xv6, path: «README'), remedy: 'write it as the kernel has it, e.g. /folder/file' },
  { code: 'bad-path', text: withImage('file-system: xv6, path: «/a/../b, absent: true') },
  {
    code: 'missing-key',
    text: withChecks(' - { id: a, points: 1, «image: { file-system: xv6, absent: true } }'),
    says: '"path" is missing',
  },
  { code: 'one-of', text: withImage('file-system: xv6, path: /a, absent: true, «size: 3'), says: '"size" does not go with "absent"' },
  { code: 'one-of', text: withImage('file-system: xv6, sound: true, «path: /a'), says: '"path" does not go with "sound"' },
  { code: 'one-of', text: withImage('file-system: xv6, listing: [a], «tree: [a]'), says: '"tree" does not go with "listing"' },
  { code: 'unknown-name', text: withImage('file-system: xv6, sound: true, ignore: [«orphan]'), remedy: 'did you mean "orphans"?' },
  {
    code: 'one-of',
    text: withImage('file-system: xv6, path: /a, mode: «"0644"'),
    says: 'xv6 keeps no mode of a file',
    remedy: 'remove "mode"',
  },
  { code: 'one-of', text: withImage('file-system: easy-fs, path: /a, links: «2'), says: 'easy-fs keeps no number of links' },
  { code: 'not-text', text: withImage('file-system: xv6, path: /a, mode: «644'), remedy: 'put it in quotation marks: "644"' },
  {
    code: 'out-of-range',
    text: withImage('file-system: xv6, path: /a, mode: «"rwx"'),
    remedy: 'write it in octal digits and quotation marks, e.g. "0644"',
  },
  { code: 'bad-hex', text: withImage('file-system: xv6, path: /a, sha256: «"12"'), says: 'this is not a SHA-256' },
  {
    code: 'out-of-range',
    text: withImage('file-system: «xv6, sound: true').replace('4K', '5G'),
    says: 'more than 4G, too much to look for files',
  },
  {
    code: 'overlap',
    text: withMachine('machine: { drives: { blk: { size: 4K, contents: [{ at: 0, text: Hello }, «{ at: 4, text: o }] } } }'),
  },
  {
    code: 'unreadable-file',
    text: withMachine('machine: { drives: { blk: { size: 4K, contents: [{ at: 0, file: «nope.bin }] } } }'),
    says: 'no such file',
  },
  {
    code: 'unreadable-file',
    text: withMachine('machine: { bios: «buitlin }'),
    says: 'cannot read "buitlin": no such file',
    remedy: "write builtin, none, or the name of a firmware's file, relative to the rubric's folder",
  },
  { code: 'unreadable-file', text: withMachine('machine: { initrd: «nope.img }'), says: 'no such file' },
  { code: 'unreadable-file', text: withMachine('machine: { bios: none, flash: [null, «nope.fd] }') },
  { code: 'unbootable', text: withMachine('machine: { bios: none, flash: [«fw.bin] }'), says: 'a unit of flash memory has 33554432 bytes' },
  { code: 'unreadable-file', text: withMachine('machine: { bios: none, flash: [null, { file: «nope.fd, writable: true }] }') },
  {
    code: 'overlap',
    text: withMachine('machine: { flash: [null, { file: blk.txt, writable: true }], drives: { flash1: «{ size: 4K } } }'),
    says: '"flash1" is what evidence calls the unit of flash memory',
  },
  { code: 'unreadable-file', text: withMachine('machine: { fw-cfg: [{ name: opt/a, file: «nope.txt }] }') },
  { code: 'unreadable-file', text: withMachine('machine: { loader: [{ file: blk.txt, at: 0x80400000 }, { file: «nope.elf }] }') },
  { code: 'unreadable-file', text: withMachine('machine: { drives: { blk: { image: «empty.img } } }'), says: 'it is empty' },
  { code: 'unreadable-file', text: withScenarios(' run: { drives: { fs: { image: «nope.img } } }\n other: { extends: run }') },
  {
    code: 'one-of',
    text: withMachine('machine: { drives: { blk: { «image: blk.txt, size: 4K, contents: [] } } }'),
    says: '"image" does not go with "size" and "contents": a file has its own size and contents',
  },
  { code: 'one-of', text: withMachine('machine: { drives: { blk: { image: blk.txt, «built: fs.img } } }') },
  { code: 'missing-key', text: withMachine('machine: { loader: [«{ hex: "00" }] }'), says: '"at" is missing' },
  { code: 'bad-hex', text: withMachine('machine: { loader: [{ at: 0x80400000, hex: «"0" }] }') },
  { code: 'wrong-type', text: withMachine('machine: { bios: «[none] }') },
  {
    code: 'bad-unit',
    text: withMachine('machine: { clock: «10 }'),
    says: 'a clock needs its unit',
    remedy: 'write the nanoseconds that each instruction takes, 1 to 1024, e.g. 10 ns',
  },
  { code: 'out-of-range', text: withMachine('machine: { harts: «9 }'), says: '8' },
  { code: 'bad-unit', text: withMachine('machine: { clock: «2000 ns }'), says: '"2000 ns" is not a clock' },
  {
    code: 'unbootable',
    text: withMachine('machine: { loader: [{ text: ok, at: 0x80400000 }, «{ file: fw.bin, at: 0x80000000 }] }'),
    says: 'built-in SBI',
  },
  { code: 'unbootable', text: withMachine('machine: { loader: [«{ file: fw.bin }] }'), says: 'give an address' },
  {
    code: 'unbootable',
    text: withMachine('machine: { memory: 8K, bios: fw.bin, loader: [«{ file: fw.bin, at: 0x80000000 }] }'),
    says: 'overlaps the firmware',
  },
];

describe('a wrong rubric', () => {
  it.each(WRONG)('$code: $text', async ({ code, text, says, remedy }) => {
    const at = text.indexOf('«');
    const before = text.slice(0, at);
    const problems = await problemsOf(text.replace('«', ''));
    expect(problems.map((one) => one.code)).toEqual([code]);
    const [problem] = problems;
    expect({ line: problem!.line, column: problem!.column }).toEqual({
      line: before.split('\n').length,
      column: at - before.lastIndexOf('\n'),
    });
    if (says !== undefined) expect(problem!.message).toContain(says);
    if (remedy !== undefined) expect(problem!.remedy).toBe(remedy);
  });

  it('every code is tested', () => {
    const tested = new Set(WRONG.map((one) => one.code));
    expect(PROBLEM_CODES.filter((code) => !tested.has(code))).toEqual(['too-large']);
  });

  it('too-large: is refused before it is read', async () => {
    expect((await problemsOf('#'.repeat(MOST_BYTES.rubric + 1))).map((one) => one.code)).toEqual(['too-large']);
  });

  it('a YAML bomb is counted, not unfolded', async () => {
    const levels = Array.from({ length: 30 }, (_, index) => `k${index + 1}: &k${index + 1} [${Array(9).fill(`*k${index}`).join(', ')}]`);
    const problems = await problemsOf(['k0: &k0 [x]', ...levels].join('\n'));
    expect(problems.map((one) => one.code)).toEqual(['too-complex']);
  });

  it('all mistakes come in one go, in the order of the file', async () => {
    const problems = await problemsOf(`rubric: 1
titel: x
machine: { append: 5, memory: 64 }
submission: { kernel: k }
scenarios: { a: { extends: b }, b: { extends: a, limit: 10 } }
checks:
 - { id: x, points: -1, needs: [y, z], console: { matches: "(" } }
 - { id: y, points: 1, needs: x, in: c, console: 5 }
`);
    expect(problems.map((one) => `${one.line} ${one.code}`)).toEqual([
      '2 unknown-key',
      '3 not-text',
      '3 bad-unit',
      '5 cycle',
      '5 bad-unit',
      '7 out-of-range',
      '7 cycle',
      '7 unknown-check',
      '7 bad-regex',
      '8 unknown-scenario',
      '8 not-text',
    ]);
  });

  it('reports no more than a person reads', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(await problemsOf(many)).toHaveLength(MOST_PROBLEMS);
  });

  it('keys that JavaScript treats specially are keys like others', async () => {
    expect((await problemsOf(`${GOOD}__proto__: { polluted: true }\nconstructor: 1\n`)).map((one) => one.code)).toEqual([
      'unknown-key',
      'unknown-key',
    ]);
  });
});
