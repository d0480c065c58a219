/**
 * Firmware that nobody here wrote: U-Boot in S mode on the built-in SBI, U-Boot in M mode, and OpenSBI in M mode with U-Boot as
 * its payload, from Debian's packages `u-boot-qemu` and `opensbi`. Keys are typed at U-Boot's prompt.
 *
 * Where QEMU 10 is installed, too, it runs the same files, image and keys, and console, image and request log must be the same.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMachine, memoryDisk, type RunResult } from './index.ts';

const U_BOOT_M = '/usr/lib/u-boot/qemu-riscv64';
const U_BOOT_S = '/usr/lib/u-boot/qemu-riscv64_smode';
const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic';

/** Files on the host: QEMU's `-bios` and `-kernel`. */
interface Way {
  readonly bios: 'builtin' | 'none' | { readonly file: string };
  readonly kernel?: string;
}

const WAYS = {
  'U-Boot in S mode on the built-in SBI': { bios: 'builtin', kernel: `${U_BOOT_S}/u-boot.bin` },
  'U-Boot in M mode as firmware': { bios: { file: `${U_BOOT_M}/u-boot.bin` } },
  'U-Boot in M mode as an ELF kernel without firmware': { bios: 'none', kernel: `${U_BOOT_M}/uboot.elf` },
  'OpenSBI fw_dynamic, then U-Boot': { bios: { file: `${OPENSBI}/fw_dynamic.bin` }, kernel: `${U_BOOT_S}/u-boot.bin` },
  'OpenSBI fw_jump, then U-Boot as an ELF': { bios: { file: `${OPENSBI}/fw_jump.bin` }, kernel: `${U_BOOT_S}/uboot.elf` },
} as const satisfies Readonly<Record<string, Way>>;
type WayName = keyof typeof WAYS;

const MEMORY = 256;
const IMAGE_SIZE = 1 << 20;
const IMAGE = new Uint8Array(IMAGE_SIZE);
IMAGE.set(new TextEncoder().encode('Hello World from Image!'));
/** More than any of these runs takes: a hang ends here. Guest nanoseconds. */
const TIME_LIMIT = 1e9;

/** U-Boot's console from its first prompt on, when the keys after each prompt are typed: as QEMU 10 shows it. */
const DISK_SESSION = `=> virtio scan
=> virtio info
Device 0: QEMU VirtIO Block Device
            Type: Hard Disk
            Capacity: 1.0 MB = 0.0 GB (2048 x 512)
=> virtio read 0x84000000 0 1

virtio read: device 0 block # 0, count 1 ... 1 blocks read: OK
=> md.b 0x84000000 0x20
84000000: 48 65 6c 6c 6f 20 57 6f 72 6c 64 20 66 72 6f 6d  Hello World from
84000010: 20 49 6d 61 67 65 21 00 00 00 00 00 00 00 00 00   Image!.........
=> mw.b 0x84000000 0x5a 0x200
=> virtio write 0x84000000 1 1

virtio write: device 0 block # 1, count 1 ... 1 blocks written: OK
=> virtio read 0x84000000 0x7ff 2

virtio read: device 0 block # 2047, count 2 ... 0 blocks read: ERROR
=> poweroff
poweroff ...
`;

/** Code that is typed in, run and replaced; then \`instruction\`, which raises an exception: U-Boot shows it and resets. */
const codeSession = (command: string, report: string): string => `=> mw.l 0x84000000 0x00008067
=> go 0x84000000
## Starting application at 0x84000000 ...
## Application terminated, rc = 0x1
=> mw.l 0x84000000 0x02a00513
=> mw.l 0x84000004 0x00008067
=> go 0x84000000
## Starting application at 0x84000000 ...
## Application terminated, rc = 0x2A
=> ${command}
=> go 0x84000000
## Starting application at 0x84000000 ...
${report}

resetting ...
`;

interface Session {
  readonly way: WayName;
  readonly console: string;
  readonly end: RunResult;
  /** Sectors that differ from the image. */
  readonly written: Readonly<Record<number, string>>;
}
