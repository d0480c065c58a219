/* A small printf on the firmware's console. Left out: widths, signs, floating point. */
#include "console.h"

#include "sbi.h"

static void print_number(unsigned long number, unsigned base) {
  char digits[20]; /* the largest 64-bit number has 20 decimal digits */
  int count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  while (count > 0)
    sbi_console_write_byte(digits[--count]);
}

static void print_string(const char *text) {
  while (*text)
    sbi_console_write_byte(*text++);
}

void print_args(const char *format, va_list args) {
  for (; *format; format++) {
    if (*format != '%') {
      sbi_console_write_byte(*format);
      continue;
    }
    int is_long = *++format == 'l';
    if (is_long)
      format++;
    if (*format == 's')
      print_string(va_arg(args, const char *));
    else
      print_number(is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned), *format == 'x' ? 16 : 10);
  }
}

void print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_args(format, args);
  va_end(args);
}
