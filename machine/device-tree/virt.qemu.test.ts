/**
 * Compares our device tree with QEMU's. QEMU is the reference, so this test needs it on PATH.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { isaExtensions, parseCpuModel } from '../isa/cpu-model.ts';
import { LACKING_PROFILES } from '../isa/profiles.ts';
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

function plain(tree: ReadNode, absent = ABSENT): unknown {
  const properties = [...tree.properties].filter(([name]) => !DIFFERENT.includes(name)).map(([name, value]) => [name, [...value]]);
  return [tree.name, properties, tree.children.filter(({ name }) => !absent.test(name)).map((child) => plain(child, absent))];
}

function qemuTree(...options: string[]): ReadNode {
  return qemuTreeOf('rv64', ...options);
}

function qemuTreeOf(cpu: string, ...options: string[]): ReadNode {
  const result = spawnSync(QEMU, ['-machine', `virt,dumpdtb=${blob}`, '-cpu', cpu, '-nographic', '-bios', 'none', ...options]);
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

  test('the same with fw_cfg and flash', () => {
    const mine = readFdt(encodeFdt(virtTree({ cpu, harts: 1, memory: 2 ** 30, builtinSbi: false, fwCfg: true, flash: true })));
    const absent = /^(platform-bus|pmu|pci)\b/;
    expect(plain(mine, absent)).toEqual(plain(qemuTree('-m', '1G'), absent));
  });

  test.each([2, 3, 8])('the same with %i harts', (harts) => {
    expect(plain(ours(2 ** 30, undefined, harts))).toEqual(plain(qemuTree('-m', '1G', '-smp', String(harts))));
  });

  /** What the hart's node says of it: the two forms of the extensions' names, and how far addresses are translated. */
  function hartOf(tree: ReadNode) {
    const { properties } = nodeAt(tree, '/cpus/cpu@0');
    const [[isa = ''], [mmu]] = [readStrings(properties.get('riscv,isa')), readStrings(properties.get('mmu-type'))];
    const [letters = '', ...others] = isa.slice('rv64'.length).split('_');
    return { isa: [...letters, ...others], extensions: readStrings(properties.get('riscv,isa-extensions')), mmu };
  }

  /** All that this hart can have. */
  const known = isaExtensions(parseCpuModel('max,svade=on'));

  test.each([
    'rv64',
    'max',
    'max,zbc=off',
    'rv64,zbb=off',
    'rv64,zba=off,zbb=false',
    'rv64,svinval=on,sstc=off',
    'rv64,d=off,c=off',
    'rv64,f=off,d=off,zfa=off',
    'rv64,svadu=off,zicntr=off,zihpm=off',
    'rv64,zicbom=off,zicboz=off,zifencei=off',
    'rv64,sv57=off',
    'rv64,sv39=on',
    'rv64,zicond=on,zcb=on,svnapot=on,svpbmt=on,svade=on',
    'rv64,b=on,zbs=off',
    'rv64,zfh=on',
    'rva22s64',
    'rva22s64,sv48=on,sstc=on,zba=off',
    'rva22s64,sv57=off',
    'rv64,rva22s64=on',
    'rv64,rva22u64=on',
    'rv64,rva22s64=on,sv48=on',
  ])("%s: our extensions are QEMU's, and stand in its order", (option) => {
    const qemu = hartOf(qemuTreeOf(option));
    const mine = hartOf(readFdt(encodeFdt(virtTree({ cpu: parseCpuModel(option), harts: 1, memory: 2 ** 30, builtinSbi: false }))));
    const common = (names: readonly string[]) => names.filter((name) => known.some((ours) => ours === name));
    expect(mine).toEqual({ isa: common(qemu.isa), extensions: common(qemu.extensions), mmu: qemu.mmu });
  });

  /** What the hart keeps without naming it: parts of what it has, hints, behaviour of S mode, and how long instructions take. */
  const KEPT = new Set(
    `zic64b ziccamoa ziccif zicclsm ziccrse zihintntl zihintpause zmmul za64rs zaamo zalrsc zca zcd zkt zvkt zve32f zve32x zve64f zve64d zve64x
    zvkb shcounterenw shgatpa shtvala shvsatpa shvstvala shvstvecd ssccptr sscounterenw sstvala sstvecd ssu64xl`.split(/\s+/),
  );

  test.each([...LACKING_PROFILES])('%s demands what we say is lacking, and nothing else', (profile, { lacking, nearest }) => {
    const near: readonly string[] = isaExtensions(parseCpuModel(nearest));
    const { isa } = hartOf(qemuTreeOf(profile));
    expect(isa.filter((name) => !KEPT.has(name) && !near.includes(name)).sort()).toEqual([...lacking].sort());
  });
});
