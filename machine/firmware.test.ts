/**
 * Firmware of other projects: U-Boot in S mode on the built-in SBI, U-Boot in M mode, and OpenSBI in M mode with U-Boot as
 * its payload, from Debian's packages `u-boot-qemu` and `opensbi`. Keys are typed at U-Boot's prompt; the disk is on
 * virtio-mmio's legacy and on its modern transport.
 *
 * If QEMU 10 is installed, it runs the same files with the same image and keys; console, image and request log must be the same.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks, OPENSBI, U_BOOT_M, U_BOOT_S } from '../testing/tools.ts';
import { createMachine, memoryDisk, type RunResult } from './index.ts';

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
/** Limit in guest nanoseconds, which ends a run that hangs. It is more than any of these runs takes. */
const TIME_LIMIT = 1e9;

/** What U-Boot shows from its first prompt on; the text after each prompt is typed. As QEMU 10 shows it. */
const DISK_DIALOGUE = `=> virtio scan
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

virtio read: device 0 block # 2047, count 2 ... -5 blocks read: ERROR
=> poweroff
poweroff ...
`;

/** What the built-in SBI reports about itself: the same as OpenSBI 1.5 on QEMU 10. */
const SBI_DIALOGUE = `=> sbi
SBI 2.0
OpenSBI 1.5
Machine:
  Vendor ID 0
  Architecture ID 0
  Implementation ID 0
Extensions:
  Set Timer
  Console Putchar
  Console Getchar
  Clear IPI
  Send IPI
  Remote FENCE.I
  Remote SFENCE.VMA
  Remote SFENCE.VMA with ASID
  System Shutdown
  SBI Base Functionality
  Timer Extension
  IPI Extension
  RFENCE Extension
  Hart State Management Extension
  System Reset Extension
  Performance Monitoring Unit Extension
${DISK_DIALOGUE}`;

/** Code that is typed in, run, and replaced by other code, at last by an instruction that traps: U-Boot reports it and resets. */
const codeDialogue = (instruction: string, exception: string, tval: string) => `=> mw.l 0x84000000 0x00008067
=> go 0x84000000
## Starting application at 0x84000000 ...
## Application terminated, rc = 0x1
=> mw.l 0x84000000 0x02a00513
=> mw.l 0x84000004 0x00008067
=> go 0x84000000
## Starting application at 0x84000000 ...
## Application terminated, rc = 0x2A
=> mw.l 0x84000000 0x${instruction}
=> go 0x84000000
## Starting application at 0x84000000 ...
Unhandled exception: ${exception}
EPC: 0000000084000000 RA: TVAL: ${tval.padStart(16, '0')}

Code: 0000 0000 0000 0000 0000 0000 0000 0000 (${instruction.slice(4)} ${instruction.slice(0, 4)})


resetting ...
`;
const ILLEGAL = codeDialogue('ffffffff', 'Illegal instruction', 'ffffffff');
/** lr.w from a0 = 1, the number of arguments. */
const MISALIGNED = codeDialogue('1005252f', 'Load address misaligned', '1');

const TRANSPORTS = ['legacy', 'modern'] as const;

interface Session {
  readonly way: WayName;
  /** virtio-mmio's. */
  readonly transport: (typeof TRANSPORTS)[number];
  readonly does: string;
  readonly dialogue: string;
  readonly end: RunResult;
  /** Sectors of the image that change. */
  readonly written: readonly (readonly [sector: number, byte: number])[];
}

const SESSIONS: readonly Session[] = [
  ...(Object.keys(WAYS) as WayName[]).flatMap((way) =>
    TRANSPORTS.map((transport) => ({
      way,
      transport,
      does: 'reads and writes the disk, and powers off',
      dialogue: WAYS[way].bios === 'builtin' ? SBI_DIALOGUE : DISK_DIALOGUE,
      end: { reason: 'exit', code: 0 } as const,
      written: [[1, 0x5a]] as const,
    })),
  ),
  ...(
    [
      ['U-Boot in S mode on the built-in SBI', ILLEGAL],
      ['U-Boot in M mode as firmware', MISALIGNED],
      ['OpenSBI fw_dynamic, then U-Boot', ILLEGAL],
    ] as const
  ).map(([way, dialogue]) => ({
    way,
    transport: 'legacy' as const,
    does: 'runs code, reports a trap, and resets',
    dialogue,
    end: { reason: 'reset' } as const,
    written: [],
  })),
];

/** A request as QEMU's trace shows it. */
interface DiskRequest {
  readonly type: 'read' | 'write';
  readonly sector: number;
  readonly sectors: number;
}

interface Outcome {
  readonly console: string;
  readonly image: Uint8Array;
  readonly requests: readonly DiskRequest[];
}

/** Types what follows each prompt of a dialogue, once the console has shown the prompt. */
class Typist {
  console = '';
  readonly #steps: { readonly when: string; readonly type: string }[];
  #from = 0;

  constructor(dialogue: string) {
    const lines = [...dialogue.matchAll(/^=> (.*)$/gm)].map(([, line]) => ({ when: '\n=> ', type: `${line}\r` }));
    this.#steps = [{ when: 'stop autoboot:', type: '\r' }, ...lines];
  }

