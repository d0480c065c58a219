/** Places within pages that links lead to. */

/** The place of a check, in the page of a submission and in that of the class. */
export function checkAnchor(id: string): string {
  return `check-${id}`;
}

/** The place of a run, in the page of a submission. `index`: among the result's scenarios. */
export function runAnchor(index: number): string {
  return `run-${index + 1}`;
}
