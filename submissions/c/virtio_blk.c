/*
 * The driver of the block device: initialisation (virtio 1.2, 3.1.1) and read_block.
 * write_block is the student's task, so it is in variants/: one file for each way to do it.
 * Left out: interrupts, more than one request at a time, requests of several sectors, all device features.
 */
#include "virtio_blk.h"

#include "console.h"
#include "panic.h"
#include "virtio_mmio.h"

/* The features that change how the rings are used (2.7.5.3, 2.7.10). This driver cannot do them, so it must not accept them. */
enum { FEATURE_INDIRECT_DESC = 1 << 28, FEATURE_EVENT_IDX = 1 << 29 };

/* The part of the configuration space that this driver reads (5.2.4). */
union virtio_blk_config {
  struct {
    uint64_t capacity; /* in sectors of 512 bytes */
    uint32_t size_max;
    uint32_t seg_max;
    uint16_t cylinders;
    uint8_t heads;
    uint8_t sectors;
    uint32_t blk_size;
    uint8_t topology[8];
  };
  uint32_t words[8];
};

static struct virtqueue_memory queue_memory;

static void reset(uint64_t base) {
  virtio_mmio_write(base, VIRTIO_MMIO_STATUS, 0);
  while (virtio_mmio_read(base, VIRTIO_MMIO_STATUS) != 0) {
    /* The device says 0 once its reset is complete. */
  }
}

static void negotiate_features(uint64_t base) {
  uint32_t offered[2];
  for (uint32_t word = 0; word < 2; word++) {
    virtio_mmio_write(base, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
    offered[word] = virtio_mmio_read(base, VIRTIO_MMIO_DEVICE_FEATURES);
  }
  uint32_t accepted[2] = {offered[0] & ~(FEATURE_INDIRECT_DESC | FEATURE_EVENT_IDX), 0};
  for (uint32_t word = 0; word < 2; word++) {
    virtio_mmio_write(base, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
    virtio_mmio_write(base, VIRTIO_MMIO_DRIVER_FEATURES, accepted[word]);
  }
}

static void set_up_queue(struct virtqueue *queue, uint64_t base) {
  virtio_mmio_write(base, VIRTIO_MMIO_QUEUE_SEL, 0);
  if (virtio_mmio_read(base, VIRTIO_MMIO_QUEUE_NUM_MAX) < QUEUE_SIZE)
    panic("the device's queue is shorter than %u", QUEUE_SIZE);
  virtio_mmio_write(base, VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
  virtio_mmio_write(base, VIRTIO_MMIO_QUEUE_ALIGN, QUEUE_ALIGN);
  /*
   * QueuePFN is a page number: the address divided by GuestPageSize (4.2.4). The lab never writes GuestPageSize, and
   * stores the address itself. QEMU takes that as "pages of one byte"; a stricter device need not. We do as the lab does.
   */
  virtio_mmio_write(base, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)(uint64_t)&queue_memory);
  *queue = (struct virtqueue){.device = base, .memory = &queue_memory};
}

static void print_config(uint64_t base) {
  union virtio_blk_config config;
  for (uint32_t i = 0; i < 8; i++)
    config.words[i] = virtio_mmio_read(base, VIRTIO_MMIO_CONFIG + 4 * i);
  print("Block config: capacity %lu, size_max %u, seg_max %u, geometry %u/%u/%u, blk_size %u\n", config.capacity,
        config.size_max, config.seg_max, config.cylinders, config.heads, config.sectors, config.blk_size);
}

int virtio_blk_probe(struct virtio_blk *disk, struct mmio_region region) {
  uint64_t base = region.address;
  if (virtio_mmio_read(base, VIRTIO_MMIO_MAGIC) != VIRTIO_MMIO_MAGIC_VALUE)
    return 0;
  uint32_t device_id = virtio_mmio_read(base, VIRTIO_MMIO_DEVICE_ID);
  if (device_id != VIRTIO_ID_BLOCK)
    return 0;
  uint32_t version = virtio_mmio_read(base, VIRTIO_MMIO_VERSION);
  print("Virtio MMIO device found at 0x%lx with size 0x%lx, device id %u, version: %u\n", base, region.size, device_id, version);
  if (version != VIRTIO_MMIO_VERSION_LEGACY)
    panic("this driver knows the legacy transport only");

  reset(base);
  virtio_mmio_write(base, VIRTIO_MMIO_STATUS, VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER);
  negotiate_features(base);
  set_up_queue(&disk->queue, base);
  print_config(base);
  /* FEATURES_OK is not in the legacy interface; the lab sets it all the same, and QEMU does not mind. */
  virtio_mmio_write(base, VIRTIO_MMIO_STATUS,
                    VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_DRIVER_OK);
  return 1;
}

uint8_t read_block(struct virtio_blk *disk, uint64_t sector, uint8_t *data) {
  disk->header.type = VIRTIO_BLK_T_IN;
  disk->header.sector = sector;
  disk->status = STATUS_NOT_ANSWERED;

  const struct buffer chain[] = {
      {&disk->header, sizeof disk->header, DEVICE_READS},
      {data, SECTOR_SIZE, DEVICE_WRITES},
      {&disk->status, sizeof disk->status, DEVICE_WRITES},
  };
  virtqueue_add(&disk->queue, chain, 3);
  virtqueue_notify(&disk->queue);
  virtqueue_wait(&disk->queue);
  return disk->status;
}
