/** The host that real runs have: the machine itself, and the processor's time for the guard. */
import { createMachine } from '../../../machine/index.ts';
import type { Host } from '../../run/host.ts';
import { giveMemoryBack } from './memory.ts';

/** Processor seconds for one scenario: only a bug of bootgrade takes that long, since what a guest may cost is counted and bounded. */
const GUARD = 60;

export function machineHost(tool: string, beat: () => void = () => {}): Host {
  return {
    createMachine: (options) => {
      // The earlier machine is not used any more, and its memory may be as large as this one's.
      giveMemoryBack();
      return createMachine(options);
    },
    seconds: processorSeconds,
    guard: GUARD,
    beat,
    tool,
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
