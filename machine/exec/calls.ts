import type { HartState } from '../layout/state.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import type { CoreImports } from './core.ts';
import type { DecodedPages } from './decoded-pages.ts';
import { countGeneratedWork } from './generated-work.ts';
import type { LoopProof } from './loop-proof.ts';
import type { HartBus, RunningHart } from './running-hart.ts';
import type { Translator } from './translator.ts';
import type { Watchpoints } from './watchpoints.ts';

export interface CallParts {
  readonly state: HartState;
  readonly work: WorkMeter;
  readonly bus: HartBus;
  readonly pages: DecodedPages;
  readonly watchpoints: Watchpoints;
  /** A function, since it is made after the generated code. */
  readonly loops: () => LoopProof;
  readonly translator: () => Translator;
  /** The hart whose turn it is. */
  readonly hart: () => Pick<RunningHart, 'crossing'>;
  readonly manyStores: (page: number) => void;
  readonly reached: (watch: number) => void;
  readonly accessLogFull: () => void;
}

export function createCalls({ state, work, bus, pages, watchpoints, ...parts }: CallParts): CoreImports {
  return {
    busRead(address, width) {
      work.add(WORK['device-accesses']);
      const value = bus.read(address >>> 0, width);
      if (value === undefined) state.setSmall('busFault', 1);
      return value ?? 0;
    },
    busWrite(address, width, value) {
      bus.aboutToWrite?.(address >>> 0, width);
      // A device may ask the meter whether to stop. The answer must not depend on when the slice began, so all work is counted first.
      countGeneratedWork(state, work);
      work.add(WORK['device-accesses']);
      if (!bus.write(address >>> 0, width, value >>> 0)) state.setSmall('busFault', 1);
    },
    newPage(host, divided) {
      work.add(WORK['code-pages']);
      return divided === 0 ? pages.newPage(host >>> 0) : pages.dividedPage(host >>> 0);
    },
    keepPage: (page) => state.keepPage(page),
    decodeApart: (entry, page) => work.add(WORK.decodings, pages.decodeApart(entry, page)),
    crossing: () => parts.hart().crossing(),
    codeChanged: (page) => parts.translator().codeChanged(page),
    manyStores: parts.manyStores,
    reached: parts.reached,
    accessLogFull: parts.accessLogFull,
    stored(host, width, value) {
      if (state.small('recording') !== 0) parts.loops().stored(host >>> 0, width);
      watchpoints.touched({ kind: 'store', host: host >>> 0, length: width, by: 'hart', value });
    },
    loaded: (host, width) => watchpoints.touched({ kind: 'load', host: host >>> 0, length: width, by: 'hart', value: 0 }),
  };
}
