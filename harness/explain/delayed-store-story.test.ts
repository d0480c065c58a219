/** What a report tells of kernels without a fence (submissions/harts) where others see a store late: the places of both sides. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import { runScenario } from '../run/scenario.ts';
import { initialImage } from '../vocabulary/image.ts';
import { parseSchedule, type Schedule } from '../vocabulary/schedule.ts';
import { scheduleStory } from './schedule-story.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');
const RUBRIC = `
rubric: 1
title: Test
machine:
  memory: 32M
  harts: 2
  drives: { disk: { size: 1M, contents: [{ at: 0, fill: 66, length: 1024 }] } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 50ms guest } }
checks: [{ id: right, points: 1, console: { contains: ": right" } }]
`;
const HOST = machineHost('bootgrade test');

async function told(name: string, text: string) {
  const loaded = await loadRubric('test.yaml', RUBRIC, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error('the rubric is wrong');
  const scenario = { ...loaded.rubric.scenarios[0]!, schedule: parseSchedule(text) as Schedule };
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const bytes = new Uint8Array(readFileSync(join(CLASS, name, 'kernel.elf')));
  const run = { scenario, images, kernel: { bytes, sha256: '00'.repeat(32) }, host: HOST };
  const evidence = runScenario(run.scenario, run.images, run.kernel, run.host);
  return { isRight: Buffer.from(evidence.console, 'base64').toString().includes(': right'), story: scheduleStory(run, null) };
}

describe('the story of a delayed store', () => {
  it('names the store and the notify, where a device looks too early', async () => {
    expect(await told('driver-fence', 'hart0:store@28388+100ns')).toEqual({
      isRight: false,
      story: [
        'hart 0 stores 2 to queue+0x82 at driver-fence.c:85, which others see 100ns late',
        'the device looks at the notify at driver-fence.c:89 and does not see the store to queue+0x82 at driver-fence.c:85 yet: nothing orders it before the notify',
      ],
    });
  });

  it('names the store, the load that is too early and the store that has overtaken it, among harts', async () => {
    const { isRight, story } = await told('unlock-fence', 'hart1:store@527+100ns,hart1@588+100ns');
    expect(isRight).toBe(false);
    expect(story.map((line) => line.replace(/stores \d+ to/, 'stores N to'))).toEqual([
      'hart 1 stores N to count at unlock-fence.c:25, which others see 100ns late',
      'hart 1 is preempted for 100ns, before common/harts.c:87 in acquire, called from unlock-fence.c:24',
      'hart 0 loads count at unlock-fence.c:25 and does not see the store to count at unlock-fence.c:25 yet: nothing orders it before the store to lock at unlock-fence.c:18, which hart 0 has seen',
    ]);
  });

  it('says that nobody has looked, where a fence comes first', async () => {
    const { isRight, story } = await told('driver-fence-correct', 'hart0:store@28388+100us');
    expect(isRight).toBe(true);
    expect(story.filter((line) => line.includes('does not see'))).toEqual([]);
  });
});
