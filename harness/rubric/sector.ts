/** Bytes of a disk's sector: a block device counts in these. */
export const SECTOR_BYTES = 512;
