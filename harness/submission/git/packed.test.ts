/** Repositories that were packed before they were handed in: as a bundle, or in an archive with their `.git`. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../testkit/archives.ts';
import { Repositories } from '../../testkit/repositories.ts';
import { kernelsOnly } from '../../vocabulary/submission.ts';
import { findSubmissions } from '../find.ts';
import type { HandIn } from '../hand-in.ts';
import { readTree } from '../read-entry.ts';
import { Workspace } from '../workspace.ts';
import { atCommit } from './at-commit.ts';
import { NO_COMMIT, type WantedCommit } from './wanted.ts';

let repositories: Repositories;
let workspace: Workspace;
let newest: string;

beforeEach(() => {
  repositories = new Repositories();
  workspace = new Workspace();
  repositories.git('init', '-q', '-b', 'main', 'alice');
  repositories.put('alice/deep/er/notes', 'x');
  repositories.commit('2026-11-30T10:00:00+08:00', 'one');
  newest = repositories.commit('2026-12-01T10:00:00+08:00', 'two');
});
afterEach(async () => {
  repositories.remove();
  await workspace.remove();
});

const rules = kernelsOnly(['kernel.elf']);

/** The hand-ins of what is named, by their names, as `grade` reads them. */
async function read(path: string, wanted: Partial<WantedCommit> = {}): Promise<Record<string, HandIn>> {
  const commit = { ...NO_COMMIT, ...wanted };
  const reading = { rules, workspace, commit };
  const { submissions } = await findSubmissions([join(repositories.root, path)], rules, { commit, workspace });
  const how = {
    folder: () => workspace.folder(),
    read: async (name: string, files: Parameters<typeof readTree>[1]) => (await readTree(name, files, reading)).handIn,
    trusted: false,
  };
  const found: Record<string, HandIn> = {};
  for (const handIn of submissions) found[handIn.submission.name] = await atCommit(handIn, commit, how);
  return found;
}

/** The kernel's text, or what is wrong. */
function kernel(handIn: HandIn | undefined): string {
  const found = handIn!.submission.kernel;
  return 'path' in found ? readFileSync(found.path, 'utf8') : 'problem' in found ? found.problem : found.hostFault;
}

function bundle(file: string, ...revisions: string[]): void {
  repositories.put(file, '');
  repositories.git('-C', 'alice', 'bundle', 'create', '-q', join(repositories.root, file), ...revisions);
}

describe('a bundle', () => {
  it('is one submission, at its HEAD, a reference or the last commit before the deadline', async () => {
    bundle('alice.bundle', '--all');
    const { alice } = await read('alice.bundle');
    expect([kernel(alice), alice?.origin]).toEqual(['two', expect.objectContaining({ commit: newest, time: '2026-12-01T10:00:00+08:00' })]);
    expect(kernel((await read('alice.bundle', { at: 'main~1' }))['alice'])).toBe('one');
    expect(kernel((await read('alice.bundle', { deadline: '2026-12-01T00:00+08:00' }))['alice'])).toBe('one');
    expect(kernel((await read('alice.bundle', { at: 'v1' }))['alice'])).toBe('alice.bundle: its git repository has no commit v1');
  });

  it('is found in a class, in a folder and in an archive, and may be of one branch', async () => {
    bundle('class/s1001.bundle', 'main');
    bundle('class/s1002/lab/work.bundle', 'main');
    repositories.put('class/s1003.zip', zip([{ name: 'work.bundle', data: readFileSync(join(repositories.root, 'class/s1001.bundle')) }]));
    const found = await read('class', { at: 'main~1' });
    expect(Object.fromEntries(Object.entries(found).map(([name, one]) => [name, kernel(one)]))).toEqual({
      s1001: 'one',
      s1002: 'one',
      s1003: 'one',
    });
    expect(found['s1002']?.submission.kernel).toMatchObject({ file: 'lab/work.bundle/kernel.elf' });
  });

  it('of SHA-256 is read as well', async () => {
    repositories.git('init', '-q', '--object-format=sha256', '-b', 'main', 'long');
    repositories.put('long/kernel.elf', 'long');
    repositories.git('-C', 'long', 'add', '-A');
    repositories.git('-C', 'long', 'commit', '-q', '-m', 'long');
    repositories.git('-C', 'long', 'bundle', 'create', '-q', '../long.bundle', '--all');
    expect(kernel((await read('long.bundle'))['long'])).toBe('long');
  });

  it('that lacks commits, was cut off or is none says so', async () => {
    bundle('part.bundle', 'main~1..main');
    expect(kernel((await read('part.bundle'))['part'])).toMatch(/^part\.bundle: it needs commits that are not in it; .*--all$/);
    bundle('whole.bundle', '--all');
    const bytes = readFileSync(join(repositories.root, 'whole.bundle'));
    for (const length of [20, 60, bytes.length - 100, bytes.length - 1]) {
      writeFileSync(join(repositories.root, 'cut.bundle'), bytes.subarray(0, length));
      expect(kernel((await read('cut.bundle'))['cut']), `${length} bytes`).toMatch(/^cut\.bundle: it (is damaged|has no HEAD)/);
    }
    repositories.put('class/none.bundle', 'no bundle');
    expect(kernel((await read('class'))['none'])).toMatch(/^none\.bundle is not an archive: it is a text/);
  });
});

describe('a clone in an archive', () => {
  const pack = (folder: string, file: string) => {
    repositories.put(file, '');
    execFileSync('tar', ['-czf', join(repositories.root, file), folder], { cwd: repositories.root });
  };

  it('is read at the commit that is asked for, its objects packed or not; a deadline alone leaves what was handed in', async () => {
    repositories.put('alice/kernel.elf', 'not committed');
    pack('alice', 'class/s1001.tar.gz');
    repositories.git('-C', 'alice', 'gc', '-q');
    pack('alice', 'class/s1002.tar.gz');
    const kernels = async (wanted: Partial<WantedCommit>) => Object.values(await read('class', wanted)).map(kernel);
    expect(await kernels({})).toEqual(['not committed', 'not committed']);
    expect(await kernels({ at: 'main' })).toEqual(['two', 'two']);
    expect(await kernels({ deadline: '2026-12-01T00:00+08:00' })).toEqual(['not committed', 'not committed']);
  });

  it('has no objects by a name that only looks like one', async () => {
    const hash = repositories.git('-C', 'alice', 'rev-parse', 'HEAD');
    for (const name of ['pack/x.pack', `${hash.slice(0, 2)}/x`, 'info/alternates']) {
      const files = [
        { name: 'lab/.git/HEAD', data: `${hash}\n` },
        { name: 'lab/.git/refs/heads/main', data: `${hash}\n` },
        { name: `lab/.git/objects/${name}`, data: `${join(repositories.root, 'alice/.git/objects')}\n` },
      ];
      repositories.put('class/s1001.zip', zip(files));
      expect(kernel((await read('class', { at: 'HEAD' }))['s1001']), name).toMatch(/has no commit HEAD|objects elsewhere/);
    }
  });
});
