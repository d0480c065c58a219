import { describe, expect, test } from 'vitest';
import { parseCpuModel } from '../isa/cpu-model.ts';
import { nodeAt, readCells, readFdt, readStrings } from '../testkit/fdt-reader.ts';
import { encodeFdt } from './fdt.ts';
import { type VirtDescription, virtTree } from './virt.ts';

const PLAIN: VirtDescription = { cpu: parseCpuModel('rv64'), memory: 1 << 30, harts: 1, builtinSbi: true };
const build = (description: Partial<VirtDescription> = {}) => readFdt(encodeFdt(virtTree({ ...PLAIN, ...description })));

describe('device tree of virt', () => {
  test('virtio slots come in descending order, each with its interrupt at the PLIC', () => {
    const tree = build();
    const slots = nodeAt(tree, '/soc').children.filter(({ name }) => name.startsWith('virtio_mmio@'));
    expect(slots.map(({ name }) => name)).toEqual([8, 7, 6, 5, 4, 3, 2, 1].map((slot) => `virtio_mmio@1000${slot}000`));
    expect(slots.map(({ properties }) => readCells(properties.get('interrupts')))).toEqual([[8], [7], [6], [5], [4], [3], [2], [1]]);
    expect(readCells(slots[0]!.properties.get('reg'))).toEqual([0, 0x1000_8000, 0, 0x1000]);
    const plic = readCells(nodeAt(tree, '/soc/plic@c000000').properties.get('phandle'));
    for (const slot of slots) expect(readCells(slot.properties.get('interrupt-parent'))).toEqual(plic);
  });

  test('memory beyond 4 GiB of address space takes both cells', () => {
    expect(readCells(nodeAt(build({ memory: 3 * 2 ** 30 }), '/memory@80000000').properties.get('reg'))).toEqual([
      0, 0x8000_0000, 0, 0xc000_0000,
    ]);
  });

  test('the CPU lists exactly the extensions that are on', () => {
    const cpu = nodeAt(build({ cpu: parseCpuModel('rv64,zba=off,d=off,sstc=off,zicboz=off') }), '/cpus/cpu@0').properties;
    const extensions = [
      'i',
      'm',
      'a',
      'f',
      'c',
      'zicbom',
      'zicbop',
      'zicntr',
      'zicsr',
      'zifencei',
      'zihpm',
      'zawrs',
      'zbb',
      'zbc',
      'zbs',
      'svadu',
    ];
    expect(readStrings(cpu.get('riscv,isa-extensions'))).toEqual(extensions);
    expect(readStrings(cpu.get('riscv,isa'))).toEqual(['rv64imafc_zicbom_zicbop_zicntr_zicsr_zifencei_zihpm_zawrs_zbb_zbc_zbs_svadu']);
    expect(readStrings(cpu.get('riscv,isa-base'))).toEqual(['rv64i']);
    expect(readStrings(cpu.get('mmu-type'))).toEqual(['riscv,sv57']);
    expect([...cpu.keys()].filter((name) => name.endsWith('block-size'))).toEqual(['riscv,cbop-block-size', 'riscv,cbom-block-size']);
    expect(readCells(cpu.get('riscv,cbom-block-size'))).toEqual([64]);
    expect(readStrings(nodeAt(build({ cpu: parseCpuModel('rv64,sv48=off') }), '/cpus/cpu@0').properties.get('mmu-type'))).toEqual([
      'riscv,sv39',
    ]);
  });

  test('chosen: command line, initrd and console; no property for what was not given', () => {
    const chosen = nodeAt(
      build({ bootargs: 'ostd.log_level=error', initrd: { start: 0xa020_0000n, end: 0xa020_0006n } }),
      '/chosen',
    ).properties;
    expect(readStrings(chosen.get('bootargs'))).toEqual(['ostd.log_level=error']);
    expect(readCells(chosen.get('linux,initrd-start'))).toEqual([0, 0xa020_0000]);
    expect(readCells(chosen.get('linux,initrd-end'))).toEqual([0, 0xa020_0006]);
    expect(readStrings(chosen.get('stdout-path'))).toEqual(['/soc/serial@10000000']);
    expect(chosen.get('rng-seed')).toHaveLength(32);
    for (const bootargs of [undefined, ''])
      expect([...nodeAt(build({ bootargs }), '/chosen').properties.keys()]).toEqual(['stdout-path', 'rng-seed']);
  });

  test('two trees of one description are the same bytes', () => {
    expect(encodeFdt(virtTree(PLAIN))).toEqual(encodeFdt(virtTree(PLAIN)));
  });

  test('under the built-in SBI its memory is reserved, as OpenSBI 1.5 leaves it', () => {
    const reserved = nodeAt(build(), '/reserved-memory');
    expect(reserved.properties.get('ranges')).toHaveLength(0);
    expect(reserved.children.map(({ name, properties }) => [name, readCells(properties.get('reg')), properties.has('no-map')])).toEqual([
      ['mmode_resv1@80000000', [0, 0x8000_0000, 0, 0x4_0000], true],
      ['mmode_resv0@80040000', [0, 0x8004_0000, 0, 0x2_0000], true],
    ]);
    expect(build({ builtinSbi: false }).children.map(({ name }) => name)).not.toContain('reserved-memory');
  });

  test('the PLIC interrupts M mode only where the kernel has M mode', () => {
    const contexts = (builtinSbi: boolean) =>
      readCells(nodeAt(build({ builtinSbi }), '/soc/plic@c000000').properties.get('interrupts-extended'));
    expect(contexts(false)).toEqual([2, 11, 2, 9]);
    expect(contexts(true)).toEqual([2, 0xffff_ffff, 2, 9]);
  });
});
