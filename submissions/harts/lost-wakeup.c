/*
 * A lost wakeup: the consumer looks whether there is a message, and only then says that it is going to sleep. A producer that comes in
 * between sees nobody asleep and wakes nobody, so the consumer sleeps for ever.
 * Correct: it says so first, and looks after that.
 */
#include "harts.h"

enum { MESSAGES = 5, CONSUMER = 0 };
const unsigned harts = 2;

static uint32_t sent[MESSAGES], received[MESSAGES];
static uint32_t asleep;
static uint64_t count;

/* What was stored before is there for the others before anything is loaded after. */
static void fence(void) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void say(uint32_t is_asleep) {
  __atomic_store_n(&asleep, is_asleep, __ATOMIC_RELEASE);
  fence();
}

/* Until another hart sends an interrupt. Since SIE is 0, it only ends WFI. */
static void sleep(void) {
  asm volatile("wfi");
  csr_clear(sip, SSIP);
}

static void receive(int message) {
#ifdef CORRECT
  say(1);
  while (!flag_is_set(&sent[message]))
    sleep();
#else
  while (!flag_is_set(&sent[message])) {
    say(1);
    sleep();
  }
#endif
  say(0);
  count++;
  set_flag(&received[message]);
}

static void send(int message) {
  set_flag(&sent[message]);
  fence();
  if (flag_is_set(&asleep))
    sbi_send_ipi(CONSUMER);
  while (!flag_is_set(&received[message])) {
  }
}

void work(unsigned hart) {
  csr_write(sie, SSIP);
  for (int i = 0; i < MESSAGES; i++) {
    if (hart == CONSUMER)
      receive(i);
    else
      send(i);
  }
}

void check(void) {
  result("messages", count, MESSAGES);
}
