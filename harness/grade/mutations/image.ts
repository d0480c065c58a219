/** What the disks hold afterwards, changed: parts of each sector that was written, that sector as it was before, and ones that nobody touched. */

import { SECTOR_BYTES } from '../../../machine/spec/virtio.ts';
import type { Evidence, ImageEvidence } from '../../evidence/evidence.ts';
import { sectorFromHex, sectorToHex } from '../../evidence/sector-bytes.ts';
import type { InitialImage } from '../../vocabulary/image.ts';
import type { GradedVolume } from './files.ts';
import { MOST_OF_A_KIND, type Mutation, replaced } from './kind.ts';

/** Each stretch of this many bytes is changed on its own: in its first byte. */
const STRETCH = 32;

/** `volumes`: drives of whose files there are checks. */
export function imageMutations(
  evidence: Evidence,
  images: ReadonlyMap<string, InitialImage>,
  volumes: ReadonlyMap<string, GradedVolume>,
): Mutation[] {
  return evidence.images.flatMap((image, index) => {
    const initial = images.get(image.drive);
    if (initial === undefined || volumes.get(image.drive)?.filesAlone) return [];
    return [...changedSectors(image), ...untouchedSectors(image, initial)].map(({ name, what, changed }) => ({
      name: `${image.drive}/${name}`,
      what,
      evidence: { ...evidence, images: replaced(evidence.images, index, { ...image, changed }) },
    }));
  });
}

interface Change {
  name: string;
  what: string;
  changed: ImageEvidence['changed'];
}

function changedSectors({ changed }: ImageEvidence): Change[] {
  return Object.keys(changed)
    .slice(0, MOST_OF_A_KIND)
    .flatMap((sector) => {
      const { [sector]: hex, ...others } = changed;
      const stretches = Array.from({ length: SECTOR_BYTES / STRETCH }, (_, index): Change => {
        const at = index * STRETCH;
        const what = `byte ${at} of sector ${sector} is different`;
        return { name: `sector-${sector}/byte-${at}`, what, changed: { ...changed, [sector]: flipped(sectorFromHex(hex!), at) } };
      });
      return [{ name: `sector-${sector}/unwritten`, what: `sector ${sector} is as it was before`, changed: others }, ...stretches];
    });
}

/** The first, the last, and those beside the ones that were written. */
function untouchedSectors({ changed }: ImageEvidence, initial: InitialImage): Change[] {
  const last = initial.size / SECTOR_BYTES - 1;
  const written = Object.keys(changed).slice(0, MOST_OF_A_KIND).map(Number);
  const near = written.flatMap((sector) => [sector - 1, sector + 1]);
  return [...new Set([0, ...near, last])]
    .filter((sector) => sector >= 0 && sector <= last && !Object.hasOwn(changed, String(sector)))
    .map((sector) => {
      const hex = flipped(initial.read(sector * SECTOR_BYTES, SECTOR_BYTES), 0);
      return {
        name: `sector-${sector}/written`,
        what: `sector ${sector}, which was not written, is different`,
        changed: { ...changed, [sector]: hex },
      };
    });
}

function flipped(bytes: Uint8Array, at: number): string {
  const other = bytes.slice();
  other[at]! ^= 0xff;
  return sectorToHex(other);
}
