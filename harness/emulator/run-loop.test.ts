import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Dialogue, type KeyPair } from '../run/dialogue.ts';
import { FakeMachine, type Step } from '../testkit/fake-machine.ts';
import { ConsoleOutput, fixedKeys, type Keyboard, streamKeys } from './console.ts';
import { type RunOutcome, type RunParts, runLoop } from './run-loop.ts';

const NO_KEYS = fixedKeys(new Uint8Array());
const NANOSECONDS = (nanoseconds: number) => ({ text: `${nanoseconds}ns`, nanoseconds });

/** Plays the steps, on a machine for each power-on, and returns the console with the outcome. */
async function play(
  boots: Step[][],
  change: Partial<RunParts> & { until?: string; pairs?: KeyPair[] } = {},
): Promise<RunOutcome & { console: string; machines: FakeMachine[] }> {
  const machines: FakeMachine[] = [];
  let console = '';
  const { until, pairs, ...parts } = change;
  const outcome = await runLoop({
    powerOn: (onConsole) => {
      const machine = new FakeMachine(
        {
          cpu: 'rv64',
          memory: 4096,
          drives: [{ disk: { size: 512 } as never, serial: '' }],
          bios: 'builtin',
          live: false,
          onConsole: (byte) => {
            console += String.fromCharCode(byte);
            onConsole(byte);
          },
        },
        boots[machines.length] ?? [],
      );
      machines.push(machine);
      return machine;
    },
    output: new ConsoleOutput(undefined),
    keyboard: NO_KEYS,
    dialogue: new Dialogue({ console: until === undefined ? [] : [until] }, pairs ?? []),
    limit: undefined,
    reboot: false,
    onHelp: () => {},
    ...parts,
  });
  return { ...outcome, console, machines };
}

describe('runLoop', () => {
  it("runs to the machine's own stop, over many slices, and completes what is in flight", async () => {
    const { end, time, machines } = await play([[{ print: 'hi' }, { wait: 1e9 }, { stop: { reason: 'exit', code: 3 } }]]);
    expect(end).toEqual({ reason: 'exit', code: 3 });
    expect(time).toBeGreaterThan(1e9);
    expect(machines[0]!.settled).toBe(true);
  });

  it('ends at the very byte that --until waits for', async () => {
    const { end, console } = await play([[{ print: 'ready, steady, go' }]], { until: 'steady' });
    expect([end, console]).toEqual([{ reason: 'until', console: 'steady' }, 'ready, steady']);
  });

  it('ends at the limit to the nanosecond', async () => {
    expect(await play([[]], { limit: NANOSECONDS(50_000_001) })).toMatchObject({
      end: { reason: 'limit', limit: '50000001ns' },
      time: 50_000_001,
    });
    expect(await play([[]], { limit: { text: '3K', nanoseconds: 3000 } })).toMatchObject({
      end: { reason: 'limit', limit: '3K' },
      instructions: 3000n,
    });
  });

  it('types the pairs as the console shows their texts', async () => {
    const pairs = [
      { when: '$ ', after: 0, type: Buffer.from('ls\n') },
      { when: '$ ', after: 0, type: Buffer.from('x\n') },
    ];
    const steps: Step[] = [{ print: '$ ' }, { readKeys: 3 }, { print: '$ ' }, { readKeys: 2 }, { stop: { reason: 'poweroff' } }];
    expect(await play([steps], { pairs })).toMatchObject({ end: { reason: 'poweroff' }, console: '$ ls\n$ x\n' });
  });

  it('stops where the guest waits for keys that cannot come', async () => {
    expect((await play([[{ readKeys: 1 }]])).end).toEqual({ reason: 'waiting-for-input' });
    expect((await play([[{ readKeys: 1 }]], { keyboard: fixedKeys(Buffer.from('k')), limit: NANOSECONDS(1e6) })).console).toBe('k');
  });
});

describe('keys that the guest never reads', () => {
  it('do not keep the run alive', async () => {
    const idle: Step[] = Array.from({ length: 3 }, () => ({ stop: { reason: 'idle' } }));
    expect((await play([idle], { keyboard: fixedKeys(Buffer.from('keys')) })).end).toEqual({ reason: 'idle' });
  });
});

describe('a machine that resets', () => {
  const boots: Step[][] = [
    [{ request: { number: 1 } }, { print: 'one' }, { stop: { reason: 'reset' } }],
    [{ print: 'two' }, { stop: { reason: 'poweroff' } }],
  ];

  it('boots again, and all of it counts', async () => {
    const { end, console, time } = await play(boots, { reboot: true });
    expect([end, console, time]).toEqual([{ reason: 'poweroff' }, 'onetwo', 9]);
  });

  it('ends the run with -no-reboot', async () => {
    expect(await play(boots, { reboot: false })).toMatchObject({ end: { reason: 'reset' }, console: 'one' });
  });

  it('for ever still ends at the limit', async () => {
    const again: Step[] = [{ wait: 10 }, { print: '' }, { stop: { reason: 'reset' } }];
    const { end, time } = await play(
      Array.from({ length: 20 }, () => again.map((step) => ({ ...step }))),
      { reboot: true, limit: NANOSECONDS(100) },
    );
    expect([end, time]).toEqual([{ reason: 'limit', limit: '100ns' }, 100]);
  });
});

describe('with a pipe on standard input', () => {
  function pipe(): { keyboard: Keyboard; stream: PassThrough } {
    const stream = new PassThrough();
    return { stream, keyboard: streamKeys(stream) };
  }

  it('a guest that waits gets keys that come late', async () => {
    const { keyboard, stream } = pipe();
    setTimeout(() => stream.end('abc'), 10);
    const { end, console } = await play([[{ readKeys: 3 }, { print: '!' }, { stop: { reason: 'poweroff' } }]], { keyboard });
    expect([end, console]).toEqual([{ reason: 'poweroff' }, 'abc!']);
  });

  it('a guest that waits is given up at the end of the input, or at the limit', async () => {
    const { keyboard, stream } = pipe();
    setTimeout(() => stream.end('a'), 5);
    expect((await play([[{ readKeys: 3 }]], { keyboard })).end).toEqual({ reason: 'waiting-for-input' });
    expect((await play([[{ readKeys: 3 }]], { keyboard: pipe().keyboard, limit: NANOSECONDS(5e6) })).end).toEqual({
      reason: 'limit',
      limit: '5000000ns',
    });
  });

  it('the guest is left with Ctrl-A x, and help is asked for with Ctrl-A h', async () => {
    const { keyboard, stream } = pipe();
    let help = 0;
    stream.write('ab\x01h');
    setTimeout(() => stream.write('\x01x'), 20);
    const { end, machines } = await play([[{ wait: 1e15 }]], { keyboard, onHelp: () => help++ });
    expect([end, help, Buffer.from(machines[0]!.typed).toString()]).toEqual([{ reason: 'left' }, 1, 'ab']);
  });
});
