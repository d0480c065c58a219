/**
 * The rubric language as a person writes it: one zod schema, which is the types, the validation and (rubricJsonSchema) what
 * editors complete from. Every check's own part is in checks/. References between parts are checked in mistakes/.
 */

import { z } from 'zod';
import { configNameProblem } from '../../machine/spec/fw-cfg.ts';
import { FLASH, MOST_HARTS, MOST_RAM, VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { utf8Bytes } from '../bytes/text.ts';
import { rules } from '../checks/findings.ts';
import { checkKindNames, checkKinds } from '../checks/index.ts';
import {
  clock,
  globPattern,
  hex,
  limit,
  name,
  regex,
  schedule,
  size,
  someText,
  symbolName,
  text,
  typeProblems,
  utf8,
  whole,
  work,
} from '../vocabulary/fields.ts';
import { DEFAULT_MAC, isMac } from '../vocabulary/mac.ts';
import { expectationsSchema } from './expectations.ts';
import { faultsSchema } from './faults.ts';
import { keysSchema, MOST_PRESSES } from './keys.ts';
import { asList, asMap, asText } from './loose.ts';
import { groupsSchema } from './points.ts';
import { randomSchema } from './random.ts';
import { submissionSchema } from './submission.ts';

export const RUBRIC_VERSION = 1;

/** A disk that is worth grading; images are sparse. */
const MOST_DISK = 64 * 2 ** 30;

/** Bounds on what a rubric may ask for, so that checking one stays quick. */
export const MOST_SCENARIOS = 100;
export const MOST_CHECKS = 1000;

const at = whole().describe('Byte offset.');

export const contentSchema = z.union([
  z.strictObject({ at, text: utf8().describe('Text in UTF-8.') }),
  z.strictObject({ at, hex: hex().describe('Pairs of hex digits; blanks do not count.') }),
  z.strictObject({ at, file: someText().describe("A file, relative to the rubric's folder.") }),
  z.strictObject({ at, fill: z.int().min(0).max(255).describe('One byte, repeated.'), length: whole().min(1).describe('Bytes.') }),
]);

export type Content = z.output<typeof contentSchema>;

const address = whole().describe('Physical address, e.g. 0x80400000.');

export const loaderSchema = z.union([
  z.strictObject({
    file: someText().describe("A file, relative to the rubric's folder: ELF, or with an address any bytes."),
    at: address.optional(),
  }),
  z.strictObject({ at: address, text: utf8().describe('Text in UTF-8.') }),
  z.strictObject({ at: address, hex: hex().describe('Pairs of hex digits; blanks do not count.') }),
]);

const configName = someText().describe("The file's name, e.g. opt/org.example/answer.");

export const configSchema = z.union([
  z.strictObject({ name: configName, file: someText().describe("A file, relative to the rubric's folder.") }),
  z.strictObject({ name: configName, text: utf8().describe('Text in UTF-8.') }),
  z.strictObject({ name: configName, hex: hex().describe('Pairs of hex digits; blanks do not count.') }),
]);

/** The values of `bios` that are not the name of a file. */
const BUILTIN_BIOS = ['builtin', 'none'] as const;

export function isBuiltinBios(value: unknown): value is (typeof BUILTIN_BIOS)[number] {
  return BUILTIN_BIOS.some((one) => one === value);
}

export const driveSizeSchema = size(MOST_DISK).refine((bytes) => bytes % SECTOR_BYTES === 0);

/** What GET_ID answers (virtio 1.2, 5.2.6.1). */
const ID_BYTES = 20;

const slot = () => whole().max(VIRTIO_SLOTS - 1);

const drive = z.strictObject({
  size: driveSizeSchema.optional().describe('Size of the image, e.g. 64M.'),
  built: globPattern()
    .optional()
    .describe(
      "The image comes out of the student's build: its name or glob below the top of what was built. Instead of size and contents.",
    ),
  submitted: globPattern()
    .optional()
    .describe('The image was handed in: its name or glob in what the student handed in. Instead of size and contents.'),
  image: someText()
    .optional()
    .describe("The image is a whole file of the course, relative to the rubric's folder. Instead of size and contents."),
  contents: z.array(contentSchema).max(10_000).optional().describe('What the image holds before the run; zeroes elsewhere.'),
  slot: slot()
    .optional()
    .describe('The virtio-mmio slot: 0 is at 0x10001000 with IRQ 1, 7 at 0x10008000 with IRQ 8. Default: the last free one.'),
  serial: text()
    .refine((serial) => utf8Bytes(serial).length <= ID_BYTES, { error: `at most ${ID_BYTES} bytes` })
    .optional()
    .describe("QEMU's serial: what the device answers to GET_ID, at most 20 bytes. Default: the drive's name."),
  readonly: z.boolean().optional().describe("QEMU's readonly: the device answers writes with IOERR. Default: false."),
  present: z.boolean().optional().describe('false: there is no device in its slot. Default: true.'),
});

/** QEMU's words for QEMU's machine. All optional: a scenario overrides what it names. */
const machineKeys = {
  cpu: someText().optional().describe("QEMU's -cpu, e.g. rv64,zba=true,zbb=true. Default: rv64."),
  memory: size(MOST_RAM).optional().describe("QEMU's -m, with its unit, e.g. 1G. Default: 128M."),
  bios: z
    .union([z.enum(BUILTIN_BIOS), someText()])
    .optional()
    .describe(
      "none is QEMU's -bios none: the kernel starts in M mode at 0x80000000. Else a firmware's file, relative to the rubric's folder. " +
        'Default: builtin, an SBI for kernels in S mode.',
    ),
  initrd: someText().optional().describe("QEMU's -initrd: a file, relative to the rubric's folder."),
  loader: z
    .array(loaderSchema)
    .max(100)
    .optional()
    .describe("QEMU's -device loader: files and bytes that are put into RAM besides the kernel."),
  harts: z.int().min(1).max(MOST_HARTS).optional().describe("QEMU's -smp: how many harts, 1 to 8. Default: 1."),
  clock: clock()
    .optional()
    .describe("Guest time that each instruction takes: 10 ns. A power of two is QEMU's -icount shift. Default: 1 ns."),
  'fill-ram': whole()
    .max(255)
    .optional()
    .describe('The byte that RAM holds at power-on where no byte of the kernel file is loaded, its .bss too. Default: 0.'),
  append: text().optional().describe("QEMU's -append: the kernel's command line."),
  drives: z
    .record(name(), drive)
    .optional()
    .describe('Block devices by name. The first is on the last virtio-mmio slot, 0x10008000, as QEMU places it.'),
  rng: z
    .strictObject({
      seed: whole()
        .max(2 ** 32 - 1)
        .optional()
        .describe('Decides the bytes, 0 to 4294967295. Default: 0.'),
      slot: slot().optional().describe('The virtio-mmio slot. Default: the last one that the drives leave free.'),
    })
    .optional()
    .describe("QEMU's virtio-rng-device, but its random bytes are the same in each run."),
  'fw-cfg': z
    .array(configSchema)
    .refine((files) => configNameProblem(files.map(({ name }) => name)) === undefined, {
      error: ({ input }) => configNameProblem(asList(input).map((file) => asText(asMap(file)['name']) ?? ''))?.message,
    })
    .optional()
    .describe("QEMU's -fw_cfg: named files for firmware. With it, the machine has the device fw_cfg."),
  flash: z
    .array(
      z.union([
        someText(),
        z.null(),
        z.strictObject({
          file: someText().describe("Its file, relative to the rubric's folder."),
          writable: z.boolean().optional().describe('Whether it can be programmed and erased, as without `readonly=on`.'),
        }),
      ]),
    )
    .min(1)
    .max(FLASH.units)
    .optional()
    .describe(
      "QEMU's pflash: a file of 32 MiB for unit 0 of flash memory, and one for unit 1, each as `{ file: FILE, writable: true }` where it can be written; null for none.",
    ),
  network: z
    .strictObject({
      mac: text()
        .refine(isMac, { error: `not an address of a device; write for example "${DEFAULT_MAC}", in quotation marks` })
        .optional()
        .describe("The device's address, six pairs of hex digits. Default: QEMU's, 52:54:00:12:34:56."),
      slot: slot().optional().describe('The virtio-mmio slot. Default: the last one that the other devices leave free.'),
    })
    .optional()
    .describe("QEMU's virtio-net-device, but its link is down: what is sent is lost, and nothing is received."),
  transport: z
    .enum(['legacy', 'modern'])
    .optional()
    .describe('Of all virtio-mmio slots; modern: version 2 of the interface. Default: legacy.'),
};

const machine = z.strictObject({
  qemu: someText()
    .optional()
    .describe(
      "QEMU's command line as the course has it, word for word; keys beside it count more. It also names submission.kernel and drives.",
    ),
  ...machineKeys,
});

const visibility = z.enum(['visible', 'hidden']).optional();

const endings = (one: () => z.ZodType<string>) => z.union([one().transform((text) => [text]), z.array(one()).min(1).max(20)]).optional();

const conditionSchema = z.union([
  name().transform((one) => [one]),
  z.array(name()).min(1).max(100),
  z.strictObject({ scenario: name().describe('Another scenario: all of its checks that have points must pass.') }),
]);

const until = z
  .strictObject({
    console: endings(someText).describe('Text on the console; of a list, any of them.'),
    matches: endings(regex).describe(
      'Regular expression (RE2) that a line on the console matches once the line has ended; of a list, any of them.',
    ),
    reaches: endings(symbolName).describe(
      'A function of the kernel, by its name in the symbol table, that is called; of a list, any of them.',
    ),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: 'what ends the run is missing',
    params: { problem: 'missing-key', remedy: 'give it `console`, `matches` or `reaches`' },
  });

export const DEFAULT_CUTS = 50;
/** Each of them is a boot. */
const MOST_CUTS = 200;

const diskFromSchema = z.union([
  name().transform((scenario) => ({ scenario, power: undefined, runs: undefined, seed: undefined, only: undefined })),
  z.strictObject({
    scenario: name().describe('The other scenario.'),
    power: z
      .enum(['cut-anywhere', 'cut-in-order'])
      .describe(
        'The power went off somewhere in its run: this scenario is run for several such moments, and a check must pass in all. `cut-anywhere` loses what was not flushed where the driver has a write cache, `cut-in-order` keeps writes in their order all the same.',
      ),
    runs: z.int().min(1).max(MOST_CUTS).optional().describe('How many moments. Default: 50.'),
    seed: whole()
      .max(2 ** 32 - 1)
      .optional()
      .describe('Decides which moments, and what is lost. Default: 0.'),
    only: z.int().min(1).max(MOST_CUTS).optional().describe('Tries only this one of them, as a report names it.'),
  }),
]);

export const DEFAULT_SCHEDULES = 100;
export const DEFAULT_SCHEDULE_SEED = 1;
/** Each of them is a run from the first preemption on. */
const MOST_SCHEDULES = 2000;

const schedulesSchema = z.union([
  z
    .int()
    .min(1)
    .max(MOST_SCHEDULES)
    .transform((runs) => ({ runs, seed: undefined, stores: undefined, only: undefined })),
  z.strictObject({
    runs: z.int().min(1).max(MOST_SCHEDULES).optional().describe('How many schedules. Default: 100.'),
    seed: whole()
      .max(2 ** 32 - 1)
      .optional()
      .describe('Decides which. Default: 1.'),
    stores: z.literal('delayed').optional().describe('Every second one also delays stores, which devices and other harts then see late.'),
    only: schedule().optional().describe('Tries only this one, as a report writes it: hart1@123456+20us.'),
  }),
]);

const scenarioSchema = z.strictObject({
  extends: name().optional().describe('Another scenario to start from: maps merge, lists and scalars replace.'),
  visibility: visibility.describe('Whether students see this scenario.'),
  needs: conditionSchema
    .optional()
    .describe('Checks of earlier scenarios that must pass, or { scenario: NAME }; else this one is not run, and its checks are skipped.'),
  ...machineKeys,
  until: until.optional().describe('Ends the run once the console has shown one of these, or a function is called.'),
  keys: z.array(keysSchema).max(MOST_PRESSES).optional().describe('Typing at prompts and at times, in order.'),
  races: z.boolean().optional().describe('Watches for accesses of the kernel to memory that it has given to the device. Default: false.'),
  'disk-from': diskFromSchema
    .optional()
    .describe("Another scenario, above this one: this one's drives begin with what that one's held at its end."),
  schedules: schedulesSchema
    .optional()
    .describe(
      'The scenario is run under so many schedules as well, which preempt harts where their order may matter; its checks must pass under all.',
    ),
  faults: faultsSchema.optional().describe('What the device does wrong on purpose, request by request.'),
  limit: limit().optional().describe("The guest's clock or its instructions: 10s guest, 10G instructions. Default: 10s guest."),
  work: work()
    .optional()
    .describe(
      'What the run may cost the grader besides plain instructions: 8G units. Default: 0.8 units for each instruction that fits into the limit, 8G to 40G.',
    ),
});

const kindSchemas = {
  console: checkKinds.console.schema
    .optional()
    .describe('What the kernel printed: text, or contains, matches, all, in-order, absent, none, count, equals, takes.'),
  request: checkKinds.request.schema.optional().describe('One request that the driver made to a drive.'),
  requests: checkKinds.requests.schema.optional().describe('Several requests: how many, what all of them are, in which order.'),
  image: checkKinds.image.schema.optional().describe('What a disk holds after the run.'),
  stop: checkKinds.stop.schema.optional().describe('Why the machine stopped.'),
  device: checkKinds.device.schema.optional().describe('How the driver set the device up.'),
  file: checkKinds.file.schema.optional().describe('A text that was handed in beside the kernel.'),
  build: checkKinds.build.schema.optional().describe('What the compiler said when the kernel was built.'),
  findings: checkKinds.findings.schema.optional().describe('Which rules of the virtio specification the driver breaks.'),
  counts: checkKinds.counts.schema.optional().describe('How many instructions, page faults, system calls and the like there were.'),
  memory: checkKinds.memory.schema.optional().describe('What memory holds at a symbol or an address.'),
  reached: checkKinds.reached.schema.optional().describe('Whether, how often and from where a function of the kernel was called.'),
  script: checkKinds.script.schema.optional().describe('A JavaScript function of the course that looks at the evidence.'),
  races: checkKinds.races.schema.optional().describe('That harts access no memory together without an order between them.'),
} satisfies Record<keyof typeof checkKinds, z.ZodType>;

const hint = z
  .union([
    someText().transform((text) => [{ 'from-attempt': 1, text }]),
    z
      .array(
        z.strictObject({
          'from-attempt': z.int().min(1).max(1000).describe('The first attempt whose report shows it, from 1.'),
          text: someText().describe('The hint.'),
        }),
      )
      .min(1)
      .max(20),
  ])
  .optional();

const check = z
  .strictObject({
    id: name().describe('Name of the check, unique in the rubric.'),
    title: someText().optional().describe('What the check is about, for people.'),
    points: z.number().min(0).max(1_000_000).describe('What the check is worth; 0: shown, but does not count.'),
    bonus: z.boolean().optional().describe('true: its points count on top of what the lab is worth. Default: false.'),
    group: name().optional().describe('The group that the check is in.'),
    needs: z
      .union([name().transform((one) => [one]), z.array(name())])
      .optional()
      .describe('Checks that must pass first; else this one is skipped.'),
    in: name().optional().describe('The scenario; the first one if it is left out.'),
    visibility: visibility.describe('Whether students see this check.'),
    hint: hint.describe('What a student should think about when the check fails; or a list of hints by attempt.'),
    ...kindSchemas,
  })
  .meta({ oneOf: checkKindNames.map((kind) => ({ required: [kind] })) });

const version = z.literal(RUBRIC_VERSION).describe('Version of the rubric language.');
version.register(typeProblems, {
  problem: 'unknown-version',
  message: 'this is not a version of the rubric language',
  remedy: `write rubric: ${RUBRIC_VERSION}`,
});

export const includeSchema = z.union([someText(), z.array(someText()).min(1).max(20)]);

export const rubricSchema = z.strictObject({
  rubric: version,
  include: includeSchema
    .optional()
    .describe('Files with parts of the rubric, relative to the file that names them. What this file says counts more.'),
  title: someText().describe('Title of the lab.'),
  machine: machine.optional().describe('What every scenario starts from.'),
  submission: submissionSchema,
  scenarios: z
    .record(name(), scenarioSchema)
    .refine((all) => Object.keys(all).length > 0, { error: 'there is no scenario', params: { problem: 'missing-key' } })
    .refine((all) => Object.keys(all).length <= MOST_SCENARIOS, { error: `at most ${MOST_SCENARIOS} scenarios` })
    .describe('Runs by name: each is a fresh machine and a clean image.'),
  random: randomSchema
    .optional()
    .describe(`Values that no kernel can know beforehand: \${name} stands for one in all texts of machine, scenarios and checks.`),
  checks: z.array(check).min(1).max(MOST_CHECKS).describe('What is graded, in the order of the report.'),
  groups: groupsSchema.optional().describe('Checks that belong together, by name: a title, and the most that they give.'),
  findings: z
    .strictObject({ accept: rules.describe('Rules that code of the course breaks: reports for students leave them out.') })
    .optional()
    .describe('What reports say of the rules of the virtio specification. It changes no grade.'),
  'hidden-checks': z
    .strictObject({
      count: whole().min(1).max(MOST_CHECKS).describe('How many there are.'),
      points: z.number().min(0).describe('What they are worth together.'),
    })
    .optional()
    .describe("The course's hidden checks, which this file does not have: `rubric publish` writes this."),
  expect: expectationsSchema.optional().describe('For `rubric test`: what certain submissions must get.'),
});

export type RubricInput = z.output<typeof rubricSchema>;
export type ScenarioInput = z.output<typeof scenarioSchema>;
export type CheckInput = z.output<typeof check>;

/** The rubric language as JSON Schema, for editors (`rubrics/rubric.schema.json`): the file's text. Draft 7 is what their YAML support understands. */
export function rubricJsonSchema(): string {
  const schema = z.toJSONSchema(rubricSchema, { io: 'input', target: 'draft-7' });
  // `qemu` of `machine` may name the kernel: the loader puts it there.
  const { properties = {}, required } = schema;
  schema.required = required?.filter((key) => key !== 'submission');
  const submission = properties['submission'];
  if (typeof submission === 'object') submission.required = submission.required?.filter((key) => key !== 'kernel');
  return `${JSON.stringify({ ...schema, title: 'bootgrade rubric' }, null, 2)}\n`;
}
