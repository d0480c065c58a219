/* Mistake: nothing has been done yet. */
#include "virtio_blk.h"

uint8_t write_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data) {
  /* TODO: write the sector */
  (void)disk;
  (void)sector;
  (void)data;
  return VIRTIO_BLK_S_OK;
}
