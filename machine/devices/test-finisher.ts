/**
 * The test finisher: a 16-bit command, and above it a 16-bit code, written to offset 0 end the run.
 *
 * Reference: QEMU's `sifive,test1` (hw/misc/sifive_test.c), which decodes 0x1000 bytes and takes accesses of 2 and 4 bytes; a byte
 * store is an access fault. Reads are 0; other offsets and commands do nothing.
 */
import type { Device, MachineStop } from '../ports.ts';

const PASS = 0x5555;
const FAIL = 0x3333;
const RESET = 0x7777;

export function createTestFinisher(onFinish: (stop: MachineStop) => void): Device {
  return {
    name: 'test-finisher',
    widths: [2, 4],
    read: () => 0,
    write(offset, value) {
      const command = value & 0xffff;
      if (offset !== 0) return;
      if (command === PASS) onFinish({ reason: 'exit', code: 0 });
      if (command === FAIL) onFinish({ reason: 'exit', code: value >>> 16 });
      if (command === RESET) onFinish({ reason: 'reset' });
    },
  };
}
