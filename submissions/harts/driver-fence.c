/*
 * A driver without a fence before the notify: the store into the device's register may overtake the one that has put the request
 * into the queue. Then the device looks, finds nothing, and is never told again. (virtio 1.2, 2.7.13.4.1)
 * Correct: a fence between them.
 * A driver of the block device at 0x10008000, legacy transport, one request at a time, polling. The sectors hold the letter B.
 */
#include "harts.h"

enum { SECTORS = 2, SECTOR_SIZE = 512, QUEUE_SIZE = 8 };
const unsigned harts = 1;

/* Registers and values (virtio 1.2, 4.2.4, 2.1 and 5.2.6). */
enum {
  DEVICE_ID = 0x8,
  GUEST_PAGE_SIZE = 0x28,
  QUEUE_NUM = 0x38,
  QUEUE_ALIGN = 0x3c,
  QUEUE_PFN = 0x40,
  QUEUE_NOTIFY = 0x50,
  STATUS = 0x70,
  ACKNOWLEDGE = 1,
  DRIVER = 2,
  DRIVER_OK = 4,
  NEXT = 1,
  WRITE = 2,
  BLOCK = 2,
};

struct descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

static struct {
  struct descriptor descriptors[QUEUE_SIZE];
  volatile struct {
    uint16_t flags, index, ring[QUEUE_SIZE];
  } available;
  _Alignas(4096) volatile struct {
    uint16_t flags, index;
    struct {
      uint32_t id, length;
    } ring[QUEUE_SIZE];
  } used;
} queue __attribute__((aligned(4096)));

static struct {
  uint32_t type, reserved;
  uint64_t sector;
} header;
static volatile uint8_t status;
static uint8_t data[SECTOR_SIZE];
static uint64_t right;

static volatile uint32_t *device_register(unsigned offset) {
  return (volatile uint32_t *)(uint64_t)(0x10008000 + offset);
}

static void fence(void) {
  asm volatile("fence iorw, iorw" : : : "memory");
}

static void set_up(void) {
  *device_register(STATUS) = 0;
  *device_register(STATUS) = ACKNOWLEDGE | DRIVER;
  *device_register(GUEST_PAGE_SIZE) = 4096;
  *device_register(QUEUE_NUM) = QUEUE_SIZE;
  *device_register(QUEUE_ALIGN) = 4096;
  *device_register(QUEUE_PFN) = (uint64_t)&queue >> 12;
  queue.descriptors[0] = (struct descriptor){(uint64_t)&header, sizeof header, NEXT, 1};
  queue.descriptors[1] = (struct descriptor){(uint64_t)data, SECTOR_SIZE, NEXT | WRITE, 2};
  queue.descriptors[2] = (struct descriptor){(uint64_t)&status, 1, WRITE, 0};
  fence();
  *device_register(STATUS) = ACKNOWLEDGE | DRIVER | DRIVER_OK;
}

static void read_sector(uint64_t sector) {
  header.type = 0;
  header.sector = sector;
  uint16_t before = queue.used.index;
  queue.available.ring[queue.available.index % QUEUE_SIZE] = 0;
  fence();
  queue.available.index++;
#ifdef CORRECT
  fence();
#endif
  *device_register(QUEUE_NOTIFY) = 0;
  while (queue.used.index == before) {
  }
  fence();
}

void work(unsigned hart) {
  (void)hart;
  if (*device_register(DEVICE_ID) != BLOCK)
    return;
  set_up();
  for (int sector = 0; sector < SECTORS; sector++) {
    read_sector(sector);
    if (status == 0 && data[0] == 'B' && data[SECTOR_SIZE - 1] == 'B')
      right++;
  }
}

void check(void) {
  result("sectors", right, SECTORS);
}
