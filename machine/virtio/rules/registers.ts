/** How registers and the configuration space are accessed: VIRTIO 1.2, 2.5.1, 3.1.1, 4.2.2.2, 5.2.4. */

import { hex } from '../../hex.ts';
import { STATUS_BITS } from '../../spec/virtio.ts';
import { FEATURE, has } from '../features.ts';
import { brokenIf, type Rule } from './rule.ts';

interface Field {
  readonly name: string;
  readonly offset: number;
  /** Bytes of one access. */
  readonly width: number;
  /** How many accesses the whole field takes; 64-bit fields are read in two halves. */
  readonly count: number;
  /** The feature without which the field does not exist; undefined if it always exists. */
  readonly feature: bigint | undefined;
}

const field = (name: string, offset: number, width: number, feature?: bigint, count = 1): Field => ({
  name,
  offset,
  width,
  count,
  feature,
});
/** The end of the configuration space of a block device in virtio 1.2 (5.2.4). */
const CONFIG_END = 0x48;
const WRITEBACK = 0x20;
/** Features that this device does not have. */
const SIZE_MAX = 1n << 1n;
const MQ = 1n << 12n;

const FIELDS: readonly Field[] = [
  field('capacity', 0x00, 4, undefined, 2),
  field('size_max', 0x08, 4, SIZE_MAX),
  field('seg_max', 0x0c, 4, FEATURE.SEG_MAX),
  field('cylinders', 0x10, 2, FEATURE.GEOMETRY),
  field('heads', 0x12, 1, FEATURE.GEOMETRY),
  field('sectors', 0x13, 1, FEATURE.GEOMETRY),
  field('blk_size', 0x14, 4, FEATURE.BLK_SIZE),
  field('physical_block_exp', 0x18, 1, FEATURE.TOPOLOGY),
  field('alignment_offset', 0x19, 1, FEATURE.TOPOLOGY),
  field('min_io_size', 0x1a, 2, FEATURE.TOPOLOGY),
  field('opt_io_size', 0x1c, 4, FEATURE.TOPOLOGY),
  field('writeback', 0x20, 1, FEATURE.CONFIG_WCE),
  field('num_queues', 0x22, 2, MQ),
  field('max_discard_sectors', 0x24, 4, FEATURE.DISCARD, 3),
  field('max_write_zeroes_sectors', 0x30, 4, FEATURE.WRITE_ZEROES, 2),
  field('write_zeroes_may_unmap', 0x38, 1, FEATURE.WRITE_ZEROES),
];

const fieldAt = (offset: number): Field | undefined =>
  FIELDS.find((one) => offset >= one.offset && offset < one.offset + one.width * one.count);

export const REGISTER_RULES: readonly Rule[] = [
  {
    id: 'register-width',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'A register is accessed with a width other than 32 bits. The device ignores that, and a read gives 0.',
    on: 'refused-access',
    broken: ({ why, register, width }) => brokenIf(why === 'width', `${register ?? 'no register'}, ${8 * width} bits`),
  },
  {
    id: 'register-unknown',
    section: '4.2.2.2',
    severity: 'must',
    sentence:
      'The driver accesses an offset at which this interface version has no register. Version says whether the device has the legacy registers or the modern ones.',
    on: 'refused-access',
    broken({ why, offset, foreign }, { transport }) {
      const [own, other] = transport === 'legacy' ? ['1, the legacy interface', 'modern'] : ['2, the modern interface', 'legacy'];
      const name = foreign === undefined ? '' : `, which is ${foreign} in the ${other} interface; Version is ${own}`;
      return brokenIf(why === 'unknown', `offset ${hex(offset)}${name}`);
    },
  },
  {
    id: 'register-read-only',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'The driver writes to a register that can only be read.',
    on: 'refused-access',
    broken: ({ why, register }) => brokenIf(why === 'read-only', register),
  },
  {
    id: 'register-write-only',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'The driver reads a register that can only be written. The read gives 0.',
    on: 'refused-access',
    broken: ({ why, register }) => brokenIf(why === 'write-only', register),
  },
  {
    id: 'config-width',
    section: '4.2.2.2',
    severity: 'note',
    device: 'block',
    sentence:
      'A field of the configuration space is accessed with a width other than its own (for 64-bit fields: 32 bits). QEMU accepts it.',
    on: 'config-read',
    broken: ({ offset, width }) => {
      const at = fieldAt(offset);
      return at && brokenIf(width !== at.width, `${at.name}, ${8 * width} bits`);
    },
  },
  {
    id: 'config-too-wide',
    section: '4.2.2.2',
    severity: 'should',
    device: 'block',
    sentence:
      'The driver reads 64 bits of the configuration space at once. The widest access is 32 bits: fields are read one by one, and one of 64 bits in two halves. QEMU accepts it; a real device may not answer, or raise an access fault.',
    on: 'config-read-wide',
    broken: ({ offset }) => brokenIf(true, fieldAt(offset)?.name ?? `offset ${hex(0x100 + offset)}`),
  },
  {
    id: 'config-not-offered',
    section: '2.5.1',
    severity: 'note',
    device: 'block',
    sentence:
      'The driver reads a field of the configuration space that exists only with a feature that the device does not offer. QEMU gives 0 or a default value.',
    on: 'config-read',
    broken: ({ offset }, { offered }) => {
      const at = fieldAt(offset);
      return at && brokenIf(at.feature !== undefined && !has(offered, at.feature), at.name);
    },
  },
  {
    id: 'config-written-early',
    section: '3.1.1',
    severity: 'must',
    transport: 'modern',
    sentence: 'The driver writes to the configuration space before FEATURES_OK. Until then it may only read.',
    on: 'config-write',
    broken: ({ offset }, { status }) => brokenIf((status & STATUS_BITS.FEATURES_OK) === 0, `offset ${hex(0x100 + offset)}`),
  },
  {
    id: 'writeback-read-early',
    section: '5.2.5.1',
    severity: 'must',
    device: 'block',
    transport: 'modern',
    sentence: 'The driver reads writeback before FEATURES_OK. Its value depends on the features.',
    on: 'config-read',
    broken: ({ offset, width }, { status }) =>
      brokenIf((status & STATUS_BITS.FEATURES_OK) === 0 && offset <= WRITEBACK && WRITEBACK < offset + width),
  },
  {
    id: 'config-outside',
    section: '4.2.2.2',
    severity: 'must',
    device: 'block',
    sentence: 'The driver reads beyond the end of the configuration space.',
    on: 'config-read',
    broken: ({ offset }) => brokenIf(offset >= CONFIG_END, `offset ${hex(0x100 + offset)}`),
  },
];
