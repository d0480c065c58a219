/** Code in reports: a hand-in of a kernel with the sources that it was built of, from the command to the files. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';
import { bootgrade } from './bootgrade.ts';

const VARIANT = 'variants/writable-data.c';
const SOURCES = ['virtqueue.c', 'virtqueue.h', 'virtio_mmio.h', 'main.c', VARIANT];

let folder: TestFolder;

/** The sample's rubric, with the files that the course gave. */
function rubric(name: string, given?: string): string {
  const line = given === undefined ? '' : `\n  given: ${given}`;
  return folder.put(name, readFileSync('rubrics/lab13.yaml', 'utf8').replace(/^ {2}kernel: .*$/m, `  kernel: kernel.elf${line}`));
}

const source = (file: string) =>
  readFileSync(file === VARIANT ? 'submissions/source/writable-data/write_block.c' : `submissions/c/${file}`, 'utf8');

/** The line with its number, as reports mark it. */
function marked(file: string, text: string): string {
  const lines = source(file).split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  return `> ${index + 1} | ${lines[index]!.trim()}`;
}

/** Runs the command; what it printed, with runs of spaces as one. */
async function run(...argv: string[]): Promise<string> {
  const { environment, out } = capture();
  await bootgrade(argv, environment);
  return out().replaceAll(/ +/g, ' ');
}

beforeAll(() => {
  folder = new TestFolder();
  // The student's folder is another than the one in which the sample was compiled, and has a folder on top.
  folder.put('class/s1001/kernel.elf', sampleKernel('writable-data'));
  for (const file of SOURCES) folder.put(`class/s1001/lab13/src/${file}`, source(file));
  folder.put('class/s1002/kernel.elf', sampleKernel('writable-data'));
});
afterAll(() => folder.remove());

const STORE = marked('virtqueue.c', 'desc->flags =');
const CALL = marked(VARIANT, 'virtqueue_add(');

describe('a report on a kernel whose sources were handed in', () => {
  it('shows the line that is to blame with those around it, in every format', async () => {
    const out = folder.at('all');
    const report = await run('grade', rubric('all.yaml'), folder.at('class'), '--report', 'html,markdown,github', '--out', out);
    const [own, other] = report.split('s1002/kernel.elf');
    expect(own).toContain(`flags of desc 4 stored at lab13/src/virtqueue.c`);
    expect(own).toContain(STORE);
    // Nobody else's files are looked at.
    expect(other).toContain('flags of desc 4 stored at virtqueue.c');
    expect(other).not.toContain(STORE);
    expect(folder.read('all/s1001.md').replaceAll(/ +/g, ' ')).toContain(STORE);
    expect(folder.read('all/class.github.txt').replaceAll(/ +/g, ' ')).toContain(`%0A ${STORE}`);
    expect(folder.read('all/s1001.html')).toMatch(/<span class="culprit">[^<]*desc-&gt;flags = /);
  });

  it('shows it again when it is graded again, though the sources are gone', async () => {
    const formats = ['--report', 'markdown'];
    await run('grade', rubric('once.yaml'), folder.at('class'), '--out', folder.at('once'));
    await run('regrade', rubric('again.yaml', '["*.c", "*.h"]'), folder.at('once'), '--out', folder.at('again'), ...formats);
    const text = folder.read('again/s1001.md').replaceAll(/ +/g, ' ');
    // Whose the files are is decided by the rubric of today.
    expect(text).toContain(CALL);
    expect(text).toContain('this line has called code that was given: lab13/src/virtqueue.c');
    expect(text).not.toContain(STORE);
  });

  it('has no code of given files, for students or instructors', async () => {
    const given = rubric('given.yaml', '["**"]');
    for (const audience of ['student', 'instructor']) {
      const out = folder.at(audience);
      const report = await run('grade', given, folder.at('class/s1001'), '--for', audience, '--report', 'html,markdown', '--out', out);
      expect(report).toContain('(in code that was given)');
      const texts = Object.entries(folder.texts(audience)).filter(([file]) => !file.endsWith('.evidence.json'));
      expect(texts.map(([, text]) => text).join('')).not.toContain('desc-&gt;flags = buffers');
      expect(texts.map(([, text]) => text).join('')).not.toContain('desc->flags = buffers');
    }
    // The evidence for students has no explanations at all.
    expect(folder.read('student/s1001.write.evidence.json')).not.toContain('desc->flags');
  });
});
