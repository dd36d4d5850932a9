/* All 2^32 binary32 patterns rounded to nearest, ties to even, by integers alone: the judge of the engine's casts.
   gcc -O3 -march=native -o casts casts.c; ./casts EXPONENT_BITS FRACTION_BITS ieee|fn

   ieee: the top exponent holds infinities and NaN; what lies beyond the largest number becomes an infinity.
   fn (OCP's E4M3): the top code alone is NaN, there are no infinities; what lies beyond the largest number, and an
   infinite operand, becomes NaN, as OCP's conversion without saturation has it.
   NaN stays NaN; every NaN enters the checksum as 0x7fc00000.

   Prints one line for each of 256 runs of 2^24 patterns: a 64-bit checksum of the results as binary32 patterns, in
   order, then how many were inexact, underflowed (tiny after rounding, and inexact), overflowed, were invalid.
   Where the processor has F16C, binary16 is held against its conversion too; a difference ends the program. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __F16C__
#include <immintrin.h>
#endif

enum { INEXACT = 1, UNDERFLOW = 2, OVERFLOW = 4, INVALID = 8 };
#define NOT_A_NUMBER 0x7fc00000u
#define INFINITE 0x7f800000u

static int fraction, emin, isFn;
static float max, tinyBelow;

static uint32_t bitsOf(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  return u;
}

static float floatOf(uint32_t u) {
  float x;
  memcpy(&x, &u, 4);
  return x;
}

static float power(int e) { return floatOf(e >= -126 ? (uint32_t)(e + 127) << 23 : 1u << (e + 149)); }

static uint32_t cast(uint32_t u, unsigned *flags) {
  uint32_t sign = u & 0x80000000u, a = u & 0x7fffffffu;
  *flags = 0;
  if (a > INFINITE) return NOT_A_NUMBER;
  if (a == INFINITE) {
    if (!isFn) return u;
    *flags = INVALID;
    return NOT_A_NUMBER;
  }
  int field = a >> 23, e = (field ? field : 1) - 127;
  uint32_t digits = field ? (a & 0x7fffffu) | 0x800000u : a;
  int unit = (e > emin ? e : emin) - fraction, shift = unit - (e - 23);
  if (shift > 31) shift = 31;
  uint32_t q = digits >> shift, rest = digits & ((1u << shift) - 1), half = 1u << (shift - 1);
  if (rest > half || (rest == half && (q & 1))) q++;
  float y = (float)q * power(unit);
  if (y > max) {
    *flags = OVERFLOW | INEXACT;
    return isFn ? NOT_A_NUMBER : sign | INFINITE;
  }
  if (rest) *flags = floatOf(a) < tinyBelow ? INEXACT | UNDERFLOW : INEXACT;
  return sign | bitsOf(y);
}

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int exponent = atoi(argv[1]), bias = (1 << (exponent - 1)) - 1;
  fraction = atoi(argv[2]);
  isFn = !strcmp(argv[3], "fn");
  emin = 1 - bias;
  /* fn: one binade more, and its last number is NaN. */
  max = isFn ? power(bias + 1) * (2 - 2 * power(-fraction)) : power(bias) * (2 - power(-fraction));
  /* From here on, rounding with an unbounded exponent reaches the smallest normal number. */
  tinyBelow = power(emin) - power(emin - 2 - fraction);
  for (uint32_t run = 0; run < 256; run++) {
    uint32_t h = 0, g = 0;
    unsigned long count[4] = {0};
    for (uint32_t i = 0; i < 1u << 24; i++) {
      unsigned flags;
      uint32_t u = run << 24 | i, w = cast(u, &flags);
#ifdef __F16C__
      if (exponent == 5 && fraction == 10 && w != NOT_A_NUMBER) {
        float own = _cvtsh_ss(_cvtss_sh(floatOf(u), _MM_FROUND_TO_NEAREST_INT));
        if (bitsOf(own) != w) return fprintf(stderr, "F16C differs at %08x\n", u), 1;
      }
#endif
      for (int k = 0; k < 4; k++) count[k] += flags >> k & 1;
      /* Two steps in the manner of MurmurHash3, with constants of their own. */
      h = rotate(h ^ rotate(w * 0xcc9e2d51u, 15) * 0x1b873593u, 13) * 5 + 0xe6546b64u;
      g = rotate(g ^ rotate(w * 0x85ebca6bu, 16) * 0xc2b2ae35u, 15) * 9 + 0x9e3779b1u;
    }
    printf("%08x%08x %lu %lu %lu %lu\n", h, g, count[0], count[1], count[2], count[3]);
  }
  return 0;
}
