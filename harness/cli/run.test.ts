import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CpuOptionError, GuestFileError, type MachineOptions } from '../../machine/index.ts';
import { fixedKeys } from '../emulator/console.ts';
import { HostError } from '../files/system-error.ts';
import { FakeMachine, type Step } from '../testkit/fake-machine.ts';
import { run } from './run.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
  writeFileSync(at('kernel'), 'kernel');
  writeFileSync(at('blk.img'), Buffer.alloc(4096, '.'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the command on a machine that plays the steps, or throws. */
async function command(argv: string[], steps: Step[] | Error, keys = '') {
  const [stdout, stderr] = [openSync(at('stdout'), 'w'), openSync(at('stderr'), 'w')];
  let options: MachineOptions | undefined;
  const code = await run(argv, {
    createMachine: (given) => {
      if (steps instanceof Error) throw steps;
      options = given;
      return new FakeMachine(given, steps);
    },
    openKeyboard: () => fixedKeys(Buffer.from(keys)),
    inputIsTerminal: () => false,
    stdout,
    stderr,
  });
  closeSync(stdout);
  closeSync(stderr);
  return { code, out: read('stdout'), err: read('stderr').trimEnd().split('\n'), options };
}

const disk = (more = '') => [
  '-drive',
  `file=${at('blk.img')},if=none,id=x0,format=raw${more}`,
  '-device',
  'virtio-blk-device,drive=x0,serial=blk0',
];
const boot = () => ['-kernel', at('kernel')];

describe('bootgrade run', () => {
  it('hands the machine what the command line names', async () => {
    writeFileSync(at('initrd'), 'initrd');
    const argv = [...boot(), '-initrd', at('initrd'), '-append', 'quiet', '-cpu', 'rv64,zba=true', '-m', '1G', '-bios', 'none', ...disk()];
    const { options } = await command(argv, [{ stop: { reason: 'poweroff' } }]);
    expect(options).toMatchObject({ cpu: 'rv64,zba=true', memory: 2 ** 30, bios: 'none', append: 'quiet', live: false });
    expect(options!.drives).toMatchObject([{ serial: 'blk0', slot: 7, disk: { size: 4096, readOnly: false } }]);
    expect([options!.kernel, options!.initrd].map((bytes) => Buffer.from(bytes!).toString())).toEqual(['kernel', 'initrd']);
  });

  it('shows the console on standard output and says on standard error why it stopped', async () => {
    const { code, out, err } = await command([...boot(), '--until', 'login:'], [{ print: 'boot\r\nlogin: ' }]);
    expect([code, out]).toEqual([0, 'boot\r\nlogin:']);
    expect(err).toEqual(['bootgrade: stopped: console reached "login:" after 13 instructions, 0.000000013 s of guest time']);
  });

  it("returns the test finisher's code, or 124 at the limit", async () => {
    expect((await command(boot(), [{ stop: { reason: 'exit', code: 7 } }])).code).toBe(7);
    expect((await command([...boot(), '--limit', '1ms'], [])).code).toBe(124);
  });

  it('types what is piped in, but not beside a script of its own', async () => {
    const steps: Step[] = [{ print: '$' }, { readKeys: 2 }, { stop: { reason: 'poweroff' } }];
    const copy = () => steps.map((step) => ({ ...step }));
    expect((await command(boot(), copy(), 'in')).out).toBe('$in');
    expect((await command([...boot(), '--when', '$', '--type', 'me'], copy(), 'in')).out).toBe('$me');
  });

  it('drops the console with -serial null, and still watches it', async () => {
    expect(await command([...boot(), '-serial', 'null', '--until', 'yes'], [{ print: 'yes' }])).toMatchObject({ code: 0, out: '' });
  });

  it('says what has no effect before the run', async () => {
    const { err } = await command([...boot(), '-display', 'none'], [{ stop: { reason: 'poweroff' } }]);
    expect(err[0]).toBe('bootgrade: -display has no effect: there is no window; the console is on standard output');
    expect(err[1]).toMatch(/^bootgrade: stopped: /);
  });

  it('prints its help on standard output', async () => {
    const { code, out } = await command(['--help'], []);
    expect([code, out.split('\n')[0]]).toEqual([0, 'usage: bootgrade run OPTION…']);
  });
});

describe('images', () => {
  const write: Step[] = [{ write: Buffer.from('written'), at: 512 }, { stop: { reason: 'poweroff' } }];
  const copy = () => write.map((step) => ({ ...step }));
  const image = () => read('blk.img').replace(/^\.+|\.+$/g, '');

  it('are written', async () => {
    await command([...boot(), ...disk()], copy());
    expect(image()).toBe('written');
  });

  it.each([
    [',snapshot=on', []],
    ['', ['-snapshot']],
  ])('keep their bytes with "%s" %j', async (more, options) => {
    await command([...boot(), ...disk(more), ...options], copy());
    expect(image()).toBe('');
  });

  it('may be read-only', async () => {
    const { options } = await command([...boot(), ...disk(',readonly=on')], [{ stop: { reason: 'poweroff' } }]);
    expect(options!.drives[0]!.disk.readOnly).toBe(true);
  });
});

describe('--events', () => {
  it('writes a line for each request, at the end', async () => {
    const steps: Step[] = [{ request: { type: 1, sector: 0n } }, { call: () => expect(readdirSync(folder)).not.toContain('events') }];
    await command([...boot(), ...disk(), '--events', at('events'), '--limit', '1us'], steps);
    expect(
      read('events')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ number: 1, drive: 'x0', type: 1, sector: '0' }]);
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('does not overwrite what the run reads', async () => {
    const { code, err } = await command([...boot(), '--events', at('kernel')], []);
    expect([code, err]).toEqual([2, [`bootgrade: --events ${at('kernel')}: this file is an input of the run; name a different file`]]);
    expect(read('kernel')).toBe('kernel');
  });
});

describe('a mistake is one line and exit code 2', () => {
  it.each<[string, () => string[], Error | undefined, RegExp]>([
    ['no such kernel', () => ['-kernel', at('none')], undefined, /^bootgrade: cannot read the kernel .*none: no such file$/],
    ['a folder', () => ['-kernel', folder], undefined, /^bootgrade: cannot read the kernel .*: it is a folder$/],
    [
      'no such image',
      () => [...boot(), '-drive', `file=${at('none')},if=none,id=a`, '-device', 'virtio-blk-device,drive=a'],
      undefined,
      /cannot open the image .*none: no such file$/,
    ],
    ['an option', () => [...boot(), '-nosuch'], undefined, /^bootgrade: -nosuch: no such option; see bootgrade run --help$/],
    [
      'a file that cannot be booted',
      boot,
      new GuestFileError('elf-machine', 'kernel', 'not a RISC-V ELF'),
      /^bootgrade: .*\/kernel: not a RISC-V ELF$/,
    ],
    ['an extension', boot, new CpuOptionError('model', '-cpu: no such extension'), /^bootgrade: -cpu: no such extension$/],
    ['a name that would write to the terminal', () => ['-kernel', at('\x1b[2J')], undefined, /\\x1b\[2J: no such file$/],
    [
      'a folder for events that is not there',
      () => [...boot(), '--events', at('none/e')],
      undefined,
      /--events .*none\/e: cannot write it: no such file$/,
    ],
  ])('%s', async (_name, argv, error, message) => {
    const { code, err, out } = await command(argv(), error ?? []);
    expect([code, out, err.length]).toEqual([2, '', 1]);
    expect(err[0]).toMatch(message);
  });

  it('each mistake of the line has one of its own', async () => {
    const { code, err } = await command([...boot(), '-nosuch', '-smp', '9', '-hda', 'a\nb'], []);
    expect([code, err.length]).toEqual([2, 3]);
  });

  it('leaves no half-written events behind', async () => {
    mkdirSync(at('out'));
    await command([...boot(), '--events', at('out/e')], new GuestFileError('empty', 'kernel', 'no kernel'));
    expect(readdirSync(at('out'))).toEqual([]);
  });
});

describe("a fault that is not the user's", () => {
  it('of this computer is exit code 3', async () => {
    const { code, err } = await command(boot(), new HostError('writing the image x failed: no space is left'));
    expect([code, err]).toEqual([3, ['bootgrade: writing the image x failed: no space is left']]);
  });

  it('of ours is thrown on', async () => {
    await expect(command(boot(), new TypeError('bug'))).rejects.toThrow('bug');
  });
});
