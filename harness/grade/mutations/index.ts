/** The families of mutations: one line each. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { InitialImage } from '../../vocabulary/image.ts';
import { consoleMutations } from './console.ts';
import { deviceMutations } from './device.ts';
import { factMutations } from './facts.ts';
import { findingMutations } from './findings.ts';
import { imageMutations } from './image.ts';
import type { Mutation, Mutator } from './kind.ts';
import { requestMutations } from './request.ts';
import { stopMutations } from './stop.ts';

const MUTATORS: readonly Mutator[] = [
  requestMutations,
  imageMutations,
  consoleMutations,
  stopMutations,
  deviceMutations,
  findingMutations,
  factMutations,
];

export function mutationsOf(evidence: Evidence, images: ReadonlyMap<string, InitialImage>): Mutation[] {
  return MUTATORS.flatMap((mutate) => mutate(evidence, images));
}
