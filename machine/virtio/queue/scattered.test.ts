/** Buffers that go beyond the end of a page (VIRTIO 1.2, 2.7.13.1: a descriptor's memory is physically contiguous). */
import { describe, expect, it } from 'vitest';
import { ConformingDriver } from '../../testkit/conforming-driver.ts';
import { AT } from '../../testkit/mock-driver.ts';
import { pagesOf } from '../../testkit/pages-of.ts';
import { PlayedWatch } from '../../testkit/played-watch.ts';

type Mapped = Parameters<typeof pagesOf>[0];

const PAGE = 0x1000n;
const V = 0x30_0000_0000n;
const NEXT = AT.data + PAGE;
const ELSEWHERE = 0x8005_0000n;

const LINEAR: Mapped = [
  [AT.data, AT.data],
  [NEXT, NEXT],
];
const TORN: Mapped = [
  [V, AT.data],
  [V + PAGE, ELSEWHERE],
];

/** A read of 512 bytes, of which 128 are before the end of the page, and what the kernel touches afterwards. */
function sent(mapped: Mapped, touched: readonly bigint[] = [], from: bigint = NEXT - 128n) {
  const watch = new PlayedWatch();
  const driver = new ConformingDriver('legacy', undefined, undefined, { pages: pagesOf(mapped), watch }).start().chain({ type: 0 });
  driver.describe(1, { address: from, length: 512, flags: 3, next: 2 }).run().handleInterrupt();
  for (const address of touched) watch.play('load', address);
  driver.finish();
  return { findings: driver.slot.trace.findings, watched: watch.ranges };
}

const rules = (...args: Parameters<typeof sent>) => sent(...args).findings.map(({ rule }) => rule);

describe('a buffer that crosses the end of a page', () => {
  it('is scattered if its next virtual page lies elsewhere', () => {
    const [finding, ...others] = sent(TORN).findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'buffer-scattered', severity: 'must', request: 1, culprit: { position: 1, field: 'address' } });
    expect(finding!.message).toMatch(
      /\(descriptor 1: 512 bytes at 0x80030f80; virtual page 0x3000000000 lies at 0x80030000, but page 0x3000001000 at 0x80050000; the last 384 bytes are at 0x80031000 for the device\)$/,
    );
  });

  it.each<[string, Mapped]>([
    ['in an identity map', LINEAR],
    [
      'in a linear map',
      [
        [V, AT.data],
        [V + PAGE, NEXT],
      ],
    ],
    ['if the next page is not mapped', [[V, AT.data]]],
    ['if it is not mapped at all', []],
  ])('is not scattered %s', (_, mapped) => {
    expect(rules(mapped)).toEqual([]);
  });

  it('is not looked at if it lies within one page', () => {
    expect(rules(TORN, [], AT.data)).toEqual([]);
  });
});

describe('a frame that is mapped twice, linearly and by pages that lie apart', () => {
  const both = [...LINEAR, ...TORN];

  it('is scattered once the kernel goes on where the next virtual page lies, as of the notify', () => {
    const { findings, watched } = sent(both, [NEXT - 2n, NEXT - 1n, ELSEWHERE]);
    expect(findings).toMatchObject([{ rule: 'buffer-scattered', request: 1, time: 0 }]);
    expect(watched).toEqual([]);
  });

  it.each([
    ['the kernel goes on at the next frame', [NEXT - 1n, NEXT, ELSEWHERE]],
    ['the kernel only touches the other page for itself', [ELSEWHERE, NEXT - 1n]],
    ['the kernel touches neither', []],
  ])('is not scattered if %s', (_, touched) => {
    expect(rules(both, touched)).toEqual([]);
  });

  it('is watched no longer than it takes to know, and for no more than some thousand accesses', () => {
    expect(sent(both).watched.map(({ address, length }) => [address, length])).toEqual([
      [NEXT - 64n, 64],
      [ELSEWHERE, 64],
      [NEXT, 64],
    ]);
    expect(sent(both, [NEXT - 1n, NEXT]).watched).toEqual([]);
    expect(sent(both, new Array(5000).fill(ELSEWHERE)).watched).toEqual([]);
  });
});
