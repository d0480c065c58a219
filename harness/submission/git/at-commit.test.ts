/** Repositories as students hand them in, read by the real git: the right commit, and nothing of theirs is run or read elsewhere. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Repositories } from '../../testkit/repositories.ts';
import { kernelsOnly } from '../../vocabulary/submission.ts';
import { FolderTree } from '../folder-tree.ts';
import type { HandIn } from '../hand-in.ts';
import { readTree } from '../read-entry.ts';
import type { Tree } from '../tree.ts';
import { Workspace } from '../workspace.ts';
import { atCommit } from './at-commit.ts';
import { NO_COMMIT, type WantedCommit } from './wanted.ts';

let repositories: Repositories;
let root: string;
let folders: number;

beforeEach(() => {
  repositories = new Repositories();
  root = repositories.root;
  folders = 0;
  git('init', '-q', '-b', 'main', 'alice');
});
afterEach(() => repositories.remove());

const git = (...words: string[]) => repositories.git(...words);
const put = (file: string, text: string | Buffer) => repositories.put(file, text);
const commit = (time: string, text: string) => repositories.commit(time, text);

const rules = kernelsOnly(['kernel.elf']);

async function read(wanted: Partial<WantedCommit>, name = 'alice', { trusted = false } = {}): Promise<HandIn> {
  const files = new FolderTree(join(root, name));
  const reading = async (called: string, tree: Tree) =>
    (await readTree(called, tree, { rules, workspace: new Workspace(), commit: NO_COMMIT })).handIn;
  const folder = () => {
    const path = join(root, `scratch-${folders++}`);
    mkdirSync(path);
    return path;
  };
  return atCommit(await reading(name, files), { ...NO_COMMIT, ...wanted }, { folder, read: reading, trusted });
}

/** The kernel's text, or what is wrong. */
function kernel({ submission }: HandIn): string {
  const found = submission.kernel;
  return 'path' in found ? readFileSync(found.path, 'utf8') : 'problem' in found ? found.problem : found.hostFault;
}

describe('a repository', () => {
  it('is read at a tag, a branch or a commit', async () => {
    const first = commit('2026-11-30T10:00:00+08:00', 'one');
    git('-C', 'alice', 'tag', 'v1');
    const second = commit('2026-12-01T10:00:00+08:00', 'two');
    put('alice/kernel.elf', 'not committed');
    expect(kernel(await read({ at: 'v1' }))).toBe('one');
    expect(kernel(await read({ at: 'main' }))).toBe('two');
    expect(kernel(await read({ at: 'HEAD~1' }))).toBe('one');
    const { origin } = await read({ at: second.slice(0, 10) });
    expect(origin).toMatchObject({ commit: second, time: '2026-12-01T10:00:00+08:00' });
    expect(kernel(await read({ at: 'v2' }))).toBe('its git repository has no commit v2');
    expect(kernel(await read({ at: '--output=/tmp/x' }))).toContain('has no commit');
    expect(first).not.toBe(second);
  });

  it('is read at the last commit before the deadline, or late where there is none', async () => {
    commit('2026-11-30T10:00:00+08:00', 'one');
    commit('2026-12-01T23:59:00+08:00', 'two');
    commit('2026-12-01T23:59:01+08:00', 'three');
    expect(kernel(await read({ deadline: '2026-12-01T23:59+08:00' }))).toBe('two');
    expect(kernel(await read({ deadline: '2026-12-01T16:00Z' }))).toBe('three');
    const late = await read({ deadline: '2026-11-01T00:00Z' });
    expect([kernel(late), late.origin?.time]).toEqual(['three', '2026-12-01T23:59:01+08:00']);
  });

  it('stays as it lies where a deadline alone is given and no commit has the kernel', async () => {
    const deadline = '2026-12-01T00:00Z';
    put('alice/kernel.elf', 'no commit');
    expect(kernel(await read({ deadline }))).toBe('no commit');
    expect(kernel(await read({ at: 'HEAD' }))).toBe('its git repository has no commit HEAD');
    put('alice/.gitignore', '*.elf\n');
    commit('2026-11-30T10:00:00+08:00', 'ignored');
    const { origin, ...handIn } = await read({ deadline });
    expect([kernel({ ...handIn, origin }), origin]).toEqual(['ignored', null]);
    expect(kernel(await read({ at: 'HEAD' }))).toContain('no kernel was found');
    // One that was committed too late was known to git, so that it is no way around the deadline.
    rmSync(join(root, 'alice/.gitignore'));
    commit('2026-12-02T10:00:00+08:00', 'late');
    expect(kernel(await read({ deadline }))).toContain('no kernel was found');
  });

  it('stays as it lies where neither is asked for', async () => {
    commit('2026-11-30T10:00:00+08:00', 'one');
    put('alice/kernel.elf', 'not committed');
    expect(kernel(await read({}))).toBe('not committed');
  });

  it('may be bare, packed, of SHA-256 or cut off', async () => {
    commit('2026-11-30T10:00:00+08:00', 'one');
    commit('2026-12-01T10:00:00+08:00', 'two');
    git('clone', '-q', '--bare', 'alice', 'bare');
    git('-C', 'bare', 'gc', '-q');
    expect(kernel(await read({ at: 'HEAD~1' }, 'bare'))).toBe('one');
    git('clone', '-q', '--depth=1', `file://${root}/alice`, 'cut');
    expect(kernel(await read({ deadline: '2027-01-01T00:00Z' }, 'cut'))).toBe('two');
    git('init', '-q', '--object-format=sha256', '-b', 'main', 'long');
    put('long/kernel.elf', 'long');
    git('-C', 'long', 'add', '-A');
    git('-C', 'long', 'commit', '-q', '-m', 'long');
    expect(kernel(await read({ at: 'main' }, 'long'))).toBe('long');
  });

  it('has folders, links and modes as they were committed, and nothing in place of a submodule', async () => {
    put('alice/src/deep/main.c', 'int main;');
    symlinkSync('src/deep', join(root, 'alice/link'));
    git('clone', '-q', `file://${root}/alice`, 'other');
    commit('2026-11-30T10:00:00+08:00', 'one');
    git('-C', 'alice', 'update-index', '--add', '--cacheinfo', `160000,${git('-C', 'alice', 'rev-parse', 'HEAD')},module`);
    commit('2026-11-30T11:00:00+08:00', 'two');
    const { files } = await read({ at: 'HEAD~0' });
    expect(files?.list('')?.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['kernel.elf file', 'link link', 'src folder']);
    expect(files?.open('link/main.c')).toHaveProperty('path');
    expect(files?.open('module')).toHaveProperty('problem');
  });
});

