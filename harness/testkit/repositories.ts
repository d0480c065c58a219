/** Repositories in a temporary folder, made by the real git as a student's computer makes them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class Repositories {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'bootgrade-git-')));
  #when = '';

  /** What git prints. */
  git(...words: string[]): string {
    const dates = { GIT_COMMITTER_DATE: this.#when, GIT_AUTHOR_DATE: this.#when };
    const env = { PATH: process.env['PATH'], HOME: this.root, GIT_CONFIG_NOSYSTEM: '1', ...dates };
    const who = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.org', '-c', 'protocol.file.allow=always'];
    return execFileSync('git', [...who, ...words], { cwd: this.root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  put(file: string, content: string | Buffer): string {
    const path = join(this.root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Commits all of `alice`, with the text as its kernel; returns the commit. */
  commit(time: string, text: string): string {
    this.#when = time;
    this.put('alice/kernel.elf', text);
    this.git('-C', 'alice', 'add', '-A');
    this.git('-C', 'alice', 'commit', '-q', '--no-verify', '-m', text);
    return this.git('-C', 'alice', 'rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
