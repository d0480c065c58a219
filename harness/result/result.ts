/**
 * The result of grading one submission: what every report format is a pure function of. Plain JSON, no dates, no durations. Everything
 * about it comes from these schemas: the types, what the reader of saved reports takes, its JSON Schema and its tables in docs/result.md.
 */
import { z } from 'zod';
import { stackSchema, storeSchema } from '../evidence/code-place.ts';
import { stopSchema } from '../evidence/evidence.ts';
import { printQuestionSchema, storeQuestionSchema } from '../evidence/explanation.ts';
import { count, flag, hexNumber, mapOf, type Saved, sha256, text } from '../evidence/fields.ts';
import { findingSchema } from '../evidence/finding.ts';
import { buildSchema } from './build.ts';
import { handedFileSchema } from './handed-file.ts';
import { points, scoreSchema } from './points.ts';

export const RESULT_SCHEMA = 'bootgrade/result/v1';
export const RESULTS_SCHEMA = 'bootgrade/results/v1';

export const audienceSchema = z.enum(['student', 'instructor']);

const rowSchema = z
  .object({
    descriptor: count.describe('index of the descriptor in its table'),
    role: text.describe('`header`, `data` or `status`; empty if the chain has no bytes of any'),
    address: hexNumber.describe('physical address'),
    length: count.describe('bytes'),
    deviceWritable: flag.describe('whether the flags say that the device may write them'),
    expected: text.nullable().describe('what the rubric wants instead, in words; `null` if the row is right'),
  })
  .meta({ id: 'row', description: 'A stretch of a request, as a row of a drawn chain.' });

const lineSchema = z
  .object({
    sign: z.enum(['-', '+', ' ']).describe('`-`: found; `+`: expected; a space: both'),
    text: text.describe('a line of a hex dump (after `*`: how many equal ones follow), or of the console'),
    note: text.optional().describe('what is to be said about the line; missing if there is nothing'),
  })
  .meta({ id: 'line', description: 'A line of a difference between two hex dumps, or between the console and a text.' });

const detailSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: text.describe('the sentence') }).describe('a sentence'),
    z.object({ kind: z.literal('expected'), text: text.describe('in words') }).describe('what the rubric wants'),
    z.object({ kind: z.literal('found'), text: text.describe('in words') }).describe('what was there'),
    z
      .object({ kind: z.literal('request'), text: text.describe('which one'), rows: z.array(rowSchema).describe('by role') })
      .describe('a request with its descriptors'),
    z
      .object({
        kind: z.literal('origin'),
        text: text.describe('which bytes'),
        question: storeQuestionSchema.describe('where they are'),
        stored: storeSchema.nullable().describe('who stored them last; `null` if that was not looked for'),
      })
      .describe('which instruction stored bytes that are wrong'),
    z
      .object({
        kind: z.literal('printed'),
        text: text.describe('what was printed'),
        question: printQuestionSchema.describe('where it begins'),
        stack: stackSchema.nullable().describe('where it was printed; `null` if that was not looked for'),
      })
      .describe('where a text was printed'),
    z
      .object({ kind: z.literal('code'), text: text.describe('what happened there'), stack: stackSchema.describe('where') })
      .describe("a place in the kernel's code"),
    z
      .object({
        kind: z.literal('difference'),
        lines: z.array(lineSchema).describe('of both'),
      })
      .describe('the lines in which two hex dumps differ, or the console and a text; or lines of the console alone'),
  ])
  .meta({ id: 'detail', description: 'One line of an explanation, or a drawing. `kind` says how to lay it out.' });

