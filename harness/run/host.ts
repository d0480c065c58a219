/** The host that real runs have: the machine itself, and a clock for the guard. */
import { createMachine } from '../../machine/index.ts';
import type { Host } from './scenario.ts';

/** Seconds for one scenario: far beyond what any limit that a rubric should have takes. */
const GUARD = 600;

export function machineHost(tool: string): Host {
  return { createMachine, seconds: () => performance.now() / 1000, guard: GUARD, tool };
}
