/** Names in QEMU's fw_cfg: what a file may be called, and how many there may be. Reference: QEMU's docs/specs/fw_cfg.rst. */

/** What QEMU 10 always has on `virt` besides its tables for ACPI and SMBIOS. */
export const OWN_CONFIG_FILES = ['bios-geometry', 'bootorder', 'etc/boot-fail-wait'] as const;

/** Of QEMU's 32 files its own ones leave so many. */
export const MOST_CONFIG_FILES = 22;

/** What firmware that loads a kernel itself is given for it. */
export interface HandedFiles {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly append: string;
}

/** What is wrong with one of the files' names, in words; undefined: nothing. */
export function configNameProblem(names: readonly string[]): { readonly index: number; readonly message: string } | undefined {
  const own: readonly string[] = OWN_CONFIG_FILES;
  for (const [index, name] of names.entries()) {
    if (!/^[!-~]{1,55}$/.test(name)) return { index, message: 'a name has 1 to 55 printable characters of ASCII, without blanks' };
    if (own.includes(name)) return { index, message: 'the machine has a file of this name already' };
    if (names.indexOf(name) < index) return { index, message: 'two files have this name' };
  }
  if (names.length > MOST_CONFIG_FILES) return { index: MOST_CONFIG_FILES, message: `there is room for ${MOST_CONFIG_FILES} files` };
  return undefined;
}
