/** What a report tells of the kernels of submissions/harts under a schedule that is known to fail: both places of each mistake. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import { runScenario, ScenarioRun } from '../run/scenario.ts';
import { assembled } from '../testkit/explained-kernel.ts';
import { initialImage } from '../vocabulary/image.ts';
import { parseSchedule, type Schedule } from '../vocabulary/schedule.ts';
import { scheduleStory } from './schedule-story.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');
const RUBRIC = `
rubric: 1
title: Test
machine: { memory: 32M, harts: 2 }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 50ms guest } }
checks: [{ id: right, points: 1, console: { contains: ": right" } }]
`;
const HOST = machineHost('bootgrade test');

async function runOf(name: string, text: string) {
  const loaded = await loadRubric('test.yaml', RUBRIC, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error('the rubric is wrong');
  const scenario = { ...loaded.rubric.scenarios[0]!, schedule: parseSchedule(text) as Schedule };
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const bytes = new Uint8Array(readFileSync(join(CLASS, name, 'kernel.elf')));
  return { scenario, images, kernel: { bytes, sha256: '00'.repeat(32) }, host: HOST };
}

const WAITS = 'at common/harts.c:87 in acquire, called from';
const LOST = ': what was stored in between is lost';
const LATE = ': too late for the one that has loaded it before';

const STORIES: readonly (readonly [name: string, schedule: string, ...lines: string[]])[] = [
  [
    'double-release',
    'hart1@1059+48426ns,hart1@50436+100ns',
    'hart 1 is preempted for 48426ns, before common/harts.c:92 in release, called from double-release.c:17',
    `hart 1 changes lock, which is 0, ${WAITS} double-release.c:28`,
    'hart 1 loads tries, which is N, at double-release.c:29',
    'hart 1 is preempted for 100ns, before double-release.c:31',
    'hart 0 changes lock, which is 1, at common/harts.c:92 in release, called from double-release.c:33',
    'hart 0 stores N to tries at double-release.c:31, the last of N stores',
    `hart 1 stores N to tries at double-release.c:31${LOST}`,
  ],
  [
    'flag-order',
    'hart1@203+500us',
    'hart 1 is preempted for 500us, before common/harts.c:106 in meet, called from common/harts.c:111',
    'hart 0 loads messages, which is 0, at flag-order.c:22',
    `hart 1 stores 1 to messages at flag-order.c:34${LATE}`,
  ],
  [
    'interrupt',
    'hart0@116+302110ns',
    'hart 0 is preempted for 302110ns, before common/harts.c:36 in sbi_set_timer, called from interrupt.c:37',
    `hart 0 changes lock, which is 0, ${WAITS} interrupt.c:26`,
    `the handler of an interrupt of hart 0 waits for lock, which is 1, ${WAITS} interrupt.c:16`,
  ],
  [
    'lock-order',
    'hart1@2060+100ns',
    `hart 1 changes b, which is 0, ${WAITS} lock-order.c:24`,
    `hart 1 is preempted for 100ns, before common/harts.c:87 in acquire, called from lock-order.c:25`,
    `hart 0 changes a, which is 0, ${WAITS} lock-order.c:24`,
    `hart 0 waits for b, which is 1, ${WAITS} lock-order.c:25`,
    `hart 1 waits for a, which is 1, ${WAITS} lock-order.c:25`,
  ],
  [
    'lost-update',
    'hart1@2079+100ns',
    'hart 1 loads count, which is N, at lost-update.c:19',
    'hart 1 is preempted for 100ns, before lost-update.c:19',
    'hart 0 stores N to count at lost-update.c:19, the last of 50 stores',
    `hart 1 stores N to count at lost-update.c:19${LOST}`,
  ],
  [
    'lost-wakeup',
    'hart0@40050+100ns',
    'hart 0 loads sent+0x10, which is 0, at common/harts.c:100 in flag_is_set, called from lost-wakeup.c:37',
    'hart 0 is preempted for 100ns, before lost-wakeup.c:21',
    `hart 1 changes sent+0x10, which is 0, at common/harts.c:96 in set_flag, called from lost-wakeup.c:48${LATE}`,
    'hart 1 loads asleep, which is 0, at common/harts.c:100 in flag_is_set, called from lost-wakeup.c:50',
    `hart 0 changes asleep, which is 0, at lost-wakeup.c:21${LATE}`,
  ],
  [
    'missing-lock',
    'hart1@221+279586ns,hart1@282265+100ns',
    'hart 1 is preempted for 279586ns, before common/harts.c:105 in meet, called from common/harts.c:111',
    'hart 0 loads free_list, which is pages+N, at missing-lock.c:20',
    'hart 1 stores pages+N to free_list at missing-lock.c:31',
    'hart 1 is preempted for 100ns, before common/harts.c:87 in acquire, called from missing-lock.c:19',
    `hart 0 stores pages+N to free_list at missing-lock.c:21${LOST}`,
  ],
  [
    'per-hart',
    'hart0@326+2us,hart1@384+2us,hart1@2755+100ns',
    'hart 0 is preempted for 2us, before common/harts.c:106 in meet, called from common/harts.c:111',
    'hart 1 loads of_hart+0x8, which is pages+N, at per-hart.c:27 in take_page, called from per-hart.c:61',
    'hart 1 is preempted for 2us, before per-hart.c:29 in take_page, called from per-hart.c:61',
    'hart 0 stores pages+N to of_hart+0x8 at per-hart.c:29 in take_page, called from per-hart.c:61, the last of 10 stores',
    `hart 1 stores pages+N to of_hart+0x8 at per-hart.c:29 in take_page, called from per-hart.c:61${LOST}`,
    'hart 1 is preempted for 100ns, before per-hart.c:29 in take_page, called from per-hart.c:61',
  ],
  [
    'remote-fence',
    'hart1@13225+100ns',
    'hart 1 is preempted for 100ns, before remote-fence.c:55',
    'hart 0 stores 99 to frames at remote-fence.c:41',
    'hart 1 loads frames, which is 99, at remote-fence.c:54',
  ],
  [
    'use-after-free',
    'hart1@1731+100ns',
    'hart 1 loads objects, which is 0, at use-after-free.c:55',
    'hart 1 is preempted for 100ns, before use-after-free.c:55',
    'hart 0 stores 19 to objects+0x8 at use-after-free.c:43, the last of 20 stores',
    'hart 1 loads objects+0x8, which is 19, at use-after-free.c:55',
  ],
];

/** Counts, and places in the list of pages, follow from how many instructions the compiler has made. */
const withoutCounts = (line: string) =>
  line
    .replace(/(count|tries), which is \d+/, '$1, which is N')
    .replace(/stores \d+ to (count|tries)/, 'stores N to $1')
    .replace(/pages\+0x[0-9a-f]+/, 'pages+N')
    .replace(/tries(.*) last of \d+ stores/, 'tries$1 last of N stores');

