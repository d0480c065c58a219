/*
 * A split virtqueue: how driver and device hand each other buffers (virtqueue.c).
 * Reference: virtio 1.2, 2.7 "Split Virtqueues".
 */
#pragma once

#include <stdint.h>

enum { QUEUE_SIZE = 64, QUEUE_ALIGN = 4096 };

enum virtq_desc_flags {
  VIRTQ_DESC_F_NEXT = 1,  /* the chain goes on at `next` */
  VIRTQ_DESC_F_WRITE = 2, /* device-writable; without it the device may only read */
};

struct virtq_desc {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

/* Written by the driver: the heads of the chains that the device may work on. */
struct virtq_avail {
  uint16_t flags;
  uint16_t idx; /* counts all chains ever offered; wraps at 65536, not at QUEUE_SIZE */
  uint16_t ring[QUEUE_SIZE];
};

/* Written by the device: the chains that it has finished. */
struct virtq_used {
  uint16_t flags;
  uint16_t idx;
  struct {
    uint32_t id;     /* the head of the chain */
    uint32_t length; /* how many bytes the device wrote into it */
  } ring[QUEUE_SIZE];
};

/* The legacy layout has no freedom: table, available ring, and from the next aligned address on the used ring. */
struct virtqueue_memory {
  _Alignas(QUEUE_ALIGN) struct virtq_desc desc[QUEUE_SIZE];
  volatile struct virtq_avail avail;
  _Alignas(QUEUE_ALIGN) volatile struct virtq_used used;
};

struct virtqueue {
  uint64_t device; /* address of the device's registers */
  struct virtqueue_memory *memory;
  uint16_t next_desc; /* the next descriptor to use; the table is used round and round */
  uint16_t used_idx;  /* the used ring's index that we have seen */
};

/* Who may touch a buffer. */
enum direction { DEVICE_READS = 0, DEVICE_WRITES = VIRTQ_DESC_F_WRITE };

struct buffer {
  const volatile void *address;
  uint32_t length;
  enum direction direction;
};

/* Chains `count` buffers and puts the chain into the available ring. The device does not look before it is notified. */
void virtqueue_add(struct virtqueue *queue, const struct buffer *buffers, int count);

/* Tells the device that there is something in the available ring. */
void virtqueue_notify(struct virtqueue *queue);

/* Waits until the device has finished one more chain. */
void virtqueue_wait(struct virtqueue *queue);
