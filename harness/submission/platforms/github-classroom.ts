/**
 * GitHub Classroom: the clones that `gh classroom clone student-repos` makes.
 *
 * It makes a folder `<assignment>-submissions`, and in it a clone of each student's repository, `<assignment>-<user or team>`.
 * Where the folder has another name, the assignment is what all clones' names begin with, up to the last `-` that they share.
 * Reference: github/gh-classroom, cmd/gh-classroom/clone/student-repos/student-repos.go.
 */
import { type Attempt, type ExportFolder, type Platform, person } from './exported.ts';

const FOLDER = '-submissions';

/** A user's login, or a team's slug. */
const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/;

/** What all names begin with, up to the last `-`; empty for fewer than two. */
function sharedBeginning(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return '';
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, first.lastIndexOf('-', length - 1) + 1);
}

function clonesOf({ entries, holds }: Pick<ExportFolder, 'entries' | 'holds'>): string[] {
  return entries.flatMap(({ name, kind }) => (kind === 'folder' && name.includes('-') && holds(name, '.git') ? [name] : []));
}

function prefixOf(folder: string, clones: readonly string[]): string {
  const named = folder.endsWith(FOLDER) ? `${folder.slice(0, -FOLDER.length)}-` : '';
  return named !== '' && clones.every((clone) => clone.startsWith(named)) ? named : sharedBeginning(clones);
}

export const githubClassroom: Platform = {
  recognise(folder) {
    const clones = clonesOf(folder);
    const prefix = prefixOf(folder.name, clones);
    const logins = clones.map((clone) => clone.slice(prefix.length));
    if (prefix === '' || !logins.every((login) => LOGIN.test(login))) return { attempts: [], extras: [] };
    const attempts = clones.map(
      (clone, index): Attempt => ({
        platform: 'github-classroom',
        name: clone,
        people: [person({ id: logins[index]!, ids: { 'GitHub username': logins[index]! } })],
        time: null,
        markedLate: null,
        attempt: null,
        parts: [{ entry: clone, as: '' }],
      }),
    );
    return { attempts, extras: [] };
  },
};
