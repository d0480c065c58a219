/*
 * The registers of a virtio device on the MMIO transport, version 1 ("legacy").
 * Reference: virtio 1.2, 4.2.4 "Legacy interface" (register layout), 2.1 (device status).
 */
#pragma once

#include <stdint.h>

enum virtio_mmio_register {
  VIRTIO_MMIO_MAGIC = 0x000,               /* "virt" */
  VIRTIO_MMIO_VERSION = 0x004,             /* 1 = legacy */
  VIRTIO_MMIO_DEVICE_ID = 0x008,           /* 0 = nothing in this slot, 2 = block device */
  VIRTIO_MMIO_DEVICE_FEATURES = 0x010,     /* 32 of the feature bits ... */
  VIRTIO_MMIO_DEVICE_FEATURES_SEL = 0x014, /* ... chosen here: 0 = bits 0..31, 1 = bits 32..63 */
  VIRTIO_MMIO_DRIVER_FEATURES = 0x020,
  VIRTIO_MMIO_DRIVER_FEATURES_SEL = 0x024,
  VIRTIO_MMIO_QUEUE_SEL = 0x030,     /* the queue that the next registers are about */
  VIRTIO_MMIO_QUEUE_NUM_MAX = 0x034, /* the longest queue that the device takes */
  VIRTIO_MMIO_QUEUE_NUM = 0x038,
  VIRTIO_MMIO_QUEUE_ALIGN = 0x03c, /* alignment of the used ring, in bytes */
  VIRTIO_MMIO_QUEUE_PFN = 0x040,   /* where the queue is; see virtio_blk.c */
  VIRTIO_MMIO_QUEUE_NOTIFY = 0x050,
  VIRTIO_MMIO_STATUS = 0x070,
  VIRTIO_MMIO_CONFIG = 0x100, /* what follows depends on the kind of device */
};

enum { VIRTIO_MMIO_MAGIC_VALUE = 0x74726976, VIRTIO_MMIO_VERSION_LEGACY = 1, VIRTIO_ID_BLOCK = 2 };

enum virtio_status {
  VIRTIO_STATUS_ACKNOWLEDGE = 1,
  VIRTIO_STATUS_DRIVER = 2,
  VIRTIO_STATUS_DRIVER_OK = 4,
  VIRTIO_STATUS_FEATURES_OK = 8,
};

/* The registers must be read and written in words of 32 bits. */
static inline uint32_t virtio_mmio_read(uint64_t base, uint32_t offset) {
  return *(volatile uint32_t *)(base + offset);
}

static inline void virtio_mmio_write(uint64_t base, uint32_t offset, uint32_t value) {
  *(volatile uint32_t *)(base + offset) = value;
}
