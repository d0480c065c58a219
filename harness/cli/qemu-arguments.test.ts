import { describe, expect, it } from 'vitest';
import type { RunSettings } from '../emulator/settings.ts';
import { parseRunArguments } from './qemu-arguments.ts';

/** The settings of a command line that is right. */
function settingsOf(argv: readonly string[]): RunSettings {
  const settings = parseRunArguments(argv);
  if (settings === 'help' || 'mistakes' in settings) throw new Error(settings === 'help' ? settings : settings.mistakes.join('\n'));
  return settings;
}

/** A command line that is split at spaces, with a kernel where none is named. */
function words(line: string): string[] {
  return line.includes('-kernel') ? line.split(' ') : ['-kernel', 'k', ...line.split(' ').filter(Boolean)];
}

function parse(line: string): RunSettings {
  return settingsOf(words(line));
}

/** All mistakes, a line each. */
function mistake(argv: string | string[]): string {
  const settings = parseRunArguments(typeof argv === 'string' ? words(argv) : argv);
  return settings !== 'help' && 'mistakes' in settings ? settings.mistakes.join('\n') : 'accepted';
}

const LAB =
  '-cpu rv64,zba=true,zbb=true -machine virt -m 1G --no-reboot -nographic -display none -serial chardev:mux -monitor chardev:mux ' +
  '-chardev stdio,id=mux,mux=on,signal=off,logfile=qemu.log -device virtio-blk-device,drive=x0,serial=blk0 ' +
  '-drive file=blk.img,if=none,id=x0,format=raw -kernel kernel.elf -append ostd.log_level=error';

describe("a lab's command line", () => {
  it('is understood word for word', () => {
    expect(parse(LAB)).toMatchObject({
      cpu: 'rv64,zba=true,zbb=true',
      memory: 1 << 30,
      kernel: 'kernel.elf',
      append: 'ostd.log_level=error',
      bios: 'builtin',
      drives: [{ id: 'x0', file: 'blk.img', serial: 'blk0', slot: 7, readOnly: false, snapshot: false }],
      console: 'stdio',
      reboot: false,
    });
  });

  it('says once what has no effect', () => {
    expect(parse(`${LAB} -display gtk -d int -D log`).notes).toEqual([
      '-display has no effect: there is no window; the console is on standard output',
      '-monitor has no effect: there is no monitor',
      '-d has no effect: there is no QEMU to log; --events FILE writes the disk requests',
      '-D has no effect: there is no QEMU to log; --events FILE writes the disk requests',
    ]);
  });

  it('says how many harts there are', () => {
    const harts = (smp: string) => parse(`${LAB} -smp ${smp}`).harts;
    // As QEMU 10 counts them: `info cpus` has as many.
    expect(['3', 'cpus=2', '4,sockets=1,cores=4', 'cores=2,threads=2', '2,maxcpus=4'].map(harts)).toEqual([3, 2, 4, 4, 2]);
    // What is left out of an arrangement makes up for the rest (measured on QEMU 10, which refuses 4,cores=3).
    for (const four of ['4,sockets=2', '4,cores=2', 'sockets=2,cores=2', '4,maxcpus=8,sockets=2', 'cpus=4,threads=1']) {
      expect(harts(four), four).toBe(4);
    }
    expect(mistake(`${LAB} -smp 0`)).toBe('-smp cpus=0: write a whole number from 1 on');
    expect(mistake(`${LAB} -smp two`)).toBe('-smp cpus=two: write a whole number from 1 on');
    expect(mistake(`${LAB} -smp 4,cores=3`)).toBe('-smp 4,cores=3: this arrangement is of 3 harts, and not of 4; write -smp 4');
    expect(mistake(`${LAB} -smp cores=3,threads=3`)).toBe('-smp cores=3,threads=3: this machine has at most 8 harts; write -smp 8');
    expect(mistake(`${LAB} -smp 2,books=2`)).toMatch(/^-smp/);
  });

  it("may be xv6's", () => {
    const line =
      '-machine virt -bios none -kernel kernel/kernel -m 128M -smp 1 -nographic -global virtio-mmio.force-legacy=true ' +
      '-drive file=fs.img,if=none,format=raw,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0';
    expect(parse(line)).toMatchObject({ bios: 'none', memory: 128 << 20, drives: [{ slot: 0 }], reboot: true, notes: [] });
    expect([line, line.replace('legacy=true', 'legacy=false')].map((text) => parse(text).modernVirtio)).toEqual([false, true]);
    expect(mistake(line.replace('legacy=true', 'legacy=maybe'))).toMatch(/-global.*force-legacy/);
    expect(mistake(line.replace('-smp 1', '-smp 9'))).toBe('-smp 9: this machine has at most 8 harts; write -smp 8');
  });
});

