/* The end of the kernel when it cannot go on (panic.c). */
#pragma once

/* Prints where and why, and switches the machine off with "system failure". */
#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 3, 4))) _Noreturn void panic_at(const char *file, int line, const char *format, ...);
