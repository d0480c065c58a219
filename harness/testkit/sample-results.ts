/** Results for the reports' tests, written by hand. */
import type { CheckResult, ScenarioResult, SubmissionResult } from '../result/result.ts';

export function check(id: string, changes: Partial<CheckResult> = {}): CheckResult {
  const base: CheckResult = {
    id,
    title: `Title of ${id}`,
    outcome: 'passed',
    score: 10,
    maxScore: 10,
    scenario: 'write',
    hidden: false,
    reason: null,
    details: [],
    hint: null,
  };
  return { ...base, ...changes };
}

export function scenario(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  const base: ScenarioResult = {
    name: 'write',
    hidden: false,
    stop: { reason: 'until', console: 'Shell...' },
    instructions: 22310118,
    time: 22500000,
    requests: 2,
    disk: true,
    faults: [],
    why: [],
    findings: [],
    racesLeftOut: 0,
    evidence: 'alice.write.evidence.json',
    evidenceSha256: '22',
  };
  return { ...base, ...changes };
}

export function result(changes: Partial<SubmissionResult> = {}): SubmissionResult {
  const base: SubmissionResult = {
    schema: 'bootgrade/result/v1',
    audience: 'student',
    attempt: 1,
    hiddenChecks: null,
    unlistedChecks: null,
    name: 'alice',
    students: [],
    handIn: null,
    title: 'Lab 13: I/O and storage',
    outcome: 'passed',
    score: 10,
    maxScore: 10,
    reason: null,
    checks: [check('finds-device')],
    scenarios: [scenario()],
    tool: 'bootgrade 0',
    rubric: { title: 'Lab 13: I/O and storage', sha256: '00', submissionSha256: '33' },
    kernel: { file: 'kernel.elf', sha256: '11' },
    images: {},
  };
  return { ...base, ...changes };
}

/** The classic mistake that QEMU forgives: a data buffer marked device-writable in a write request. */
export function writableData(): SubmissionResult {
  const rows = [
    { descriptor: 3, role: 'header', address: '0x80a31010', length: 16, deviceWritable: false, expected: null },
    { descriptor: 4, role: 'data', address: '0x80a32200', length: 512, deviceWritable: true, expected: 'device reads' },
    { descriptor: 5, role: 'status', address: '0x80a33001', length: 1, deviceWritable: true, expected: null },
  ];
  return result({
    name: 'writable-data',
    outcome: 'failed',
    score: 15,
    maxScore: 60,
    checks: [
      check('reads-block', { title: 'read_block still works', score: 5, maxScore: 5 }),
      check('write-flags', {
        title: 'The data descriptor is not device-writable',
        outcome: 'failed',
        score: 0,
        maxScore: 20,
        reason: 'data: expected device reads, found device writes',
        hint: 'For a write the device reads the buffer.',
        details: [
          { kind: 'request', text: 'request #2, OUT, sector 0, after 20,114,331 instructions', rows },
          { kind: 'text', text: 'The device answered OK and wrote nothing.' },
        ],
      }),
      check('image', {
        title: 'Sector 0 holds the new text',
        outcome: 'failed',
        score: 0,
        maxScore: 15,
        reason: 'the image differs from byte 6 on',
        details: [
          {
            kind: 'difference',
            lines: [
              { sign: '-', text: '00000000  48 65  |He|', note: 'found (as it was before the run)' },
              { sign: '+', text: '00000000  48 65 6c  |Hel|', note: 'expected' },
            ],
          },
        ],
      }),
      check('image-elsewhere', { outcome: 'skipped', score: 0, reason: 'needs image' }),
    ],
    hiddenChecks: { count: 1, score: 10, maxScore: 10 },
  });
}
