/**
 * Gradescope: what "Export Submissions" of a programming assignment packs.
 *
 * A folder for each submission, `submission_409194023`, and `submission_metadata.yml`, in which a key of that name has `:submitters`,
 * a list of `:name`, `:sid` and `:email` (several where a group handed in), and `:created_at`, a time in UTC as Ruby writes it. It holds the
 * active submission of each student only, and of the others (`:history`) when they were handed in and how they were graded: those that came
 * before it say which attempt it is, since a student may make an earlier one the active one again.
 * Reference: Gradescope's help, "Exporting submissions". The keys are those that programs which read such files rely on.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { parseMoment } from '../../vocabulary/moment.ts';
import { type Attempt, type Exported, type ExportFolder, NOTHING, type Platform, person } from './exported.ts';

const METADATA = 'submission_metadata.yml';

/** Bytes. It also holds what Gradescope's own autograder printed. */
const MOST_METADATA = 64 * 2 ** 20;

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? '').trim());

const submissionSchema = z.object({
  ':submitters': z.array(z.object({ ':name': text, ':sid': text, ':email': text })).catch([]),
  ':created_at': text.catch(''),
  ':history': z
    .array(z.object({ ':created_at': text }))
    .optional()
    .catch(undefined),
});

/** `2026-04-26 17:34:00.861687000 Z`. */
const RUBY_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|UTC|[+-]\d\d:\d\d)$/;

function timeOf(written: string): string | null {
  const [found, day, time, zone = ''] = RUBY_TIME.exec(written) ?? [];
  return found === undefined ? null : `${day}T${time}${zone === 'UTC' ? 'Z' : zone}`;
}

/** null: the list does not say. */
function attemptOf(time: string | null, history: readonly { readonly ':created_at': string }[] | undefined): number | null {
  const own = parseMoment(time ?? '');
  if (own === null || history === undefined) return null;
  const others = history.map((one) => parseMoment(timeOf(one[':created_at']) ?? ''));
  return others.includes(null) ? null : 1 + others.filter((other) => other! < own).length;
}

/** By the folder's name; null if the text is not YAML, or not a map. */
function metadataOf(written: string): Record<string, unknown> | null {
  try {
    const value: unknown = parse(written, { logLevel: 'silent', maxAliasCount: 100, strict: false, uniqueKeys: false });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function recognise(folder: ExportFolder): Exported {
  const written = folder.entries.some(({ name }) => name === METADATA) ? folder.text(METADATA, MOST_METADATA) : null;
  const metadata = written === null ? null : metadataOf(written);
  if (metadata === null) return NOTHING;
  const attempts = folder.entries.flatMap(({ name, kind }): Attempt[] => {
    const parsed = Object.hasOwn(metadata, name) ? submissionSchema.safeParse(metadata[name]) : undefined;
    if (!parsed?.success) return [];
    const people = parsed.data[':submitters']
      .map(({ ':name': called, ':sid': sid, ':email': email }) =>
        person({ id: sid || email || called, name: called, email, ids: sid === '' ? {} : { SID: sid } }),
      )
      .filter(({ id }) => id !== '');
    const parts = [{ entry: name, as: kind === 'folder' ? '' : name }];
    const time = timeOf(parsed.data[':created_at']);
    const attempt = attemptOf(time, parsed.data[':history']);
    return [{ platform: 'gradescope', name, people, time, markedLate: null, attempt, parts }];
  });
  return { attempts, extras: [{ entry: METADATA, reason: "it is Gradescope's list of submissions" }] };
}

export const gradescope: Platform = { recognise };
