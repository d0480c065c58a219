/*
 * Kernels whose helpers store what their caller chose: after a long time, as in a build without optimization, or (-DINLINED) in helpers that the
 * compiler puts into their caller, where only the debug information still has the argument.
 */
struct descriptor {
  unsigned long address;
  unsigned length;
  unsigned short flags;
  unsigned short next;
};

volatile struct descriptor table[3];

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

struct buffer {
  unsigned long address;
  unsigned length;
  unsigned short flags;
};

#ifdef INLINED

static inline struct buffer buffer(unsigned long address, unsigned length, unsigned short flags) {
  struct buffer made = {address, length, flags};
  return made;
}

static inline void submit(struct buffer header, struct buffer data, struct buffer status) {
  table[0].address = header.address;
  table[0].length = header.length;
  table[0].flags = header.flags | 1;
  table[1].address = data.address;
  table[1].length = data.length;
  table[1].flags = data.flags | 1;
  table[2].address = status.address;
  table[2].length = status.length;
  table[2].flags = status.flags;
}

__attribute__((noipa)) static void request(unsigned long header, unsigned long data, unsigned long status) {
  struct buffer header_buffer = buffer(header, 16, 0);
  struct buffer data_buffer = buffer(data, 500, 2);
  struct buffer status_buffer = buffer(status, 1, 2);
  submit(header_buffer, data_buffer, status_buffer);
}

void kernel_main(void) {
  request(0x1000, 0x2000, 0x3000);
}

#else

static void add(unsigned at, unsigned short flags) {
  table[at].flags = flags;
}

static void request(const struct buffer *data) {
  for (volatile unsigned passed = 0; passed < 1000; passed++)
    ;
  add(1, data->flags);
}

void kernel_main(void) {
  struct buffer data;
  data.flags = 0x123;
  request(&data);
}

#endif
