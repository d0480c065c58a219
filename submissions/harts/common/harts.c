/* What the kernels of this folder share: see harts.h. */
#include "harts.h"

extern char start_hart[];

/* RISC-V SBI specification 2.0: "Timer", "IPI", "RFENCE", "Hart State Management", "System Reset". */
enum extension { TIME = 0x54494d45, IPI = 0x735049, RFENCE = 0x52464e43, HSM = 0x48534d, SRST = 0x53525354 };
enum { SET_TIMER = 0, SEND_IPI = 0, REMOTE_SFENCE_VMA = 1, HART_START = 0, HART_STATUS = 2, SYSTEM_RESET = 0 };
enum { UART = 0x10000000, UART_LSR = 5, UART_LSR_EMPTY = 1 << 5 };

/* The firmware's number of each hart: the one that boots need not be 0. */
static uint64_t hartids[MOST_HARTS];
static uint32_t arrived[2];

struct sbi_result {
  long error; /* 0, or a negative number */
  long value;
};

/* a7 = extension, a6 = function, arguments from a0 on; the answer comes back in a0 and a1, all other registers are kept. */
static struct sbi_result sbi_call(long extension, long function, long arg0, long arg1, long arg2, long arg3) {
  register long a0 asm("a0") = arg0;
  register long a1 asm("a1") = arg1;
  register long a2 asm("a2") = arg2;
  register long a3 asm("a3") = arg3;
  register long a6 asm("a6") = function;
  register long a7 asm("a7") = extension;
  asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){.error = a0, .value = a1};
}

void sbi_send_ipi(unsigned hart) {
  sbi_call(IPI, SEND_IPI, 1, hartids[hart], 0, 0);
}

void sbi_set_timer(uint64_t ticks) {
  sbi_call(TIME, SET_TIMER, csr_read(time) + ticks, 0, 0, 0);
}

void sbi_stop_timer(void) {
  sbi_call(TIME, SET_TIMER, -1, 0, 0, 0);
}

void sbi_remote_sfence_vma(unsigned hart) {
  sbi_call(RFENCE, REMOTE_SFENCE_VMA, 1, hartids[hart], 0, -1);
}

static void print_char(char c) {
  while ((*(volatile uint8_t *)(uint64_t)(UART + UART_LSR) & UART_LSR_EMPTY) == 0) {
  }
  *(volatile uint8_t *)UART = c;
}

static void print(const char *text) {
  while (*text != '\0')
    print_char(*text++);
}

static void print_number(uint64_t number) {
  if (number >= 10)
    print_number(number / 10);
  print_char('0' + number % 10);
}

static _Noreturn void power_off(void) {
  sbi_call(SRST, SYSTEM_RESET, 0, 0, 0, 0);
  for (;;) { /* only reached if the firmware cannot do it */
  }
}

_Noreturn void result(const char *what, uint64_t number, uint64_t expected) {
  print(what);
  print(" ");
  print_number(number);
  print(" of ");
  print_number(expected);
  print(number == expected ? ": right\n" : ": wrong\n");
  power_off();
}

__attribute__((noinline)) void think(unsigned rounds) {
  for (unsigned i = 0; i < rounds; i++)
    asm volatile("");
}

void acquire(struct lock *lock) {
  while (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE) != 0) {
  }
}

void release(struct lock *lock) {
  __atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

void set_flag(uint32_t *flag) {
  __atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

int flag_is_set(uint32_t *flag) {
  return __atomic_load_n(flag, __ATOMIC_ACQUIRE) != 0;
}

/* Waits until all harts have come here. */
static void meet(uint32_t *count) {
  __atomic_fetch_add(count, 1, __ATOMIC_ACQ_REL);
  while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != harts) {
  }
}

static void together(void) {
  meet(&arrived[0]);
  work(this_hart());
  meet(&arrived[1]);
}

_Noreturn void other_hart(void) {
  together();
  csr_write(sie, 0);
  for (;;)
    asm volatile("wfi");
}

static void start_others(uint64_t boot) {
  hartids[0] = boot;
  unsigned started = 1;
  for (uint64_t id = 0; started < harts; id++) {
    if (id == boot)
      continue;
    hartids[started] = id;
    if (sbi_call(HSM, HART_START, id, (long)start_hart, started, 0).error != 0) {
      print("needs ");
      print_number(harts);
      print(" harts\n");
      power_off();
    }
    started++;
  }
}

_Noreturn void boot(uint64_t hartid) {
  prepare();
  start_others(hartid);
  together();
  check();
  power_off();
}

__attribute__((weak)) void prepare(void) {
}

__attribute__((weak)) void interrupt(uint64_t cause) {
  (void)cause;
  print("unexpected interrupt\n");
  power_off();
}

void trap(uint64_t cause, uint64_t pc, uint64_t address) {
  if (cause >> 63) {
    interrupt(cause & 63);
    return;
  }
  print("exception ");
  print_number(cause);
  print(" at ");
  print_number(pc);
  print(", address ");
  print_number(address);
  print("\n");
  power_off();
}
