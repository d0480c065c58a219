/** The families of mutations: one line each. */
import type { CheckKindName } from '../../checks/index.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { InitialImage } from '../../vocabulary/image.ts';
import { consoleMutations } from './console.ts';
import { deviceMutations } from './device.ts';
import { factMutations } from './facts.ts';
import { fileMutations } from './files.ts';
import { findingMutations } from './findings.ts';
import type { Graded } from './graded.ts';
import { imageMutations } from './image.ts';
import type { Mutation } from './kind.ts';
import { requestMutations } from './request.ts';
import { stopMutations } from './stop.ts';

/** Mutations of one family, and the kinds of checks that look at what it changes. */
interface Family {
  /** What it changes, for people. */
  readonly changes: string;
  /** null: every lab has to do with it. */
  readonly kinds: readonly CheckKindName[] | null;
  /** The field of the evidence that a script looks at which has to do with it. */
  readonly field?: keyof Evidence;
  readonly mutate: (evidence: Evidence, images: ReadonlyMap<string, InitialImage>, volumes: Graded['volumes']) => Mutation[];
}

const FAMILIES: readonly Family[] = [
  { changes: 'requests', kinds: ['request', 'requests'], field: 'requests', mutate: requestMutations },
  {
    changes: 'images of disks',
    kinds: ['image'],
    field: 'images',
    mutate: (...left) => [...imageMutations(...left), ...fileMutations(...left)],
  },
  { changes: 'the console', kinds: null, mutate: consoleMutations },
  { changes: 'why the machine stopped', kinds: null, mutate: stopMutations },
  { changes: 'how devices were set up', kinds: ['device'], field: 'devices', mutate: deviceMutations },
  { changes: "broken rules of virtio's specification", kinds: ['findings'], field: 'findings', mutate: findingMutations },
  { changes: 'what was recorded for checks', kinds: null, mutate: factMutations },
];

/** What is looked at, by one scenario or by all of them. */
type LookedAt = Pick<Graded, 'kinds' | 'fields'>;

const isGraded = ({ kinds, field }: Family, graded: LookedAt): boolean =>
  kinds === null || kinds.some((kind) => graded.kinds.has(kind)) || (field !== undefined && graded.fields.has(field));

/** What no check of the rubric looks at is not changed: a rubric for the console would have thousands of blind spots. */
export function mutationsOf(evidence: Evidence, images: ReadonlyMap<string, InitialImage>, graded: Graded): Mutation[] {
  return FAMILIES.filter((family) => isGraded(family, graded)).flatMap(({ mutate }) => mutate(evidence, images, graded.volumes));
}

/** What was not changed for that reason. */
export function ungraded(graded: LookedAt): string[] {
  return FAMILIES.filter((family) => !isGraded(family, graded)).map(({ changes }) => changes);
}
