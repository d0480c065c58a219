/** Indirect descriptor tables: VIRTIO 1.2, 2.7.5.3. */

import { DESCRIPTOR_FLAG } from '../../spec/virtio.ts';
import { FEATURE, has } from '../features.ts';
import { brokenIf, type Rule } from './rule.ts';

const { INDIRECT, NEXT, WRITE } = DESCRIPTOR_FLAG;

export const INDIRECT_RULES: readonly Rule[] = [
  {
    id: 'indirect-not-accepted',
    section: '2.7.5.3.1',
    severity: 'must',
    sentence: 'A descriptor has the INDIRECT flag although the driver has not accepted INDIRECT_DESC (feature 28).',
    on: 'chain',
    broken: ({ reference }, view) =>
      brokenIf(reference !== undefined && !has(view.accepted & view.offered, FEATURE.INDIRECT_DESC), `descriptor ${reference?.index}`),
  },
  {
    id: 'indirect-nested',
    section: '2.7.5.3.1',
    severity: 'must',
    sentence: 'A descriptor in an indirect table has the INDIRECT flag itself.',
    on: 'chain',
    broken: ({ descriptors }) => {
      const nested = descriptors.find(({ indirect, flags }) => indirect && (flags & INDIRECT) !== 0);
      return nested && `entry ${nested.index} of the table`;
    },
  },
  {
    id: 'indirect-and-next',
    section: '2.7.5.3.1',
    severity: 'must',
    sentence: 'A descriptor has both the INDIRECT and the NEXT flag. After an indirect table no further descriptor may follow.',
    on: 'chain',
    broken: ({ reference }) => brokenIf(reference !== undefined && (reference.flags & NEXT) !== 0, `descriptor ${reference?.index}`),
  },
  {
    id: 'indirect-table-length',
    section: '2.7.5.3',
    severity: 'must',
    sentence: 'The length of an indirect table is 0, or not a multiple of 16, which is the size of a descriptor in bytes.',
    on: 'chain',
    broken: ({ reference }) =>
      brokenIf(reference !== undefined && (reference.length === 0 || reference.length % 16 !== 0), `${reference?.length} bytes`),
  },
  {
    id: 'indirect-writable',
    section: '2.7.5.3.2',
    severity: 'note',
    sentence: 'The descriptor that refers to an indirect table has the WRITE flag. The device ignores the flag there.',
    on: 'chain',
    broken: ({ reference }) => brokenIf(reference !== undefined && (reference.flags & WRITE) !== 0, `descriptor ${reference?.index}`),
  },
  {
    id: 'indirect-not-first',
    section: '2.7.5.3.2',
    severity: 'note',
    sentence:
      "A descriptor that is not its chain's first has the INDIRECT flag. The specification allows it at the end; QEMU takes the table for a plain buffer.",
    on: 'chain',
    broken: ({ descriptors }) => {
      const late = descriptors.find(({ indirect, flags }) => !indirect && (flags & INDIRECT) !== 0);
      return late && `descriptor ${late.index}`;
    },
  },
];
