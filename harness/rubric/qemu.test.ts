/** Command lines of real courses, as their Makefiles have them. */
import { describe, expect, it } from 'vitest';
import { CHECKS, load, problemsOf, SCENARIOS } from '../testkit/rubric-text.ts';
import { publishedRubric } from './publish.ts';

const rubric = (machine: string, submission = '') => `rubric: 1\ntitle: Lab\nmachine:\n${machine}\n${submission}${SCENARIOS}${CHECKS}`;
const withLine = (line: string, submission?: string) => rubric(`  qemu: ${JSON.stringify(line)}`, submission);

async function machineOf(text: string) {
  const { scenarios, submission } = await load(text);
  return { machine: scenarios[0]!.machine, submission };
}

async function wrong(text: string): Promise<string[]> {
  return (await problemsOf(text)).map(({ line, code, message, remedy }) => `${line} ${code}: ${message}; ${remedy}`);
}

const XV6 =
  'qemu-system-riscv64 -machine virt -bios none -kernel kernel/kernel -m 128M -smp 3 -nographic -global virtio-mmio.force-legacy=false ' +
  '-drive file=fs.img,if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0';
const RCORE =
  '-machine virt -nographic -bios fw.bin -device loader,file=target/riscv64gc-unknown-none-elf/release/os.bin,addr=0x80200000 ' +
  '-drive file=../user/target/fs.img,if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0';
const LAB13 =
  '-cpu rv64,zba=true,zbb=true -machine virt -m 1G --no-reboot -nographic -display none -serial chardev:mux -monitor chardev:mux ' +
  '-chardev stdio,id=mux,mux=on,signal=off,logfile=qemu.log -device virtio-blk-device,drive=x0,serial=blk0 ' +
  '-drive file=blk.img,if=none,id=x0,format=raw -kernel kernel.elf -append ostd.log_level=error';

