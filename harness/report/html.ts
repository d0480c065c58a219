/**
 * HTML: one self-contained file for each submission, and one for the class. They work without network and, but for sorting and
 * filtering the class's table, without scripts; in light and dark, on a phone, and by keyboard.
 */
import { format } from './format.ts';
import { classPage } from './html/class.ts';
import { submissionPage } from './html/submission.ts';

export const html = format({
  describe: 'a page for each submission, and one for the class',
  audience: 'record',
  options: {},
  parts: [
    { scope: 'submission', extension: 'html', render: submissionPage },
    { scope: 'class', extension: 'html', render: (subjects, _, missing) => classPage(subjects, missing) },
  ],
});
