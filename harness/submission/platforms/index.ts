/** The table of platforms whose exports are recognised. A new one is its file, its test, and one line here. */
import { blackboard } from './blackboard.ts';
import { canvas } from './canvas.ts';
import { classroom50 } from './classroom50.ts';
import type { Attempt, ExportEntry, Exported, ExportFolder, Extra, Platform, PlatformName } from './exported.ts';
import { githubClassroom } from './github-classroom.ts';
import { gradescope } from './gradescope.ts';
import { moodle } from './moodle.ts';

/** Those that are known for certain come first: what one has recognised is not shown to the next. */
const platforms: Readonly<Record<PlatformName, Platform>> = {
  gradescope,
  classroom50,
  moodle,
  blackboard,
  canvas,
  'github-classroom': githubClassroom,
};

export interface Recognised extends Exported {
  /** Entries of which no platform knows anything. */
  readonly rest: readonly ExportEntry[];
}

export function recogniseExport(folder: ExportFolder): Recognised {
  let rest = folder.entries;
  const attempts: Attempt[] = [];
  const extras: Extra[] = [];
  for (const platform of Object.values(platforms)) {
    const found = platform.recognise({ ...folder, entries: rest });
    attempts.push(...found.attempts);
    extras.push(...found.extras);
    const known = new Set([...found.attempts.flatMap(({ parts }) => parts), ...found.extras].map(({ entry }) => entry));
    rest = rest.filter(({ name }) => !known.has(name));
  }
  return { attempts, extras, rest };
}
