/**
 * `image`: what the disk holds once the machine has stopped (requests in flight are completed first): certain bytes, nothing changed outside
 * of certain places, or the files of a file system (image-files.ts).
 */
import { z } from 'zod';
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import type { ImageEvidence } from '../evidence/evidence.ts';
import { sectorFromHex } from '../evidence/sector-bytes.ts';
import type { Detail } from '../result/result.ts';
import { byteCount, bytes, name, whole } from '../vocabulary/fields.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { FinalImage } from './final-image.ts';
import { firstDifference, hexDifference } from './hex-dump.ts';
import { evaluateFiles, fileMistakes, fileSchemas } from './image-files.ts';
import { type CheckContext, defineCheck, driveMistakes, driveName, failed, imageOf, PASSED, type Placement, type Verdict } from './kind.ts';

const drive = name()
  .optional()
  .describe("The drive, or flash0 or flash1 for flash memory that can be written; the scenario's first drive if it is left out.");

const range = z.strictObject({
  at: whole().describe('Byte offset.'),
  length: byteCount(Number.MAX_SAFE_INTEGER).describe('Bytes.'),
});

const schema = z.union([
  z.strictObject({
    drive,
    at: whole().describe('Byte offset.'),
    equals: bytes().describe('What the image must hold there.'),
  }),
  z.strictObject({
    drive,
    unchanged: z.literal(true).describe('The image must be as it was before the run.'),
    except: z.array(range).max(1000).optional().describe('Places that may differ.'),
  }),
  ...fileSchemas,
]);

type Range = z.output<typeof range>;

function mistakes(expected: z.output<typeof schema>, placement: Placement): Mistake[] {
  const { drives, images } = placement;
  const wrongDrive = driveMistakes(expected.drive, { ...placement, drives: expected.drive === undefined ? drives : images });
  if (wrongDrive.length > 0 || drives === null || images === null) return wrongDrive;
  const size = images.get(expected.drive ?? [...drives.keys()][0]!);
  if ('file-system' in expected) return fileMistakes(expected, size);
  if (size === undefined || size === null || !('equals' in expected)) return [];
  const end = expected.at + expected.equals.length;
  if (end <= size) return [];
  return [{ path: ['at'], code: 'outside-image', message: `the bytes end at ${end}, but the image ends at ${size}` }];
}

function equals(expected: Uint8Array, at: number, initial: InitialImage, image: ImageEvidence): Verdict {
  // Of an image that was built, the rubric does not know the size.
  if (at + expected.length > initial.size) return failed(`the image ends at byte ${initial.size}, before what it must hold`, []);
  const found = new FinalImage(initial, image).read(at, expected.length);
  const first = firstDifference(expected, found);
  if (first === -1) return PASSED;
  const asBefore = firstDifference(initial.read(at, expected.length), found) === -1;
  const note = asBefore ? ' (as it was before the run)' : '';
  const details = [...hexDifference({ expected, found, at, note }), ...elsewhere(expected, at, image)];
  return failed(`the image differs from byte ${at + first} on`, details);
}

/** Fewer bytes than this are found anywhere by chance. */
const FEWEST_SOUGHT = 4;
/** Sectors that are named. */
const MOST_NAMED = 3;

/** The sectors that hold the expected bytes instead: changed by the run, and at the same place in the sector. */
function elsewhere(expected: Uint8Array, at: number, { changed }: ImageEvidence): Detail[] {
  const from = at % SECTOR_BYTES;
  const sought = withoutZeroesAtTheEnd(expected.subarray(0, SECTOR_BYTES - from));
  if (sought.length < FEWEST_SOUGHT) return [];
  const meant = Math.floor(at / SECTOR_BYTES);
  const sectors = Object.keys(changed)
    .map(Number)
    .sort((a, b) => a - b)
    .filter((sector) => sector !== meant && firstDifference(sought, bytesAt(changed[String(sector)]!, from, sought.length)) === -1);
  if (sectors.length === 0) return [];
  const named = sectors.slice(0, MOST_NAMED).join(', ');
  const which = sectors.length === 1 ? `Sector ${named} holds` : `Sectors ${named}${sectors.length > MOST_NAMED ? ', …' : ''} hold`;
  return [{ kind: 'text', text: `${which} the expected bytes: they were written there, and not to sector ${meant}.` }];
}

function bytesAt(hex: string, from: number, length: number): Uint8Array {
  return sectorFromHex(hex).subarray(from, from + length);
}

function withoutZeroesAtTheEnd(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

/** Sectors that are listed in a report. */
const LISTED_SECTORS = 8;

function unchanged(except: readonly Range[], initial: InitialImage, image: ImageEvidence): Verdict {
  const sectors = Object.keys(image.changed)
    .map(Number)
    .sort((a, b) => a - b)
    .map((sector) => compareSector(sector, image.changed[String(sector)]!, except, initial))
    .filter((compared) => firstDifference(compared.expected, compared.found) !== -1);
  const first = sectors[0];
  if (first === undefined) return PASSED;
  const listed = sectors.slice(0, LISTED_SECTORS).map(({ at }) => at / SECTOR_BYTES);
  const more = sectors.length > listed.length ? ', …' : '';
  const which = `${sectors.length === 1 ? 'sector' : `${sectors.length} sectors:`} ${listed.join(', ')}${more}`;
  return failed(`bytes changed that should not have, in ${which}`, hexDifference(first));
}

/** The sector before and after the run; where a difference is allowed, the expected bytes are those found. */
function compareSector(sector: number, hex: string, except: readonly Range[], initial: InitialImage) {
  const at = sector * SECTOR_BYTES;
  const expected = initial.read(at, SECTOR_BYTES);
  const found = sectorFromHex(hex);
  for (const { at: start, length } of except) {
    const from = Math.max(0, start - at);
    const to = Math.min(SECTOR_BYTES, start + length - at);
    if (from < to) expected.set(found.subarray(from, to), from);
  }
  return { expected, found, at };
}

function evaluate(expected: z.output<typeof schema>, { scenario, evidence, images }: CheckContext): Verdict {
  const drive = driveName(expected.drive, scenario);
  const initial = images.get(drive);
  if (initial === undefined) throw new Error(`no initial image of drive ${drive}`);
  const image = imageOf(evidence, drive);
  if ('file-system' in expected) return evaluateFiles(expected, new FinalImage(initial, image));
  return 'equals' in expected ? equals(expected.equals, expected.at, initial, image) : unchanged(expected.except ?? [], initial, image);
}

export const imageCheck = defineCheck({ schema, mistakes, evaluate });
