/* What runs after the tests (shell.c). */
#pragma once

/* Reads commands from the console until `exit`, which powers the machine off. */
_Noreturn void shell(void);