describe('options', () => {
  it('are the same with one dash and two, and the last one counts', () => {
    expect(parse('--kernel a -kernel b --append x -append y')).toMatchObject({ kernel: 'b', append: 'y' });
  });

  it('have the defaults of the board', () => {
    expect(parse('')).toEqual({
      cpu: 'rv64',
      fillRam: 0,
      harts: 1,
      clock: 1,
      schedule: [],
      memory: 128 << 20,
      kernel: 'k',
      bios: 'builtin',
      initrd: undefined,
      append: undefined,
      loader: [],
      fwCfg: [],
      flash: undefined,
      drives: [],
      modernVirtio: false,
      console: 'stdio',
      reboot: true,
      until: undefined,
      limit: undefined,
      keys: [],
      events: undefined,
      notes: [],
    });
  });

  it.each([
    [['-kernel', 'k', '-append'], '-append: a value is missing after it'],
    [['-kernal', 'k', '-kernel', 'k'], '-kernal: no such option; see bootgrade run --help'],
    [['kernel.elf', '-kernel', 'k'], 'kernel.elf: options only; a kernel is named with -kernel FILE'],
    [['-kernel', 'k', '-constructor', 'x'], '-constructor: no such option; see bootgrade run --help'],
    [[], 'nothing to boot: name a kernel with -kernel FILE'],
    [['-bios', 'fw.bin', '-append', 'x'], '-append: needs -kernel FILE'],
    [['-bios', 'fw.bin', '-initrd', 'x'], '-initrd: needs -kernel FILE'],
    [['-kernel', 'k', '-S'], '-S: the machine starts at once, and there is no monitor to continue it; leave it out'],
    [['-kernel', 'k', '-s'], '-s: there is no GDB server; leave it out'],
    [['-kernel', 'k', '-fw_cfg', 'name=opt/a'], '-fw_cfg name=opt/a: write name=NAME,file=FILE or name=NAME,string=TEXT'],
    [
      ['-kernel', 'k', '-fw_cfg', 'opt/a,string=1', '-fw_cfg', 'opt/a,string=2'],
      '-fw_cfg name=opt/a: two files have this name; give it another name, or leave it out',
    ],
    [
      ['-kernel', 'k', '-machine', 'virt,pflash0=a'],
      '-machine virt,pflash0=a: no node of this name; write -blockdev node-name=a,driver=file,filename=FILE beside it',
    ],
    [
      ['-kernel', 'k', '-blockdev', 'node-name=a,driver=file,filename=f'],
      /^-blockdev node-name=a: only for flash memory here.*; for a disk write -drive file=IMAGE,if=none/,
    ],
    [
      ['-kernel', 'k', '-machine', 'virt,pflash1=a', '-blockdev', 'node-name=a,driver=qcow2,file.driver=file,file.filename=f'],
      /^-blockdev .*: write node-name=NAME,driver=file,filename=FILE/,
    ],
    [
      ['-kernel', 'k', '-drive', 'if=pflash,unit=2,readonly=on,file=f'],
      '-drive if=pflash,unit=2: flash memory has the units 0 and 1; leave this one out',
    ],
    [
      ['-kernel', 'k', '-drive', 'if=pflash,readonly=on,file=f', '-drive', 'if=pflash,unit=0,readonly=on,file=g'],
      '-drive if=pflash,unit=0: another drive is this unit already; write the other unit',
    ],
    [['-kernel', 'k', '-drive', 'if=pflash,readonly=on'], /no file named; write file=FILE,if=pflash,format=raw/],
    [['-kernel', 'k', '-netdev', 'user'], '-netdev user: needs id=NAME for a -device to refer to'],
    [
      ['-kernel', 'k', '-hda', 'x'],
      '-hda: QEMU puts this disk on PCI, which this machine does not have; ' +
        'write -drive file=IMAGE,if=none,id=x0,format=raw -device virtio-blk-device,drive=x0',
    ],
    [['-kernel', 'k', '-until', ''], '--until: the value is empty'],
    [['-kernel', 'k', '--when', 'a'], '--when "a": say what to type with --type TEXT after it'],
    [
      ['-kernel', 'k', '--when', 'a', '--when', 'b'],
      '--when "a": say what to type with --type TEXT after it\n--when "b": say what to type with --type TEXT after it',
    ],
    [['-kernel', 'k', '--type', 'a'], '--type "a": say after which text with --when TEXT before it'],
  ])('%j is a mistake', (argv, message) => {
    expect(mistake(argv)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('are all looked at, however many are wrong', () => {
    const line =
      '-kernel k -machine sifive_u -smp 9 -drive file=a.img,if=virtio,id=a,foo=1 -device virtio-blk-device,drive=a -device virtio-gpu-device ' +
      '-global x.y=1 -net user -limit 3 -nosuch value -serial pty';
    expect(mistake(line).split('\n')).toEqual([
      '-machine sifive_u: the only machine here is QEMU\'s "virt"; write -machine virt',
      '-smp 9: this machine has at most 8 harts; write -smp 8',
      '-global x.y=1: the only property known here is virtio-mmio.force-legacy; leave it out',
      '-net: QEMU puts this network device on PCI, which this machine does not have; write -netdev user,id=n -device virtio-net-device,netdev=n',
      '-nosuch: no such option; see bootgrade run --help',
      expect.stringMatching(/^-drive: unknown key "foo"; known: file/),
      expect.stringMatching(/^-drive if=virtio: .*write if=none,id=NAME here and -device virtio-blk-device,drive=NAME beside it$/),
      '-device virtio-gpu-device: this machine has no such device; leave it out (there are virtio-blk-device, virtio-rng-device, virtio-net-device and loader)',
      expect.stringMatching(/^--limit 3: write/),
      expect.stringMatching(/^-serial pty: the console/),
    ]);
  });

  it('take flash memory, by unit, and then need no kernel', () => {
    const flash = (...drives: string[]) => parseRunArguments(['-bios', 'none', ...drives.flatMap((drive) => ['-drive', drive])]);
    expect(flash('if=pflash,format=raw,readonly=on,file=code', 'if=pflash,unit=1,readonly=on,file=vars')).toMatchObject({
      flash: [
        { file: 'code', writes: 'refused' },
        { file: 'vars', writes: 'refused' },
      ],
      drives: [],
    });
    expect(flash('if=pflash,file=code', 'if=pflash,file=vars,snapshot=on')).toMatchObject({
      flash: [
        { file: 'code', writes: 'kept' },
        { file: 'vars', writes: 'lost' },
      ],
    });
    const nodes = [
      '-blockdev',
      'node-name=c,driver=file,read-only=on,filename=code',
      '-blockdev',
      'node-name=v,driver=raw,file.driver=file,file.filename=vars',
    ];
    expect(parseRunArguments(['-bios', 'none', '-machine', 'virt,pflash0=c,pflash1=v', ...nodes])).toMatchObject({
      flash: [
        { file: 'code', writes: 'refused' },
        { file: 'vars', writes: 'kept' },
      ],
    });
    expect(parseRunArguments(['-kernel', 'k', '-snapshot', '-pflash', 'vars'])).toMatchObject({
      flash: [{ file: 'vars', writes: 'lost' }],
    });
    expect(flash('if=pflash,unit=1,readonly=on,file=vars')).toEqual({ mistakes: ['nothing to boot: name a kernel with -kernel FILE'] });
  });

  it('take a network, and say that its link is down', () => {
    const parsed = parseRunArguments(['-kernel', 'k', '-netdev', 'user,id=n', '-device', 'virtio-net-device,netdev=n']);
    expect(parsed).toMatchObject({
      network: { mac: '52:54:00:12:34:56', slot: 7 },
      notes: [expect.stringContaining('the link of virtio-net-device is down')],
    });
  });

  it('accept that there is no network', () => {
    expect(mistake('-net none -nic none')).toBe('accepted');
  });

  it('ask for help before anything else is checked for sense', () => {
    expect(parseRunArguments(['--help'])).toBe('help');
    expect(parseRunArguments(['-h'])).toBe('help');
  });

  it('of our own are kept in order', () => {
    const settings = settingsOf([
      '-kernel',
      'k',
      '--until',
      'done',
      '--limit',
      '10s',
      '--when',
      '$ ',
      '--type',
      'ls\\n',
      '--when',
      '# ',
      '--type',
      'x',
      '--events',
      'e',
    ]);
    expect(settings).toMatchObject({
      until: 'done',
      limit: { nanoseconds: 10e9 },
      keys: [
        { when: '$ ', type: Uint8Array.from(Buffer.from('ls\n')) },
        { when: '# ', type: Uint8Array.from(Buffer.from('x')) },
      ],
      events: 'e',
    });
  });

  it('name a firmware file, with or without a kernel', () => {
    expect(settingsOf(['-bios', 'fw.bin'])).toMatchObject({ bios: { file: 'fw.bin' }, kernel: undefined });
    expect(parse('-bios default')).toMatchObject({ bios: 'builtin' });
  });
});

describe('-machine', () => {
  it.each([
    'virt',
    'type=virt',
    'virt,aclint=off',
    'virt,aia=none,usb=off',
    'virt,accel=tcg',
    'virt,acpi=off,graphics=off',
    'virt,accel=kvm:tcg',
  ])('accepts %s', (machine) => {
    expect(mistake(`-M ${machine}`)).toBe('accepted');
  });

  it.each([
    ['sifive_u', /only machine here is QEMU.s "virt"/],
    ['virt,aclint=on', /aclint=on: not in this machine; leave it out or write aclint=off/],
    ['virt,aia=aplic-imsic', /aia=aplic-imsic: not in this machine/],
    ['virt,accel=kvm', /always emulated/],
    ['virt,bogus=1', /unknown key "bogus"; known: type, accel, pflash0, pflash1, aclint/],
  ])('refuses %s', (machine, message) => {
    expect(mistake(`-machine ${machine}`)).toMatch(message);
  });
});

describe('-action and -accel', () => {
  it('may say that a reset ends the run', () => {
    expect(parse('-action reboot=shutdown').reboot).toBe(false);
    expect(parse('-action panic=none').reboot).toBe(true);
  });

  it('accept emulation only', () => {
    expect(mistake('-accel tcg,thread=single')).toBe('accepted');
    expect(mistake('-accel kvm')).toMatch(/^-accel kvm: this machine is always emulated/);
  });
});

describe('-serial', () => {
  it.each([
    ['-serial stdio', 'stdio'],
    ['-serial mon:stdio', 'stdio'],
    ['-serial null', 'null'],
    ['-serial none', 'null'],
    ['-serial mon:stdio -serial null', 'stdio'],
    ['-chardev null,id=c -serial chardev:c', 'null'],
    ['-chardev socket,id=m,path=p -monitor chardev:m', 'stdio'],
  ])('%s is %s', (line, console) => {
    expect(parse(line).console).toBe(console);
  });

  it.each([
    ['-serial file:log', /"stdio".*redirect standard output/],
    ['-serial pty', /standard output/],
    ['-serial chardev:c', /there is no -chardev with id=c/],
    ['-chardev file,id=c,path=x -serial chardev:c', /standard output/],
    ['-chardev stdio', /needs id=NAME/],
  ])('%s is refused', (line, message) => {
    expect(mistake(line)).toMatch(message);
  });
});

describe('guest time', () => {
  it('goes by --clock or by the shift of -icount, and limits with it', () => {
    expect(parse('--clock 10ns --limit 1M')).toMatchObject({ clock: 10, limit: { nanoseconds: 10e6 } });
    expect(parse('--limit 1M -icount shift=3,align=off,sleep=on')).toMatchObject({ clock: 8, limit: { nanoseconds: 8e6 }, notes: [] });
    expect(parse('-icount 0 --limit 1s')).toMatchObject({ clock: 1, limit: { nanoseconds: 1e9 } });
    expect(parse('-icount shift=auto').notes).toEqual([
      '-icount has no effect: without a number for shift, an instruction takes one nanosecond here',
    ]);
  });

  it('has bounds', () => {
    expect(mistake('-icount shift=11')).toBe('-icount shift=11: write a number from 0 to 10');
    expect(mistake('--clock 0ns')).toMatch(/^--clock 0ns: write the nanoseconds/);
  });
});

describe('--schedule', () => {
  it('preempts harts that the machine has', () => {
    expect(parse('--schedule hart1@5000+20us,hart0@7us+event -smp 2').schedule).toEqual([
      { hart: 1, at: 5000, for: 20_000 },
      { hart: 0, at: 7000, for: 'event' },
    ]);
    expect(mistake('--schedule hart1@5000+20us')).toBe(
      '--schedule: there is no hart 1: this machine has one hart, hart0; write -smp 2 or more',
    );
    expect(mistake('-smp 3 --schedule hart5@5000+20us')).toBe(
      '--schedule: there is no hart 5: this machine has 3 harts, hart0 to hart2; write -smp 6 or more',
    );
    expect(mistake('--schedule hart9@1+1us')).toBe('--schedule: "hart9@1+1us" names hart 9: a machine has at most 8 harts, hart0 to hart7');
    expect(mistake('--schedule hart1@5000 -smp 2')).toMatch(
      /^--schedule: "hart1@5000" is neither a preemption nor a delayed store; write hart1@123456\+20us or /,
    );
  });
});

describe('-device loader', () => {
  it('is a file or a number', () => {
    // Bytes as QEMU 10 stores them, read with pmemsave.
    expect(parse('-device loader,file=a,addr=0x80400000 -device loader,file=b.elf').loader).toEqual([
      { from: { file: 'a' }, at: 0x8040_0000 },
      { from: { file: 'b.elf' }, at: undefined },
    ]);
    const bytes = (more: string) => parse(`-device loader,addr=0x80300000,${more}`).loader[0]!.from;
    expect(bytes('data=0x1234,data-len=2')).toEqual({ bytes: Uint8Array.of(0x34, 0x12) });
    expect(bytes('data=0x1234,data-len=2,data-be=on')).toEqual({ bytes: Uint8Array.of(0, 0) });
  });

  it.each([
    ['loader,file=a,cpu-num=0', '-device loader,cpu-num=: the hart starts as after a reset; leave cpu-num out'],
    ['loader,file=a,addr=here', '-device loader,addr=here: not a number; write for example 0x80400000'],
    ['loader,addr=0x80300000,data=1,data-len=9', '-device loader,data-len=9: write 1 to 8'],
    ['loader,file=a,data-len=1', '-device loader,file=a: data-len= does not go with file=; leave one of them out'],
    ['loader', '-device loader: write file=FILE, with addr=ADDRESS where it is not ELF; or addr=ADDRESS,data=NUMBER,data-len=BYTES'],
  ])('%s is a mistake', (device, message) => {
    expect(mistake(['-kernel', 'k', '-device', device])).toBe(message);
  });
});
