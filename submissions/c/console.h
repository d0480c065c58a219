/* Text output (console.c). */
#pragma once

#include <stdarg.h>

/* Prints text; knows %s, %u, %x, and %lu, %lx for 64 bits. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
void print_args(const char *format, va_list args);
