/** Rubrics with mistakes: each mistake is reported with its place, and a rubric without mistakes can be used. */

import { loadRubric, MOST_PROBLEMS } from '../../../harness/rubric/loader.ts';
import { publishedRubric } from '../../../harness/rubric/publish.ts';
import { setupOf } from '../../../harness/rubric/setup.ts';
import { STARTER_RUBRIC } from '../../../harness/rubric/starter.ts';
import { isHidden, type Rubric } from '../../../harness/rubric/types.ts';
import { cpuProblem } from '../../../harness/run/cpu.ts';
import { initialImage } from '../../../harness/vocabulary/image.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { bytesOf, changedOften, changedText, textOf } from '../mutate.ts';
import { projectFile } from '../samples.ts';
import { mustBeSentence } from '../sentence.ts';

const LONGEST_EXCERPT = 300;
/** Images of this many bytes are made up; others would be hashed for minutes, as their author must know. */
const LARGEST_FILL = 2 ** 24;

/** Every key of the language. */
const LARGE = `rubric: 1
title: "Lab"
machine: &machine
  cpu: rv64,zba=true
  memory: 64M
  append: quiet
  transport: modern
  drives:
    blk: { size: 64K, contents: [{ at: 0, text: Hello }, { at: 0x200, hex: "48 65" }, { at: 1024, fill: 7, length: 512 }, { at: 2048, file: data.bin }] }
    other: { size: 4K, slot: 3, readonly: true, present: false }
submission: { kernel: [kernel.elf, "target/**/*.elf"] }
scenarios:
  boot: { until: { console: "# " }, limit: 10G instructions, races: true }
  shell:
    extends: boot
    visibility: hidden
    keys: [{ when: "# ", type: "exit\\n" }]
    drives: { blk: { slot: 0 } }
    faults: [{ drive: blk, request: { type: OUT, nth: 2 }, answer: IOERR }, { late: 5ms }, { request: { type: IN }, data: { text: x, length: 4 } }]
checks:
  - { id: a, title: A, points: 1.5, console: { matches: "^a+(b|c)*$" }, hint: [{ from-attempt: 1, text: one }, { from-attempt: 2, text: two }] }
  - { id: b, points: 2, needs: a, in: shell, console: { in-order: [{ contains: x, points: 1 }, { contains: y, points: 1 }] } }
  - { id: c, points: 1, needs: [a, b], request: { after: { console: go }, nth: 2, drive: blk, expect: { type: IN, sector: 3, data: { hex: "00 01", length: 512 }, answer: none } } }
  - { id: d, points: 1, visibility: hidden, request: { like: c, expect: { header: { length: 16 }, status: { device-writable: true } } } }
  - { id: e, points: 0, image: { drive: blk, at: 512, equals: { text: bye, length: 16 } } }
  - { id: f, points: 1, image: { unchanged: true, except: [{ at: 0, length: 512 }] } }
  - { id: g, points: 1, stop: { reason: [poweroff, exit], code: 1 } }
  - { id: h, points: 1, device: { status: [DRIVER_OK], features: { negotiated: [FLUSH], not: [EVENT_IDX] }, queue-size: { max: 64 }, interrupts: { raised: 1 } } }
  - { id: i, points: 1, findings: { none: should, except: [reset-unconfirmed], absent: [race-load] } }
expect:
  folder: ..
  reference: good
  submissions: { good: { score: 9, stop: { boot: until } }, bad: { failed: [a], skipped: [b] } }
  blind-spots: [{ mutations: ["boot/*"], reason: given }]
`;

/** What stands before the text of every file that the rubric includes. */
const INCLUDED = '\n# included\n';

/** QEMU's command line, and a part in another file. */
const SHARED = `rubric: 1
title: "Lab"
include: common.yaml
machine:
  qemu: >-
    qemu-system-riscv64 -M virt,acpi=off -cpu rv64,zba=true -m 64M -smp 2 -icount shift=3 -bios fw.bin -kernel "a b/kernel.elf" -append 'x=1' -nographic
    -global virtio-mmio.force-legacy=false -drive file=fs.img,if=none,id=x0,readonly=on -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0
    -device loader,file=a.bin,addr=0x80400000 -device virtio-rng-device -seed 5
    -drive if=pflash,unit=1,readonly=on,file=a.bin -fw_cfg name=opt/a,string=1 -netdev user,id=n,hostfwd=tcp::2222-:22 -device virtio-net-device,netdev=n,mac=52:54:00:12:34:57
  drives: { x0: { present: true } }
scenarios: { run: { extends: base, limit: 1s guest } }
checks:
  - { id: a, points: 2, stop: poweroff }
  - { id: b, points: 1, in: run, console: x }${INCLUDED}machine: &m { memory: 32M }
submission: { build: { steps: make, folder: os } }
scenarios: { base: { until: { console: y } } }
checks: [{ id: a, title: &t A, points: 1, console: *t, visibility: hidden }]
`;

function anyRubric(random: Random): string {
  return random.pick([() => LARGE, () => LARGE, () => SHARED, () => STARTER_RUBRIC, () => textOf(projectFile('rubrics/lab13.yaml'))])();
}

async function load(input: string): Promise<{ rubric: Rubric; selfContained: () => string } | undefined> {
  const [text = '', ...included] = input.split(INCLUDED);
  const common = bytesOf(included.join(''));
  const readFile = (path: string) => Promise.resolve(path.endsWith('.yaml') ? common : new Uint8Array(100));
  const loaded = await loadRubric('lab.yaml', text, { readFile, cpuProblem });
  if ('rubric' in loaded) return loaded;
  const { problems } = loaded;
  must(problems.length > 0 && problems.length <= MOST_PROBLEMS, `${problems.length} problems`);
  for (const { message, remedy, excerpt, line, column } of problems) {
    mustBeSentence(message, 'a problem');
    if (remedy !== undefined) mustBeSentence(remedy, 'a remedy');
    must(excerpt.length <= LONGEST_EXCERPT, `an excerpt has ${excerpt.length} characters`);
    must(line >= 1 && column >= 1, `a problem stands in line ${line}, column ${column}`);
  }
  return undefined;
}

/** What is needed to grade by the rubric. */
function mustBeUsable(rubric: Rubric): void {
  for (const scenario of rubric.scenarios) {
    const { drives } = scenario.machine;
    const filled = drives.flatMap(({ contents }) => contents).reduce((sum, extent) => sum + ('fill' in extent ? extent.length : 0), 0);
    if (filled > LARGEST_FILL) continue;
    setupOf(scenario, new Map(drives.map((drive) => [drive.name, initialImage(drive)])));
  }
}

export const rubric: Kind = {
  describe: 'rubrics with lines, words and values changed',
  make: (random) => bytesOf(changedOften(anyRubric(random), random, changedText)),
  async check(input) {
    const loaded = await load(textOf(input));
    if (loaded === undefined) return;
    const { rubric, selfContained } = loaded;
    mustBeUsable(rubric);
    if (rubric.checks.every((check) => isHidden(check, rubric))) return;
    const published = await load(publishedRubric(selfContained(), rubric));
    must(published !== undefined, 'the rubric that is published has mistakes');
  },
};
