/*
 * A flag that is read after the data: the reader takes the message first, and only then looks whether it was there already.
 * Correct: the message is read once its flag is set.
 */
#include "harts.h"

enum { MESSAGES = 10, READER = 0 };
const unsigned harts = 2;

static volatile uint64_t messages[MESSAGES];
static uint32_t is_there[MESSAGES];
static uint64_t sum;

static uint64_t receive(int message) {
#ifdef CORRECT
  while (!flag_is_set(&is_there[message])) {
  }
  return messages[message];
#else
  uint64_t value;
  do
    value = messages[message];
  while (!flag_is_set(&is_there[message]));
  return value;
#endif
}

void work(unsigned hart) {
  for (int i = 0; i < MESSAGES; i++) {
    if (hart == READER) {
      sum += receive(i);
      continue;
    }
    messages[i] = i + 1;
    set_flag(&is_there[i]);
    think(20);
  }
}

void check(void) {
  result("sum", sum, MESSAGES * (MESSAGES + 1) / 2);
}
