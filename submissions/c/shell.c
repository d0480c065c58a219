/* A shell with one command. In the lab user space starts here; what matters outside is the same: it waits for keys. */
#include "shell.h"

#include "console.h"
#include "sbi.h"

enum { LINE_LENGTH = 80 };

static char wait_for_key(void) {
  int key;
  do
    key = sbi_console_read_byte();
  while (key < 0);
  return key == '\r' ? '\n' : (char)key; /* a terminal's enter key sends a carriage return */
}

/* Reads a line without its end; what does not fit is dropped. */
static void read_line(char line[LINE_LENGTH]) {
  int length = 0;
  for (;;) {
    char key = wait_for_key();
    sbi_console_write_byte(key); /* the echo */
    if (key == '\n')
      break;
    if (length < LINE_LENGTH - 1)
      line[length++] = key;
  }
  line[length] = '\0';
}

static int equal(const char *a, const char *b) {
  while (*a && *a == *b)
    a++, b++;
  return *a == *b;
}

void shell(void) {
  print("[INIT] Starting Shell...\n");
  for (;;) {
    char line[LINE_LENGTH];
    print("~ # ");
    read_line(line);
    if (equal(line, "exit"))
      sbi_shutdown(SHUTDOWN_NO_REASON);
    if (line[0])
      print("%s: command not found\n", line);
  }
}
