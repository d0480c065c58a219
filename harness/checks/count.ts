/** Numbers that a check compares with what a rubric allows. */
import type { Count } from '../vocabulary/fields.ts';

export function isWithin({ min, max }: Count, found: number): boolean {
  return found >= min && found <= max;
}

/** `3`, `at least 3`, `at most 3`, `3 to 5` */
export function countText({ min, max }: Count): string {
  if (min === max) return String(min);
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
