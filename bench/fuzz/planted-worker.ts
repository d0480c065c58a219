/** A worker whose kinds have bugs in them, for the tests: every case of which the first byte is below PLANTED does what the kind's name says. */
import type { Kind } from './kind.ts';
import { Violation } from './kind.ts';
import { work } from './work.ts';

/** Of 256. */
const PLANTED = 64;
const MEGABYTE = 2 ** 20;
/** No test must take a computer's memory, whatever is wrong. */
const MOST_MEGABYTES = 3000;

function hog(): void {
  const held = Array.from({ length: MOST_MEGABYTES }, () => new Uint8Array(MEGABYTE).fill(1));
  throw new Error(`nothing has stopped it at ${held.length} MB`);
}

const ACTS = {
  fine: () => undefined,
  loops: () => {
    for (;;);
  },
  hogs: hog,
  throws: () => {
    throw new TypeError('planted');
  },
  violates: () => {
    throw new Violation('what must hold does not');
  },
  dies: () => process.abort(),
} as const;

const planted = (act: () => void): Kind => ({
  describe: 'planted',
  bound: { seconds: 0.3, mebibytes: 300 },
  make: (random) => Uint8Array.of(random.below(256)),
  check: ([first]) => (first! < PLANTED ? act() : undefined),
});

await work(Object.fromEntries(Object.entries(ACTS).map(([name, act]) => [name, planted(act)])), JSON.parse(process.argv[2]!));
