/** The page of a lab that is graded by its console, looked at in headless Chromium and by axe-core, with and without scripts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumFile, lacks } from '../../../testing/tools.ts';
import type { Detail } from '../../result/result.ts';
import { evidence, finding, request } from '../../testkit/evidence.ts';
import { subject } from '../../testkit/sample-hostile.ts';
import { check, result, scenario } from '../../testkit/sample-results.ts';
import { submissionPage } from './submission.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const DETAILS: Detail[] = [
  {
    kind: 'difference',
    lines: [
      { sign: '-', text: '3: received pong', note: 'line 3' },
      { sign: '+', text: '3: received ping', note: 'expected' },
    ],
  },
];

const typed = [
  { after: '$ ', text: 'pingpong\n' },
  { after: '$ ', text: 'secret\n' },
];

/** `runs`: how many. The first check fails, of the second run. */
function lab({ runs = 2, console = 'boot\n$ pingpong\n3: received pong\n$ ', requests = 40 } = {}) {
  const names = Array.from({ length: runs }, (_, index) => `run${index}`);
  const findings = [{ ...finding({ message: 'The length is wrong.' }), details: [], stack: null }];
  const { disk: _, ...base } = scenario({ requests, findings, typed });
  const of = result({
    outcome: 'failed',
    checks: [
      check('ping', { outcome: 'failed', score: 0, scenario: 'run1', reason: 'it differs', details: DETAILS, hint: 'Write first.' }),
      check('boots', { scenario: 'run0' }),
    ],
    scenarios: names.map((name) => ({ ...base, name })),
  });
  const made = Array.from({ length: requests }, (_, index) => request({ number: index + 1, time: 1000 * index }));
  return subject(
    of,
    names.map((name) => evidence({ scenario: name, console, requests: made })),
  );
}

it('stays small, whatever the kernel did and however many runs there are', () => {
  const usual = submissionPage(lab({ runs: 10, requests: 100 }));
  expect(usual.length).toBeLessThan(300_000);
  for (const piece of ['\u0001a', '<\u001b[31m', 'x\n']) {
    const console = piece.repeat(200_000 / piece.length);
    const page = submissionPage(lab({ runs: 40, requests: 1100, console }));
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toMatch(/… about [\d,]+ bytes left out …/);
  }
});

it('shows the beginning and the end of a console that is cut to the share of its run', () => {
  const page = submissionPage(lab({ runs: 40, console: `first\n${'&\n'.repeat(20_000)}last` }));
  const [, shown] = /aria-label="Console"><div>(.*?)<\/div>/s.exec(page) ?? [];
  expect(shown).toMatch(/^<pre>first\n&amp;/);
  expect(shown).toMatch(/&amp;\nlast<\/pre>$/);
  const [, left] = /about ([\d,]+) bytes left out/.exec(shown!) ?? [];
  // All of it is 40,010 bytes. Of them so many are shown as fit into 37,500 characters: "&amp;" and a line end for 2 bytes.
  expect(40_010 - Number(left!.replace(',', ''))).toBeGreaterThan(10_000);
});

describe.skipIf(lacks('Chromium'))('in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumFile(), args: ['--no-sandbox'] });
    folder = mkdtempSync(join(tmpdir(), 'bootgrade-html-'));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function open(text: string, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(folder, 'page.html');
    writeFileSync(file, text);
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  it('leads from a failed check to the console of its run, beside which it is explained', async () => {
    const page = await open(submissionPage(lab()), { javaScriptEnabled: false });
    await page.locator('#check-ping').getByRole('link').click();
    expect(page.url()).toMatch(/#run-2$/);
    const beside = page.locator('.beside');
    expect(await beside.count()).toBe(1);
    const console = await beside.getByRole('group', { name: 'Console' }).boundingBox();
    const told = await beside.locator('.told').boundingBox();
    expect(told!.x).toBeGreaterThan(console!.x + console!.width);
    expect(await beside.locator('.wanted').textContent()).toContain('3: received ping');
    expect(await beside.getByText('Write first.').isVisible()).toBe(true);
    await beside.getByRole('link', { name: 'ping' }).click();
    expect(page.url()).toMatch(/#check-ping$/);
  });

  it('marks what was typed where the kernel echoes it, and names what it does not show', async () => {
    const page = await open(submissionPage(lab()));
    expect(await page.getByRole('group', { name: 'Console' }).first().textContent()).toBe('boot\n$ pingpong\n3: received pong\n$ ');
    expect(await page.locator('.console b').allTextContents()).toEqual(['pingpong', 'pingpong']);
    expect(await page.getByText('Typed, but not shown by the kernel: secret').count()).toBe(2);
  });

  it('folds the disk, whose requests are readable without scripts', async () => {
    const page = await open(submissionPage(lab()), { javaScriptEnabled: false });
    const disk = page.locator('details', { hasText: 'Disk: 40 requests' }).first();
    expect(await disk.getByText('The length is wrong.').isVisible()).toBe(false);
    await disk.locator('summary').first().click();
    expect(await disk.getByText('The length is wrong.').isVisible()).toBe(true);
    expect(await disk.locator('tbody tr').count()).toBe(40);
    expect(await disk.locator('tbody tr').first().textContent()).toMatch(/^#1 \w+ OUT, sector \d+OK/);
    expect(await page.locator('svg').count()).toBe(0);
  });

  it('begins a long console at its end', async () => {
    const page = await open(submissionPage(lab({ console: `first\n${'x\n'.repeat(2000)}last` })), { javaScriptEnabled: false });
    const box = page.getByRole('group', { name: 'Console' }).first();
    const [top, height] = await Promise.all([box.boundingBox(), box.locator('pre').boundingBox()]);
    expect(height!.y + height!.height).toBeLessThan(top!.y + top!.height + 2);
  });

  it.each(['light', 'dark'] as const)('is accessible in %s, and fits a phone', async (colorScheme) => {
    const page = await open(submissionPage(lab({ console: `$ pingpong\n${'x'.repeat(300)}` })), {
      colorScheme,
      bypassCSP: true,
      viewport: { width: 360, height: 740 },
    });
    await page.addScriptTag({ path: AXE });
    const found = await page.evaluate(async () => {
      for (const one of document.querySelectorAll('details')) one.open = true;
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(found).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});
