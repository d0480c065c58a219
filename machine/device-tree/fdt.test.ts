import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReadNode, readCells, readFdt, readStrings } from '../testkit/fdt-reader.ts';
import { cells, encodeFdt, type FdtNode, flag, node, text } from './fdt.ts';

/** A tree in a form to which both the builder's nodes and the reader's can be converted for comparison. */
function plain(tree: FdtNode | ReadNode): unknown {
  const properties = tree.properties instanceof Map ? [...tree.properties] : Object.entries(tree.properties);
  return [tree.name, properties.map(([name, value]) => [name, [...(value as Uint8Array)]]), tree.children.map(plain)];
}

describe('flattened device tree', () => {
  test('the smallest tree, byte by byte (Devicetree Specification, section 5)', () => {
    const words = (...values: number[]) =>
      values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
    expect([...encodeFdt(node('', { a: cells(7) }))]).toEqual([
      // magic, totalsize, off_dt_struct, off_dt_strings, off_mem_rsvmap, version, last_comp_version, boot_cpuid_phys, sizes
      ...words(0xd00dfeed, 0x5a, 0x38, 0x58, 0x28, 17, 16, 0, 2, 0x20),
      ...words(0, 0, 0, 0), // end of the reservations
      ...words(1, 0, 3, 4, 0, 7, 2, 9), // BEGIN_NODE "" PROP len name 7 END_NODE END
      0x61,
      0,
    ]);
  });

  test('what is built is read back: nodes, order, property values', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9,._+-]{0,10}$/);
    const properties = fc.dictionary(name, fc.uint8Array({ maxLength: 13 }), { maxKeys: 4, noNullPrototype: true });
    const leaf: fc.Arbitrary<FdtNode> = fc.record({ name, properties, children: fc.constant([]) });
    const above = (children: fc.Arbitrary<FdtNode>): fc.Arbitrary<FdtNode> =>
      fc.record({ name, properties, children: fc.array(children, { maxLength: 3 }) });
    const trees = fc.oneof(leaf, above(leaf), above(above(leaf)));
    fc.assert(
      fc.property(trees, (tree) => {
        const root = { ...tree, name: '' };
        expect(plain(readFdt(encodeFdt(root)))).toEqual(plain(root));
      }),
    );
  });

  test('values: cells are big-endian and a bigint takes two, strings end in NUL, a flag is empty', () => {
    expect([...cells(0x1234_5678)]).toEqual([0x12, 0x34, 0x56, 0x78]);
    expect(readCells(cells(1, 0x2_8000_0000n, 0xffff_ffff))).toEqual([1, 2, 0x8000_0000, 0xffff_ffff]);
    expect(readStrings(text('sifive,plic-1.0.0', 'riscv,plic0'))).toEqual(['sifive,plic-1.0.0', 'riscv,plic0']);
    expect([...text('é')]).toEqual([0xc3, 0xa9, 0]);
    expect(flag()).toHaveLength(0);
  });
});
