/* Kernels whose stores get their values from elsewhere: from a caller's array, an argument, a calculation, or from nowhere else. */
struct buffer {
  unsigned long address;
  unsigned length;
  unsigned writable;
};

struct descriptor {
  unsigned long address;
  unsigned length;
  unsigned short flags;
  unsigned short next;
};

volatile struct descriptor table[3];
volatile unsigned long sector;

asm(".section .text.unlikely, \"ax\"\n"
    ".globl _start\n"
    "_start: la sp, stack_top\n"
    "  li fp, 0\n"
    "  call kernel_main\n"
    "1: j 1b\n"
    ".bss\n"
    ".balign 16\n"
    ".skip 4096\n"
    "stack_top:\n"
    ".text\n");

__attribute__((noipa)) static void add(unsigned at, const struct buffer *buffer) {
  table[at].address = buffer->address;
  table[at].length = buffer->length;
  table[at].flags = 1 | buffer->writable << 1;
}

__attribute__((noipa)) static void set_sector(unsigned long to) {
  sector = to;
}

__attribute__((noipa)) static void set_next(unsigned short next) {
  table[2].next = next;
  table[2].flags = 2;
}

__attribute__((noipa)) static void request(unsigned long first) {
  struct buffer chain[2];
  chain[0].address = 0x1000;
  chain[0].length = 16;
  chain[0].writable = 0;
  chain[1].address = 0x2000;
  chain[1].length = 500;
  chain[1].writable = 1;
  unsigned long wanted = first + 1;
  for (unsigned at = 0; at < 2; at++)
    add(at, &chain[at]);
  set_sector(wanted);
  unsigned short next =
      0x1234;
  set_next(next);
}

void kernel_main(void) {
  request(7);
}
