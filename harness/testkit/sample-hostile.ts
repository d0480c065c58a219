/** Results that go against every format: fractions, and texts that are markup, commands, formulas or controls somewhere. */

import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Subject } from '../report/format.ts';
import { excerptOf } from '../report/run-excerpt.ts';
import type { Detail, SubmissionResult } from '../result/result.ts';
import { check, result, scenario } from './sample-results.ts';

/** Commas, quotes, letters that are not Latin, and a formula. */
export const HOSTILE_NAME = `=cmd|' /C calc'!A1, "Élève" d'été 学生 עברית`;

/** Ends elements, fences, sections and commands; ANSI, NUL, a right-to-left override, a lone surrogate, a line end. */
export const HOSTILE_TEXT =
  '</script><script>alert(1)</script>]]>-->`````</pre>|::error::x%0A\u001b[2J\u0000\u202eevil\u2028\ud800\r\n=1+1 [a](javascript:b) @all <img src=x onerror=alert(1)> &amp;&lt; www.example.org';

export function stack(file: string, line: number): CodeStack {
  return {
    places: [{ address: '0x80200a14', frames: [{ function: 'write', file, line, inlined: false, library: false }] }],
    leftOut: 0,
    notes: [],
  };
}

export function hostile(): SubmissionResult {
  const details: Detail[] = [
    { kind: 'text', text: HOSTILE_TEXT },
    { kind: 'expected', text: HOSTILE_TEXT },
    { kind: 'found', text: HOSTILE_TEXT },
    {
      kind: 'request',
      text: HOSTILE_TEXT,
      rows: [{ descriptor: 0, role: HOSTILE_TEXT, address: HOSTILE_TEXT, length: 1, deviceWritable: true, expected: HOSTILE_TEXT }],
    },
    { kind: 'difference', lines: [{ sign: '+', text: HOSTILE_TEXT, note: HOSTILE_TEXT }] },
    { kind: 'code', text: 'stored at', stack: stack(`src/${HOSTILE_TEXT}.rs`, 7) },
  ];
  return result({
    name: HOSTILE_NAME,
    title: HOSTILE_TEXT,
    outcome: 'failed',
    score: 13.333333,
    maxScore: 30.5,
    checks: [
      check('third', {
        scenario: HOSTILE_TEXT,
        title: HOSTILE_TEXT,
        outcome: 'failed',
        score: 3.333333,
        reason: HOSTILE_TEXT,
        hint: HOSTILE_TEXT,
        details,
      }),
      check('half', { maxScore: 10.5, score: 10.5 }),
      check('later', { outcome: 'skipped', score: 0, maxScore: 10, reason: 'needs third' }),
    ],
    scenarios: [scenario({ name: HOSTILE_TEXT, faults: [HOSTILE_TEXT], stop: { reason: 'until', console: HOSTILE_TEXT } })],
    kernel: { file: HOSTILE_TEXT, sha256: '11' },
  });
}

/** Texts that a runner of a CI would take for commands, each where a line of some format may begin with it. */
export function commanding(): SubmissionResult {
  const [path, name] = ['::set-output name=a::b.c', '##[error]f'];
  const frame = { function: name, file: path, line: 7, inlined: false, library: false };
  const places = ['0x80200a14', '0x80200a18', '0x80200a1c'].map((address) => ({ address, frames: [frame] }));
  const details: Detail[] = [
    { kind: 'text', text: '::add-mask::x' },
    { kind: 'found', text: '##vso[task.setvariable variable=a]b' },
    { kind: 'code', text: '::group::stored at', stack: { places, leftOut: 0, notes: ['::notice::x'] } },
    { kind: 'difference', lines: [{ sign: ' ', text: '::error::x', note: '##teamcity[x]' }] },
  ];
  return result({
    name: '::error::name',
    title: '##vso[task.complete result=Failed;]',
    outcome: 'failed',
    reason: '::stop-commands::token',
    checks: [
      check('::warning::id', {
        scenario: '::error::run',
        title: '',
        outcome: 'failed',
        score: 0,
        reason: '::debug::x',
        hint: '##[command]x',
        details,
      }),
    ],
    scenarios: [
      scenario({ name: '::error::run', faults: ['::error::fault'], stop: { reason: 'until', console: '::error::console' }, why: details }),
    ],
    kernel: { file: '##[section]kernel', sha256: '11' },
    students: [{ id: '::error::id', name: '##[error]name', columns: { Username: '::error::user', alias: 'mallory' }, ids: {} }],
  });
}

/** The grader's fault: no score. */
export function errored(): SubmissionResult {
  const reason = "the grader gave up: the host's limit of 600 s was reached";
  const checks = [check('finds-device', { outcome: 'errored', score: 0, reason })];
  const stop = { reason: 'host-limit', limit: '600 s' } as const;
  return result({ name: 'errored', outcome: 'errored', score: null, reason, checks, scenarios: [scenario({ stop })] });
}

export function subject(of: SubmissionResult, evidence: readonly Evidence[] = []): Subject {
  return { result: of, runs: evidence.map(excerptOf), path: of.name };
}