const checkSchema = z
  .object({
    id: text.describe("the check's id in the rubric"),
    title: text.describe('its title in the rubric'),
    outcome: z
      .enum(['passed', 'failed', 'skipped', 'errored'])
      .describe("`skipped`: a check that it needs did not pass; `errored`: the grader's fault"),
    score: points.describe('a failed check may have partial points'),
    maxScore: points.describe("the rubric's points"),
    bonus: flag.optional().describe('`true`: its points count on top of what the lab is worth; missing if they do not'),
    group: text.optional().describe('the group of the rubric that it is in; missing if it is in none'),
    scenario: text.nullable().describe('the scenario that it looked at; `null` if it is about no run, but about a file that was handed in'),
    hidden: flag.describe("whether it is hidden from students (because of its own visibility, or its scenario's)"),
    reason: text.nullable().describe('one sentence: why it failed, was skipped or errored; `null` when it passed'),
    details: z.array(detailSchema).describe('the explanation; empty when it passed'),
    hint: text.nullable().describe("the rubric's hint, for a check that failed; else `null`"),
  })
  .meta({ id: 'check', description: 'How one check of the rubric came out.' });

const hiddenChecksSchema = z
  .object({
    count: count.describe('how many there are'),
    score: points.nullable().describe('of them all; `null` if one of them is errored'),
    maxScore: points.describe('of them all'),
  })
  .meta({ id: 'hidden-checks', description: 'What students learn of the checks that they do not see.' });

const findingResultSchema = findingSchema
  .extend({
    stack: stackSchema.nullable().describe('the calls that led to it; `null` if it has no instruction, or was not looked for'),
    details: z
      .array(detailSchema)
      .describe('the request that it is about, and who stored the field that is to blame; empty for a note, and where neither is known'),
    follows: z
      .enum(['queue-place', 'foreign-chain', 'shared-memory'])
      .optional()
      .describe(
        'what it only follows from, which `why` explains: a queue that the device has elsewhere than the driver; a chain that the device took where ' +
          'the driver had put none; memory that is used twice. Other reports leave it out; missing if it says something of its own',
      ),
    ofCourse: z
      .literal(true)
      .optional()
      .describe(
        "it is about the course's own code: the rubric accepts the rule, or gives the file. Results for students do not have it; missing if it is not so",
      ),
  })
  .meta({ id: 'finding-with-calls', description: 'A finding as evidence has it, with the calls that led to it.' });

const typedSchema = z
  .object({
    after: text.describe('the text on the console that was waited for'),
    text: text.describe('what was typed then, its first 200 characters; a line ends in a line feed'),
  })
  .meta({ id: 'typed', description: 'A text that a run typed at the console.' });

const scenarioSchema = z
  .object({
    name: text.describe('its name in the rubric'),
    hidden: flag.describe('whether it is hidden from students'),
    stop: stopSchema.describe('why the machine stopped'),
    disk: z
      .literal(true)
      .optional()
      .describe(
        'a check of it is about requests, devices, sectors or findings: reports then show these before the console; missing if none is',
      ),
    typed: z.array(typedSchema).optional().describe('what was typed at the console, in order, the first 100 texts; missing if nothing was'),
    faults: z
      .array(text)
      .describe('what the device did wrong on purpose, and what came of it, a sentence each; empty if the rubric has no faults for it'),
    schedules: z
      .object({
        seed: count.describe('which schedules were drawn'),
        tried: count.describe('under how many of them it was run'),
        left: count.describe('how many were not tried, since the runs took too long'),
        first: count.nullable().describe('the number of the first one under which a check fails, from 1; `null` if none does'),
        shown: z
          .object({
            number: count.describe('its number, from 1'),
            schedule: text.describe('what is left of it where nothing can be left out: `only` in the rubric, or `--schedule`, replays it'),
            story: z
              .array(text)
              .describe(
                'what happens around its preemptions and delayed stores, a line each, at most ten; empty if that was not looked for',
              ),
          })
          .nullable()
          .describe('the schedule of this run, the simplest under which a check fails; `null`: the run without one, since none fails'),
      })
      .optional()
      .describe(
        'the schedules under which the scenario was run ([harts.md](harts.md#schedules-in-a-rubric)); missing if the rubric has none',
      ),
    why: z.array(detailSchema).describe('the panic, the exception or the loop that the kernel ended in; empty if there is none'),
    remedy: text.optional().describe('how to build the kernel so that source lines can be named; missing if that is not asked for'),
    instructions: count.describe('instructions retired until then'),
    time: count.describe('guest time then, in nanoseconds'),
    requests: count.describe('how many requests drivers made'),
    findings: z
      .array(findingResultSchema)
      .describe('rules of the virtio specification that the driver broke, and the races that `--explain` found'),
    racesLeftOut: count.describe('how many more races there were, which are only counted'),
    // A plain file name: it is opened beside the report.
    evidence: z
      .string()
      .regex(/^[^/\\\0]+\.evidence\.json$/)
      .nullable()
      .describe("name of the evidence's file in the report's folder; `null` if the evidence was not written to a file"),
    evidenceSha256: sha256.nullable().describe("of that file's bytes: [regrading](regrade.md) refuses a file with a different one"),
  })
  .meta({ id: 'scenario', description: 'How the run of one scenario ended.' });

