/**
 * A badge with the score, as an SVG picture: for a project's page, whose platform shows a picture that a job has left.
 *
 * One submission shows its points, several how many of them passed. Words are stretched to a width that is known without a font, so that they
 * fit with any. Nothing that others wrote is in it. Reference: SVG 2 (`textLength`). Left out: titles, which would need measuring.
 */
import type { Student } from '../result/result.ts';
import { shownAttempts } from './attempts.ts';
import { format, type Subject } from './format.ts';
import { score } from './words.ts';

const LABEL = 'score';
const HEIGHT = 20;
/** Of a character, and beside each text. */
const CHARACTER = 7;
const PADDING = 6;

/** White text on each has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3). */
const COLORS = { label: '#24292f', passed: '#1a7f37', failed: '#b93a08', errored: '#57606a' } as const;

interface Verdict {
  readonly text: string;
  readonly color: string;
}

export const badge = format({
  describe: 'a badge with the score, as an SVG picture',
  audience: 'print',
  options: {},
  parts: [{ scope: 'class', extension: 'badge.svg', render: (subjects, _, missing) => picture(verdictOf(subjects, missing)) }],
});

function verdictOf(subjects: readonly Subject[], missing: readonly Student[]): Verdict {
  const results = shownAttempts(subjects.map(({ result }) => result));
  const [only] = results;
  if (only === undefined || results.length + missing.length > 1) {
    const passed = results.filter(({ outcome }) => outcome === 'passed').length;
    const all = results.length + missing.length;
    return { text: `${passed} of ${all} passed`, color: passed === all ? COLORS.passed : COLORS.failed };
  }
  // The grader's fault is no zero.
  const text = only.outcome === 'errored' ? 'grader failed' : score(only.score, only.maxScore);
  return { text, color: COLORS[only.outcome] };
}

function picture({ text, color }: Verdict): string {
  const left = widthOf(LABEL);
  const width = left + widthOf(text);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${LABEL}: ${text}">
<title>${LABEL}: ${text}</title>
<rect width="${left}" height="${HEIGHT}" fill="${COLORS.label}"/>
<rect x="${left}" width="${width - left}" height="${HEIGHT}" fill="${color}"/>
<g fill="#fff" font-family="Verdana,sans-serif" font-size="11">
${textAt(0, LABEL)}
${textAt(left, text)}
</g>
</svg>
`;
}

function widthOf(text: string): number {
  return text.length * CHARACTER + 2 * PADDING;
}

function textAt(x: number, text: string): string {
  return `<text x="${x + PADDING}" y="14" textLength="${text.length * CHARACTER}" lengthAdjust="spacingAndGlyphs">${text}</text>`;
}
