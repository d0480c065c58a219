/**
 * Feature bits of virtio (VIRTIO 1.2, 6 and 5.2.3; the legacy ones 6.3 and 5.2.3.1), and what our block device offers.
 */
import { FEATURE_BITS } from '../spec/virtio.ts';

/** The two interface versions of virtio-mmio: legacy is version 1, modern is version 2 and VIRTIO 1.0 or later. */
export type Transport = 'legacy' | 'modern';

type FeatureName = keyof typeof FEATURE_BITS;

/** Each feature as a mask of 64 bits. */
export const FEATURE = Object.fromEntries(Object.entries(FEATURE_BITS).map(([name, bit]) => [name, 1n << BigInt(bit)])) as Record<
  FeatureName,
  bigint
>;

const BOTH =
  FEATURE.SEG_MAX |
  FEATURE.GEOMETRY |
  FEATURE.BLK_SIZE |
  FEATURE.FLUSH |
  FEATURE.TOPOLOGY |
  FEATURE.CONFIG_WCE |
  FEATURE.DISCARD |
  FEATURE.WRITE_ZEROES |
  FEATURE.INDIRECT_DESC |
  FEATURE.EVENT_IDX;

/**
 * What QEMU 10's virtio-blk offers: 0x31006ed4 over the legacy transport, 0x101_30006e54 over the modern one, where RING_RESET is
 * offered although virtio-mmio has no register for it there.
 */
export const BLOCK_FEATURES: Record<Transport, bigint> = {
  legacy: BOTH | FEATURE.SCSI | FEATURE.NOTIFY_ON_EMPTY,
  modern: BOTH | FEATURE.VERSION_1 | FEATURE.RING_RESET,
};

export const has = (features: bigint, feature: bigint): boolean => (features & feature) !== 0n;
