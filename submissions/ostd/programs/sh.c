/* A tiny shell: help, echo, pi, exit and poweroff. */
#include <stdint.h>

#include "system.h"

static char line[128];

/* Splits off the first word, ends it with a zero byte, and returns what follows it. */
static char *end_word(char *text) {
    while (*text != '\0' && *text != ' ')
        text++;
    while (*text == ' ')
        *text++ = '\0';
    return text;
}

static int equal(const char *first, const char *second) {
    while (*first != '\0' && *first == *second) {
        first++;
        second++;
    }
    return *first == *second;
}

/* Machin's formula: pi = 16 arctan(1/5) - 4 arctan(1/239). */
static double inverse_arctan(double x) {
    double sum = 0, power = 1 / x;
    for (int n = 1; n < 25; n += 2) {
        sum += (n & 2 ? -power : power) / n;
        power /= x * x;
    }
    return sum;
}

static void print_pi(void) {
    static const int decimals = 9;
    int64_t scaled = (int64_t)((16 * inverse_arctan(5) - 4 * inverse_arctan(239)) * 1e9);
    char text[16];
    char *end = text + sizeof text;
    *--end = '\0';
    *--end = '\n';
    for (int digit = 0; digit <= decimals; digit++) {
        if (digit == decimals)
            *--end = '.';
        *--end = (char)('0' + scaled % 10);
        scaled /= 10;
    }
    print(end);
}

static void run(char *command) {
    char *arguments = end_word(command);
    if (equal(command, "help")) {
        print("help, echo TEXT, pi, exit, poweroff\n");
    } else if (equal(command, "echo")) {
        print(arguments);
        print("\n");
    } else if (equal(command, "pi")) {
        print_pi();
    } else if (equal(command, "exit")) {
        system_call(SYS_EXIT, 0, 0, 0);
    } else if (equal(command, "poweroff")) {
        system_call(SYS_REBOOT, 0, 0, 0);
    } else if (*command != '\0') {
        print("sh: not found: ");
        print(command);
        print("\n");
    }
}

int main(void) {
    for (;;) {
        print("~ # ");
        long length = system_call(SYS_READ, 0, (long)line, sizeof line);
        if (length <= 0)
            return 1;
        line[length - 1] = '\0'; /* the newline */
        run(line);
    }
}
