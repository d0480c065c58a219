import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

async function command(...argv: string[]) {
  const printed = capture();
  return { code: await bootgrade(argv, printed.environment), out: printed.out(), err: printed.err() };
}

describe('bootgrade init', () => {
  it('writes a rubric that passes rubric check', async () => {
    const file = folder.at('lab.yaml');
    expect(await command('init', file)).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`rubric check ${file}`) as string });
    expect(await command('rubric', 'check', file)).toEqual({
      code: 0,
      out: `${file}: Lab 1: hello: 3 checks, 20 points, 1 scenario; 1 of them is hidden from students\n`,
      err: '',
    });
  });

  it('writes a rubric that a kernel can pass, and fail', async () => {
    const file = folder.at('lab.yaml');
    await command('init', file);
    folder.put('good/build/os.elf', tinyKernel('Hello, world\n'));
    folder.put('bad/kernel.elf', tinyKernel('Good night\n'));
    const { out } = await command('grade', file, folder.at('good'), folder.at('bad'), '--out', folder.at('reports'), '--jobs', '1');
    expect(out).toMatch(/good +passed +20\/20\n ✗ bad +failed +5\/20 +says-hello: The kernel prints a greeting/);
  });

  it('says all that is wrong with a line, the processor as well', async () => {
    const line =
      '-kernel k -cpu rv64,v=true -device virtio-serial-device -M virt,dumpdtb=x.dtb -readconfig a.cfg -semihosting-config enable=off';
    const { code, err } = await command('init', folder.at('lab.yaml'), '--qemu', line);
    expect([code, err.split('\n').map((one) => one.split(':')[0])]).toEqual([
      2,
      ['bootgrade', '-machine virt,dumpdtb=x.dtb', '-readconfig', '-device virtio-serial-device', '-cpu v=on', ''],
    ]);
  });

  it('suggests keys that the language has: each commented line works, too', async () => {
    const file = folder.at('lab.yaml');
    await command('init', file);
    const text = folder.read('lab.yaml').replaceAll(/^( +)# (until|keys): /gm, '$1$2: ');
    expect(text).toContain('\n    until: ');
    folder.put('lab.yaml', text);
    expect(await command('rubric', 'check', file)).toMatchObject({ code: 0, err: '' });
  });

  it('writes the rubric of a command line of QEMU, with what it means and what it needs', async () => {
    const file = folder.at('lab.yaml');
    const line =
      '-machine virt -bios fw.bin -m 64M -kernel kernel/kernel -drive file=fs.img,if=none,id=x0 -device virtio-blk-device,drive=x0';
    expect(await command('init', file, '--qemu', line)).toMatchObject({
      code: 0,
      out: expect.stringContaining('works with fw.bin, by the path from its folder') as string,
    });
    expect(folder.read('lab.yaml')).toContain('#         submitted: fs.img\n#         slot: 7\n');
    folder.put('fw.bin', 'firmware');
    expect(await command('rubric', 'check', file)).toMatchObject({ code: 0, err: '' });
    const without = folder.at('two.yaml');
    await command('init', without, '--qemu', '-bios default -kernel kernel.elf -append "a: b #c"');
    folder.put('good/kernel.elf', tinyKernel('Hello, world\n'));
    const { out } = await command('grade', without, folder.at('good'), '--out', folder.at('reports'), '--jobs', '1');
    expect(out).toMatch(/^good\/kernel.elf +10\/10 +My lab/);
  });

  it('looks in what is handed in for files that are outside of the folder of the line', async () => {
    const file = folder.at('lab.yaml');
    const drive = '-drive file=../user/fs.img,if=none,id=x0 -device virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0';
    expect(await command('init', file, '--qemu', `-kernel /home/me/os/kernel.elf ${drive}`)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\nkernel\.elf is looked for in what is handed in; .*\nuser\/fs\.img is looked for/),
    });
    const text = folder.read('lab.yaml');
    expect(text).toMatch(
      /^machine:\n {2}qemu: [\s\S]*\n {2}drives:\n {4}x0:\n {6}submitted: user\/fs\.img\nsubmission:\n {2}kernel: kernel\.elf$/m,
    );
    expect(await command('rubric', 'check', file)).toMatchObject({ code: 0 });
  });

  it('says all that is wrong with a command line, and writes nothing', async () => {
    const printed = await command('init', folder.at('lab.yaml'), '--qemu', '-smp 9 -hda a.img');
    expect(printed).toMatchObject({ code: 2, out: '' });
    expect(printed.err).toMatch(/--qemu: 3 mistakes\n-smp 9: .*\n-hda: .*\nthe line names no kernel; add -kernel FILE/);
    expect(await command('init', folder.at('lab.yaml'))).toMatchObject({ code: 0 });
  });

  it('never writes over a file', async () => {
    const file = folder.put('lab.yaml', 'mine');
    expect(await command('init', file)).toEqual({ code: 2, out: '', err: `bootgrade: ${file} exists; name another file\n` });
    expect(folder.read('lab.yaml')).toBe('mine');
  });

  it('says where it cannot write', async () => {
    expect(await command('init', folder.at('none/lab.yaml'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no such file\n$/) as string,
    });
  });
});
