/**
 * The names that virtio 1.2 gives to numbers, without their prefixes (VIRTIO_BLK_T_, VIRTIO_BLK_S_, VIRTIO_BLK_F_, VIRTIO_F_):
 * what rubrics write and reports show.
 */

/** 5.2.6; types that only the legacy interface has are from 5.2.6.1 on (SCSI_CMD). */
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

/** What the device writes into the status byte (5.2.6). */
export const ANSWERS = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;

/** The driver's status bits (2.1). */
export const STATUS_BITS = { ACKNOWLEDGE: 1, DRIVER: 2, DRIVER_OK: 4, FEATURES_OK: 8, DEVICE_NEEDS_RESET: 0x40, FAILED: 0x80 } as const;

/** Feature bits of a block device (5.2.3) and of the queue (6). */
export const FEATURE_BITS = {
  SIZE_MAX: 1,
  SEG_MAX: 2,
  GEOMETRY: 4,
  RO: 5,
  BLK_SIZE: 6,
  SCSI: 7,
  FLUSH: 9,
  TOPOLOGY: 10,
  CONFIG_WCE: 11,
  MQ: 12,
  DISCARD: 13,
  WRITE_ZEROES: 14,
  NOTIFY_ON_EMPTY: 24,
  ANY_LAYOUT: 27,
  INDIRECT_DESC: 28,
  EVENT_IDX: 29,
  VERSION_1: 32,
} as const;

export type StatusBit = keyof typeof STATUS_BITS;
export type Feature = keyof typeof FEATURE_BITS;

/** The keys of a table, as zod's enum wants them: never empty. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, number>>): [Name, ...Name[]] {
  return Object.keys(table) as [Name, ...Name[]];
}

/** `OUT (1)`; a number without a name in hex. */
export function numberName(table: Readonly<Record<string, number>>, value: number): string {
  const name = Object.keys(table).find((key) => table[key] === value);
  return name === undefined ? `0x${value.toString(16)}` : `${name} (${value})`;
}

/** `OUT`; a number without a name in hex. */
export function shortName(table: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(table).find((key) => table[key] === value) ?? `0x${value.toString(16)}`;
}
