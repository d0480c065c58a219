/*
 * A lock that is released twice: put_into_box releases it where the box is full, and its caller releases it once more. If another hart
 * has acquired it in between, that hart's lock is released, and two harts are inside.
 * Correct: only the caller, who has acquired the lock, releases it.
 */
#include "harts.h"

enum { TIMES = 20, ROOM = 4 };
const unsigned harts = 2;

static struct lock lock;
static uint64_t in_box, tries;

static int put_into_box(void) {
  if (in_box == ROOM) {
#ifndef CORRECT
    release(&lock);
#endif
    return 0;
  }
  in_box++;
  return 1;
}

void work(unsigned hart) {
  (void)hart;
  for (int i = 0; i < TIMES; i++) {
    acquire(&lock);
    uint64_t before = tries;
    think(40);
    tries = before + 1;
    put_into_box();
    release(&lock);
    think(10);
  }
}

void check(void) {
  result("tries", tries, harts * TIMES);
}
