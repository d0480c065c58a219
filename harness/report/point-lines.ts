/** How a score came about, in words, where it is not the sum of the checks' points: groups, a bonus, lateness. */
import type { GroupScore, ScoreParts } from '../result/points.ts';
import type { SubmissionResult } from '../result/result.ts';
import { clean, count, points, score } from './words.ts';

/** Lines that are safe to show; empty where there is nothing to say. */
export function pointLines({ points: parts, score: total }: Pick<SubmissionResult, 'points' | 'score'>): string[] {
  if (parts === undefined) return [];
  const bonus = parts.bonus === 0 ? [] : [`bonus: ${points(parts.bonus)} points, which count on top`];
  return [...parts.groups.map(groupText), ...bonus, ...lateText(parts, total)];
}

function groupText({ id, title, earned, score: given, maxScore, cap, allOrNothing }: GroupScore): string {
  const name = clean(title === '' ? id : `${id}: ${title}`);
  const isCut = given !== null && given < earned;
  const cut = !isCut
    ? ''
    : allOrNothing && given === 0
      ? `, all or nothing: ${points(earned)} earned`
      : cap === null
        ? ''
        : `, at most ${points(cap)}: ${points(earned)} earned`;
  return `group ${name}  ${score(given, maxScore)}${cut}`;
}

function lateText({ earned, late }: ScoreParts, total: number | null): string[] {
  if (late === null || earned === null) return [];
  const { days, percent, deducted } = late;
  const change = `${points(earned)} - ${points(deducted)} = ${points(total ?? 0)} points`;
  return [`late: ${count(days, 'day')}, ${points(percent)}% of the points are deducted: ${change}`];
}
