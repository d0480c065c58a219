/*
 * A missing lock: pages are taken from the free list with its lock, and put back without it, so that one gets lost.
 * Correct: both take the lock.
 */
#include "harts.h"

enum { PAGES = 8, TIMES = 20 };
const unsigned harts = 2;

struct page {
  struct page *next;
};

static struct page pages[PAGES];
static struct page *free_list;
static struct lock lock;

static struct page *take_page(void) {
  acquire(&lock);
  struct page *page = free_list;
  free_list = page->next;
  release(&lock);
  return page;
}

static void free_page(struct page *page) {
#ifdef CORRECT
  acquire(&lock);
#endif
  page->next = free_list;
  free_list = page;
#ifdef CORRECT
  release(&lock);
#endif
}

void prepare(void) {
  for (int i = 0; i < PAGES; i++) {
    pages[i].next = free_list;
    free_list = &pages[i];
  }
}

void work(unsigned hart) {
  (void)hart;
  for (int i = 0; i < TIMES; i++) {
    struct page *page = take_page();
    think(20);
    free_page(page);
    think(20);
  }
}

void check(void) {
  uint64_t count = 0;
  for (struct page *page = free_list; page != 0 && count <= PAGES; page = page->next)
    count++;
  result("free pages", count, PAGES);
}
