/* The native yardstick: the same roundings by AVX-512 and F16C, the conversion of the processor after each operation.
   gcc -O3 -march=native -o rounding rounding.c; ./rounding cast 16777216 | ./rounding matmul 128 256 512 | ./rounding copy N
   Prints the time of a second run in milliseconds, and a checksum that keeps the work from being left out. */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static uint32_t state = 12345;
static float uniform(void) {
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / 16777216.0f;
}

static float *numbers(size_t n) {
  float *x = aligned_alloc(64, (n * 4 + 63) / 64 * 64);
  for (size_t i = 0; i < n; i++) x[i] = uniform() + uniform() + uniform() - 1.5f;
  return x;
}

static __m512 round16(__m512 x) { return _mm512_cvtph_ps(_mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT)); }

static void cast(const float *x, float *y, size_t n) {
  for (size_t i = 0; i < n; i += 16) _mm512_storeu_ps(y + i, round16(_mm512_loadu_ps(x + i)));
}

/* Four vectors of columns at a time hide the latency of the chain; product and sum rounded at every step. */
static void matmul(const float *a, const float *b, float *c, size_t m, size_t k, size_t n) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j += 64) {
      __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
      for (size_t e = 0; e < k; e++) {
        __m512 v = _mm512_set1_ps(a[i * k + e]);
        const float *p = b + e * n + j;
        s0 = round16(_mm512_add_ps(s0, round16(_mm512_mul_ps(v, _mm512_loadu_ps(p)))));
        s1 = round16(_mm512_add_ps(s1, round16(_mm512_mul_ps(v, _mm512_loadu_ps(p + 16)))));
        s2 = round16(_mm512_add_ps(s2, round16(_mm512_mul_ps(v, _mm512_loadu_ps(p + 32)))));
        s3 = round16(_mm512_add_ps(s3, round16(_mm512_mul_ps(v, _mm512_loadu_ps(p + 48)))));
      }
      _mm512_storeu_ps(c + i * n + j, s0);
      _mm512_storeu_ps(c + i * n + j + 16, s1);
      _mm512_storeu_ps(c + i * n + j + 32, s2);
      _mm512_storeu_ps(c + i * n + j + 48, s3);
    }
}

int main(int argc, char **argv) {
  size_t m = argc > 2 ? strtoul(argv[2], 0, 10) : 0, k = argc > 3 ? strtoul(argv[3], 0, 10) : 0,
         n = argc > 4 ? strtoul(argv[4], 0, 10) : 0;
  int isMatmul = argc > 4 && !strcmp(argv[1], "matmul"), isCast = argc > 2 && !strcmp(argv[1], "cast");
  if (!isMatmul && !isCast && !(argc > 2 && !strcmp(argv[1], "copy"))) return 2;
  if (isMatmul ? n % 64 : m % 16) return 2;
  float *a = numbers(isMatmul ? m * k : m), *b = isMatmul ? numbers(k * n) : 0;
  size_t size = isMatmul ? m * n : m;
  float *y = aligned_alloc(64, (size * 4 + 63) / 64 * 64);
  memset(y, 0, size * 4);
  if (isMatmul) {
    cast(a, a, m * k);
    cast(b, b, k * n);
  }
  double t = 0;
  for (int r = 0; r < 2; r++) {
    t = now();
    if (isMatmul) matmul(a, b, y, m, k, n);
    else if (isCast) cast(a, y, m);
    else memcpy(y, a, m * 4);
    t = now() - t;
  }
  double sum = 0;
  for (size_t i = 0; i < size; i++) sum += y[i];
  printf("%.4f %.6g\n", t, sum);
  return 0;
}