  /** Takes the next text of the console, and returns the keys to type now. */
  show(text: string): string {
    this.console += text;
    let due = '';
    for (let [step] = this.#steps; step !== undefined; [step] = this.#steps) {
      const at = this.console.indexOf(step.when, this.#from);
      if (at < 0) break;
      this.#from = at + step.when.length;
      due += step.type;
      this.#steps.shift();
    }
    return due;
  }
}

const plain = (console: string): string[] =>
  console
    .replaceAll('\r', '')
    .split('\n')
    .map((line) => line.trimEnd());

/** From the first prompt on, without the addresses that depend on how U-Boot was built. */
function dialogueOf(console: string): string {
  const lines = plain(console);
  return lines
    .slice(lines.findIndex((line) => line.startsWith('=> ')))
    .filter((line) => !line.endsWith('reloc adjusted'))
    .map((line) => line.replace(/RA: [0-9a-f]{16}/, 'RA:'))
    .join('\n');
}

function runHere({
  way,
  transport,
  dialogue,
}: Session): Outcome & { readonly end: RunResult; readonly written: ReadonlyMap<number, Uint8Array> } {
  const { bios, kernel }: Way = WAYS[way];
  const file = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
  const disk = memoryDisk(IMAGE_SIZE, IMAGE);
  const typist = new Typist(dialogue);
  const machine = createMachine({
    cpu: 'rv64,zba=true,zbb=true',
    memory: MEMORY << 20,
    drives: [{ disk, serial: 'blk0' }],
    modernVirtio: transport === 'modern',
    bios: typeof bios === 'object' ? file(bios.file) : bios,
    kernel: kernel === undefined ? undefined : file(kernel),
    onConsole: (byte) => machine.type(Buffer.from(typist.show(String.fromCharCode(byte)))),
    live: false,
  });
  const end = machine.run(TIME_LIMIT);
  machine.settle();
  const requests = machine.devices[0]!.trace.requests.map(({ type, sector, descriptors }) => ({
    type: type === 0 ? ('read' as const) : ('write' as const),
    sector: Number(sector),
    sectors: descriptors[1]!.length / 512,
  }));
  return { console: typist.console, image: disk.read(0, IMAGE_SIZE), requests, end, written: disk.written };
}

const QEMU = 'qemu-system-riscv64';
/** QEMU's rv64 without the extensions that our hart lacks and OpenSBI prints. */
const QEMU_CPU = 'rv64,zba=true,zbb=true,h=false,debug=false,pmu-mask=0,zicbom=false,zicboz=false';

const folder = mkdtempSync(join(tmpdir(), 'bootgrade-firmware-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function runOnQemu({ way, transport, dialogue }: Session): Promise<Outcome> {
  const { bios, kernel }: Way = WAYS[way];
  const image = join(folder, 'blk.img');
  writeFileSync(image, IMAGE);
  const options = [
    ...['-cpu', QEMU_CPU, '-machine', 'virt', '-m', `${MEMORY}M`, '-no-reboot', '-nographic'],
    ...(bios === 'builtin' ? [] : ['-bios', typeof bios === 'object' ? bios.file : bios]),
    ...(kernel ? ['-kernel', kernel] : []),
    ...['-global', `virtio-mmio.force-legacy=${transport === 'legacy'}`],
    ...['-device', 'virtio-blk-device,drive=x0,serial=blk0', '-drive', `file=${image},if=none,id=x0,format=raw`],
    ...['-trace', 'virtio_blk_handle_read', '-trace', 'virtio_blk_handle_write'],
  ];
  const typist = new Typist(dialogue);
  const qemu = spawn(QEMU, options, { timeout: 30_000 });
  let trace = '';
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => qemu.stdin.write(typist.show(text)));
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
    trace += text;
  });
  const status = await new Promise((resolve) => qemu.on('close', resolve));
  expect(status, trace).toBe(0);
  const requests = [...trace.matchAll(/virtio_blk_handle_(read|write) .* sector (\d+) nsectors (\d+)/g)].map(([, type, sector, count]) => ({
    type: type as DiskRequest['type'],
    sector: Number(sector),
    sectors: Number(count),
  }));
  return { console: typist.console, image: new Uint8Array(readFileSync(image)), requests };
}

/**
 * Lines about parts that the hart or the board does not have, about the size of the device tree, or about how early the first key came; how
 * much memory OpenSBI keeps for itself depends on the first two.
 */
const DIFFERENT = /^(CPU|Model|Core|Flash|Working FDT|Hit any key|Boot HART ISA Extensions|Firmware (Heap|Scratch) Size)\b/;

/** With the built-in SBI the console begins with U-Boot, while QEMU's firmware shows its banner first. */
function comparable(console: string, { way }: Session): string[] {
  const lines = plain(console);
  const start = WAYS[way].bios === 'builtin' ? lines.findIndex((line) => line.startsWith('U-Boot 20')) : 0;
  return lines.slice(start).filter((line) => !DIFFERENT.test(line));
}

describe.each(SESSIONS)('$way, $transport transport', (session) => {
  let outcome: ReturnType<typeof runHere> | undefined;
  const here = () => {
    outcome ??= runHere(session);
    return outcome;
  };

  it.skipIf(lacks('U-Boot', 'OpenSBI'))(session.does, () => {
    const { console, end, written } = here();
    expect(dialogueOf(console)).toBe(session.dialogue);
    expect(end).toEqual(session.end);
    expect([...written]).toEqual(session.written.map(([sector, byte]) => [sector, new Uint8Array(512).fill(byte)]));
  });

  it.skipIf(lacks('U-Boot', 'OpenSBI', 'QEMU 10'))(`as on QEMU 10: ${session.does}`, async () => {
    const ours = here();
    const qemus = await runOnQemu(session);
    expect(comparable(ours.console, session)).toEqual(comparable(qemus.console, session));
    expect(Buffer.compare(ours.image, qemus.image)).toBe(0);
    expect(ours.requests).toEqual(qemus.requests);
  });
});
