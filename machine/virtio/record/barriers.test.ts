/** The rule `barrier-missing` (VIRTIO 1.2, 2.7.13): a small driver with fences at some of the places where one can be. */
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, memoryDisk } from '../../index.ts';
import { assemble } from '../../testkit/assembler.ts';

/** Where a fence can be: after the store to the descriptor, after that to the ring, and after that to the index. */
interface Fences {
  readonly descriptor?: string;
  readonly ring?: string;
  readonly index?: string;
}

/** Offsets of registers are those of the legacy interface (4.2.4); the queue of 8 lies at 0x80400000, its available ring 128 bytes further. */
const driver = ({ descriptor = 'nop', ring = 'nop', index = 'nop' }: Fences, rounds = 1) => `
  lui s1, 0x10008
  lui s2, 0x40200
  slli s2, s2, 1
  li t0, 3
  sw t0, 0x70(s1)
  lui t0, 1
  sw t0, 0x28(s1)
  sw t0, 0x3c(s1)
  li t0, 8
  sw t0, 0x38(s1)
  lui t0, 0x80
  addi t0, t0, 0x400
  sw t0, 0x40(s1)
  li t0, 7
  sw t0, 0x70(s1)
  addi t2, s2, 1024
  li s3, 0
  li s4, ${rounds}
round:
  addi s3, s3, 1
  sd s1, 0(s2)
  ${descriptor}
  sh zero, 132(s2)
  ${ring}
index:
  sh s3, 130(s2)
  ${index}
notify:
  sw zero, 0x50(s1)
  bne s3, s4, round
  li t5, 0x100000
  li t6, 0x5555
  sw t6, 0(t5)
  j .`;

function machineOf(source: string, races: boolean): Machine {
  return createMachine({
    bios: 'none',
    kernel: assemble(source).bytes,
    cpu: 'rv64',
    memory: 32 << 20,
    races,
    drives: [{ disk: memoryDisk(1 << 20, new Uint8Array(1)), serial: 'blk0' }],
    live: false,
    onConsole: () => undefined,
  });
}

const foundIn = (machine: Machine) => machine.devices[0]!.trace.findings.filter(({ rule }) => rule === 'barrier-missing');

/** What is missing before what, at which label. */
function missing(fences: Fences, { races = true, rounds = 1 } = {}): string[] {
  const source = driver(fences, rounds);
  const machine = machineOf(source, races);
  expect(machine.run(1e6)).toEqual({ reason: 'exit', code: 0 });
  const { symbols } = assemble(source);
  return foundIn(machine).map(({ pc, count, message }) => {
    const at = ['index', 'notify'].find((label) => symbols.get(label) === pc);
    return `${at} ${count}: ${/\((.*)\)$/.exec(message)![1]!.replace(/0x[0-9a-f]+/, 'N')}`;
  });
}

const INDEX = 'none is between the store at N, to the descriptor table or the available ring, and this store to the index';
const NOTIFY = 'none is between the store to the index, at N, and this notification';

describe('a driver', () => {
  it.each([
    ['fence', 'fence'],
    ['fence w, w', 'fence w, o'],
    ['fence rw, w', 'fence rw, rw'],
    ['amoadd.w.rl zero, zero, (t2)', 'amoadd.w.rl zero, zero, (t2)'],
  ])('that has its fences breaks nothing: %s', (ring, index) => {
    expect(missing({ ring, index })).toEqual([]);
  });

  it.each([
    ['none', {}, [`index 1: ${INDEX}`, `notify 1: ${NOTIFY}`]],
    ['none before the index', { index: 'fence' }, [`index 1: ${INDEX}`]],
    ['one that comes before the ring is filled', { descriptor: 'fence', index: 'fence' }, [`index 1: ${INDEX}`]],
    ['none before the notify', { ring: 'fence' }, [`notify 1: ${NOTIFY}`]],
    ['one that orders loads', { ring: 'fence r, rw', index: 'fence' }, [`index 1: ${INDEX}`]],
    ['an atomic that orders nothing', { ring: 'amoadd.w zero, zero, (t2)', index: 'fence' }, [`index 1: ${INDEX}`]],
  ] as const)('that has too few is told: %s', (_, fences, found) => {
    expect(missing(fences)).toEqual(found);
  });

  it('gets one finding for each place, however often', () => {
    expect(missing({ ring: 'fence' }, { rounds: 5 })).toEqual([`notify 5: ${NOTIFY}`]);
  });

  it('is only told where its memory is watched', () => {
    expect(missing({}, { races: false })).toEqual([]);
  });
});

describe('a run that is watched', () => {
  it('finds the same wherever it is stopped, and goes on from snapshots', () => {
    const source = driver({}, 3);
    const whole = machineOf(source, true);
    whole.run(1e6);
    for (let time = 20; time < 60; time += 3) {
      const machine = machineOf(source, true);
      machine.run(time);
      const snapshot = machine.snapshot();
      machine.run(1e6);
      expect(foundIn(machine), `stopped at ${time}`).toEqual(foundIn(whole));
      const other = machineOf(source, true);
      other.restore(snapshot);
      other.run(1e6);
      expect(foundIn(other), `from a snapshot at ${time}`).toEqual(foundIn(whole));
    }
  });
});
