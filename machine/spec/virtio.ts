/**
 * Numbers of the virtio specification that more than one part of the project needs; each is written only here.
 *
 * Reference: VIRTIO 1.2; each table names its section. Names are the specification's without their prefixes (VIRTQ_DESC_F_, VIRTIO_BLK_T_ …).
 * This file imports nothing, so that devices, rules, checks and reports can all use it.
 */

/** Flags of a descriptor (2.7.5). */
export const DESCRIPTOR_FLAG = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;

/** The only flag of the available ring (2.7.6), and the only one of the used ring (2.7.8). */
export const AVAILABLE_NO_INTERRUPT = 1;
export const USED_NO_NOTIFY = 1;

/** Sizes of the queue's parts in bytes (2.7): a descriptor, a ring's flags and index, an entry of the available ring, a used element. */
export const DESCRIPTOR_BYTES = 16;
export const RING_HEADER_BYTES = 4;
export const AVAILABLE_ENTRY_BYTES = 2;
export const USED_ELEMENT_BYTES = 8;

/** Offset of virtio-mmio's register QueueNotify (4.2.2). */
export const QUEUE_NOTIFY = 0x050;

/** DeviceID of each kind of device (5). */
export const DEVICE_ID = { network: 1, block: 2, entropy: 4 } as const;

/** The driver's status bits (2.1). */
export const STATUS_BITS = { ACKNOWLEDGE: 1, DRIVER: 2, DRIVER_OK: 4, FEATURES_OK: 8, DEVICE_NEEDS_RESET: 0x40, FAILED: 0x80 } as const;

/** Bits of InterruptStatus (4.2.2). */
export const INTERRUPT_BITS = { USED_BUFFER: 1, CONFIGURATION_CHANGE: 2 } as const;

/** Feature bits, by number: of a block device (5.2.3) and of the queue and the device as a whole (6). */
export const FEATURE_BITS = {
  SIZE_MAX: 1,
  SEG_MAX: 2,
  GEOMETRY: 4,
  RO: 5,
  BLK_SIZE: 6,
  /** Legacy only. */
  SCSI: 7,
  FLUSH: 9,
  TOPOLOGY: 10,
  CONFIG_WCE: 11,
  MQ: 12,
  DISCARD: 13,
  WRITE_ZEROES: 14,
  /** Legacy only: the device interrupts when it has used up the available ring, even if the driver suppresses interrupts. */
  NOTIFY_ON_EMPTY: 24,
  ANY_LAYOUT: 27,
  INDIRECT_DESC: 28,
  EVENT_IDX: 29,
  VERSION_1: 32,
  RING_RESET: 40,
} as const;

/** Types of a block request (5.2.6); SCSI_CMD exists only in the legacy interface. */
export const REQUEST_TYPES = {
  IN: 0,
  OUT: 1,
  SCSI_CMD: 2,
  FLUSH: 4,
  GET_ID: 8,
  GET_LIFETIME: 10,
  DISCARD: 11,
  WRITE_ZEROES: 13,
  SECURE_ERASE: 14,
} as const;

/** What the device writes into a block request's status byte (5.2.6). */
export const ANSWERS = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;

/** A block request (5.2.6) in bytes: its header, and the status at its end. */
export const REQUEST_HEADER_BYTES = 16;
export const REQUEST_STATUS_BYTES = 1;

/** The unit of a block device's capacity and of a request's position (5.2.4), in bytes. */
export const SECTOR_BYTES = 512;
