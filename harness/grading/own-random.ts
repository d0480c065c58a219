/** Random values that each submission has for itself (rubric/random-places.ts), in the rubric that it is graded by. */
import { sha256 } from '../bytes/sha256.ts';
import { drawnFor } from '../rubric/random-places.ts';
import type { Rubric } from '../rubric/types.ts';
import { initialImage } from '../vocabulary/image.ts';
import { mediaOf } from '../vocabulary/scenario.ts';
import type { HandedIn, Images } from './run-submission.ts';

/**
 * The same with the values of a submission, which follow from the kernel and the images that were handed in or built with it: whoever writes
 * a value into one of them gets others. `given`: values that are to be these instead, by name.
 */
export function withOwnRandom<Of extends { readonly rubric: Rubric; readonly images: Images }>(
  grading: Of,
  { kernel, ownImages = new Map() }: Pick<HandedIn, 'kernel' | 'ownImages'>,
  given?: Readonly<Record<string, string>>,
): Of {
  if (grading.rubric.random === null || !('bytes' in kernel)) return grading;
  const images = [...ownImages].map(([key, image]) => [key, image.sha256]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  return { ...grading, ...drawn(grading, sha256(JSON.stringify([kernel.sha256, images])), given) };
}

/** The same for the identity that a saved result has. */
export function withSavedRandom(grading: { readonly rubric: Rubric; readonly images: Images }, identity: string | undefined) {
  return identity === undefined || grading.rubric.random === null ? grading : drawn(grading, identity);
}

function drawn(
  { rubric, images }: { readonly rubric: Rubric; readonly images: Images },
  identity: string,
  given?: Readonly<Record<string, string>>,
) {
  const own = drawnFor(rubric, identity, given);
  return { rubric: own, images: imagesWith(own, rubric, images) };
}

/** Images are described anew only where a value is in them. */
function imagesWith({ scenarios }: Rubric, before: Rubric, images: Images): Images {
  return new Map(
    scenarios.map(({ name, machine }, index) => {
      const known = images.get(name)!;
      if (machine.drives === before.scenarios[index]!.machine.drives) return [name, known];
      return [name, new Map(mediaOf(machine).map((medium) => [medium.name, initialImage(medium)]))];
    }),
  );
}
