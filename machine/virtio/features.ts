/**
 * Feature bits of virtio (VIRTIO 1.2, 6 and 5.2.3; the legacy ones 6.3 and 5.2.3.1), and what our block device offers.
 */
/** The two interface versions of virtio-mmio: legacy is version 1, modern is version 2 and VIRTIO 1.0 or later. */
export type Transport = 'legacy' | 'modern';

export const FEATURE = {
  SEG_MAX: 1n << 2n,
  GEOMETRY: 1n << 4n,
  RO: 1n << 5n,
  BLK_SIZE: 1n << 6n,
  /** Legacy only. */
  SCSI: 1n << 7n,
  FLUSH: 1n << 9n,
  TOPOLOGY: 1n << 10n,
  CONFIG_WCE: 1n << 11n,
  DISCARD: 1n << 13n,
  WRITE_ZEROES: 1n << 14n,
  /** Legacy only: an interrupt once the device has used up the available ring, whatever the driver suppresses. */
  NOTIFY_ON_EMPTY: 1n << 24n,
  INDIRECT_DESC: 1n << 28n,
  EVENT_IDX: 1n << 29n,
  VERSION_1: 1n << 32n,
  RING_RESET: 1n << 40n,
} as const;

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
