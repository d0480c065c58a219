/**
 * Feature bits of virtio (VIRTIO 1.2, 6 and 5.2.3; the legacy ones 6.3 and 5.2.3.1), and those that each of our devices offers.
 */
import { FEATURE_BITS } from '../spec/virtio.ts';

/** The two interface versions of virtio-mmio: legacy is version 1, modern is version 2 and VIRTIO 1.0 or later. */
export type Transport = 'legacy' | 'modern';

type FeatureName = keyof typeof FEATURE_BITS;

/** Each feature as a 64-bit mask. */
export const FEATURE = Object.fromEntries(Object.entries(FEATURE_BITS).map(([name, bit]) => [name, 1n << BigInt(bit)])) as Record<
  FeatureName,
  bigint
>;

/**
 * The features that QEMU 10 offers for every kind of device. Over the modern transport that includes RING_RESET, although virtio-mmio has no
 * register for it.
 */
export const COMMON_FEATURES: Record<Transport, bigint> = {
  legacy: FEATURE.INDIRECT_DESC | FEATURE.EVENT_IDX | FEATURE.NOTIFY_ON_EMPTY,
  modern: FEATURE.INDIRECT_DESC | FEATURE.EVENT_IDX | FEATURE.VERSION_1 | FEATURE.RING_RESET,
};

export const has = (features: bigint, feature: bigint): boolean => (features & feature) !== 0n;
