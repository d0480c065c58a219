/** Requests of the entropy device: VIRTIO 1.2, 5.4.6. */
import { isDeviceWritable } from '../../spec/block-request.ts';
import { brokenIf, type Rule } from './rule.ts';

export const ENTROPY_RULES: readonly Rule[] = [
  {
    id: 'entropy-buffer-readable',
    section: '5.4.6.1',
    severity: 'must',
    device: 'entropy',
    sentence: 'A buffer for random bytes is not marked device-writable. The device writes it: its descriptor needs the WRITE flag.',
    on: 'chain',
    broken: ({ problem, descriptors }) => {
      const readable = descriptors.filter(({ flags }) => !isDeviceWritable(flags)).reduce((sum, { length }) => sum + length, 0);
      return brokenIf(problem === undefined && readable > 0, `${readable} bytes`);
    },
  },
];
