/*
 * The block device (virtio_blk.c, and write_block in variants/).
 * Reference: virtio 1.2, 5.2 "Block Device".
 */
#pragma once

#include "fdt.h"
#include "virtqueue.h"

enum { SECTOR_SIZE = 512 };

enum virtio_blk_type { VIRTIO_BLK_T_IN = 0 /* disk to memory */, VIRTIO_BLK_T_OUT = 1 /* memory to disk */ };
enum virtio_blk_status { VIRTIO_BLK_S_OK = 0, VIRTIO_BLK_S_IOERR = 1, VIRTIO_BLK_S_UNSUPP = 2 };
enum { STATUS_NOT_ANSWERED = 0xff }; /* our own: no device answers this */

/* The first 16 bytes of every request. */
struct virtio_blk_header {
  uint32_t type;
  uint32_t reserved;
  uint64_t sector; /* always counted in 512 bytes, whatever the device's block size */
};

struct virtio_blk {
  struct virtqueue queue;
  /* The two small buffers of the request under way. */
  volatile struct virtio_blk_header header;
  volatile uint8_t status;
};

/* Brings up the device if the region has a block device in it. Returns whether it has. */
int virtio_blk_probe(struct virtio_blk *disk, struct mmio_region region);

/* Both move SECTOR_SIZE bytes between `data` and one sector, and return the status that the device answered. */
uint8_t read_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data);
uint8_t write_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data);
