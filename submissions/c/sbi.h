/* Calls to the firmware (sbi.c). */
#pragma once

/* Prints one byte on the firmware's console. */
void sbi_console_write_byte(char c);

/* Takes one byte that was typed, or returns -1 at once if there is none. */
int sbi_console_read_byte(void);

enum shutdown_reason { SHUTDOWN_NO_REASON = 0, SHUTDOWN_SYSTEM_FAILURE = 1 };

/* Switches the machine off. */
_Noreturn void sbi_shutdown(enum shutdown_reason reason);
