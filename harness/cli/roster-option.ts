/** `--roster FILE`: reads it, and says what does not go together. */

import { sha256 } from '../batch/identity.ts';
import { type Assignment, assignStudents, exportedStudents, type HandedIn } from '../batch/owners.ts';
import { type Columns, RosterError } from '../batch/roster.ts';
import { readText } from '../files/named.ts';
import { clean, count } from '../report/words.ts';
import type { Audience } from '../result/result.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';

export interface Roster extends Assignment {
  /** Of the file's text and of the columns that are kept; null without a roster. */
  readonly sha256: string | null;
}

/** Submissions without a student that are named. */
const MOST_NAMED = 20;

export interface RosterOptions {
  /** A CSV file. */
  readonly roster?: string;
  /** Columns that get into results besides submission, id and name; left out: all into those for instructors, none into those for students. */
  readonly rosterColumns?: readonly string[];
}

/** The roster's text, which can be read only once where it is a pipe; null: there is none. Throws HostError, UsageError. */
export function rosterText({ roster: file, rosterColumns }: RosterOptions): string | null {
  if (file === undefined && rosterColumns !== undefined) throw new UsageError('--roster-columns needs a roster: add --roster FILE');
  return file === undefined ? null : readText('roster', file, MOST_BYTES.roster, 'keep');
}

/** Whose the submissions are, in results for `audience`. `text`: of the roster. Throws UsageError. */
export function readRoster(
  options: RosterOptions,
  text: string | null,
  audience: Audience,
  handedIn: readonly HandedIn[],
  environment: Pick<Environment, 'err'>,
): Roster {
  const { roster: file, rosterColumns } = options;
  if (file === undefined || text === null) return { sha256: null, ...exportedStudents(handedIn) };
  const kept = rosterColumns ?? (audience === 'student' ? [] : 'all');
  const roster = { sha256: sha256(JSON.stringify([kept, text])), ...assignment(file, text, handedIn, kept) };
  if (roster.strangers.length > 0) {
    const shown = roster.strangers.slice(0, MOST_NAMED).map(clean).join(', ');
    const more = roster.strangers.length > MOST_NAMED ? ` and ${roster.strangers.length - MOST_NAMED} more` : '';
    environment.err(`bootgrade: ${clean(file)} has no student for ${count(roster.strangers.length, 'submission')}: ${shown}${more}\n`);
  }
  return roster;
}

function assignment(file: string, text: string, handedIn: readonly HandedIn[], kept: Columns): Assignment {
  try {
    return assignStudents(text, handedIn, kept);
  } catch (error) {
    if (error instanceof RosterError) throw new UsageError(`the roster ${file}: ${error.message}`);
    throw error;
  }
}
