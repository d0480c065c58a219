/*
 * An interrupt inside a critical section, with one hart: the timer comes while the hart holds the lock, and its handler waits for the
 * same lock, for ever.
 * Correct: interrupts are off while the lock is held.
 */
#include "harts.h"

enum { TIMES = 100, PERIOD = 30 };
const unsigned harts = 1;

static struct lock lock;
static uint64_t events, ticks;

void interrupt(uint64_t cause) {
  (void)cause;
  acquire(&lock);
  ticks++;
  release(&lock);
  sbi_set_timer(PERIOD);
}

static void add_event(void) {
#ifdef CORRECT
  csr_clear(sstatus, SIE);
#endif
  acquire(&lock);
  events++;
  release(&lock);
#ifdef CORRECT
  csr_set(sstatus, SIE);
#endif
}

void work(unsigned hart) {
  (void)hart;
  csr_write(sie, STIP);
  sbi_set_timer(PERIOD);
  csr_set(sstatus, SIE);
  for (int i = 0; i < TIMES; i++) {
    think(40);
    add_event();
  }
  csr_clear(sstatus, SIE);
  sbi_stop_timer();
}

void check(void) {
  result("events", events, TIMES);
}
