/** Every mutation is a change that a rubric can notice: for each there is a check that fails by it and passes without. */
import { describe, expect, it } from 'vitest';
import { checkKindNames } from '../../checks/index.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgeOne } from '../../testkit/checks.ts';
import { device, evidence, image, request } from '../../testkit/evidence.ts';
import { InitialImage } from '../../vocabulary/image.ts';
import { mutationsOf } from './index.ts';

const WRITTEN = Buffer.alloc(512, 'x').toString('hex');

/** The image of testkit/checks.ts. */
const IMAGES = new Map([['blk', new InitialImage(4096, [{ at: 0, bytes: Buffer.from('Hello World') }])]]);

const LEFT = evidence({
  console: 'one\n\ntwo 2\n',
  stop: { reason: 'until', console: 'two' },
  requests: [request({ consoleBytes: 4, data: WRITTEN })],
  devices: [device({ statusWrites: [0, 1, 3, 7, 15] })],
  images: [image({ changed: { 3: WRITTEN } })],
  facts: {
    counts: [{ of: 'system-calls', systemCall: '64', between: { from: 'one', to: 'two' }, count: 5 }],
    memory: [{ symbol: 'ticks', address: null, offset: 0, length: 4, at: null, place: '0x80200000', bytes: '05000000', problem: null }],
    reached: [{ symbol: 'sync', address: null, from: null, count: 2, problem: null }],
    races: { found: [], leftOut: 0, isWhole: true },
  },
});

const EVERY_KIND = { kinds: new Set(checkKindNames), fields: new Set<string>(), volumes: new Map<string, never>() };
const MUTATIONS = mutationsOf(LEFT, IMAGES, EVERY_KIND);

