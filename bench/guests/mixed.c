/* A mixed integer loop, by what a kernel's inner loops do: indexed loads and stores, a pass with swaps, a matrix product, a CRC.
 * ROUNDS (about 173,000 instructions each) is given on the compiler's command line. */
typedef unsigned long u64;
typedef unsigned int u32;

#define ITEMS 1024
#define SIDE 24

static u64 items[ITEMS];
static int left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

static void scatter(u64 seed) {
  for (u64 i = 0; i < ITEMS; i++) items[i] = (items[(i * 7 + seed) % ITEMS] * 2654435761u + i) ^ seed;
}

static void bubble_once(void) {
  for (u64 i = 0; i + 1 < ITEMS; i++) {
    if (items[i] > items[i + 1]) {
      u64 larger = items[i];
      items[i] = items[i + 1];
      items[i + 1] = larger;
    }
  }
}

static void multiply(u64 seed) {
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      int sum = 0;
      for (int k = 0; k < SIDE; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
      left[i][j] += sum + (int)seed;
      right[j][i] ^= (int)items[(i * SIDE + j) % ITEMS];
    }
  }
}

static u32 crc32(const unsigned char *bytes, int length) {
  u32 crc = 0;
  for (int i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
  }
  return crc;
}

int main(void) {
  u64 seed = 1;
  for (u64 round = 0; round < ROUNDS; round++) {
    scatter(seed);
    bubble_once();
    multiply(seed);
    seed += crc32((const unsigned char *)items, 512);
  }
  return (int)seed;
}
