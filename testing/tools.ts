/**
 * Tools that are not ours and that tests compare with. Where one is not installed, its tests are skipped. With BOOTGRADE_REQUIRE_TOOLS=1 they
 * fail: CI installs all of them, and a comparison that silently does not take place would protect nobody.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders of Debian's packages u-boot-qemu and opensbi: U-Boot in M mode and in S mode. */
export const U_BOOT_M = '/usr/lib/u-boot/qemu-riscv64';
export const U_BOOT_S = '/usr/lib/u-boot/qemu-riscv64_smode';
export const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic';

/** How each is recognized. */
const TOOLS = {
  'QEMU 10': () => /version 10\./.test(spawnSync('qemu-system-riscv64', ['--version'], { encoding: 'utf8' }).stdout ?? ''),
  'QEMU for programs': () => isCommand('qemu-riscv64-static'),
  'U-Boot': () => [U_BOOT_M, U_BOOT_S].every((folder) => existsSync(join(folder, 'u-boot.bin')) && existsSync(join(folder, 'uboot.elf'))),
  OpenSBI: () => ['fw_dynamic.bin', 'fw_jump.bin'].every((file) => existsSync(join(OPENSBI, file))),
  "LLVM's symbolizer": () => isCommand('llvm-symbolizer'),
  Chromium: () => chromiumFile() !== undefined,
  bash: () => isCommand('bash'),
  fish: () => isCommand('fish'),
  zsh: () => isCommand('zsh'),
  shellcheck: () => isCommand('shellcheck'),
  bubblewrap: () => spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0,
  'RISC-V gcc': () => isCommand('riscv64-linux-gnu-gcc'),
} as const;

export type Tool = keyof typeof TOOLS;

function isCommand(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

export function chromiumFile(): string | undefined {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
}

const known = new Map<Tool, boolean>();

function isThere(tool: Tool): boolean {
  const there = known.get(tool) ?? TOOLS[tool]();
  known.set(tool, there);
  return there;
}

/** For `skipIf`: whether one of the tools is not there. Throws where it has to be. */
export function lacks(...tools: readonly Tool[]): boolean {
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length > 0 && process.env['BOOTGRADE_REQUIRE_TOOLS'] === '1') {
    throw new Error(`not installed: ${missing.join(', ')}. BOOTGRADE_REQUIRE_TOOLS=1 demands it; .ci/run installs it on Debian.`);
  }
  return missing.length > 0;
}
