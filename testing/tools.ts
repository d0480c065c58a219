/**
 * Tools that are not ours and that tests compare with. Where one is not installed, its tests are skipped. With BOOTGRADE_REQUIRE_TOOLS=1 they
 * fail: CI installs all of them, and a comparison that silently does not take place would protect nobody.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
  Python: () => isCommand('python3'),
  fish: () => isCommand('fish'),
  zsh: () => isCommand('zsh'),
  shellcheck: () => isCommand('shellcheck'),
  bubblewrap: () => spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true']).status === 0,
  'RISC-V gcc': () => isCommand('riscv64-linux-gnu-gcc'),
  'OSTD toolchain': () =>
    isFile(ostdCrates(), 'ostd/Cargo.toml') && isFile('/usr/lib/rustlib/src/rust/library/core') && isCommand('ld.lld-19'),
  dosfstools: () => ['mkfs.fat', 'fsck.fat', 'mcopy'].every(isCommand),
  e2fsprogs: () => ['mke2fs', 'debugfs', 'e2fsck'].every(isCommand),
  'Linux for riscv64': () => isFile(linuxFolder(), 'vmlinux'),
  'Node 22 and 24': () => otherNodes().every(({ file }) => existsSync(file)),
  hadolint: () => isCommand('hadolint'),
  podman: () => isCommand('podman') && isFile(BUSYBOX) && runsContainers(),
  'Docker engine': () => spawnSync('docker', ['info', '--format', '{{.ServerVersion}}']).status === 0,
} as const;

/** They need rights that a container of a CI does not give, a mirror of Debian, or a processor with packages of Node: nobody can be asked to have them. */
const OPTIONAL: ReadonlySet<Tool> = new Set(['podman', 'Docker engine', 'Linux for riscv64', 'Node 22 and 24']);

export type Tool = keyof typeof TOOLS;

/** Crates of the kernel on OSTD, which submissions/ostd/vendor.sh has written; empty: nowhere. */
export function ostdCrates(): string {
  return process.env['BOOTGRADE_OSTD_CRATES'] ?? '';
}

/** Debian's Linux, which testing/fetch-linux.sh has fetched; empty: nowhere. */
export function linuxFolder(): string {
  return process.env['BOOTGRADE_LINUX'] ?? '';
}

/** Versions of Node that bootgrade supports beside the oldest, from the packages that .ci/run has installed. */
export function otherNodes(): readonly { readonly version: string; readonly file: string }[] {
  const folder = process.env['BOOTGRADE_NODES'] ?? '';
  return ['22', '24'].map((version) => ({ version, file: join(folder, 'node_modules', `node-${version}`, 'bin', 'node') }));
}

/** Of Debian's package busybox-static: a program that needs no other file, so that it makes an image of its own. */
export const BUSYBOX = '/bin/busybox';

function runsContainers(): boolean {
  const root = mkdtempSync(join(tmpdir(), 'bootgrade-podman-'));
  try {
    copyFileSync(BUSYBOX, join(root, 'busybox'));
    const limits = ['--ulimit', 'nofile=1024', '--ulimit', 'nproc=1024', '--memory', '64m'];
    return (
      spawnSync('podman', ['run', '--rm', '--init', '--network', 'none', ...limits, '--rootfs', root, '/busybox', 'true']).status === 0
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function isFile(...parts: readonly string[]): boolean {
  return parts[0] !== '' && existsSync(join(...parts));
}

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
  if (missing.length > 0 && process.env['BOOTGRADE_REQUIRE_TOOLS'] === '1' && !missing.every((tool) => OPTIONAL.has(tool))) {
    throw new Error(`not installed: ${missing.join(', ')}. BOOTGRADE_REQUIRE_TOOLS=1 demands it; .ci/run installs it on Debian.`);
  }
  return missing.length > 0;
}
