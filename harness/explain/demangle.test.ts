/** Names as binutils' `c++filt -s rust` gives them; mangled by rustc 1.85, and by hand from RFC 2603 (v0). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demangle } from '../run/demangle.ts';
import { pathName, shortName } from './names.ts';

describe("Rust's names", () => {
  it.each([
    [
      '_ZN4core3fmt3num3imp52_$LT$impl$u20$core..fmt..Display$u20$for$u20$i32$GT$3fmt17hbf13e282ff995e04E',
      'core::fmt::num::imp::<impl core::fmt::Display for i32>::fmt',
    ],
    ['_ZN10lab13_ostd6virtio3blk11BlockDevice11write_block17h0123456789abcdefE', 'lab13_ostd::virtio::blk::BlockDevice::write_block'],
    ['_RNvCs4Q2Qx8jI5j6_1a1f', 'a::f'],
    ['_RNCNvCs4Q2Qx8jI5j6_1a7use_all0B3_', 'a::use_all::{closure#0}'],
    ['_RNCNCNvCs4Q2Qx8jI5j6_1a7use_alls0_00B5_', 'a::use_all::{closure#2}::{closure#0}'],
    ['_RINvCs4Q2Qx8jI5j6_1a3cstKb1_Kc78_Ksn5_EB2_', "a::cst<true, 'x', -5>"],
    ['_RINvNtCsgEmfK2I1SDS_4core4hint9black_boxRATabEj2_ECs4Q2Qx8jI5j6_1a', 'core::hint::black_box<&[(i8, bool); 2]>'],
    [
      '_RINvCs4Q2Qx8jI5j6_1a4gen2FhEzDNtNtCsgEmfK2I1SDS_4core6marker4SyncNtBu_4SendEL_EB2_',
      'a::gen2<fn(u8) -> !, dyn core::marker::Sync + core::marker::Send>',
    ],
  ])('%s', (mangled, name) => {
    expect(demangle(mangled)).toBe(name);
  });

  it.each([
    'write_block',
    '_ZN3foo3bar',
    '_ZTV5Queue',
    '_ZN3fooplEv',
    '_ZN',
    '_R',
    '_RNvC',
    '_ZN99999foo17h0123456789abcdefE',
    '_RNvB_1a',
    '_RNvBz_1a',
  ])('and no others are changed: %s', (symbol) => {
    expect(demangle(symbol)).toBe(symbol);
  });

  it('may be anything, and cost little', () => {
    const letters = fc.constantFrom(...'_RNvCsIBETFDKLAMXYQSPO01239azu$.');
    fc.assert(
      fc.property(fc.constantFrom('_R', '_ZN'), fc.array(letters, { maxLength: 60 }), (prefix, rest) => {
        expect(demangle(prefix + rest.join('')).length).toBeLessThan(5000);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['digits alone', `_ZN${'1'.repeat(40)}`],
    ['parts without a hash', `_ZN${'3foo'.repeat(30)}Ev`],
    ['parts without an end', `_ZN${'3foo'.repeat(900)}`],
    ['empty parts', `_ZN${'0'.repeat(3000)}E`],
    ['what may be the end', `_ZN${'1E'.repeat(1500)}`],
    ['back references to what is long and writes little', `_RINvCs${'a'.repeat(2500)}_1a1f${'B2_'.repeat(400)}E`],
    ['more than is looked at', `_ZN${'3foo'.repeat(100_000)}17h0123456789abcdefE`],
  ])('of %s stay as they are, after a number of steps that grows with their length', (_, symbol) => {
    expect(demangle(symbol)).toBe(symbol);
  });

  it('cannot grow without end by naming themselves twice', () => {
    // A tuple of two back references to the tuple before it, many times over.
    const nested = `_RINvC1a1f${'T'.repeat(30)}u${'B8_E'.repeat(30)}E`;
    expect(demangle(nested).length).toBeLessThan(20_000);
  });
});

describe('C++ names', () => {
  // As `c++filt` gives them, without parameters and template arguments.
  it.each([
    ['_Z3fooi', 'foo'],
    ['_ZN4disk5QueueIjE4pushEj', 'disk::Queue::push'],
    ['_ZNK4disk5Queue4sizeEv', 'disk::Queue::size'],
    ['_ZN4diskC1Ev', 'disk::disk'],
    ['_ZN4diskD2Ev', 'disk::~disk'],
    ['_ZN12_GLOBAL__N_14initEv', '(anonymous)::init'],
    ['_ZNSt6vectorIiE4pushEv', 'std::vector::push'],
    ['_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_', 'std::move'],
    ['_ZN3fooILi3EE3barEv', 'foo::bar'],
    ['_ZN5QueueILj8EN4disk3BlkEE4pushENS1_4ItemE', 'Queue::push'],
  ])('%s', (mangled, name) => {
    expect(demangle(mangled)).toBe(name);
  });
});

describe('the path of a name', () => {
  it.each([
    ['lab::blk::write_block', 'lab::blk::write_block'],
    ['<lab::virtio::BlkDevice<H>>::write_block<u8>', '<BlkDevice>::write_block'],
    ['<lab::Queue<T> as core::fmt::Debug>::fmt', '<Queue as Debug>::fmt'],
    ['core::fmt::num::imp::<impl core::fmt::Display for i32>::fmt', 'core::fmt::num::imp::<impl Display for i32>::fmt'],
    ['a::gen2<fn(u8) -> !, dyn core::marker::Sync>', 'a::gen2'],
    ['lab::start::{closure#0}', 'lab::start::{closure#0}'],
    ['main', 'main'],
  ])('of %s is %s', (name, path) => {
    expect(pathName(name)).toBe(path);
  });
});

describe('a short name', () => {
  it.each([
    ['lab::blk::BlockDevice::write_block', 'write_block'],
    ['<lab::Queue<T> as core::fmt::Debug>::fmt', 'fmt'],
    ['write_once<u16>', 'write_once'],
    ['a::gen2<fn(u8) -> !, dyn core::marker::Sync>', 'gen2'],
    ['lab::start::{closure#0}', 'start::{closure#0}'],
    ['main', 'main'],
  ])('of %s is %s', (name, short) => {
    expect(shortName(name)).toBe(short);
  });
});