describe("a course's command line", () => {
  it("may be xv6's", async () => {
    const { machine, submission } = await machineOf(withLine(XV6));
    expect(machine).toMatchObject({ bios: 'none', memory: 128 * 2 ** 20, harts: 3, transport: 'modern', cpu: 'rv64', clock: 1 });
    expect(machine.drives).toMatchObject([{ name: 'x0', own: { source: 'submitted', pattern: 'fs.img' }, slot: 0, readonly: false }]);
    expect(submission).toMatchObject({ kernel: ['kernel/kernel'], format: 'elf', images: { submitted: ['fs.img'] } });
  });

  it("may be rCore's, whose kernel is what the loader puts behind the firmware, from the folder of the build", async () => {
    const { machine, submission } = await machineOf(withLine(RCORE, 'submission: { build: { steps: make, folder: os } }\n'));
    expect(machine).toMatchObject({ bios: { bytes: new TextEncoder().encode('firmware') }, loader: [], transport: 'legacy' });
    expect(machine.drives).toMatchObject([{ own: { source: 'built', pattern: 'user/target/fs.img' }, slot: 0 }]);
    expect(submission).toMatchObject({ kernel: ['os/target/riscv64gc-unknown-none-elf/release/os.bin'], format: 'raw' });
  });

  it("may be Lab 13's, and Linux's", async () => {
    const lab13 = await machineOf(withLine(LAB13));
    expect(lab13.machine).toMatchObject({ cpu: 'rv64,zba=true,zbb=true', memory: 2 ** 30, append: 'ostd.log_level=error' });
    expect(lab13.machine.drives).toMatchObject([{ own: { pattern: 'blk.img' }, slot: 7, serial: 'blk0' }]);
    const line = `-M virt -smp 4 -m 1G -icount shift=3 -kernel Image -initrd blk.txt -append "root=/dev/vda ro console=ttyS0" -snapshot
      -drive file=root.img,format=raw,id=hd0,if=none,readonly=on -device virtio-blk-device,drive=hd0 -device virtio-rng-device -seed 5 -s -S -gdb tcp::1234`;
    const linux = await machineOf(withLine(line));
    expect(linux.machine).toMatchObject({ harts: 4, clock: 8, append: 'root=/dev/vda ro console=ttyS0', rng: { seed: 5, slot: 6 } });
    expect(linux.machine.initrd).toMatchObject({ bytes: new TextEncoder().encode('from a file') });
    expect(linux.machine.drives).toMatchObject([{ name: 'hd0', readonly: true, slot: 7 }]);
  });

  it('may end with the backslash of the text that it was copied from, as those of OSDK.toml do', async () => {
    const line = `${LAB13} \\\n  -device virtio-blk-device,drive=x1,serial=ext2 \\\n  -drive file=ext2.img,if=none,id=x1,format=raw \\`;
    const { machine } = await machineOf(withLine(line));
    expect(machine.drives).toMatchObject([
      { name: 'x0', own: { pattern: 'blk.img' }, slot: 7, serial: 'blk0' },
      { name: 'x1', own: { pattern: 'ext2.img' }, slot: 6, serial: 'ext2' },
    ]);
    expect((await machineOf(withLine(`${LAB13} \\\n`))).machine.drives).toHaveLength(1);
  });

  it('may have the kernel as its firmware, with nothing for that to start', async () => {
    const { machine, submission } = await machineOf(withLine('-machine virt -nographic -bios build/./os.elf'));
    expect([machine.bios, submission.kernel, submission.format]).toEqual(['none', ['build/os.elf'], 'elf']);
    const beside = await machineOf(withLine('-bios fw.bin', 'submission: { kernel: os.elf }\n'));
    expect(beside.machine.bios).toMatchObject({ bytes: new TextEncoder().encode('firmware') });
  });

  it.each([
    ['os.bin', 'raw'],
    ['arch/riscv/boot/Image', 'raw'],
    ['kernel/kernel', 'elf'],
    ['os.elf', 'elf'],
  ])('takes %s for a kernel of the format %s', async (name, format) => {
    expect((await machineOf(withLine(`-kernel ${name}`))).submission.format).toBe(format);
  });

  it('says once that a value is a variable', async () => {
    expect(await wrong(withLine('-kernel k -smp $(CPUS) -m $MEM -device $(DEV)'))).toEqual(
      ['$(CPUS)', '$MEM', '$(DEV)'].map(
        (one) => `4 bad-qemu: ${one}: ${one} is a variable of make or of the shell; write what it stands for`,
      ),
    );
  });

  it('may have a network, of which the device is there', async () => {
    const { machine } = await machineOf(
      withLine(`${XV6} -netdev user,id=net0,hostfwd=udp::2000-:2000 -device virtio-net-device,netdev=net0,bus=virtio-mmio-bus.1`),
    );
    expect(machine.network).toEqual({ mac: '52:54:00:12:34:56', slot: 1 });
  });

  it('may have files for firmware', async () => {
    const { machine } = await machineOf(withLine(`${XV6} -fw_cfg name=opt/lab,string=42 -fw_cfg opt/more,file=blk.txt`));
    expect(machine.fwCfg!.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)])).toEqual([
      ['opt/lab', '42'],
      ['opt/more', 'from a file'],
    ]);
  });

  it('may have several lines, as in a Makefile', async () => {
    const lines = XV6.replaceAll(' -', ' \\\n    -');
    for (const style of ['|', '>-']) {
      expect((await machineOf(rubric(`  qemu: ${style}\n    ${lines}`))).machine).toEqual((await machineOf(withLine(XV6))).machine);
    }
  });

  it('counts less than what is written beside it, and than a scenario', async () => {
    const text = `rubric: 1
title: Lab
machine:
  qemu: ${JSON.stringify(`${XV6} -append a`)}
  memory: 256M
  drives: { second: { size: 1M }, x0: { image: blk.txt } }
submission: { kernel: mine.elf }
scenarios: { run: {}, one: { harts: 1, append: b, drives: { x0: { readonly: true } } } }
${CHECKS}`;
    const { scenarios, submission } = await load(text);
    expect(submission.kernel).toEqual(['mine.elf']);
    expect(scenarios.map(({ machine }) => [machine.memory, machine.harts, machine.append, machine.transport])).toEqual([
      [256 * 2 ** 20, 3, 'a', 'modern'],
      [256 * 2 ** 20, 1, 'b', 'modern'],
    ]);
    expect(scenarios.map(({ machine }) => machine.drives.map(({ name, own, slot, readonly }) => [name, own, slot, readonly]))).toEqual([
      [
        ['x0', null, 0, false],
        ['second', null, null, false],
      ],
      [
        ['x0', null, 0, true],
        ['second', null, null, false],
      ],
    ]);
  });

  it('may have values that no kernel knows', async () => {
    const text = withLine(`-kernel k -append run=\${needle}`, 'random: { seed: 1, words: { needle: 8 } }\n');
    expect((await machineOf(text)).machine.append).toMatch(/^run=[a-z]{8}$/);
  });

  it('is published as the keys that it stands for', async () => {
    const text = withLine(`${RCORE.replace('-nographic', '-nographic -smp 2')}`, 'submission: { build: { steps: make, folder: os } }\n');
    const published = publishedRubric(text, await load(text));
    expect(published).not.toContain('qemu');
    const [ours, theirs] = [await load(text), await load(published)];
    expect(theirs.scenarios).toEqual(ours.scenarios);
    expect(theirs.submission).toMatchObject({ kernel: ours.submission.kernel, format: 'raw', build: null });
  });
});

