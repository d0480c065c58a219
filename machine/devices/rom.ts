/** Memory that can only be read, with a computer's first instructions: stores change nothing. */
import type { Device } from '../ports.ts';

export function rom(bytes: Uint8Array): Device {
  return {
    name: 'reset ROM',
    widths: [1, 2, 4],
    splits8: true,
    quiet: () => true,
    read: (offset, width) => {
      let value = 0;
      for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
      return value;
    },
    write: () => undefined,
  };
}
