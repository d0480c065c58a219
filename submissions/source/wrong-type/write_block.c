/* Mistake: the header still says IN, so the device is asked to read the disk into a buffer that it may only read. */
#include "virtio_blk.h"

uint8_t write_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data) {
  disk->header.type = VIRTIO_BLK_T_IN;
  disk->header.sector = sector;
  disk->status = STATUS_NOT_ANSWERED;

  const struct buffer chain[] = {
      {&disk->header, sizeof disk->header, DEVICE_READS},
      {data, SECTOR_SIZE, DEVICE_READS},
      {&disk->status, sizeof disk->status, DEVICE_WRITES},
  };
  virtqueue_add(&disk->queue, chain, 3);
  virtqueue_notify(&disk->queue);
  virtqueue_wait(&disk->queue);
  return disk->status;
}
