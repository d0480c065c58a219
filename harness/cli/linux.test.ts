/** Debian's Linux, as it is packaged for riscv64, boots to a shell on ext4: nobody here wrote any of it. testing/fetch-linux.sh fetches it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks, linuxFolder } from '../../testing/tools.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, inThisProcess, TestFolder } from '../testkit/command.ts';
import { type InitrdFile, initrd } from '../testkit/initrd.ts';
import { grade } from './grade.ts';

const RUBRIC = `rubric: 1
title: Linux
machine:
  memory: 256M
  append: console=ttyS0 quiet
  initrd: initrd
  drives: { disk: { image: disk.img } }
submission: { kernel: vmlinux, format: raw }
scenarios:
  shell:
    limit: 60s guest
    work: 40G units
    keys: [{ when: "# ", type: "cat hello.txt; echo written by ash > new.txt; sync; busybox poweroff -f\\n" }]
checks:
  - { id: reads, points: 1, console: { matches: '^hello from ext4$' } }
  - { id: ends, points: 1, stop: poweroff }
`;

/** The programs, the modules in their order, and a script that mounts the disk and starts a shell on it. */
function earlyFiles(): InitrdFile[] {
  const modules = readdirSync(join(linuxFolder(), 'modules')).sort();
  const script = [
    '#!/bin/busybox sh',
    'export PATH=/bin',
    'busybox mount -t proc proc /proc',
    'busybox mount -t devtmpfs dev /dev',
    ...modules.map((name) => `busybox insmod /modules/${name}`),
    'busybox mount -t ext4 /dev/vda /mnt',
    'cd /mnt',
    'exec busybox sh',
  ];
  return [
    ...['bin', 'dev', 'proc', 'mnt', 'modules'].map((name) => ({ name, mode: 0o040755 })),
    { name: 'dev/console', mode: 0o020600, device: [5, 1] },
    { name: 'bin/busybox', mode: 0o100755, bytes: readFileSync(join(linuxFolder(), 'busybox')) },
    ...modules.map((name) => ({ name: `modules/${name}`, mode: 0o100644, bytes: readFileSync(join(linuxFolder(), 'modules', name)) })),
    { name: 'init', mode: 0o100755, bytes: Buffer.from(`${script.join('\n')}\n`) },
  ];
}

describe.skipIf(lacks('Linux for riscv64', 'e2fsprogs'))('Linux', () => {
  const folder = new TestFolder();
  let result: SubmissionResult;
  let evidence: Evidence;

  beforeAll(async () => {
    folder.put('lab.yaml', RUBRIC);
    folder.put('initrd', initrd(earlyFiles()));
    folder.put('disk/hello.txt', 'hello from ext4\n');
    spawnSync('mke2fs', ['-q', '-t', 'ext4', '-d', folder.at('disk'), folder.at('disk.img'), '8M']);
    folder.put('hand-in/about.txt', '');
    copyFileSync(join(linuxFolder(), 'vmlinux'), folder.at('hand-in/vmlinux'));
    const printed = capture();
    const options = { rubric: folder.at('lab.yaml'), submissions: [folder.at('hand-in')], out: folder.at('reports') };
    const host = inThisProcess(machineHost('bootgrade test'));
    await grade({ ...options, json: true, strict: false, single: true, explain: 'nothing', attempt: 1 }, printed.environment, host);
    result = (JSON.parse(printed.out()) as { results: SubmissionResult[] }).results[0]!;
    const file = readdirSync(folder.at('reports'), { recursive: true, encoding: 'utf8' }).find((name) => name.includes('evidence'))!;
    evidence = JSON.parse(folder.read(join('reports', file))) as Evidence;
  }, 600_000);
  afterAll(() => folder.remove());

  it('reads a file of the disk, and powers off', () => {
    expect(result.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['reads passed', 'ends passed']);
  });

  it('writes a file', () => {
    const sectors = Object.values(evidence.images[0]!.changed);
    expect(sectors.filter((sector) => sector.startsWith(Buffer.from('written by ash\n').toString('hex')))).toHaveLength(1);
  });
});
