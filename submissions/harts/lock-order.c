/*
 * Two locks in different order: one hart holds the lock of account a and waits for that of b, the other one holds b and waits for a.
 * Correct: the lock of the account with the lower address is always taken first.
 */
#include "harts.h"

enum { TIMES = 20, MONEY = 100 };
const unsigned harts = 2;

struct account {
  struct lock lock;
  uint64_t money;
};

static struct account a = {.money = MONEY}, b = {.money = MONEY};

static void transfer(struct account *from, struct account *to) {
#ifdef CORRECT
  struct account *first = from < to ? from : to;
  struct account *second = from < to ? to : from;
#else
  struct account *first = from, *second = to;
#endif
  acquire(&first->lock);
  acquire(&second->lock);
  from->money--;
  to->money++;
  release(&second->lock);
  release(&first->lock);
}

void work(unsigned hart) {
  for (int i = 0; i < TIMES; i++) {
    think(20);
    if (hart == 0)
      transfer(&a, &b);
    else
      transfer(&b, &a);
  }
}

void check(void) {
  result("money", a.money + b.money, 2 * MONEY);
}
