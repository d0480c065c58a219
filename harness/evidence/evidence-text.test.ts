import { expect, it } from 'vitest';
import { device, evidence, finding, image, request } from '../testkit/evidence.ts';
import { evidenceText } from './evidence-text.ts';
import { jsonText } from './json-text.ts';

const FULL = evidence({
  console: 'hello\u0007',
  requests: [request(), request({ number: 2, problem: '##[error]\u202e' })],
  devices: [device()],
  findings: [finding()],
  images: [image({ changed: { 0: 'ab', 7: 'cd' } }), image({ drive: 'other' })],
});

it.each([
  ['with all that evidence has', FULL],
  ['with nothing', evidence({ requests: [], devices: [], images: [] })],
])('is the same text, %s', (_, one) => {
  expect([...evidenceText(one)].join('')).toBe(`${jsonText(one)}\n`);
});

it('comes in pieces, none of which has more than one request or sector', () => {
  const changed = Object.fromEntries(Array.from({ length: 3000 }, (__, n) => [String(n), 'ab'.repeat(512)]));
  const requests = Array.from({ length: 3000 }, (__, n) => request({ number: n + 1, data: 'ab'.repeat(2000) }));
  const pieces = [...evidenceText(evidence({ requests, images: [image({ changed })] }))];
  expect(pieces.join('').length).toBeGreaterThan(12_000_000);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(10_000);
});