describe('a worktree', () => {
  const ELSEWHERE = 'its .git names a repository that lies elsewhere';

  beforeEach(() => {
    commit('2026-11-30T10:00:00+08:00', 'one');
    commit('2026-12-01T10:00:00+08:00', 'two');
    git('-C', 'alice', 'worktree', 'add', '-q', '--detach', '../tree', 'HEAD~1');
  });

  it('is read in its repository where a person named it, with its own HEAD', async () => {
    const trusted = { trusted: true };
    expect(kernel(await read({ at: 'HEAD' }, 'tree', trusted))).toBe('one');
    expect(kernel(await read({ at: 'main' }, 'tree', trusted))).toBe('two');
    expect(kernel(await read({ deadline: '2027-01-01T00:00Z' }, 'tree', trusted))).toBe('one');
  });

  it('that was handed in reaches no repository elsewhere', async () => {
    expect(kernel(await read({ at: 'HEAD' }, 'tree'))).toContain(ELSEWHERE);
    put('mallory/.git', 'gitdir: ../alice/.git\n');
    expect(kernel(await read({ at: 'main' }, 'mallory'))).toContain(ELSEWHERE);
    symlinkSync('../alice/.git', join(root, 'mallory/own'));
    put('mallory/.git', 'gitdir: own\n');
    expect(kernel(await read({ at: 'main' }, 'mallory'))).toContain(ELSEWHERE);
    rmSync(join(root, 'mallory'), { recursive: true });
    put('mallory/own/HEAD', 'ref: refs/heads/main\n');
    put('mallory/own/commondir', '../../alice/.git\n');
    put('mallory/.git', 'gitdir: own\n');
    expect(kernel(await read({ at: 'main' }, 'mallory'))).toContain(ELSEWHERE);
    rmSync(join(root, 'mallory/.git'));
    symlinkSync('../alice/.git', join(root, 'mallory/.git'));
    expect(kernel(await read({ at: 'main' }, 'mallory'))).toBe('its .git is a link; hand in a whole clone');
    put('carol/.git', 'x'.repeat(10_000));
    expect(kernel(await read({ at: 'main' }, 'carol'))).toContain(ELSEWHERE);
  });

  it('is read where its repository lies in the hand-in', async () => {
    put('bob/kernel.elf', 'committed');
    git('init', '-q', '-b', 'main', '--separate-git-dir', 'bob/.store', 'bob');
    git('-C', 'bob', 'add', 'kernel.elf');
    git('-C', 'bob', 'commit', '-q', '-m', 'one');
    put('bob/kernel.elf', 'as it lies');
    expect(kernel(await read({ at: 'main' }, 'bob'))).toBe('committed');
    put('bob/.git', 'gitdir: .store\n');
    expect(kernel(await read({ at: 'main' }, 'bob'))).toBe('committed');
  });
});

