/** `--roster FILE`: reads it, and says what does not go together. */

import { sha256 } from '../batch/identity.ts';
import { type Assignment, assignStudents, RosterError } from '../batch/roster.ts';
import { MOST_BYTES } from '../files/most-bytes.ts';
import { clean, count } from '../report/words.ts';
import type { Environment } from './environment.ts';
import { readText } from './files.ts';
import { UsageError } from './usage-error.ts';

export interface Roster extends Assignment {
  /** Of the file's text; null without one. */
  readonly sha256: string | null;
}

const NO_ROSTER: Roster = { sha256: null, students: new Map(), missing: [], strangers: [] };

/** Submissions without a student that are named. */
const MOST_NAMED = 20;

/** Whose the submissions are. Throws UsageError. */
export function readRoster(file: string | undefined, names: readonly string[], environment: Environment): Roster {
  if (file === undefined) return NO_ROSTER;
  const text = readText('roster', file, MOST_BYTES.roster, 'keep');
  const roster = { sha256: sha256(text), ...assignment(file, text, names) };
  if (roster.strangers.length > 0) {
    const shown = roster.strangers.slice(0, MOST_NAMED).map(clean).join(', ');
    const more = roster.strangers.length > MOST_NAMED ? ` and ${roster.strangers.length - MOST_NAMED} more` : '';
    environment.err(`bootgrade: ${clean(file)} has no student for ${count(roster.strangers.length, 'submission')}: ${shown}${more}\n`);
  }
  return roster;
}

function assignment(file: string, text: string, names: readonly string[]): Assignment {
  try {
    return assignStudents(text, names);
  } catch (error) {
    if (error instanceof RosterError) throw new UsageError(`the roster ${file}: ${error.message}`);
    throw error;
  }
}
