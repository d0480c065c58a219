/** The page grades the sample class as the command does, to the byte, in Chromium. */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { bootgrade } from '../cli/bootgrade.ts';
import { capture } from '../testkit/command.ts';
import { CoursePages, type OpenPage } from '../testkit/course-page.ts';
import { ROOT } from '../testkit/program.ts';
import type { StaticServer } from '../testkit/static-server.ts';

const CLASS = join(ROOT, 'submissions/class');
const LAB13 = join(ROOT, 'rubrics/lab13.yaml');
const SAMPLES = readdirSync(CLASS);

describe.skipIf(lacks('Chromium'))('the page', () => {
  let pages: CoursePages;
  let server: StaticServer;
  let open: OpenPage;

  beforeAll(async () => {
    pages = new CoursePages();
    pages.make(LAB13, 'site');
    server = await pages.serve('site', '/courses/os/');
    open = await pages.open(server.url);
    const printed = capture();
    cpSync(CLASS, pages.at('lab'), { recursive: true });
    await bootgrade(['rubric', 'publish', LAB13, '--out', pages.at('lab/published.yaml')], printed.environment);
    pages.put('lab/bootgrade.yaml', 'rubric: published.yaml\n');
  }, 60_000);
  afterAll(() => pages.close());

  async function ofCommand(name: string): Promise<string> {
    const { environment, out, err } = capture();
    expect([await bootgrade(['check', pages.at(`lab/${name}`), '--json'], environment), err()]).toEqual([0, '']);
    return out();
  }

  it.each(SAMPLES)('gives the result of the command for %s', async (name) => {
    await open.choose('folder', pages.at(`lab/${name}`));
    expect(await open.done()).toContain(`${name}: `);
    expect((await open.saved('Save the result (JSON)')).text).toBe(await ofCommand(name));
  });

  it('shows a request of the report when its bar on the time line is clicked', async () => {
    await open.choose('folder', pages.at('lab/writable-data'));
    await open.done();
    const report = open.page.frameLocator('#report');
    await report.locator('svg a').last().click();
    await expect.poll(() => open.page.evaluate(() => scrollY)).toBeGreaterThan(500);
    const target = await report.locator('svg a').last().getAttribute('href');
    expect(await report.locator(target!).isVisible()).toBe(true);
  });

  it('has asked for its own files alone, and for nothing that its policy forbids', () => {
    expect(SAMPLES).toHaveLength(17);
    expect(open.strange).toEqual([]);
    const files = ['', 'style.css', 'course.js', 'app.js', 'service-worker.js', 'licences.txt'];
    expect([...new Set(server.asked)].sort()).toEqual(files.map((file) => `GET /courses/os/${file}`).sort());
  });

  it('has sent at most 1.5 MB until then', () => {
    // The service worker fetches all of it a second time.
    expect(server.sent()).toBeLessThan(1.5e6);
  });
});
