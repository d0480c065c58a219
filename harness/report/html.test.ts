/**
 * The two pages, looked at in headless Chromium (Debian's package, with playwright-core) and by axe-core (accessibility, WCAG 2.2 AA).
 * Where there is no Chromium, what needs a browser is skipped.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumFile, lacks } from '../../testing/tools.ts';
import { evidence, finding, image, request } from '../testkit/evidence.ts';
import { errored, HOSTILE_NAME, HOSTILE_TEXT, hostile, stack, subject } from '../testkit/sample-hostile.ts';
import { check, result, scenario, writableData } from '../testkit/sample-results.ts';
import { classPage } from './html/class.ts';
import { CLASS_SCRIPT, CLASS_SCRIPT_SHA256 } from './html/class-script.ts';
import { submissionPage } from './html/submission.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What a kernel prints to draw a page of its own. */
const HOSTILE_CONSOLE = `${HOSTILE_TEXT}\n<h1>100/100</h1>\n\u001b[32mgreen\u001b[0m\r\n&lt;b&gt;\n`;

function fullSubject() {
  const code = { first: 202, lines: ['let used = &self.used;', 'while used.index() == seen {}', 'Ok::<Status, _>(())'] };
  const places = stack('src/queue.rs', 203).places.map((place) => ({ ...place, frames: place.frames.map((one) => ({ ...one, code })) }));
  const why = [{ kind: 'code' as const, text: 'looping at', stack: { places, leftOut: 0, notes: [] } }];
  const note = { ...finding({ severity: 'note', rule: 'flush-unused', message: 'The driver never flushes.' }), details: [], stack: null };
  const findings = [{ ...finding({ rule: 'race-load' }), details: [], stack: stack('src/blk.rs', 55) }, note];
  const of = { ...writableData(), scenarios: [scenario({ why, findings, stop: { reason: 'hang' } })] };
  const requests = [
    request({ number: 1, type: 0 }),
    request({ number: 2, time: 20_200_000, completion: null, problem: 'a chain without a status descriptor', data: 'ab'.repeat(100) }),
  ];
  return subject(of, [evidence({ console: 'boot\nTesting block device write...\n', requests, images: [image({ changed: { 0: '00' } })] })]);
}

function hostileSubject() {
  const problem = HOSTILE_TEXT;
  const run = evidence({
    scenario: hostile().scenarios[0]!.name,
    console: HOSTILE_CONSOLE,
    requests: [request({ problem, drive: HOSTILE_TEXT })],
  });
  return subject(hostile(), [run]);
}

function classSubjects() {
  const alike = ['b', 'c'].map((name) => ({ ...writableData(), name }));
  return [
    result(),
    ...alike,
    hostile(),
    errored(),
    result({ name: 'z', score: 7, outcome: 'failed', checks: [check('slow', { outcome: 'failed', score: 7 })] }),
  ].map((of) => subject(of));
}

it('names the hash of the only script that may run', () => {
  expect(createHash('sha256').update(CLASS_SCRIPT).digest('base64')).toBe(CLASS_SCRIPT_SHA256);
});

