/* The first program: tries out the floating-point unit, then becomes the shell. */
#include <stdint.h>

#include "system.h"

/* Volatile, so that the compiler leaves the arithmetic to the machine. */
static volatile double two = 2.0;
static volatile float three = 3.0f;
static volatile int64_t large = INT64_C(1) << 53;

static uint64_t bits_of(double value) {
    union { double value; uint64_t bits; } both = { .value = value };
    return both.bits;
}

/* Known results of IEEE 754 arithmetic, one for each kind of instruction. */
static int arithmetic_works(void) {
    double root = __builtin_sqrt(two);
    if (bits_of(root) != UINT64_C(0x3ff6a09e667f3bcd)) /* fsqrt.d: 1.4142135623730951 */
        return 0;
    /* fmsub.d: the square of the rounded root, unrounded, misses 2 by a little; if the square were rounded first, by 2^-51. */
    if (bits_of(__builtin_fma(root, root, -two)) != UINT64_C(0x3cb3b3efbf5e2229))
        return 0;
    if (1.0f / three * three != 1.0f) /* fdiv.s, fmul.s */
        return 0;
    return (int64_t)(double)large == large && (double)(1.0f / three) != 1.0 / (double)three; /* fcvt between l, s and d */
}

int main(void) {
    if (!arithmetic_works())
        print("[INIT] The floating-point unit gives wrong results\n");
    print("[INIT] Starting Shell...\n");
    system_call(SYS_EXECVE, (long)"sh", 0, 0);
    print("[INIT] There is no shell\n");
    return 1;
}
