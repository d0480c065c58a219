/* A floating-point loop: additions, multiplications, divisions and comparisons of doubles that stay normal. ROUNDS (about 100,000 instructions
 * each) is given on the compiler's command line. */
#define ITEMS 1024

static double items[ITEMS];

int main(void) {
  for (int i = 0; i < ITEMS; i++) items[i] = 1.0 + i / 3.0;
  double sum = 0;
  for (long round = 0; round < ROUNDS; round++) {
    for (int i = 1; i + 1 < ITEMS; i++) {
      double mean = (items[i - 1] + items[i] * 2.0 + items[i + 1]) * 0.25;
      if (mean < 1.0) mean += 1.5;
      items[i] = mean;
      sum += mean * 1e-6;
    }
    for (int i = 0; i < ITEMS; i += 16) items[i] = items[i] / (1.0 + sum * 1e-9) + 1.0 / (1.0 + i);
  }
  return (int)sum == 0;
}
