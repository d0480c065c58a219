/*
 * A missing remote fence: hart 0 moves a page to another frame and gives the old frame away. It makes its own hart forget the old
 * translation, but hart 1 may still have it, and then reads what the frame's new owner has stored.
 * Correct: the other hart is made to forget it too, before the frame is given away (Privileged Architecture, SFENCE.VMA).
 */
#include "harts.h"

enum { READS = 20, OLD = 7, OTHER = 99 };
/* Of a page table entry (Sv39): bits, and the number of the first one that holds the frame. */
enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128, RWX = V | R | W | X | A | D, FRAME = 10 };
const unsigned harts = 2;

typedef uint64_t table[512] __attribute__((aligned(4096)));
static table root, middle, last;
static table frames[2];
static uint64_t right;

/* Where the page is, and its address in both page tables' terms. */
static volatile uint64_t *const page = (volatile uint64_t *)0x40000000;

static uint64_t entry(const void *frame, uint64_t bits) {
  return ((uint64_t)frame >> 12) << FRAME | bits;
}

void prepare(void) {
  root[0] = entry((void *)0, RWX);          /* the devices */
  root[2] = entry((void *)0x80000000, RWX); /* this kernel */
  root[1] = entry(middle, V);
  middle[0] = entry(last, V);
  last[0] = entry(frames[0], V | R | A);
  frames[0][0] = OLD;
}

static void move_page(void) {
  frames[1][0] = frames[0][0];
  __atomic_store_n(&last[0], entry(frames[1], V | R | A), __ATOMIC_RELEASE);
  asm volatile("sfence.vma" : : : "memory");
#ifdef CORRECT
  sbi_remote_sfence_vma(1);
#endif
  frames[0][0] = OTHER;
}

void work(unsigned hart) {
  csr_write(satp, 8ul << 60 | (uint64_t)root >> 12);
  asm volatile("sfence.vma" : : : "memory");
  if (hart == 0) {
    think(10);
    move_page();
    return;
  }
  for (int i = 0; i < READS; i++) {
    think(20);
    if (*page == OLD)
      right++;
  }
}

void check(void) {
  result("reads", right, READS);
}
