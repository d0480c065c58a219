/*
 * Data of one hart that another one reaches: each hart has a list of free pages of its own, for which it needs no lock. But a hart
 * whose list is empty takes a page from the list of the other one, and so two harts change one list.
 * Correct: each list has a lock, which its own hart takes as well.
 */
#include "harts.h"

enum { PAGES = 8, TIMES = 20 };
const unsigned harts = 2;

struct page {
  struct page *next;
};

struct hart_pages {
  struct lock lock;
  struct page *list;
};

static struct page pages[PAGES];
static struct hart_pages of_hart[2];

static struct page *take_from(struct hart_pages *from) {
#ifdef CORRECT
  acquire(&from->lock);
#endif
  struct page *page = from->list;
  if (page != 0)
    from->list = page->next;
#ifdef CORRECT
  release(&from->lock);
#endif
  return page;
}

static void free_page(struct page *page) {
  struct hart_pages *own = &of_hart[this_hart()];
#ifdef CORRECT
  acquire(&own->lock);
#endif
  page->next = own->list;
  own->list = page;
#ifdef CORRECT
  release(&own->lock);
#endif
}

static struct page *take_page(void) {
  struct page *page = take_from(&of_hart[this_hart()]);
  return page != 0 ? page : take_from(&of_hart[1 - this_hart()]);
}

void prepare(void) {
  for (int i = 0; i < PAGES; i++)
    free_page(&pages[i]);
}

void work(unsigned hart) {
  (void)hart;
  for (int i = 0; i < TIMES; i++) {
    struct page *one = take_page(), *other = take_page();
    think(20);
    if (one != 0)
      free_page(one);
    if (other != 0)
      free_page(other);
    think(20);
  }
}

void check(void) {
  uint64_t count = 0;
  for (int i = 0; i < 2; i++)
    for (struct page *page = of_hart[i].list; page != 0 && count <= PAGES; page = page->next)
      count++;
  result("free pages", count, PAGES);
}
