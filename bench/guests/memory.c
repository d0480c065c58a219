/* memset and memcpy as small C libraries write them: a doubleword at a time. Each round sets 4 MiB and copies them. */
#define WORDS (4 << 17)

static volatile unsigned long from[WORDS], to[WORDS];

int main(void) {
  for (long round = 0; round < ROUNDS; round++) {
    for (long i = 0; i < WORDS; i++) from[i] = round;
    for (long i = 0; i < WORDS; i++) to[i] = from[i];
  }
  return to[5] == 0 && ROUNDS > 1;
}
