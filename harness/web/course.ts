/** Where the page finds what the course has put beside it (course.js). */
import { COURSE_NAME, type Course } from '../vocabulary/course.ts';

/** The course's, which is a script and not data that is fetched: so the page connects to nothing, and runs from a folder as well as from a server. */
export function courseOfPage(): Course | undefined {
  return (globalThis as unknown as { readonly [COURSE_NAME]?: Course })[COURSE_NAME];
}
