/*
 * An unlock that is a plain store. RISC-V lets it overtake the stores before it: the next hart gets the lock and still sees the old
 * count. (Unprivileged Architecture, "RVWMO Memory Consistency Model".)
 * Correct: a fence before it, as in release().
 */
#include "harts.h"

enum { TIMES = 20 };
const unsigned harts = 2;

static struct lock lock;
static uint64_t count;

static void unlock(void) {
#ifdef CORRECT
  asm volatile("fence rw, w" : : : "memory");
#endif
  *(volatile uint32_t *)&lock.locked = 0;
}

void work(unsigned hart) {
  (void)hart;
  for (int i = 0; i < TIMES; i++) {
    acquire(&lock);
    count++;
    unlock();
    think(20);
  }
}

void check(void) {
  result("count", count, harts * TIMES);
}
