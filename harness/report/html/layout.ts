/**
 * What comes first in the page of a submission, and how much of each run it has. A lab whose checks are about the disk's driver shows requests
 * and findings first. Any other lab is graded by what the kernel printed: the console comes first, with what failed beside it, and the disk is folded.
 */
import type { CheckResult, SubmissionResult } from '../../result/result.ts';
import type { RunExcerpt } from '../run-excerpt.ts';
import { runAnchor } from './anchors.ts';

/** All runs of a page together, and each run at least, so that a page stays small however many runs there are and whatever the kernel did. */
const SHARES = {
  /** Characters of consoles, as they are written. */
  console: { all: 1_500_000, least: 20_000 },
  /** Requests in tables, and those that are drawn. */
  requests: { all: 1000, least: 20 },
  drawn: { all: 200, least: 5 },
  /** Bars of time lines. */
  bars: { all: 2000, least: 100 },
} as const;

export type Shares = Readonly<Record<keyof typeof SHARES, number>>;

export interface Layout {
  readonly consoleFirst: boolean;
  readonly share: Shares;
  /** The anchor of a scenario's run; null if the page has none. */
  readonly anchorOf: (scenario: string | null) => string | null;
  /** Whether a check is explained beside the console of its run, instead of in the list of checks. */
  readonly isBeside: (check: CheckResult) => boolean;
}

export function layoutOf({ scenarios }: SubmissionResult, runs: readonly RunExcerpt[]): Layout {
  const consoleFirst = !scenarios.some(({ disk }) => disk === true);
  const anchors = new Map(scenarios.map(({ name }, index) => [name, runAnchor(index)]));
  const printed = new Set(runs.filter(({ console }) => console.head !== '').map(({ scenario }) => scenario));
  const share = (of: keyof typeof SHARES) => shareOf(SHARES[of], scenarios.length);
  return {
    consoleFirst,
    share: { console: share('console'), requests: share('requests'), drawn: consoleFirst ? 0 : share('drawn'), bars: share('bars') },
    anchorOf: (scenario) => (scenario === null ? null : (anchors.get(scenario) ?? null)),
    isBeside: ({ outcome, scenario }) =>
      consoleFirst && outcome === 'failed' && scenario !== null && anchors.has(scenario) && printed.has(scenario),
  };
}

function shareOf({ all, least }: { readonly all: number; readonly least: number }, runs: number): number {
  return Math.max(least, Math.floor(all / Math.max(1, runs)));
}
