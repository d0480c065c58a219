/** The table of platforms that `bootgrade pack` knows. */
import { autograderIo } from './autograder-io.ts';
import { classroom50 } from './classroom50.ts';
import { gradescope } from './gradescope.ts';
import type { Platform } from './platform.ts';
import { prairielearn } from './prairielearn.ts';

export const platforms = {
  gradescope,
  prairielearn,
  classroom50,
  'autograder-io': autograderIo,
} as const satisfies Record<string, Platform>;

/** A platform without the types of its own, for code that goes through the table. */
export const platformNamed = (name: PlatformName): Platform => platforms[name];

export type PlatformName = keyof typeof platforms;

export const platformNames = Object.keys(platforms) as PlatformName[];