function named(name: string): Evidence {
  const found = MUTATIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${MUTATIONS.map((one) => one.name).join(', ')}`);
  return found.evidence;
}

const REQUEST = 'request: { expect:';

/** By mutation: a check that notices it. */
const NOTICED_BY: [string, string][] = [
  ...['IN', 'FLUSH', '0x99'].map((type): [string, string] => [`blk/request-1/type=${type}`, `${REQUEST} { type: OUT } }`]),
  ['blk/request-1/sector', `${REQUEST} { sector: 0 } }`],
  ['blk/request-1/descriptor-1/direction', `${REQUEST} { header: { device-writable: false } } }`],
  ['blk/request-1/descriptor-2/direction', `${REQUEST} { data: { device-writable: false } } }`],
  ['blk/request-1/descriptor-3/direction', `${REQUEST} { status: { device-writable: true } } }`],
  ...[511, 513, 1024].map((length): [string, string] => [`blk/request-1/data/length=${length}`, `${REQUEST} { data: { length: 512 } } }`]),
  ['blk/request-1/header/length=8', `${REQUEST} { header: { length: 16 } } }`],
  ['blk/request-1/status/missing', `${REQUEST} { status: { length: 1 } } }`],
  ...[0, 256, 511].map((at): [string, string] => [`blk/request-1/data/byte-${at}`, `${REQUEST} { data: { hex: "${WRITTEN}" } } }`]),
  ...['IOERR', 'UNSUPP', 'none'].map((answer): [string, string] => [`blk/request-1/answer=${answer}`, `${REQUEST} { answer: OK } }`]),
  ['blk/request-1/completion', `${REQUEST} { answer: OK } }`],
  ['blk/request-1/missing', 'request: {}'],
  ['blk/request-1/twice', 'requests: { count: 1 }'],
  ['blk/request-1/extra', `${REQUEST} { sector: 0 } }`],
  ['blk/sector-3/unwritten', 'image: { at: 1536, equals: { text: xxx } }'],
  ...Array.from({ length: 16 }, (_, index): [string, string] => [
    `blk/sector-3/byte-${32 * index}`,
    `image: { at: ${1536 + 32 * index}, equals: { text: x } }`,
  ]),
  ...[0, 2, 4, 7].map((sector): [string, string] => [
    `blk/sector-${sector}/written`,
    'image: { unchanged: true, except: [{ at: 1536, length: 512 }] }',
  ]),
  ['console/line-1/removed', 'console: one'],
  ['console/line-1/altered', 'console: one'],
  ['console/line-3/removed', 'console: two'],
  ['console/line-3/altered', 'console: two 2'],
  ...['poweroff', 'reset', 'exit', 'idle', 'waiting-for-input', 'hang', 'trap-loop', 'limit'].map((reason): [string, string] => [
    `stop=${reason}`,
    'stop: until',
  ]),
  ...['ACKNOWLEDGE', 'DRIVER', 'DRIVER_OK', 'FEATURES_OK'].map((bit): [string, string] => [
    `blk/status/no-${bit}`,
    `device: { status: [${bit}] }`,
  ]),
  ['blk/status/reset', 'device: { status: [DRIVER_OK] }'],
  ['blk/features/FLUSH', 'device: { features: { negotiated: [FLUSH] } }'],
  ['blk/features/EVENT_IDX', 'device: { features: { not: [EVENT_IDX] } }'],
  ['blk/queue-size', 'device: { queue-size: 64 }'],
  ['blk/interrupts/raised=0', 'device: { interrupts: { raised: 1 } }'],
  ...['must', 'should', 'note'].map((severity): [string, string] => [`blk/finding=${severity}`, 'findings: { none: note }']),
  ['memory/1/byte-0', 'memory: { symbol: ticks, as: u32, equals: 5 }'],
  ['counts/1-system-calls/none', 'counts: { of: { system-call: 64 }, between: [one, two], min: 1 }'],
  ['counts/1-system-calls/more', 'counts: { of: { system-call: 64 }, between: [one, two], max: 10 }'],
  ['races/one', 'races: { harts: none }'],
  ['reached/1/none', 'reached: sync'],
  ['reached/1/more', 'reached: { function: sync, count: { min: 1, max: 9 } }'],
  ['blk/interrupts/acknowledged=0', 'device: { interrupts: { acknowledged: 1 } }'],
];

/** What no kind of check looks at: only that the mutation is there is tested. */
const UNGRADED = ['request-1/used-length', 'status/FAILED', 'notifies', 'unnotified', 'broken'].map((name) => `blk/${name}`);

describe('mutations', () => {
  it.each(NOTICED_BY)('%s is noticed by %s', async (name, check) => {
    expect((await judgeOne(check, LEFT)).outcome).toBe('passed');
    expect((await judgeOne(check, named(name))).outcome).toBe('failed');
  });

  it('have names of their own, and each differs from what was left', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(MUTATIONS.filter((one) => JSON.stringify(one.evidence) === JSON.stringify(LEFT)).map(({ name }) => name)).toEqual([]);
  });

  it('are all listed here', () => {
    const listed = new Set([...NOTICED_BY.map(([name]) => name), ...UNGRADED]);
    const others = MUTATIONS.map(({ name }) => name).filter((name) => !listed.has(name) && !name.startsWith('blk/features/'));
    expect(others).toEqual([]);
    for (const name of UNGRADED) expect(named(name)).not.toEqual(LEFT);
  });

  it('a descriptor says in its flags what its direction says', () => {
    const { descriptors, roles } = named('blk/request-1/descriptor-2/direction').requests[0]!;
    // VIRTQ_DESC_F_NEXT and VIRTQ_DESC_F_WRITE.
    expect([descriptors[1]?.flags, roles[1]?.deviceWritable]).toEqual([3, true]);
  });

  it('leave what they mutate as it was', () => {
    const copy = structuredClone(LEFT);
    mutationsOf(LEFT, IMAGES, EVERY_KIND);
    expect(LEFT).toEqual(copy);
  });

  it('a line that is gone makes the requests after it earlier on the console', () => {
    expect(named('console/line-1/removed').requests[0]!.consoleBytes).toBe(0);
    expect(named('console/line-3/removed').requests[0]!.consoleBytes).toBe(4);
  });

  it('are there for evidence of next to nothing, and bounded for much', () => {
    const empty = evidence({ requests: [], devices: [], images: [image()] });
    expect(mutationsOf(empty, IMAGES, EVERY_KIND).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['blk/sector-0/written', 'blk/sector-7/written', 'stop=hang']) as string[],
    );
    const chatty = evidence({
      console: 'line\n'.repeat(5000),
      requests: Array.from({ length: 300 }, (_, at) => request({ number: at + 1 })),
    });
    expect(mutationsOf(chatty, IMAGES, EVERY_KIND).length).toBeLessThan(10_000);
  });
});
