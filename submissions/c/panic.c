/* Panics, and the traps that this kernel never expects: it enables no interrupt and uses no page table. */
#include "panic.h"

#include "console.h"
#include "sbi.h"

void panic_at(const char *file, int line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  print("panicked at %s:%u:\n", file, line);
  print_args(format, args);
  print("\n");
  va_end(args);
  sbi_shutdown(SHUTDOWN_SYSTEM_FAILURE);
}

/* start.S comes here from the trap vector. */
_Noreturn void unexpected_trap(unsigned long scause, unsigned long sepc, unsigned long stval) {
  panic("unexpected trap: scause 0x%lx, sepc 0x%lx, stval 0x%lx", scause, sepc, stval);
}
