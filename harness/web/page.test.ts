/** What a student meets on the page besides a kernel that is graded: stopping, choosing again, files that are no kernels, no network, a small screen. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { CoursePages, type OpenPage } from '../testkit/course-page.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 16M, drives: { blk: { size: 1M, contents: [{ at: 0, file: disk.img }] } } }
submission: { kernel: [kernel.elf, "build/*.elf"] }
scenarios: { hello: { limit: 100000s guest } }
checks:
  - { id: says-hello, points: 10, console: hello, hint: Print it. }
  - { id: disk-as-it-was, points: 5, image: { at: 0, equals: { text: from the image } } }
`;

describe.skipIf(lacks('Chromium'))('the page', () => {
  let pages: CoursePages;
  let url: string;
  const opened: OpenPage[] = [];

  beforeAll(async () => {
    pages = new CoursePages();
    pages.put('disk.img', 'from the image');
    pages.make(pages.put('lab.yaml', RUBRIC), 'site', '--title', 'Lab of hello');
    const site = await pages.serve('site', '/a/b%20c/');
    url = site.url;
    pages.put('hello.elf', tinyKernel('hello'));
    // It counts for days, so it is no hang.
    pages.put('counts.elf', kernelOf('again: addi t0, t0, 1\n j again'));
    pages.put('hangs.elf', kernelOf('again: j again'));
  }, 120_000);
  afterEach(async () => {
    for (const { context } of opened.splice(0)) await context.close();
  });
  afterAll(() => pages.close());

  async function open(options: BrowserContextOptions = {}, address = url): Promise<OpenPage> {
    const one = await pages.open(address, options);
    opened.push(one);
    return one;
  }

  const inReport = ({ page }: OpenPage, text: string) => page.frameLocator('#report').getByText(text).first();

  it('has the title of the course, grades a kernel, and saves report and result', async () => {
    const one = await open();
    expect([await one.page.title(), await one.page.locator('h1').textContent()]).toEqual(['Lab of hello', 'Lab of hello']);
    await one.choose('file', pages.at('hello.elf'));
    expect(await one.done()).toBe('hello.elf: 15/15, passed');
    await inReport(one, 'says-hello').waitFor();
    const report = await one.saved('Save the report');
    expect(report).toMatchObject({ name: 'hello.elf.html', text: expect.stringContaining('<title>') });
    expect(report.text).not.toContain('class.html');
    expect(JSON.parse((await one.saved('Save the result (JSON)')).text)).toMatchObject({ score: 15, audience: 'student' });
    expect(one.strange).toEqual([]);
  });

  it('stops when it is told to, whatever the kernel does, and grades the next', async () => {
    const one = await open();
    await one.choose('file', pages.at('counts.elf'));
    await one.page.getByText('Running scenario hello (1 of 1)').waitFor();
    await one.page.getByRole('button', { name: 'Stop' }).press('Enter');
    expect(await one.page.getByRole('status').textContent()).toBe('Stopped. There is no result.');
    expect(await one.page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(false);
    await one.choose('file', pages.at('hello.elf'));
    expect(await one.done()).toContain('passed');
  });

  it('drops what runs for what is chosen after it', async () => {
    const one = await open();
    await one.choose('file', pages.at('counts.elf'));
    await one.page.getByText('Running scenario hello').waitFor();
    await one.choose('file', pages.at('hangs.elf'));
    expect(await one.done()).toBe('hangs.elf: 5/15, failed');
    await inReport(one, 'hangs').waitFor();
  });

  it('grades what is dropped', async () => {
    const one = await open();
    const drop = (names: readonly string[]) =>
      one.page.evaluate(
        ([bytes, files]) => {
          const data = new DataTransfer();
          for (const name of files) data.items.add(new File([Uint8Array.from(bytes)], name));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        },
        [[...tinyKernel('hello')], names] as const,
      );
    await drop(['a.elf', 'b.elf']);
    expect(await one.page.getByRole('alert').textContent()).toContain('Those are 2 files');
    await drop(['a.elf']);
    expect(await one.done()).toBe('a.elf: 15/15, passed');
    expect(await one.page.getByRole('alert').textContent()).toBe('');
  });

  it('finds the kernel and the lines of sources in a folder, as the command does', async () => {
    pages.put('mine/build/a.elf', tinyKernel('hello'));
    pages.put('mine/.git/build/b.elf', tinyKernel('hi'));
    pages.put('empty/readme.txt', 'nothing');
    const one = await open();
    await one.choose('folder', pages.at('mine'));
    expect(await one.done()).toBe('mine: 15/15, passed');
    expect(JSON.parse((await one.saved('Save the result (JSON)')).text).kernel.file).toBe('build/a.elf');
    await one.choose('folder', pages.at('empty'));
    expect(await one.done()).toBe('empty: 0/15, failed');
    await inReport(one, 'no kernel was found: nothing in it matches kernel.elf or build/*.elf').waitFor();
  });

  it('says what a file is that is no kernel, however large', async () => {
    pages.put('notes.txt', 'int main() {}\n');
    pages.put('large.bin', Buffer.alloc(50 << 20, 'x'));
    const one = await open();
    await one.choose('file', pages.at('notes.txt'));
    expect(await one.done()).toBe('notes.txt: 0/15, failed');
    await inReport(one, 'notes.txt is a text file that begins with "int main() {}", so it is no kernel').waitFor();
    await one.choose('file', pages.at('large.bin'));
    expect(await one.done()).toBe('large.bin: 0/15, failed');
  });

  it('works without a network once it has been opened, and from a folder without a server', async () => {
    const one = await open();
    await one.page.evaluate(() => navigator.serviceWorker.ready);
    const offline = true;
    await one.context.setOffline(offline);
    await one.page.reload();
    await one.choose('file', pages.at('hello.elf'));
    expect(await one.done()).toContain('15/15');

    const fromFolder = await open({}, pathToFileURL(pages.at('site/index.html')).href);
    await fromFolder.choose('file', pages.at('hello.elf'));
    expect(await fromFolder.done()).toContain('15/15');
  });

  it('lets no script send anything, in the page or in a worker', async () => {
    const one = await open();
    const refused = await one.page.evaluate(async (address) => {
      const script = `fetch(${JSON.stringify(address)}).then(() => postMessage(false), () => postMessage(true))`;
      const worker = new Worker(URL.createObjectURL(new Blob([script])));
      const inWorker = await new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
      });
      const inPage = await fetch(address).then(
        () => false,
        () => true,
      );
      return [inPage, inWorker];
    }, url);
    expect(refused).toEqual([true, true]);
    expect(one.strange.join('\n')).toContain('connect-src');
  });

  it.each(['light', 'dark'] as const)('is accessible in %s, before and after a grading', async (colorScheme) => {
    const one = await open({ colorScheme, bypassCSP: true, viewport: { width: 360, height: 740 } });
    await one.page.addScriptTag({ path: AXE });
    const violations = () =>
      one.page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
        // The report is looked at by a test of its own (report/html.test.ts).
        const { violations } = await axe.run({ iframes: false });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
    expect(await violations()).toEqual([]);
    await one.choose('file', pages.at('counts.elf'));
    await one.page.getByRole('button', { name: 'Stop' }).waitFor();
    expect(await violations()).toEqual([]);
    await one.choose('file', pages.at('hangs.elf'));
    await one.done();
    expect(await violations()).toEqual([]);
    expect(await one.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  it('shows all of the report, and is used by the keyboard', async () => {
    const one = await open();
    await one.choose('file', pages.at('hangs.elf'));
    await one.done();
    const summary = one.page.frameLocator('#report').locator('summary').first();
    const height = () => one.page.locator('#report').evaluate((frame) => frame.getBoundingClientRect().height);
    await summary.waitFor();
    const before = await height();
    await summary.press('Enter');
    await expect.poll(height).not.toBe(before);
    const inner = await one.page.locator('#report').evaluate((frame) => {
      const { documentElement } = (frame as HTMLIFrameElement).contentDocument!;
      return documentElement.scrollHeight - documentElement.clientHeight;
    });
    expect(inner).toBeLessThanOrEqual(0);
    const focused: string[] = [];
    await one.page.locator('#file').focus();
    for (let at = 0; at < 6; at++) {
      focused.push(await one.page.evaluate(() => document.activeElement?.id ?? ''));
      await one.page.keyboard.press('Tab');
    }
    expect(focused).toEqual(['file', 'pick-folder', 'boot', 'save-report', 'save-result', 'report']);
  });
});
