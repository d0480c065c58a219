/**
 * Classroom 50: what `gh teacher download` leaves.
 *
 * A clone of each student's repository, `<classroom>-<assignment>-<user>` in lower case, and `scores.csv` beside them with a line for
 * each student: user name, names, section, when and how late the last submission was, and the address of its review, which has the
 * repository's name in it; members of a group share the repository of one of them. With `--by-pattern` there is no `scores.csv`: then
 * the clones look like GitHub Classroom's. The `result.json` that it puts into each clone is not looked at, since a
 * student's repository may hold a file of that name as well.
 * Reference: foundation50/classroom50, cli/gh-teacher/internal/download/download.go (scoresCSVHeader).
 */
import { parse } from 'csv-parse/sync';
import { type Attempt, type Exported, type ExportFolder, NOTHING, type Person, type Platform, person } from './exported.ts';

const SCORES = 'scores.csv';
const HEADER = ['username', 'first_name', 'last_name', 'email', 'section', 'score'];
const MOST_SCORES = 16 * 2 ** 20;

type Row = Readonly<Record<string, string>>;

function rowsOf(text: string): Row[] {
  try {
    return parse(text, { bom: true, columns: true, skip_empty_lines: true, relax_column_count: true }) as Row[];
  } catch {
    return [];
  }
}

function personOf({ username = '', first_name: first = '', last_name: last = '', email = '' }: Row): Person {
  return person({ id: username, name: `${first} ${last}`.trim(), email, ids: { 'GitHub username': username } });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function recognise({ entries, text }: ExportFolder): Exported {
  const scores = entries.some(({ name }) => name === SCORES) ? text(SCORES, MOST_SCORES) : null;
  const [header = ''] = (scores ?? '').replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  if (scores === null || !header.startsWith(HEADER.join(','))) return NOTHING;
  const rows = rowsOf(scores).filter(({ username = '' }) => username !== '');
  const attempts = entries.flatMap(({ name, kind }): Attempt[] => {
    const isOwner = ({ username = '' }: Row) => name.toLowerCase().endsWith(`-${username.toLowerCase()}`);
    const isMember = ({ review_url: review = '' }: Row) => review.split('/').includes(name);
    const owner = rows.filter(isOwner).sort((a, b) => b['username']!.length - a['username']!.length)[0];
    if (kind !== 'folder' || owner === undefined) return [];
    const members = rows.filter((row) => row !== owner && isMember(row));
    const { datetime = '', late = '' } = owner;
    return [
      {
        platform: 'classroom50',
        name,
        people: [owner, ...members].map(personOf),
        time: TIME.test(datetime) ? datetime : null,
        markedLate: late === 'true' ? true : late === 'false' ? false : null,
        parts: [{ entry: name, as: '' }],
      },
    ];
  });
  return { attempts, extras: [{ entry: SCORES, reason: "it is Classroom 50's summary of scores" }] };
}

export const classroom50: Platform = { recognise };
