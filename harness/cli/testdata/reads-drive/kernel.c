/* Reads sector 0 of the drive with a legacy virtio-mmio device in slot 7, and prints the text that it begins with. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#define REGISTER(offset) (*(volatile u32 *)(0x10008000 + (offset)))

struct descriptor { u64 address; u32 length; u16 flags, next; };
struct queue {
  struct descriptor descriptors[8];
  struct { u16 flags, index, ring[8]; } available;
  u8 unused[4096 - 8 * 16 - 20];
  struct { u16 flags, index; struct { u32 id, length; } ring[8]; } used;
} __attribute__((aligned(4096)));

static volatile struct queue queue;
static struct { u32 type, reserved; u64 sector; } header;
static u8 data[512];
static u8 status;

static void sbi(u64 extension, u64 argument) {
  register u64 a0 __asm__("a0") = argument;
  register u64 a1 __asm__("a1") = 0;
  register u64 a6 __asm__("a6") = 0;
  register u64 a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
}

static void describe(int number, void *address, u32 length, u16 flags) {
  queue.descriptors[number].address = (u64)address;
  queue.descriptors[number].length = length;
  queue.descriptors[number].flags = flags;
  queue.descriptors[number].next = number + 1;
}

void start(void) {
  REGISTER(0x70) = 0;
  REGISTER(0x70) = 1;
  REGISTER(0x70) = 3;
  REGISTER(0x20) = 0;
  REGISTER(0x28) = 4096;
  REGISTER(0x30) = 0;
  REGISTER(0x38) = 8;
  REGISTER(0x3c) = 4096;
  REGISTER(0x40) = (u64)&queue / 4096;
  REGISTER(0x70) = 7;
  describe(0, &header, sizeof header, 1);
  describe(1, data, sizeof data, 3);
  describe(2, &status, 1, 2);
  queue.available.ring[0] = 0;
  __asm__ volatile("fence" ::: "memory");
  queue.available.index = 1;
  __asm__ volatile("fence" ::: "memory");
  REGISTER(0x50) = 0;
  while (queue.used.index == 0)
    ;
  __asm__ volatile("fence" ::: "memory");
  for (int at = 0; at < 512 && data[at] != 0; at++) sbi(1, data[at]);
  sbi(8, 0);
  for (;;)
    ;
}

__asm__(".pushsection .text.entry, \"ax\"\n.global _start\n_start: la sp, stack_end\n j start\n.popsection\n"
        ".pushsection .bss\n.balign 16\n.skip 4096\nstack_end:\n.popsection\n");
