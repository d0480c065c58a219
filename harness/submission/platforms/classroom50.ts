/**
 * Classroom 50: what `gh teacher download` leaves.
 *
 * A clone of each student's repository, `<classroom>-<assignment>-<user>` in lower case, and `scores.csv` beside them with a line for
 * each submission of each student, the newest first, and one without a score for who has none: user name, when and how late it was, and the address
 * of its review, which has the repository's name in it; names, addresses and sections since 2026. Members of a group share the repository of one of
 * them, or of their team. The address comes from the student's repository, so it makes nobody a member who has a repository of their own.
 * With `--by-pattern` there is no `scores.csv`: then the clones look like GitHub Classroom's. The `result.json` that it puts into each clone is
 * not looked at, since a student's repository may hold a file of that name as well.
 * Reference: foundation50/classroom50, cli/gh-teacher/internal/download/download.go (scoresCSVHeader, scoresCSVRows).
 */
import { parse } from 'csv-parse/sync';
import { type Attempt, type Exported, type ExportFolder, grouped, NOTHING, type Person, type Platform, person } from './exported.ts';

const SCORES = 'scores.csv';
/** By which the file is known, whatever its version has besides. */
const COLUMNS = ['username', 'score', 'max_score', 'datetime', 'submission_tag', 'review_url'];
const MOST_SCORES = 16 * 2 ** 20;

type Row = Readonly<Record<string, string>>;

/** The lines of a student, the newest first. */
interface Scores {
  readonly user: string;
  readonly rows: readonly Row[];
}

function scoresOf(text: string): Scores[] {
  const rows = rowsOf(text).filter(({ username = '' }) => username !== '');
  return grouped(rows, ({ username }) => username!.toLowerCase()).map((ones) => ({ user: ones[0]!['username']!, rows: ones }));
}

function rowsOf(text: string): Row[] {
  try {
    return parse(text, { bom: true, columns: true, skip_empty_lines: true, relax_column_count: true }) as Row[];
  } catch {
    return [];
  }
}

/** With what its report about the newest submission needs, where there is one. */
function personOf({ user, rows }: Scores): Person {
  const { first_name: first = '', last_name: last = '', email = '', submission_tag: tag = '', review_url: review = '' } = rows[0]!;
  const newest: Record<string, string> = tag === '' || review === '' ? {} : { submission_tag: tag, review_url: review };
  return person({ id: user, name: `${first} ${last}`.trim(), email, ids: { 'GitHub username': user, ...newest } });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The student whose name the clone's name ends with: the longest, since a name may end like another one. */
function ownerOf(clone: string, students: readonly Scores[]): Scores | undefined {
  const owners = students.filter(({ user }) => clone.toLowerCase().endsWith(`-${user.toLowerCase()}`));
  return owners.sort((a, b) => b.user.length - a.user.length)[0];
}

function recognise({ entries, text }: ExportFolder): Exported {
  const scores = entries.some(({ name }) => name === SCORES) ? text(SCORES, MOST_SCORES) : null;
  const [header = ''] = (scores ?? '').replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  if (scores === null || !COLUMNS.every((column) => header.split(',').includes(column))) return NOTHING;
  const students = scoresOf(scores);
  const clones = entries.flatMap(({ name, kind }) => (kind === 'folder' ? [name] : []));
  const owners = new Map(clones.map((clone) => [clone, ownerOf(clone, students)]));
  const withOwn = new Set(owners.values());
  const attempts = clones.flatMap((name): Attempt[] => {
    const owner = owners.get(name);
    const isMember = (one: Scores) => !withOwn.has(one) && one.rows.some(({ review_url: review = '' }) => review.split('/').includes(name));
    const people = [...(owner === undefined ? [] : [owner]), ...students.filter(isMember)];
    const submissions = people[0]?.rows.filter(({ submission_tag: tag = '' }) => tag !== '') ?? [];
    const { datetime = '', late = '' } = submissions[0] ?? {};
    if (people.length === 0) return [];
    return [
      {
        platform: 'classroom50',
        name,
        people: people.map(personOf),
        time: TIME.test(datetime) ? datetime : null,
        markedLate: late === 'true' ? true : late === 'false' ? false : null,
        attempt: submissions.length === 0 ? null : submissions.length,
        parts: [{ entry: name, as: '' }],
      },
    ];
  });
  return { attempts, extras: [{ entry: SCORES, reason: "it is Classroom 50's summary of scores" }] };
}

export const classroom50: Platform = { recognise };