describe('a hostile repository', () => {
  const mark = () => join(root, 'ran');

  beforeEach(() => {
    commit('2026-11-30T10:00:00+08:00', 'one');
    put('evil.sh', `#!/bin/sh\ntouch ${mark()}\ncat\n`);
    chmodSync(join(root, 'evil.sh'), 0o755);
  });

  it('runs nothing that its configuration names', async () => {
    const evil = join(root, 'evil.sh');
    put('alice/.gitattributes', '* filter=evil diff=evil export-subst\n');
    commit('2026-11-30T11:00:00+08:00', 'two');
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-auto-gc', 'post-index-change']) {
      put(`alice/.git/hooks/${hook}`, readFileSync(evil, 'utf8'));
      chmodSync(join(root, `alice/.git/hooks/${hook}`), 0o755);
    }
    appendFileSync(
      join(root, 'alice/.git/config'),
      `[core]\n\tfsmonitor = ${evil}\n\tpager = ${evil}\n\tsshCommand = ${evil}\n\talternateRefsCommand = ${evil}\n[pager]\n\trev-list = ${evil}
[filter "evil"]\n\tsmudge = ${evil}\n\tprocess = ${evil}\n\trequired = true\n[diff "evil"]\n\ttextconv = ${evil}\n[alias]\n\tls-tree = !${evil}
[protocol]\n\tallow = always\n[include]\n\tpath = ${evil}\n`,
    );
    expect(kernel(await read({ at: 'main' }))).toBe('two');
    expect(kernel(await read({ deadline: '2027-01-01T00:00Z' }))).toBe('two');
    expect(existsSync(mark())).toBe(false);
  });

  it('does not fetch objects that it lacks', async () => {
    const hash = git('-C', 'alice', 'rev-parse', 'HEAD:kernel.elf');
    rmSync(join(root, 'alice/.git/objects', hash.slice(0, 2), hash.slice(2)), { force: true });
    appendFileSync(
      join(root, 'alice/.git/config'),
      `[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ext::${join(root, 'evil.sh')}\n\tpromisor = true\n\tuploadpack = ${join(root, 'evil.sh')}
[protocol "ext"]\n\tallow = always\n[protocol "file"]\n\tallow = always\n`,
    );
    expect(kernel(await read({ at: 'main' }))).toMatch(/damaged/);
    expect(existsSync(mark())).toBe(false);
  });

  it('gets nothing of other repositories', async () => {
    git('init', '-q', '-b', 'main', 'bob');
    const objects = join(root, 'alice/.git/objects');
    put('bob/.git/objects/info/alternates', `${objects}\n`);
    put('bob/.git/refs/heads/main', `${git('-C', 'alice', 'rev-parse', 'HEAD')}\n`);
    expect(kernel(await read({ at: 'main' }, 'bob'))).toContain('objects elsewhere');
    rmSync(join(root, 'bob/.git/objects'), { recursive: true });
    symlinkSync(objects, join(root, 'bob/.git/objects'));
    expect(kernel(await read({ at: 'main' }, 'bob'))).toContain('links among the objects');
    put('dave/.git/HEAD', 'ref: refs/heads/main\n');
    mkdirSync(join(root, 'dave/.git/objects'));
    symlinkSync(join(root, 'alice/.git/refs'), join(root, 'dave/.git/refs'));
    expect(kernel(await read({ at: 'main' }, 'dave'))).toContain('has no commit main');
  });

  it('has no names that lead out of it', async () => {
    const blob = git('-C', 'alice', 'rev-parse', 'HEAD:kernel.elf');
    const entry = (mode: string, name: string, hash: string) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, 'hex')]);
    const tree = (...entries: Buffer[]) => {
      put('object', Buffer.concat(entries));
      return git('-C', 'alice', 'hash-object', '-t', 'tree', '-w', '--literally', '../object');
    };
    const up = tree(entry('40000', '..', tree(entry('100644', 'kernel.elf', blob))));
    const hash = git('-C', 'alice', 'commit-tree', '-m', 'up', up);
    expect(kernel(await read({ at: hash }))).toMatch(/^in its git repository, \.\.\/kernel\.elf leads out of/);
  });

  it('is told where a file is kept by Git LFS, or is damaged', async () => {
    commit('2026-11-30T12:00:00+08:00', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    expect(kernel(await read({ at: 'main' }))).toContain('kept by Git LFS');
    put('alice/.git/HEAD', 'ref: ../../x\n');
    expect(kernel(await read({ at: 'main' }))).toBe('its git repository has no HEAD');
  });
});
