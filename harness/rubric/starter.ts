import { Scalar, stringify } from 'yaml';
import type { Mistake } from '../vocabulary/problem.ts';
import { asList, asMap, asText, type Loose } from './loose.ts';
import { expandQemu } from './qemu.ts';
import { isBuiltinBios } from './schema.ts';

/** The rubric that `bootgrade init` writes: it works as it is, and has an example of each thing that most labs need. */
export const STARTER_RUBRIC = `# A rubric: which machine to boot, how a run ends, and what is graded afterwards. docs/rubric.md explains every key.
# An editor completes the keys after: bootgrade rubric schema --write rubric.schema.json
# yaml-language-server: $schema=./rubric.schema.json
rubric: 1
title: "Lab 1: hello"

# QEMU's words for QEMU's "virt" machine.
machine:
  cpu: rv64
  memory: 128M
  drives:
    blk:                               # a clean image for every run
      size: 1M
      contents:
        - { at: 0, text: Hello from the disk }

# Where the kernel is in the folder that is handed in; the first file that matches is booted.
submission:
  kernel: [kernel.elf, "build/*.elf"]

scenarios:
  boot:
    limit: 10s guest                   # of the guest's own clock: a busy grader does not matter
    # until: { console: "# " }         # for a kernel that never powers off
    # keys: [{ when: "# ", type: "exit\\n" }]

checks:
  - id: says-hello
    title: The kernel prints a greeting
    points: 10
    console: Hello, world
    hint: The SBI prints a character for you.

  - id: disk-as-it-was
    title: The disk is left alone
    points: 5
    needs: says-hello                  # skipped if that check has not passed
    image: { drive: blk, unchanged: true }

  - id: powers-off
    title: The kernel powers the machine off
    points: 5
    visibility: hidden                 # students see how many points it gives, nothing else
    stop: poweroff
`;

interface Started {
  readonly text: string;
  /** Of the course, which have to lie beside the rubric. */
  readonly files: readonly string[];
  /** Files that are looked for in what is handed in, by a path that the line does not have. */
  readonly moved: readonly string[];
}

/**
 * A rubric for a course's command line of QEMU, or what is wrong with the line. A file that is outside
 * of the folder in which the line is used is looked for in what is handed in, by what is left of its path: a key beside the line says so.
 */
export function rubricOfLine(line: string, cpuProblem: (cpu: string) => string | null): Started | { mistakes: readonly Mistake[] } {
  const beside = {};
  const { outside } = expandQemu({ machine: { qemu: line } });
  for (const { key, file } of outside) put(beside, key, file);
  const { machine: added, submission } = structuredClone(beside) as Loose;
  const rubric = { machine: { qemu: line, ...asMap(added) }, ...(submission === undefined ? {} : { submission }) };
  const { mistakes } = expandQemu(rubric);
  const strange = cpuProblem(asText(asMap(rubric.machine)['cpu']) ?? 'rv64');
  if (strange !== null) mistakes.push({ path: ['machine', 'cpu'], code: 'unknown-cpu', message: strange });
  if (mistakes.length > 0) return { mistakes };
  const written = new Scalar(line);
  written.type = line.includes('\n') ? 'BLOCK_LITERAL' : 'BLOCK_FOLDED';
  const keys = { machine: { qemu: written, ...asMap(asMap(beside)['machine']) }, ...(submission === undefined ? {} : { submission }) };
  const machine = stringify(keys, { lineWidth: 120 });
  const meaning = stringify(rubric, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().replaceAll(/^/gm, '#   ');
  const { bios, initrd, loader, flash, 'fw-cfg': config } = asMap(rubric.machine);
  const named = [
    isBuiltinBios(bios) ? null : asText(bios),
    asText(initrd),
    ...asList(flash).map((unit) => asText(unit) ?? asText(asMap(unit)['file'])),
    ...[...asList(loader), ...asList(config)].map((item) => asText(asMap(item)['file'])),
  ];
  return {
    text: LINE_RUBRIC.replace('MACHINE', () => `${meaning}\n${machine}`),
    files: named.filter((file) => file !== null),
    moved: outside.map(({ file }) => file),
  };
}

/** Makes the maps on the way. */
function put(top: Loose, [first, ...rest]: readonly string[], value: unknown): void {
  if (first === undefined) return;
  if (rest.length === 0) top[first] = value;
  else {
    top[first] ??= {};
    put(asMap(top[first]), rest, value);
  }
}

const LINE_RUBRIC = `# A rubric: which machine to boot, how a run ends, and what is graded afterwards. docs/rubric.md explains every key.
# An editor completes the keys after: bootgrade rubric schema --write rubric.schema.json
# yaml-language-server: $schema=./rubric.schema.json
rubric: 1
title: "My lab"

# QEMU's command line, word for word (docs/qemu-line.md). It stands for the keys below; each may be written beside it, and then counts more.
MACHINE
scenarios:
  boot:
    limit: 10s guest                   # of the guest's own clock: a busy grader does not matter
    # until: { console: "# " }         # for a kernel that never powers off
    # keys: [{ when: "# ", type: "exit\\n" }]

checks:
  - id: boots
    title: The kernel prints something
    points: 10
    console: { matches: "[^ ]" }
`;