export const studentSchema = z
  .object({
    id: text.describe('as the roster has it, or else the export'),
    name: text.describe('the same; empty if there is none'),
    columns: mapOf(text, text).describe("the roster's other columns, by name; for students those that `--roster-columns` names, else none"),
    ids: mapOf(text, text).describe(
      "what a platform's export calls the student, by the column of its gradebook, e.g. `ID` of Canvas; empty without an export",
    ),
  })
  .meta({ id: 'student', description: 'Whose submission it is.' });

export const submissionOutcomeSchema = z.enum(['passed', 'failed', 'errored']);

const attemptSchema = z
  .object({
    time: text.nullable().describe('when it was handed in; `null` if nobody says'),
    late: flag.nullable().describe('whether that was after the deadline; `null` if nobody says'),
  })
  .meta({ id: 'attempt', description: 'One of several attempts of a student.' });

const attemptsSchema = z
  .object({
    policy: z.enum(['last', 'best', 'all']).describe("the rubric's `submission.attempts`"),
    name: text.describe('what the names of all of them begin with'),
    number: z.int().min(1).describe('which of them was graded here, from 1 in the order of their times'),
    counts: z.int().min(1).nullable().describe('which of them counts in gradebooks; `null`: the best'),
    all: z.array(attemptSchema).describe('all of them'),
  })
  .meta({ id: 'attempts', description: "A student's attempts, as an export has them." });

const handInSchema = z
  .object({
    time: text
      .nullable()
      .describe(
        'when it was handed in by the export, or when its commit was made (ISO 8601, without a zone where an export says none); else `null`',
      ),
    commit: text.nullable().describe('the commit that was graded; `null` if it was not read from one'),
    deadline: text.nullable().describe('`--deadline`, or that of the rubric'),
    late: flag
      .nullable()
      .describe(
        'whether it was handed in after the deadline, or, without a deadline, whether the platform says that it was late; `null` if nobody says',
      ),
    secondsLate: count.nullable().describe('after the deadline, 0 before it; `null` without a deadline or a time'),
    daysLate: count.nullable().describe('the same in days: one that has begun counts'),
    attempt: z
      .int()
      .min(1)
      .nullable()
      .describe("which of the student's attempts it is, from 1, as the platform counts them; `null` if the export does not say"),
    attempts: attemptsSchema.nullable().describe('the others that the export has; `null` if it has only one'),
  })
  .meta({ id: 'hand-in', description: 'When a submission was handed in. What that costs is in `points`.' });

