/*
 * The Supervisor Binary Interface: how an S-mode kernel asks the M-mode firmware for something.
 * Reference: RISC-V SBI specification 2.0, chapters "Binary Encoding", "Debug Console" and "System Reset".
 */
#include "sbi.h"

#include <stddef.h>

enum extension { EXT_DEBUG_CONSOLE = 0x4442434e /* "DBCN" */, EXT_SYSTEM_RESET = 0x53525354 /* "SRST" */ };
enum debug_console { CONSOLE_WRITE = 0, CONSOLE_READ = 1, CONSOLE_WRITE_BYTE = 2 };
enum system_reset { SYSTEM_RESET = 0 };
enum { RESET_TYPE_SHUTDOWN = 0 };

struct sbi_result {
  long error; /* 0, or a negative number */
  long value;
};

/* a7 = extension, a6 = function, arguments from a0 on; the answer comes back in a0 and a1, all other registers are kept. */
static struct sbi_result sbi_call(long extension, long function, long arg0, long arg1, long arg2) {
  register long a0 asm("a0") = arg0;
  register long a1 asm("a1") = arg1;
  register long a2 asm("a2") = arg2;
  register long a6 asm("a6") = function;
  register long a7 asm("a7") = extension;
  asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){.error = a0, .value = a1};
}

void sbi_console_write_byte(char c) {
  sbi_call(EXT_DEBUG_CONSOLE, CONSOLE_WRITE_BYTE, (unsigned char)c, 0, 0);
}

int sbi_console_read_byte(void) {
  volatile unsigned char byte;
  /* The buffer is a physical address in two halves of XLEN bits: on RV64 the high half is always 0. */
  struct sbi_result read = sbi_call(EXT_DEBUG_CONSOLE, CONSOLE_READ, 1, (long)&byte, 0);
  return read.error == 0 && read.value == 1 ? byte : -1;
}

void sbi_shutdown(enum shutdown_reason reason) {
  sbi_call(EXT_SYSTEM_RESET, SYSTEM_RESET, RESET_TYPE_SHUTDOWN, reason, 0);
  for (;;) { /* only reached if the firmware cannot do it */
  }
}
