/*
 * Use after free: the reader looks up the current settings with the lock, and reads them after it has released the lock. Meanwhile the
 * writer may have replaced and freed them.
 * Correct: the reader holds the lock as long as it reads.
 */
#include "harts.h"

enum { TIMES = 20, OBJECTS = 2, FREED = 0xdead };
const unsigned harts = 2;

/* Both numbers are the same, until the memory is somebody else's. */
struct settings {
  uint64_t width, height;
  uint64_t is_free;
};

static struct settings objects[OBJECTS];
static struct settings *current;
static struct lock lock;
static uint64_t right;

/* Called with the lock held. */
static struct settings *allocate(void) {
  for (int i = 0; i < OBJECTS; i++)
    if (objects[i].is_free) {
      objects[i].is_free = 0;
      return &objects[i];
    }
  return 0;
}

/* Called with the lock held. Whoever reads them from now on shall notice. */
static void free_settings(struct settings *settings) {
  settings->width = FREED;
  settings->height = 0;
  settings->is_free = 1;
}

static void replace(uint64_t size) {
  acquire(&lock);
  struct settings *old = current, *new = allocate();
  new->width = size;
  new->height = size;
  current = new;
  free_settings(old);
  release(&lock);
}

static void read(void) {
  acquire(&lock);
  struct settings *settings = current;
#ifndef CORRECT
  release(&lock);
#endif
  if (settings->width == settings->height)
    right++;
#ifdef CORRECT
  release(&lock);
#endif
}

void prepare(void) {
  for (int i = 1; i < OBJECTS; i++)
    objects[i].is_free = 1;
  current = &objects[0];
}

void work(unsigned hart) {
  for (int i = 0; i < TIMES; i++) {
    think(20);
    if (hart == 0)
      replace(i);
    else
      read();
  }
}

void check(void) {
  result("reads", right, TIMES);
}
