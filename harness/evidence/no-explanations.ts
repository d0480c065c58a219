import type { Explanations } from './explanation.ts';

/** Nothing is explained. */
export const NO_EXPLANATIONS: Explanations = {
  stores: {},
  prints: {},
  panic: null,
  exception: null,
  entry: null,
  loop: null,
  interrupts: null,
  drivers: [],
  interrupted: null,
  end: null,
  findings: [],
};
