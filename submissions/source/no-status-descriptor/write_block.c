/* Mistake: the chain ends after the data, so the device has nowhere to write its status (virtio 1.2, 5.2.6). */
#include "virtio_blk.h"

uint8_t write_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data) {
  disk->header.type = VIRTIO_BLK_T_OUT;
  disk->header.sector = sector;
  disk->status = STATUS_NOT_ANSWERED;

  const struct buffer chain[] = {
      {&disk->header, sizeof disk->header, DEVICE_READS},
      {data, SECTOR_SIZE, DEVICE_READS},
  };
  virtqueue_add(&disk->queue, chain, 2);
  virtqueue_notify(&disk->queue);
  virtqueue_wait(&disk->queue);
  return disk->status;
}
