// Writes the C source of the cold guest: thousands of distinct functions, each run a few times, with a memset and a memcpy now and
// then, as a kernel's start has them. What it costs is decoding and translating, not running.
const FUNCTIONS = 3000;
const STATEMENTS = 12;
const WORDS = 1024;

/** @typedef {(below: number) => number} Pick a random number from 0 */

/**
 * A linear congruential generator (the constants of Numerical Recipes): the same program every time.
 *
 * @param {number} seed
 * @returns {Pick}
 */
function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** @param {Pick} pick */
function statement(pick) {
  const [to, a, b] = [pick(4), pick(4), pick(4)].map((n) => 'abcd'[n]);
  const index = `(${a} + ${pick(WORDS)}) % ${WORDS}`;
  const kinds = [
    `${to} = ${a} * ${pick(1 << 16)} + ${b};`,
    `${to} ^= ${a} >> ${1 + pick(31)} | ${b} << ${1 + pick(31)};`,
    `words[${index}] = ${b} + ${pick(4096)};`,
    `${to} += words[${index}];`,
    `if (${a} > ${b}) ${to} -= ${pick(1 << 20)}; else ${to} += ${pick(2048)};`,
    `for (int i = 0; i < ${1 + pick(4)}; i++) ${to} += words[(${a} + i) % ${WORDS}] ^ ${pick(256)};`,
  ];
  return `  ${kinds[pick(kinds.length)]}`;
}

/**
 * @param {number} number
 * @param {Pick} pick
 */
function functionSource(number, pick) {
  const body = Array.from({ length: STATEMENTS }, () => statement(pick)).join('\n');
  return `static u64 f${number}(u64 a, u64 b) {\n  u64 c = a ^ b, d = a + b;\n${body}\n  return a ^ b ^ c ^ d;\n}`;
}

/** The source; ROUNDS, how often every function runs, is given on the compiler's command line. */
export function coldSource() {
  const pick = generator(13);
  const functions = Array.from({ length: FUNCTIONS }, (_, number) => functionSource(number, pick));
  const names = functions.map((_, number) => `f${number}`).join(', ');
  return `
typedef unsigned long u64;
static u64 words[${WORDS}];
static unsigned char blocks[2][65536];

void *memset(void *to, int byte, u64 length) {
  for (u64 i = 0; i < length; i++) ((volatile unsigned char *)to)[i] = byte;
  return to;
}

void *memcpy(void *to, const void *from, u64 length) {
  for (u64 i = 0; i < length / 8; i++) ((volatile u64 *)to)[i] = ((const u64 *)from)[i];
  return to;
}

${functions.join('\n\n')}

static u64 (*const functions[])(u64, u64) = {${names}};

int main(void) {
  u64 sum = 1;
  for (u64 round = 0; round < ROUNDS; round++) {
    for (u64 n = 0; n < ${FUNCTIONS}; n++) {
      sum += functions[n](sum, n);
      if (n % 256 == 0) memset(blocks[0], (int)sum, 16384);
      if (n % 256 == 128) memcpy(blocks[1], blocks[0], sizeof blocks[1]);
    }
  }
  return (int)sum;
}
`;
}
