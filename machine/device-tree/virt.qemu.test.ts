/**
 * Compares our device tree with QEMU's. QEMU is the reference, so this test needs it on PATH.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { parseCpuModel } from '../isa/cpu-model.ts';
import { nodeAt, type ReadNode, readFdt, readStrings } from '../testkit/fdt-reader.ts';
import { encodeFdt } from './fdt.ts';
import { virtTree } from './virt.ts';

const QEMU = 'qemu-system-riscv64';
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-virt-'));
const blob = join(folder, 'virt.dtb');
const kernel = join(folder, 'kernel');
writeFileSync(kernel, 'raw bytes');

/** Devices that this machine does not have, as the tree names them. */
const ABSENT = /^(platform-bus|pmu|fw-cfg|flash|pci)\b/;
/** Properties that differ: one is a constant of ours, the others depend on the hart's extensions. */
const DIFFERENT = ['rng-seed', 'riscv,isa', 'riscv,isa-extensions'];

function plain(tree: ReadNode): unknown {
  const properties = [...tree.properties].filter(([name]) => !DIFFERENT.includes(name)).map(([name, value]) => [name, [...value]]);
  return [tree.name, properties, tree.children.filter(({ name }) => !ABSENT.test(name)).map(plain)];
}

function qemuTree(...options: string[]): ReadNode {
  const result = spawnSync(QEMU, ['-machine', `virt,dumpdtb=${blob}`, '-cpu', 'rv64', '-nographic', '-bios', 'none', ...options]);
  expect(result.status, String(result.stderr)).toBe(0);
  return readFdt(new Uint8Array(readFileSync(blob)));
}

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(lacks('QEMU 10'))('device tree of QEMU 10', () => {
  const cpu = parseCpuModel('rv64');
  const ours = (memory: number, bootargs?: string, harts = 1) =>
    readFdt(encodeFdt(virtTree({ cpu, harts, memory, bootargs, builtinSbi: false })));

  test('the same nodes and properties, in the same order', () => {
    expect(plain(ours(2 ** 30))).toEqual(plain(qemuTree('-m', '1G')));
    expect(plain(ours(3 * 2 ** 30, 'a=b c'))).toEqual(plain(qemuTree('-m', '3G', '-kernel', kernel, '-append', 'a=b c')));
  });

  test.each([2, 3, 8])('the same with %i harts', (harts) => {
    expect(plain(ours(2 ** 30, undefined, harts))).toEqual(plain(qemuTree('-m', '1G', '-smp', String(harts))));
  });

  test("our extensions are QEMU's default ones and stand in its order", () => {
    const extensions = (tree: ReadNode) => readStrings(nodeAt(tree, '/cpus/cpu@0').properties.get('riscv,isa-extensions'));
    const mine = extensions(ours(2 ** 30));
    expect(extensions(qemuTree('-m', '1G')).filter((name) => mine.includes(name))).toEqual(mine);
  });
});
