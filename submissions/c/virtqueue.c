/*
 * The driver's side of a split virtqueue (virtio 1.2, 2.7).
 * Left out: a list of free descriptors. This kernel has one request of three descriptors under way, the table has 64.
 */
#include "virtqueue.h"

#include "virtio_mmio.h"

/* What was written before is visible to the device before what is written after. */
static void memory_barrier(void) {
  asm volatile("fence iorw, iorw" ::: "memory");
}

void virtqueue_add(struct virtqueue *queue, const struct buffer *buffers, int count) {
  uint16_t head = queue->next_desc;
  for (int i = 0; i < count; i++) {
    struct virtq_desc *desc = &queue->memory->desc[queue->next_desc];
    queue->next_desc = (queue->next_desc + 1) % QUEUE_SIZE;
    desc->address = (uint64_t)buffers[i].address; /* no page table: an address of ours is a physical address */
    desc->length = buffers[i].length;
    desc->flags = buffers[i].direction | (i + 1 < count ? VIRTQ_DESC_F_NEXT : 0);
    desc->next = i + 1 < count ? queue->next_desc : 0;
  }

  volatile struct virtq_avail *avail = &queue->memory->avail;
  avail->ring[avail->idx % QUEUE_SIZE] = head;
  memory_barrier(); /* the device must not see the new index before the chain (2.7.13.3.1) */
  avail->idx++;
}

void virtqueue_notify(struct virtqueue *queue) {
  memory_barrier();
  virtio_mmio_write(queue->device, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

void virtqueue_wait(struct virtqueue *queue) {
  while (queue->memory->used.idx == queue->used_idx) {
    /* Polling: the interrupt stays masked. */
  }
  queue->used_idx++;
  memory_barrier(); /* what the device wrote is read after the index that announced it */
}