it('writes what others wrote as text', () => {
  const page = submissionPage(hostileSubject());
  expect(page).not.toMatch(/<script|<img|javascript:b"|<h1>100/);
  expect(page.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(page).toContain('&lt;h1&gt;100/100&lt;/h1&gt;');
  expect(page).toContain('<span class="dim">\\x1b[32m</span>green');
  expect(classPage(classSubjects()).match(/<script/g)).toHaveLength(1);
});

it('names the scenario of a failed check, and the faults that were put in, there and with its run', () => {
  const failed = check('notices', { outcome: 'failed', scenario: 'fails', reason: 'nothing matches' });
  const scenarios = [scenario(), scenario({ name: 'fails', faults: ['request #2 was made to fail with IOERR'] })];
  const page = submissionPage(subject(result({ checks: [failed], scenarios }), []));
  expect(page).toContain('<p class="dim">Scenario <a href="#run-2"><bdi>fails</bdi></a></p>');
  expect(page.match(/<p><b>Fault on purpose:<\/b> request #2 was made to fail with IOERR<\/p>/g)).toHaveLength(2);
});

it('says a mismatch, an end and broken rules once, however many runs have them', () => {
  const why = [{ kind: 'text' as const, text: 'the kernel polls nothing' }];
  const findings = [{ ...finding({ message: 'The length is wrong.' }), details: [], stack: null }];
  const stop = { reason: 'hang' } as const;
  const scenarios = [scenario({ why, findings, stop }), scenario({ name: 'again', why, findings, stop }), scenario({ name: 'other' })];
  const of = writableData();
  const marked = of.checks.map((one) => (one.id === 'write-flags' ? { ...one, reason: 'desc 4 is device-writable' } : one));
  const page = submissionPage(subject({ ...of, checks: marked, scenarios }, []));
  expect(page.match(/the kernel polls nothing/g)).toHaveLength(1);
  expect(page.match(/The length is wrong/g)).toHaveLength(1);
  expect(page).toContain('<p>It ended as in <a href="#run-1">run <bdi>write</bdi></a>.</p>');
  expect(page).toContain('<p>It breaks the same rules of the virtio specification as <a href="#run-1">run <bdi>write</bdi></a>.</p>');
  // The drawing of the request marks it.
  expect(page).not.toContain('desc 4 is device-writable');
  expect(page).toContain('expected: device reads');
});

it('leaves out what only follows from the place of the queue, and says so', () => {
  const findings = [
    { ...finding({ rule: 'avail-flags', message: 'Neither 0 nor 1.' }), details: [], stack: null, follows: 'queue-place' as const },
  ];
  const page = submissionPage(subject(result({ scenarios: [scenario({ findings })] }), []));
  expect(page).not.toContain('Neither 0 nor 1.');
  expect(page).toContain('do not agree on: avail-flags (in the JSON report)');
});

it('shows the first and the last of a long console, and of many requests', () => {
  const requests = Array.from({ length: 5000 }, (_, index) => request({ number: index + 1, time: index * 100 }));
  const page = submissionPage(subject(result(), [evidence({ console: `first\n${'x\n'.repeat(2_000_000)}last`, requests })]));
  expect(page.length).toBeLessThan(2_000_000);
  const shown = ['>first\nx', 'x\nlast</pre>', '… 3,868,011 bytes left out …', '… 4,900 requests left out …'];
  expect(shown.filter((text) => !page.includes(text))).toEqual([]);
});

it.each(['a\u0001', "'&", '\u009b', '\u{10ffff}', '\u001b[31mx', '\n', '\r'])('does not multiply a console of %j', (piece) => {
  const console = piece.repeat(8_000_000 / piece.length);
  const text = submissionPage(subject(result(), [evidence({ console })]));
  expect(text.length).toBeLessThan(1_200_000);
  expect(text).toMatch(/… [\d,]+ bytes left out …/);
});

it('both pages say whose a submission is, with the columns of the roster', () => {
  const student = { id: 's1001', name: 'Alice', columns: { section: 'A<b>' }, ids: {} };
  const one = subject(result({ students: [student] }));
  expect(submissionPage(one)).toContain('Alice (s1001; section: A&lt;b&gt;)');
  const [row, missing] = [...classPage([one], [{ ...student, id: 's1002', name: 'Bob' }]).matchAll(/<bdi>(?:Alice|Bob)<.*/g)].map(String);
  expect(row).toContain('<bdi>Alice</bdi> <span class="dim">s1001 · <bdi>section: A&lt;b&gt;</bdi></span>');
  expect(missing).toContain('<bdi>Bob</bdi> <span class="dim">s1002 · <bdi>section: A&lt;b&gt;</bdi></span>');
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

  /** Opens the page; `strange` collects every request to elsewhere, message of the console and dialogue. */
  async function open(text: string, options: BrowserContextOptions = {}): Promise<{ page: Page; strange: string[] }> {
    const file = join(folder, 'page.html');
    writeFileSync(file, text);
    const page = await (await browser.newContext(options)).newPage();
    const strange: string[] = [];
    page.on('request', (made) => void (made.url().startsWith('file:') || strange.push(made.url())));
    page.on('console', (message) => void strange.push(message.text()));
    page.on('pageerror', (error) => void strange.push(String(error)));
    page.on('dialog', (dialog) => {
      strange.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    return { page, strange };
  }

  const PAGES = [
    ['a submission', () => submissionPage(fullSubject())],
    ['a hostile submission', () => submissionPage(hostileSubject())],
    ['a class', () => classPage(classSubjects())],
  ] as const;
  const looks = ['light', 'dark'] as const;
  const cases = PAGES.flatMap(([name, text]) => looks.map((look) => [name, look, text] as const));

  it.each(cases)('%s is accessible in %s', async (_, colorScheme, text) => {
    const { page } = await open(text(), { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: AXE });
    const found = await page.evaluate(async () => {
      for (const one of document.querySelectorAll('details')) one.open = true;
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(found).toEqual([]);
  });

  it.each(PAGES)('%s fits a phone, and asks nothing of the network', async (_, text) => {
    const { page, strange } = await open(text(), { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(strange).toEqual([]);
  });

  it('shows the chain, the time line, the difference, the source lines and the console', async () => {
    const { page } = await open(submissionPage(fullSubject()));
    const chain = page.locator('details', { hasText: 'write-flags' }).getByRole('img').first();
    expect(await chain.getAttribute('aria-label')).toContain(
      'descriptor 4, data, 0x80a32200, 512 bytes, device writes (expected: device reads)',
    );
    expect(await page.locator('svg a').count()).toBe(2);
    expect(await page.locator('pre .found').first().textContent()).toContain('48 65  |He|  found (as it was before the run)');
    expect(await page.getByText('src/queue.rs:203 write').isVisible()).toBe(true);
    expect(await page.locator('.culprit').allTextContents()).toEqual(['  > 203 | while used.index() == seen {}']);
    expect(await page.locator('.around').last().textContent()).toBe('    204 | Ok::<Status, _>(())');
    expect(await page.getByRole('group', { name: 'Console' }).textContent()).toBe('boot\nTesting block device write...\n');
    await page.locator('svg a').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/#run-1-2$/);
  });

  it('keeps a kernel’s page from being drawn', async () => {
    const { page } = await open(submissionPage(hostileSubject()));
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('script, img, a[href^="javascript"]').count()).toBe(0);
    expect(await page.locator('h1').textContent()).toContain(HOSTILE_NAME);
  });

  const names = (page: Page) => page.locator('#submissions tbody tr:visible td:first-child a').allTextContents();

  it('sorts the class by keyboard', async () => {
    const { page } = await open(classPage(classSubjects()));
    await page.getByRole('button', { name: 'Points' }).focus();
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(['errored', 'z', 'alice', HOSTILE_NAME, 'b', 'c']);
    await page.keyboard.press('Enter');
    expect((await names(page)).slice(0, 3)).toEqual(['b', 'c', HOSTILE_NAME]);
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
  });

  it('says by what the class is sorted, from the start', async () => {
    const { page } = await open(classPage(classSubjects()));
    const sorted = () => page.locator('th[aria-sort]').evaluateAll((all) => all.map((one) => [one.textContent, one.ariaSort]));
    expect(await sorted()).toEqual([['Submission', 'ascending']]);
    await page.getByRole('button', { name: 'Submission' }).click();
    expect(await sorted()).toEqual([['Submission', 'descending']]);
  });

  it('shows all of the table on a phone, and its header while it scrolls', async () => {
    const many = Array.from({ length: 300 }, (_, at) => subject({ ...writableData(), name: `student-${at}` }));
    const { page } = await open(classPage(many), { viewport: { width: 360, height: 740 } });
    const inside = (box: { x: number; width: number } | null) => box !== null && box.x >= 0 && box.x + box.width <= 360;
    for (const cell of await page.locator('#submissions tbody tr').nth(150).locator('td').all())
      expect(inside(await cell.boundingBox())).toBe(true);
    await page.locator('#submissions tbody tr').nth(150).scrollIntoViewIfNeeded();
    const header = await page.locator('#submissions thead').boundingBox();
    expect(header?.y).toBe(0);
    // Sorting and filtering answer at once.
    const took = await page.evaluate(() => {
      const began = performance.now();
      document.querySelector<HTMLButtonElement>('#submissions th:nth-child(3) button')?.click();
      document.querySelector<HTMLInputElement>('#filter-text')!.value = 'student-29';
      document.querySelector('#filter-text')?.dispatchEvent(new Event('input'));
      return performance.now() - began;
    });
    expect(took).toBeLessThan(1000);
    expect(await page.getByRole('status').textContent()).toBe('11 of 300 shown');
  });

  it('leads from what fails alike to the submissions', async () => {
    const { page } = await open(classPage(classSubjects()));
    await page.locator('details summary').first().click();
    expect(await page.locator('details').first().getByRole('link').allTextContents()).toEqual(['b', 'c']);
    const last = page.locator('details').last();
    await last.locator('summary').click();
    expect(await last.locator('summary').textContent()).toBe('3 submissions that fail like no other');
    expect(await last.getByRole('listitem').last().textContent()).toBe('z: slow: failed (failed: slow)');
  });

  it('filters the class by text, outcome and check', async () => {
    const { page } = await open(classPage(classSubjects()));
    await page.getByLabel('Search').fill('学生');
    expect(await names(page)).toEqual([HOSTILE_NAME]);
    expect(await page.getByRole('status').textContent()).toBe('1 of 6 shown');
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Outcome').selectOption('passed');
    expect(await names(page)).toEqual(['alice']);
    await page.getByLabel('Outcome').selectOption('');
    await page.getByLabel('Did not pass').selectOption('write-flags');
    expect(await names(page)).toEqual(['b', 'c']);
  });

  it('says how the class did', async () => {
    const { page } = await open(classPage(classSubjects()));
    expect(await page.locator('.counts').textContent()).toMatch(
      /6 submissions\s*1 passed\s*4 failed\s*1 errored\s*13.33 of 60: median score\s*12.07 mean score/,
    );
    expect(await page.getByRole('img').getAttribute('aria-label')).toBe(
      'Distribution of scores. 20–29 %: 2, 40–49 %: 1, 70–79 %: 1, 100 %: 1',
    );
    expect(await page.locator('table.bars tr').first().textContent()).toMatch(/write-flags: .*2 failed/s);
    expect(await page.locator('details summary').first().textContent()).toBe(
      '2 submissions: write-flags: data: expected device reads, found device writes',
    );
  });

  it('has the filters in its address, and does what an address says', async () => {
    const { page, strange } = await open(classPage(classSubjects()));
    const address = () => page.evaluate(() => location.href);
    const plain = await address();
    await page.getByLabel('Outcome').selectOption('failed');
    await page.getByLabel('Did not pass').selectOption('write-flags');
    await page.getByLabel('Search').fill(' b & c=d ');
    expect(await address()).toBe(`${plain}#q=b+%26+c%3Dd&outcome=failed&check=write-flags`);
    await page.goto('about:blank');
    await page.goto(`${plain}#check=write-flags&outcome=failed`);
    expect(await names(page)).toEqual(['b', 'c']);
    expect(await page.getByLabel('Did not pass').inputValue()).toBe('write-flags');
    await page.goto(`${plain}#q=alice`);
    await expect.poll(() => names(page)).toEqual(['alice']);
    // What is not there filters nothing; nor does a place in the page.
    await page.goto(`${plain}#check=nonsense`);
    await expect.poll(async () => (await names(page)).length).toBe(6);
    await page.goto(`${plain}#alike`);
    await expect.poll(async () => (await names(page)).length).toBe(6);
    expect(await address()).toBe(`${plain}#alike`);
    await page.locator('#check-write-flags a').click();
    // The browser tells the page of its new address a moment later.
    await expect.poll(() => names(page)).toEqual(['b', 'c']);
    await page.goBack();
    await expect.poll(async () => (await names(page)).length).toBe(6);
    await page.goto(`${plain}#check=write-flags`);
    await expect.poll(() => names(page)).toEqual(['b', 'c']);
    await page.getByLabel('Did not pass').selectOption('');
    expect(await address()).toBe(plain);
    expect(strange).toEqual([]);
  });

  it('leads from a problem to the check in the page of the submission, and back', async () => {
    const failing = subject({ ...writableData(), name: 'a/b' });
    const { page } = await open(classPage([failing]));
    expect(await page.locator('#submissions td:last-child a').getAttribute('href')).toBe('./a/b.html#check-write-flags');
    const one = await open(submissionPage(failing));
    expect(await one.page.locator('#check-write-flags details').count()).toBe(1);
    expect(await one.page.getByRole('link', { name: 'The class' }).getAttribute('href')).toBe('../class.html');
  });

  it('leads to the page of each submission', async () => {
    const { page } = await open(classPage([subject(result({ name: 'a b/ü#1' }))]));
    expect(await page.locator('#submissions a').getAttribute('href')).toBe('./a%20b/%C3%BC%231.html');
  });
});