it.each(STORIES)('%s', async (name, schedule, ...lines) => {
  const run = await runOf(name, schedule);
  expect(Buffer.from(runScenario(run.scenario, run.images, run.kernel, run.host).console, 'base64').toString()).not.toContain(': right');
  expect(scheduleStory(run, null).map(withoutCounts)).toEqual(lines);
});

it('with more preemptions than lines, tells those near to the accesses, and how many others there are', async () => {
  const many =
    'hart1@144+438ns,hart1@1328+1153ns,hart1@2642+1264ns,hart1@4874+432ns,hart1@5626+2581ns,hart1@8836+770ns,hart1@9615+333ns,hart1@11257+325ns,hart1@11814+100ns,hart0@11102+228ns';
  const story = scheduleStory(await runOf('double-release', many), null);
  expect(story).toHaveLength(10);
  expect(story[0]).toBe('harts are preempted 6 times more than is told here');
  expect(story.filter((line) => line.includes('is preempted'))).toHaveLength(4);
  expect(story.at(-1)).toMatch(/^hart [01] stores \d+ to tries at double-release\.c:31: what was stored in between is lost$/);
});

it('of a load of freed bytes tells who has stored them, and not who stores there later', async () => {
  const late = 'hart1@543+10189ns,hart0@96+2us,hart0@13151+6297ns,hart0@20815+100ns,hart1@21395+100ns';
  const story = scheduleStory(await runOf('use-after-free', late), null);
  expect(story.filter((line) => !line.includes('is preempted'))).toEqual([
    'hart 0 stores 57005 to objects at use-after-free.c:34, the last of 5 stores',
    'hart 1 loads objects, which is 57005, at use-after-free.c:55',
  ]);
});

it('looks at a bounded part of a run that has few accesses and no end', async () => {
  const { scenario, images, host } = await runOf('lost-update', 'hart0@5+1us');
  const bytes = assembled('again: addi t0, t0, 1\n j again');
  const run = new ScenarioRun(scenario, images, { bytes, sha256: '00'.repeat(32) }, host);
  run.logFrom(0, { isFull: false, take: () => undefined }, 100_000);
  // It is looked once in a million nanoseconds; the limit would be at fifty.
  expect(run.spent).toBeGreaterThan(100_000);
  expect(run.spent).toBeLessThan(3_000_000);
  run.release();
});
