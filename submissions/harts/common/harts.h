/*
 * What the kernels of this folder share. A kernel says how many harts it needs, what each of them does (`work`), and what has to come
 * out of it (`check`). harts.c starts the harts, lets them begin together, waits for all of them, and prints one line such as
 * "count 200 of 200: right".
 */
#pragma once

#include <stdint.h>

enum { MOST_HARTS = 4 };

/* Of the kernel. */
extern const unsigned harts;
void work(unsigned hart);
void check(void);
/* What hart 0 does before the others are started: nothing, where the kernel has none. */
void prepare(void);
/* Interrupts that the kernel has asked for come here. Without one of its own, each trap ends the run with a message. */
void interrupt(uint64_t cause);

/* The kernel's own number of the hart that runs this: 0 is the one that booted. */
static inline unsigned this_hart(void) {
  uint64_t hart;
  asm volatile("mv %0, tp" : "=r"(hart));
  return hart;
}

/* Prints "WHAT N of EXPECTED: right" (or "wrong"), and switches the machine off. */
_Noreturn void result(const char *what, uint64_t number, uint64_t expected);

/* Time in which a hart has nothing to do with the others. */
void think(unsigned rounds);

/* A lock: whoever changes `locked` from 0 to 1 has it. */
struct lock {
  uint32_t locked;
};
void acquire(struct lock *lock);
void release(struct lock *lock);

/* Flags by which harts tell each other something: what was stored before `set_flag` is there once `flag_is_set` is true. */
void set_flag(uint32_t *flag);
int flag_is_set(uint32_t *flag);

/* The SBI's calls: an interrupt to another hart, by the kernel's number, and to the timer of this one, in ticks from now (each is 100 ns). */
void sbi_send_ipi(unsigned hart);
void sbi_set_timer(uint64_t ticks);
void sbi_stop_timer(void);
/* The hart forgets what it knows of page tables. */
void sbi_remote_sfence_vma(unsigned hart);

enum { SSIP = 1 << 1, STIP = 1 << 5, SIE = 1 << 1 };
#define csr_read(name) ({ uint64_t value_; asm volatile("csrr %0, " #name : "=r"(value_) : : "memory"); value_; })
#define csr_write(name, value) asm volatile("csrw " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define csr_set(name, bits) asm volatile("csrs " #name ", %0" : : "r"((uint64_t)(bits)) : "memory")
#define csr_clear(name, bits) asm volatile("csrc " #name ", %0" : : "r"((uint64_t)(bits)) : "memory")
