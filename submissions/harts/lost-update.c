/*
 * A lost update: `count++` is a load, an addition and a store. A hart that comes between loses what it added.
 * Correct: one atomic instruction.
 */
#include "harts.h"

enum { TIMES = 50 };
const unsigned harts = 2;

static uint64_t count;

void work(unsigned hart) {
  (void)hart;
  for (int i = 0; i < TIMES; i++) {
    think(20);
#ifdef CORRECT
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
#else
    count++;
#endif
  }
}

void check(void) {
  result("count", count, harts * TIMES);
}
