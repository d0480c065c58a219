/** Read back by tools that are not ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import { lacks } from '../../testing/tools.ts';
import { zipArchive } from './zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'bootgrade-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMBERS = [
  { name: 'setup.sh', bytes: Buffer.from('#!/bin/sh\n'), isProgram: true },
  { name: 'course/images/Prüfung 1.img', bytes: Buffer.alloc(100_000, 'abc'), isProgram: false },
  { name: 'empty', bytes: Buffer.alloc(0), isProgram: false },
];

it('is read by yauzl, which checks sizes and names', async () => {
  const names = await new Promise<string[]>((resolve, reject) => {
    const found: string[] = [];
    fromBuffer(zipArchive(MEMBERS), { lazyEntries: false, strictFileNames: true }, (error, zip) => {
      if (error !== null) return reject(error);
      zip.on('entry', ({ fileName }: { fileName: string }) => found.push(fileName));
      zip.on('end', () => resolve(found));
      zip.on('error', reject);
    });
  });
  expect(names).toEqual(MEMBERS.map(({ name }) => name));
});

it.skipIf(lacks('Python'))('is unpacked by Python, which checks the CRC-32 of each file, with who may run it', () => {
  const archive = join(folder, 'a.zip');
  writeFileSync(archive, zipArchive(MEMBERS));
  const script = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
  assert z.testzip() is None
  for info in z.infolist():
    path = z.extract(info, sys.argv[2])
    os.chmod(path, info.external_attr >> 16 & 0o777)
`;
  execFileSync('python3', ['-c', script, archive, join(folder, 'out')]);
  for (const { name, bytes, isProgram } of MEMBERS) {
    const path = join(folder, 'out', name);
    expect(readFileSync(path).equals(bytes), name).toBe(true);
    expect(statSync(path).mode & 0o111, name).toBe(isProgram ? 0o111 : 0);
  }
});

it('has the same bytes for the same files', () => {
  expect(zipArchive(MEMBERS).equals(zipArchive(MEMBERS))).toBe(true);
});
