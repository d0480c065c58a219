import { describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { evidence } from '../testkit/evidence.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { loadRubric } from './loader.ts';
import { asksForMore, changedParts, setupOf } from './setup.ts';

const RUN = {
  memory: '1G',
  drives: '{ blk: { size: 4K, contents: [{ at: 0, text: Hello }] } }',
  until: '{ console: done }',
  keys: '[{ when: $, type: ls }]',
  limit: '10s guest',
};

async function scenarioOf(
  changes: Partial<
    typeof RUN & {
      visibility: string;
      append: string;
      harts: number;
      clock: string;
      cpu: string;
      transport: string;
      rng: string;
      network: string;
      flash: string;
      'fw-cfg': string;
      faults: string;
      work: string;
    }
  > = {},
  check = 'console: x',
) {
  const keys = Object.entries({ ...RUN, ...changes }).map(([key, value]) => `${key}: ${value}`);
  const text = `rubric: 1
title: x
submission: { kernel: k }
scenarios: { run: { ${keys.join(', ')} } }
checks: [{ id: a, points: 1, ${check} }]`;
  const loaded = await loadRubric('x.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  const scenario = loaded.rubric.scenarios[0]!;
  return { scenario, images: imagesOf(scenario) };
}

function imagesOf({ machine }: Scenario) {
  return new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]));
}

async function changed(changes: Parameters<typeof scenarioOf>[0], ran: Partial<Evidence> = {}): Promise<string[]> {
  const before = await scenarioOf();
  const saved = evidence({ setup: setupOf(before.scenario, before.images), time: 1_000_000, ...ran });
  const { scenario, images } = await scenarioOf(changes);
  return changedParts(scenario, images, saved);
}

describe('a saved run', () => {
  it.each([
    [{}, []],
    [{ visibility: 'hidden' }, []],
    [{ memory: '512M' }, ['machine']],
    [{ drives: '{ blk: { size: 4K, serial: b, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    [{ append: 'quiet' }, ['machine']],
    [{ cpu: '"rv64,zba=true"' }, ['machine']],
    [{ drives: '{ blk: { size: 4K, contents: [{ at: 0, text: Hallo }] } }' }, ['drives']],
    [{ drives: '{ blk: { size: 8K, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    [{ drives: '{ disk: { size: 4K, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    // The same bytes, written differently.
    [{ drives: '{ blk: { size: 4K, contents: [{ at: 0, hex: "48 65 6c 6c 6f" }] } }' }, []],
    [{ drives: '{ blk: { size: 4K, slot: 0, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    [{ drives: '{ blk: { size: 4K, readonly: true, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    [{ drives: '{ blk: { size: 4K, present: false, contents: [{ at: 0, text: Hello }] } }' }, ['drives']],
    [{ transport: 'modern' }, ['machine']],
    [{ transport: 'legacy' }, []],
    [{ clock: '10 ns' }, ['machine']],
    [{ clock: '1 ns' }, []],
    [{ harts: 3 }, ['machine']],
    [{ harts: 1 }, []],
    [{ clock: '10 ns', work: '8G units', limit: '1G instructions' }, ['machine']],
    [{ rng: '{ seed: 1 }' }, ['machine']],
    [{ network: '{}' }, ['machine']],
    [{ flash: '[null]' }, ['machine']],
    [{ 'fw-cfg': '[{ name: opt/a, text: b }]' }, ['machine']],
    [{ faults: '[{ request: { type: IN }, answer: IOERR }]' }, ['faults']],
    [{ faults: '[{ request: { type: IN }, data: { text: A } }]' }, ['faults']],
    [{ until: '{ console: [done, Done] }' }, ['until']],
    [{ until: '{ console: done, matches: Done }' }, ['until']],
    [{ until: '{ console: Done }', keys: '[{ when: $, type: pwd }]' }, ['until', 'keys']],
  ])('is of no use under %j for %j', async (changes, parts) => {
    expect(await changed(changes)).toEqual(parts);
  });

  it('is as good under another limit where it ended by itself before it', async () => {
    expect(await changed({ limit: '20s guest' })).toEqual([]);
    expect(await changed({ limit: '2M instructions' })).toEqual([]);
    expect(await changed({ limit: '1M instructions' })).toEqual(['limit']);
    // Likewise with a limit of work.
    expect(await changed({ work: '1K units' })).toEqual([]);
    expect(await changed({ work: '1K units' }, { work: { units: 1000, counts: {} } })).toEqual(['work']);
    const stop = { reason: 'limit', limit: '10s guest' } as const;
    // The limit of work follows the limit, where the rubric has none.
    expect(await changed({ limit: '20s guest' }, { stop })).toEqual(['limit', 'work']);
    expect(await changed({ limit: '10000ms guest' }, { stop })).toEqual([]);
  });

  it('is of no use under faults with other bytes', async () => {
    const [one, other] = await Promise.all(
      ['A', 'B'].map((text) => scenarioOf({ faults: `[{ request: { type: IN }, data: { text: ${text} } }]` })),
    );
    expect(setupOf(one!.scenario, one!.images)['faults']).not.toBe(setupOf(other!.scenario, other!.images)['faults']);
  });

  it('is of no use to a check that asks for what nobody asked for before', async () => {
    const asking = await scenarioOf({}, 'counts: { of: page-faults, between: [a, b], max: 3 }');
    const facts = (from: string) =>
      evidence({ facts: { counts: [{ of: 'page-faults', systemCall: null, between: { from, to: 'b' }, count: 9 }], memory: [] } });
    expect(
      changedParts(asking.scenario, asking.images, evidence({ setup: setupOf((await scenarioOf()).scenario, asking.images) })),
    ).toEqual([]);
    expect(asksForMore(asking.scenario, evidence())).toBe(true);
    expect(asksForMore(asking.scenario, facts('x'))).toBe(true);
    expect(asksForMore(asking.scenario, facts('a'))).toBe(false);
    expect(asksForMore((await scenarioOf()).scenario, facts('a'))).toBe(false);
  });

  it('is of no use where a part that this version does not know decided it', async () => {
    const { scenario, images } = await scenarioOf();
    const saved = evidence({ setup: { ...setupOf(scenario, images), weather: 'ab'.repeat(32) } });
    expect(changedParts(scenario, images, saved)).toEqual(['weather']);
  });
});
