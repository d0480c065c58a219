/** The live machine of the page: a student boots a kernel, types at it, and looks at one request after the other. */
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { CoursePages, type OpenPage } from '../testkit/course-page.ts';
import { pollingKernel } from '../testkit/polling-kernel.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const RUBRIC = `rubric: 1
title: Echo
machine: { memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 1ms guest, until: { console: y } } }
checks: [{ id: reads, points: 1, console: y }]
`;

/** Prints each key that is typed, by the SBI's legacy extensions: console getchar (2), console putchar (1). */
const ECHO = 'echo: li a7, 2\n ecall\n blt a0, zero, echo\n li a7, 1\n ecall\n j echo';

/** Makes its second request when a key was typed. */
const ASKS = 'call request\n ask: li a7, 2\n ecall\n blt a0, zero, ask\n call request';

/** Of what a loaded computer does. */
const SOON = { timeout: 20_000 };

describe.skipIf(lacks('Chromium'))('the live machine', () => {
  let pages: CoursePages;
  let one: OpenPage;

  beforeAll(async () => {
    pages = new CoursePages();
    pages.make(pages.put('lab.yaml', RUBRIC), 'site');
    const { url } = await pages.serve('site', '/');
    pages.put('echoes.elf', pollingKernel('legacy', { off: ECHO }));
    pages.put('asks.elf', pollingKernel('legacy', { requests: ASKS, off: ECHO }));
    pages.put('ends.elf', tinyKernel('bye'));
    pages.put('notes.txt', 'notes');
    one = await pages.open(url);
  }, 120_000);
  afterAll(() => pages.close());

  const button = (name: string) => one.page.locator('#live').getByRole('button', { name });
  const status = () => one.page.locator('#live-status').textContent();
  const printed = () => one.page.locator('#live-terminal .xterm-rows').textContent();
  const shown = () => one.page.locator('#live-requests details').count();

  async function boot(file: string): Promise<void> {
    await one.choose('file', pages.at(file));
    await one.done();
    expect(await one.page.locator('#live').isVisible()).toBe(false);
    await one.page.getByRole('button', { name: 'Boot it and type' }).click();
  }

  async function says(text: string): Promise<void> {
    await expect.poll(status, SOON).toBe(text);
  }

  it('prints what is typed, also after what would have ended the scenario', async () => {
    await boot('echoes.elf');
    await says('The machine runs. Type in the terminal; Shift and Tab leave it.');
    await one.page.keyboard.type('xyz');
    await expect.poll(printed, SOON).toContain('xyz');
    await one.page.keyboard.press('Shift+Tab');
    expect(await one.page.evaluate(() => document.activeElement?.id)).toBe('live-off');
    await button('Pause').click();
    await says('Paused.');
    const counted = () => one.page.locator('#live-counts').textContent();
    await one.page.waitForTimeout(300);
    const before = await counted();
    await one.page.waitForTimeout(300);
    expect(await counted()).toBe(before);
    await button('Go on').click();
    await expect.poll(counted, SOON).not.toBe(before);
    await button('Switch off').click();
    expect(await status()).toBe('Switched off.');
    expect(one.strange).toEqual([]);
  });

  it('draws the requests, the chain of the last one opened', async () => {
    await boot('echoes.elf');
    await expect.poll(shown, SOON).toBe(2);
    const requests = one.page.locator('#live-requests');
    expect(await requests.locator('svg a').count()).toBe(2);
    expect(await requests.getByRole('img').last().getAttribute('aria-label')).toMatch(/^Descriptor chain: descriptor \d, header, 0x/);
    expect(await requests.locator('details').evaluateAll((all) => all.map((each) => (each as HTMLDetailsElement).open))).toEqual([
      false,
      true,
    ]);
  });

  it('says why a machine has stopped, or cannot be booted', async () => {
    await boot('ends.elf');
    await says('Machine stopped: the kernel powered off');
    // The terminal draws what was printed a little later.
    await expect.poll(printed, SOON).toContain('bye');
    await boot('notes.txt');
    await says('Machine stopped: notes.txt is a text file that begins with "notes", so it is no kernel');
  });

  it('runs to the next request, and pauses there', async () => {
    await boot('asks.elf');
    await expect.poll(shown, SOON).toBe(1);
    await button('To the next request').click();
    await says('Running until the next request …');
    await one.page.locator('#live-terminal textarea').focus();
    await one.page.keyboard.type('q');
    await says('Paused.');
    await expect.poll(shown, SOON).toBe(2);
  });

  it('is accessible', async () => {
    const { page } = await pages.open(one.page.url(), { bypassCSP: true, viewport: { width: 360, height: 740 } });
    await page.addScriptTag({ path: AXE });
    await page.locator('#file').setInputFiles(pages.at('echoes.elf'));
    await page.locator('#status.done').waitFor();
    await page.getByRole('button', { name: 'Boot it and type' }).click();
    await page.locator('#live-requests details').last().waitFor();
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
      const { violations } = await axe.run({ iframes: false });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(found).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});
