import { describe, expect, it } from 'vitest';
import { roleLength, rolesOf } from './block-request.ts';

/** Roles as "role descriptor@address+length", with a W where the device may write. */
function drawn(...descriptors: { at: number | bigint; length: number; flags?: number }[]): string[] {
  return rolesOf(descriptors.map(({ at, length, flags }) => ({ address: BigInt(at), length, flags: flags ?? 0 }))).map(
    ({ role, descriptor, address, length, deviceWritable }) =>
      `${role} ${descriptor}@${address.toString(16)}+${length}${deviceWritable ? ' W' : ''}`,
  );
}

describe('rolesOf', () => {
  it('reads the usual three descriptors as header, data, status', () => {
    expect(drawn({ at: 0x100, length: 16, flags: 1 }, { at: 0x200, length: 512, flags: 3 }, { at: 0x300, length: 1, flags: 2 })).toEqual([
      'header 0@100+16',
      'data 1@200+512 W',
      'status 2@300+1 W',
    ]);
  });

  it('goes by position, not by flags', () => {
    expect(drawn({ at: 0x100, length: 16, flags: 2 }, { at: 0x200, length: 512 }, { at: 0x300, length: 1 })).toEqual([
      'header 0@100+16 W',
      'data 1@200+512',
      'status 2@300+1',
    ]);
  });

  it('splits a descriptor that holds several roles, and joins a role that several hold', () => {
    expect(drawn({ at: 0x100, length: 529 })).toEqual(['header 0@100+16', 'data 0@110+512', 'status 0@310+1']);
    expect(drawn({ at: 0x100, length: 10 }, { at: 0x200, length: 518 }, { at: 0x500, length: 1 })).toEqual([
      'header 0@100+10',
      'header 1@200+6',
      'data 1@206+512',
      'status 2@500+1',
    ]);
  });

  it('goes on at address 0 where a buffer reaches beyond the last one', () => {
    expect(drawn({ at: (1n << 64n) - 16n, length: 529 })).toEqual(['header 0@fffffffffffffff0+16', 'data 0@0+512', 'status 0@200+1']);
  });

  it('finds no data in a flush, and no status in a chain that ends with the header', () => {
    expect(drawn({ at: 0x100, length: 16 }, { at: 0x300, length: 1, flags: 2 })).toEqual(['header 0@100+16', 'status 1@300+1 W']);
    expect(drawn({ at: 0x100, length: 16 })).toEqual(['header 0@100+16']);
    expect(drawn({ at: 0x100, length: 8 })).toEqual(['header 0@100+8']);
    expect(drawn()).toEqual([]);
  });

  it('knows no status in a chain that was read no further', () => {
    expect(drawn({ at: 0x100, length: 16, flags: 3 }, { at: 0x200, length: 512, flags: 1 })).toEqual([
      'header 0@100+16 W',
      'data 1@200+512',
    ]);
  });

  it('takes the last byte of the data for the status where the status has no descriptor', () => {
    expect(drawn({ at: 0x100, length: 16 }, { at: 0x200, length: 512 })).toEqual(['header 0@100+16', 'data 1@200+511', 'status 1@3ff+1']);
  });

  it('passes over a descriptor of no length, and one that points at an indirect table', () => {
    expect(
      drawn({ at: 0x100, length: 16 }, { at: 0x200, length: 0 }, { at: 0x300, length: 48, flags: 4 }, { at: 0x400, length: 1 }),
    ).toEqual(['header 0@100+16', 'status 3@400+1']);
  });

  it.each(Array.from({ length: 40 }, (_, n) => n + 1))('gives every byte of a chain of %i one role, however it is cut', (total) => {
    const whole = drawnLengths([total]);
    expect(whole).toEqual({ header: Math.min(total, 16), data: Math.max(total - 17, 0), status: total > 16 ? 1 : 0 });
    for (let first = 1; first < total; first++) expect(drawnLengths([first, total - first])).toEqual(whole);
  });
});

/** Bytes of each role in a chain of descriptors with these lengths. */
function drawnLengths(lengths: number[]): Record<string, number> {
  const stretches = rolesOf(lengths.map((length) => ({ address: 0n, length, flags: 0 })));
  return { header: roleLength(stretches, 'header'), data: roleLength(stretches, 'data'), status: roleLength(stretches, 'status') };
}
