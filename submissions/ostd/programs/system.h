/* The system calls of the kernel (numbers as on Linux) and the few helpers that the programs share. There is no C library. */
#pragma once

#include <stddef.h>

enum { SYS_READ = 63, SYS_WRITE = 64, SYS_EXIT = 93, SYS_REBOOT = 142, SYS_EXECVE = 221 };

static inline long system_call(long number, long first, long second, long third) {
    register long a0 __asm__("a0") = first;
    register long a1 __asm__("a1") = second;
    register long a2 __asm__("a2") = third;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

static inline size_t text_length(const char *text) {
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

static inline void print(const char *text) {
    size_t length = text_length(text);
    while (length > 0) {
        long written = system_call(SYS_WRITE, 1, (long)text, (long)length);
        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}
