/*
 * A kernel with many faults, of which it commits one: the test writes the number into `choice` in the file. An even number is a fault, the odd
 * one after it does the same thing right. The tests look up lines by the comments.
 */
typedef unsigned long u64;
volatile int choice = -1;

asm(".section .text.unlikely, \"ax\"\n"
    ".globl _start\n"
    "_start: la sp, stack_top\n"
    "  la t0, entry\n"
    "  csrw stvec, t0\n"
    "  call kernel_main\n"
    "1: j 1b\n"
    ".balign 4\n"
    "entry: addi sp, sp, -16\n"
    "  sd ra, 8(sp)\n"
    "  csrr a0, scause\n"
    "  call on_trap\n"
    "  ld ra, 8(sp)\n"
    "  addi sp, sp, 16\n"
    "  sret\n"
    ".balign 4\n"
    "swapping: csrrw sp, sscratch, sp\n"
    "  addi sp, sp, -16\n"
    "  sd ra, 8(sp)\n"
    "  call power_off\n"
    ".balign 4\n"
    ".globl user\n"
    "user: li a7, 1\n"
    "  ecall\n"
    "  li a7, 2\n"
    "  ecall\n"
    "  j user\n"
    "straying: li t0, 0x80200000\n"
    "  jr t0\n"
    ".bss\n"
    ".balign 16\n"
    ".skip 8192\n"
    "stack_top:\n"
    ".text\n");
void swapping(void), entry(void), user(void), straying(void);

static void sbi(long number, long argument) {
  register long a0 asm("a0") = argument;
  register long a7 asm("a7") = number;
  asm volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
}
__attribute__((noreturn)) void power_off(void) {
  sbi(8, 0);
  for (;;) {
  }
}

volatile u64 scratch;
volatile int calls;

void on_trap(u64 cause) {
  if (cause == 8 && choice == 8) return; /* sepc is not moved on */
  if (cause == 8 && ++calls < 2) {
    asm volatile("csrr t0, sepc; addi t0, t0, 4; csrw sepc, t0" ::: "t0");
    return;
  }
  power_off();
}

char table[16] = "no code at all";
void nothing(void) { scratch = 1; }

struct driver {
  u64 id;
  u64 (*read)(u64 at);
};
struct driver *driver;
u64 read_disk(u64 at) { return at + scratch; }
struct driver disk = {7, read_disk};

__attribute__((noinline)) void copy(char *to, const char *from, int length) {
  for (int i = 0; i < length; i++)
    to[i] = from[i]; /* runs over */
}
const char text[] = "AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEEEEEEEFFFFFFFF";
__attribute__((noinline)) void greet(int length) {
  char name[8];
  copy(name, text, length);
  scratch = name[0];
} /* returns to text */

__attribute__((noinline)) u64 deeper(u64 n) {
  volatile u64 frame[32];
  frame[0] = n;
  if (n == 0) return 0;
  return deeper(n - 1) + frame[0]; /* recursion */
}

__attribute__((noinline)) void victim(void) { scratch = 3; /* overwritten */ }

/* The kernel's gigabyte as it is, and once more 1 GiB higher for user mode. */
u64 root[512] __attribute__((aligned(4096)));
#define HIGHER 0x40000000ul
static void translate(u64 kernel, u64 higher) {
  root[2] = 0x20000000 | kernel;
  root[3] = 0x20000000 | higher;
  asm volatile("csrw satp, %0; sfence.vma" ::"r"(8ul << 60 | (u64)root >> 12) : "memory"); /* satp */
}
static void enter(u64 at, u64 status) {
  asm volatile("csrc sstatus, %0; csrs sstatus, %1; csrw sepc, %2; sret" ::"r"(0x100ul), "r"(status), "r"(at)); /* sret */
}

void kernel_main(void) {
  switch (choice) {
  case 0:
    ((void (*)(void))table)(); /* call of data */
    break;
  case 1:
    nothing();
    break;
  case 3:
    driver = &disk;
  case 2:
    scratch = driver->read(1); /* never set */
    break;
  case 4:
    greet(40);
    break;
  case 5:
    greet(8);
    break;
  case 7:
    asm volatile("la t0, stack_top; csrw sscratch, t0" ::: "t0");
  case 6:
    asm volatile("csrw stvec, %0; ebreak" ::"r"(swapping));
    break;
  case 8:
  case 9:
    enter((u64)user, 0);
    break;
  case 10:
    translate(0xcf, 0xcf);
    enter((u64)user + HIGHER, 0);
    break;
  case 11:
    translate(0xcf, 0xdf);
    enter((u64)user + HIGHER, 0);
    break;
  case 13:
    asm volatile("csrs sstatus, %0" ::"r"(1ul << 18));
  case 12:
    translate(0xcf, 0xdf);
    scratch = *(volatile u64 *)((u64)&disk + HIGHER); /* SUM */
    break;
  case 14:
    translate(0xcf, 0xdf);
    enter((u64)user + HIGHER, 0x100);
    break;
  case 16:
    scratch = deeper(1ul << 40);
    break;
  case 17:
    scratch = deeper(4);
    break;
  case 18:
    asm volatile("csrr t0, mhartid" ::: "t0"); /* mhartid */
    break;
  case 20:
    asm volatile("csrc sstatus, %0" ::"r"(3ul << 13));
  case 21:
    asm volatile(".word 0x02000053"); /* fadd.d */
    break;
  case 22:
    asm volatile(".word 0x0d0572d7"); /* vsetvli */
    break;
  case 24:
    *(volatile unsigned *)victim = 0xffffffff; /* over code */
  case 25:
    victim();
    break;
  case 26:
    translate(0xc7, 0); /* no X */
    break;
  case 28:
    asm volatile("amoadd.w t0, t1, (%0)" ::"r"((u64)&scratch + 2) : "t0", "memory");
    break;
  case 29:
    asm volatile("amoadd.w t0, t1, (%0)" ::"r"(&scratch) : "t0", "memory");
    break;
  case 32:
    translate(0xcf, 0xdf);
    enter((u64)straying + HIGHER, 0);
    break;
  case 30:
    enter(0x10, 0x100);
    break;
  }
  power_off();
}