describe('mistakes in the line', () => {
  it('are all said, at its place, each with its remedy', async () => {
    const line =
      '-machine virt,aclint=on -smp 9 -kernel $(KERNEL) -drive file=fs.img,id=x0 -device virtio-blk-device,drive=x0 -hda a.img -nic user -nosuch';
    expect(await wrong(withLine(line))).toEqual([
      '4 bad-qemu: $(KERNEL): $(KERNEL) is a variable of make or of the shell; write what it stands for',
      '4 bad-qemu: -machine virt,aclint=on: not in this machine; leave it out or write aclint=off',
      '4 bad-qemu: -smp 9: this machine has at most 8 harts; write -smp 8',
      expect.stringMatching(
        /^4 bad-qemu: -hda: QEMU puts this disk on PCI, which this machine does not have; write -drive file=IMAGE,if=none/,
      ),
      expect.stringMatching(
        /^4 bad-qemu: -nic: QEMU puts this network device on PCI, .*; write -netdev user,id=n -device virtio-net-device,netdev=n/,
      ),
      '4 bad-qemu: -nosuch: no such option; leave it out if the kernel cannot see what it does',
      expect.stringMatching(/^4 bad-qemu: -drive without if=: QEMU puts such a disk on PCI, .*; write if=none,id=NAME here/),
    ]);
  });

  it('in what it stands for are shown there as well', async () => {
    expect(
      await wrong(withLine('-kernel k -cpu rv32 -initrd none -drive file=a,if=none,id=1a -device virtio-blk-device,drive=1a')),
    ).toEqual([
      expect.stringMatching(/^4 bad-name: this is not a name/),
      expect.stringMatching(/^4 unreadable-file: cannot read "none": no such file/),
      expect.stringMatching(/^4 unknown-cpu: unknown processor "rv32"/),
    ]);
  });

  it.each([
    ['-m 1G', 'the line names no kernel; add -kernel FILE to it, or write submission: { kernel: FILE }'],
    [
      '-kernel ../k',
      '"../k" is not below the folder in which the line is used; say where the kernel is in what is handed in: submission: { kernel: FILE }',
    ],
    [
      '-kernel k -drive file=/x/fs.img,if=none,id=x0 -device virtio-blk-device,drive=x0',
      '"/x/fs.img" is not below the folder in which the line is used; say where it is in what is handed in: drives: { x0: { submitted: FILE } }',
    ],
    ['-kernel "k', 'a " has no second one; close it, or leave it out'],
    ['qemu-system-riscv32 -kernel k', 'this machine is the one of qemu-system-riscv64, not of qemu-system-riscv32'],
  ])('%s', async (line, expected) => {
    expect(await wrong(withLine(line))).toContainEqual(expect.stringContaining(`4 bad-qemu: ${expected}`));
  });

  it('do not hide others', async () => {
    expect(await wrong(withLine('-kernel k -smp 0', 'groups: 5\n'))).toHaveLength(2);
  });
});
