/** What a course puts beside the page in the browser (harness/web): its rubric as students may see it, and the files that the rubric names. */

export interface Course {
  readonly title: string;
  /** The rubric's text. */
  readonly rubric: string;
  /** By the names that the rubric gives them: compressed by gzip, in base64. */
  readonly files: Readonly<Record<string, string>>;
  /** What scripts run in, in the same form; left out: the rubric has none. */
  readonly scriptEngine?: string;
}

/** The name by which the page finds it. */
export const COURSE_NAME = 'bootgradeCourse';

/** Stands at the beginning of each of the page's files, so that no file of somebody else's is replaced by one. */
export const PAGE_MARK = 'Made by bootgrade web.';
