/** The table of platforms that `bootgrade pack` knows. */
import { gradescope } from './gradescope.ts';
import type { Platform } from './platform.ts';

export const platforms = {
  gradescope,
} as const satisfies Record<string, Platform>;

export type PlatformName = keyof typeof platforms;

export const platformNames = Object.keys(platforms) as PlatformName[];
