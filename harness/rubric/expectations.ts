/**
 * `expect`: submissions whose grades the rubric's author knows, the reference solution among them, and what the rubric is not meant to
 * notice. `bootgrade rubric test` compares the rubric with it; grading does not look at it.
 */
import { z } from 'zod';
import { GRADABLE_STOPS } from '../checks/stop.ts';
import type { StopReason } from '../evidence/evidence.ts';
import { name, someText } from '../vocabulary/fields.ts';

/** Bounds on what one `rubric test` may be asked to do. */
const MOST_SUBMISSIONS = 1000;
const MOST_BLIND_SPOTS = 1000;

const stopReason = z.enum([...GRADABLE_STOPS, 'not-bootable']);

const ids = z.array(name()).optional();

const oneOrMore = z.union([someText().transform((one) => [one]), z.array(someText()).min(1)]);

const expectation = z.strictObject({
  score: z.number().min(0).describe('The points that it must get.'),
  failed: ids.describe('Checks that must fail.'),
  skipped: ids.describe('Checks that must be skipped. With `failed` or `skipped`, every other check must pass.'),
  stop: z
    .union([stopReason, z.record(name(), stopReason)])
    .optional()
    .describe('Why the machine must stop in the first scenario; or a map, by scenario.'),
});

export const expectationsSchema = z.strictObject({
  folder: someText().optional().describe("Where the submissions are, relative to the rubric's folder; that folder if it is left out."),
  reference: someText().optional().describe('The submission that solves the lab, whose evidence is mutated to find what no check notices.'),
  submissions: z
    .record(someText(), expectation)
    .refine((all) => Object.keys(all).length > 0, { error: 'there is no submission', params: { problem: 'missing-key' } })
    .refine((all) => Object.keys(all).length <= MOST_SUBMISSIONS, { error: `at most ${MOST_SUBMISSIONS} submissions` })
    .describe('What each must get, by its path below the folder.'),
  'blind-spots': z
    .array(
      z.strictObject({
        mutations: oneOrMore.describe('Names of mutations as `rubric test` lists them; * stands for any text.'),
        reason: someText().describe('Why it does not matter that no check notices them.'),
      }),
    )
    .max(MOST_BLIND_SPOTS)
    .optional()
    .describe('What the rubric is not meant to notice.'),
});

type Input = z.output<typeof expectationsSchema>;

export interface Expectations {
  /** Relative to the rubric's folder. */
  folder: string;
  reference: string | null;
  submissions: Expectation[];
  blindSpots: AcceptedBlindSpot[];
}

export interface Expectation {
  /** Path below the folder. */
  submission: string;
  score: number;
  /** Outcomes by check; every other one must pass. null: any will do that give the score. */
  outcomes: ReadonlyMap<string, 'failed' | 'skipped'> | null;
  /** Reasons by scenario. */
  stop: ReadonlyMap<string, StopReason>;
}

export interface AcceptedBlindSpot {
  /** Names with `*` for any text. */
  mutations: string[];
  reason: string;
}

/** `expect` with its defaults. */
export function resolveExpectations(input: Input, firstScenario: string): Expectations {
  return {
    folder: input.folder ?? '.',
    reference: input.reference ?? null,
    submissions: Object.entries(input.submissions).map(([submission, { score, failed, skipped, stop }]) => ({
      submission,
      score,
      outcomes: failed === undefined && skipped === undefined ? null : outcomesOf(failed ?? [], skipped ?? []),
      stop: new Map(stop === undefined ? [] : typeof stop === 'string' ? [[firstScenario, stop]] : Object.entries(stop)),
    })),
    blindSpots: input['blind-spots'] ?? [],
  };
}

function outcomesOf(failed: readonly string[], skipped: readonly string[]): Map<string, 'failed' | 'skipped'> {
  return new Map([...failed.map((id) => [id, 'failed'] as const), ...skipped.map((id) => [id, 'skipped'] as const)]);
}
