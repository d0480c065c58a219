/** For the tests of the page: a course's page, made by the built command, on a server of its own, and opened in Chromium. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromiumFile } from '../../testing/tools.ts';
import { TestFolder } from './command.ts';
import { ROOT } from './program.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

export class CoursePages extends TestFolder {
  /** The single file, which has the page in it. */
  readonly #program = this.at('bootgrade.mjs');
  readonly #servers: StaticServer[] = [];
  #browser: Promise<Browser> | undefined;

  constructor() {
    super();
    execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), this.#program], { cwd: ROOT, stdio: 'pipe' });
  }

  /** Makes the page of a rubric's file in a folder of this one. */
  make(rubric: string, name: string, ...options: readonly string[]): string {
    execFileSync(process.execPath, [this.#program, 'web', rubric, '--out', this.at(name), ...options], { stdio: 'pipe' });
    return this.at(name);
  }

  async serve(name: string, path: string): Promise<StaticServer> {
    const server = await serveFolder(this.at(name), path);
    this.#servers.push(server);
    return server;
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    this.#browser ??= chromium.launch({ executablePath: chromiumFile(), args: ['--no-sandbox'] });
    const context = await (await this.#browser).newContext(options);
    const page = await context.newPage();
    const strange: string[] = [];
    page.on('console', (message) => void strange.push(message.text()));
    page.on('pageerror', (error) => void strange.push(String(error)));
    await page.goto(url);
    return new OpenPage(page, context, strange);
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
    for (const server of this.#servers) await server.close();
    this.remove();
  }
}

export class OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Messages of the console, refusals by the page's policy among them, and errors. */
  readonly strange: readonly string[];

  constructor(page: Page, context: BrowserContext, strange: readonly string[]) {
    this.page = page;
    this.context = context;
    this.strange = strange;
  }

  async choose(input: 'file' | 'folder', path: string): Promise<void> {
    await this.page.locator(`#${input}`).setInputFiles(path);
  }

  /** Waits for the end of a grading; returns what is said of it. */
  async done(): Promise<string> {
    await this.page.locator('#status.done').waitFor();
    return (await this.page.locator('#status').textContent()) ?? '';
  }

  /** The text of the file that a button saves. */
  async saved(button: string): Promise<{ readonly name: string; readonly text: string }> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.page.getByRole('button', { name: button }).click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }
}