export const resultSchema = z
  .object({
    schema: z.literal(RESULT_SCHEMA),
    audience: audienceSchema.describe('`student`: what is hidden from students is left out; `instructor`: everything is there'),
    name: text.describe("the submission's name"),
    students: z
      .array(studentSchema)
      .describe('whose it is by the roster or the export, several where a group handed in together; empty where neither says'),
    handIn: handInSchema.nullable().describe('when it was handed in; `null` if neither an export nor git says anything of it'),
    title: text.describe("the rubric's title"),
    outcome: submissionOutcomeSchema.describe(
      '`passed`: every check with points passed; `errored`: the grader is at fault in one of its runs; else `failed`',
    ),
    score: points.nullable().describe('`null` when errored, which does not mean zero'),
    maxScore: points.describe("the rubric's points, without those that are a bonus, and of a group no more than it gives"),
    points: scoreSchema
      .optional()
      .describe(
        'how the score came about; missing if it is the sum of the checks, and the rubric has no groups, no bonus and no rule for lateness',
      ),
    reason: text
      .nullable()
      .describe(
        'why the submission as a whole failed or errored before any check could (no kernel, no RISC-V ELF, host limit); else `null`',
      ),
    checks: z.array(checkSchema).describe('in the order of the rubric; for students, without hidden ones'),
    hiddenChecks: hiddenChecksSchema
      .nullable()
      .describe('for students, all hidden checks together; `null` if there are none, and for instructors'),
    unlistedChecks: z
      .object({ count: count.describe('how many there are'), maxScore: points.describe('of them all') })
      .nullable()
      .describe(
        'hidden checks of the course that were not run: those of a rubric that was published for students, and all of them in `check`; `null` if there are none',
      ),
    scenarios: z.array(scenarioSchema).describe('one for each scenario that was run'),
    tool: text.describe('name and version, e.g. `"bootgrade 0.1.0"`'),
    attempt: z
      .int()
      .min(1)
      .describe(
        "which of the student's attempts it is, from 1 (`--attempt`, else what the export says, else 1): it decides which hint is shown",
      ),
    rubric: z
      .object({
        title: text.describe('its title'),
        sha256: sha256.describe("of the rubric's text"),
        submissionSha256: sha256.describe('of its section `submission`, which says where the kernel is'),
      })
      .describe('what it was graded by'),
    kernel: z
      .object({
        file: text.describe('its name below the submission'),
        sha256: sha256.describe("of the file's bytes"),
        alsoMatched: z
          .array(text)
          .optional()
          .describe(
            "other files of the submission that the rubric's patterns match, and that were not booted, at most 20; missing if there are none",
          ),
      })
      .nullable()
      .describe('what was booted; `null` if there was none'),
    build: buildSchema.optional().describe('how the kernel was built of what was handed in; missing if the kernel itself was handed in'),
    files: z
      .array(handedFileSchema)
      .optional()
      .describe('files of the hand-in that checks look at, with what they hold; missing if the rubric asks for none'),
    random: z
      .object({
        identity: sha256.describe('of what was handed in, which decides the values with the seed of the rubric'),
        values: z
          .array(
            z.object({
              name: text.describe('its name'),
              value: text.describe('what stood for it'),
              hidden: flag.describe('whether it is only in what students do not see'),
            }),
          )
          .describe('in the order of the rubric; for students, without hidden ones'),
      })
      .optional()
      .describe('random values that this submission has for itself; missing if the rubric has none of this kind'),
    images: mapOf(text, sha256).describe('the initial images: `<scenario>/<drive>` to the SHA-256 that evidence calls `initialSha256`'),
  })
  .meta({ id: 'result', description: 'How one submission was graded.' });

export const resultsSchema = z
  .object({
    schema: z.literal(RESULTS_SCHEMA),
    results: z.array(resultSchema).describe('in the order of the command line; inside a class sorted by the bytes of the names'),
  })
  .meta({ id: 'results', description: 'What `--json` prints.' });

/** Who a result is for: what is hidden from students is not in theirs at all. */
export type Audience = Saved<typeof audienceSchema>;
export type RequestRow = Saved<typeof rowSchema>;
/** One line of explanation under a check. `kind` lets a renderer colour and lay it out; `text` stands alone. */
export type Detail = Saved<typeof detailSchema>;
export type CheckResult = Saved<typeof checkSchema>;
export type Outcome = CheckResult['outcome'];
export type HiddenChecks = Saved<typeof hiddenChecksSchema>;
export type UnlistedChecks = NonNullable<SubmissionResult['unlistedChecks']>;
export type FindingResult = Saved<typeof findingResultSchema>;
/** What a finding only follows from. */
export type Consequence = NonNullable<FindingResult['follows']>;
export type ScenarioResult = Saved<typeof scenarioSchema>;
/** When a submission was handed in, and which of a student's attempts it is. */
export type HandInFacts = Saved<typeof handInSchema>;
/** Whose submission it is, by the course's roster or a platform's export. */
export type Student = Saved<typeof studentSchema>;
export type SubmissionResult = Saved<typeof resultSchema>;
