/** Places within pages that other pages lead to. */

/** The place of a check, in the page of a submission and in that of the class. */
export function checkAnchor(id: string): string {
  return `check-${id}`;
}
