/* Kernels that wait for a variable which nobody sets. build.sh compiles this file several times; each is a loop of another kind. */
#ifndef SHARED
#define SHARED
#endif

struct ring {
  SHARED unsigned short flags;
  SHARED unsigned short index;
};

static SHARED int ready;
static struct ring ring;

asm(".section .text.unlikely, \"ax\"\n"
    ".globl _start\n"
    "_start: la sp, stack_top\n"
    "  call kernel_main\n"
    "1: j 1b\n"
    ".bss\n"
    ".balign 16\n"
    ".skip 4096\n"
    "stack_top:\n"
    ".text\n");

/* So that the variables are really variables to the compiler. */
void set(int value) {
  ready = value;
  ring.index = value;
}

static void stop(void) {
  for (;;) {
  }
}

#if defined(LONG)
static unsigned short load(SHARED unsigned short *from) { return *from; }
static unsigned short index_of(struct ring *from) { return load(&from->index); }
static int differs(unsigned a, unsigned b) { return (a & 0xffff) != (b & 0xffff); }
static int is_used(struct ring *from, unsigned seen) { return differs(index_of(from), seen); }
static int is_done(struct ring *from, unsigned seen) { return is_used(from, seen) ? 1 : 0; }
#endif

#if defined(INTERRUPT)
/* Sets the variable at the first tick, and prints, which is an effect on the console: the last one is the handler's then. */
asm(".option arch, +zicsr\n"
    ".balign 4\n"
    "handler: la t0, ready\n"
    "  li t1, 1\n"
    "  sw t1, 0(t0)\n"
    "  li t1, -1\n"
    "  csrw 0x14d, t1\n" /* stimecmp: no further tick */
    "  mv t2, a0\n"
    "  li a0, 46\n"
    "  li a7, 1\n"
    "  ecall\n"
    "  mv a0, t2\n"
    "  sret\n");

static void start_timer(void) {
  asm volatile(".option arch, +zicsr\n la t0, handler\n csrw stvec, t0\n csrr t0, time\n addi t0, t0, 100\n csrw 0x14d, t0\n"
               "li t0, 0x20\n csrs sie, t0\n csrsi sstatus, 2" ::: "t0");
}
#endif

void kernel_main(void) {
#if defined(INTERRUPT)
  start_timer();
#endif
#if defined(LONG)
  unsigned seen = 0;
  while (!is_done(&ring, seen)) { /* waits */
  }
#elif defined(STOP)
  if (ready == 0)
    stop();
#else
  while (ready == 0) { /* waits */
  }
#endif
  set(0);
  stop();
}
