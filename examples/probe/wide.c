/* The wide instructions of x86 as a client of `bittrue probe`: reads rows, prints an answer a row.
 *
 *   gcc -O2 -o wide wide.c && ./wide vpmaddubsw 2 < chip/rows-1.txt > answers.txt
 *
 * vdpbf16ps K      bfloat16, c and result binary32          (AVX-512 BF16)
 * vpdpbusds K      uint8 times int8, c and result int32     (AVX-512 VNNI)
 * vpmaddubsw K     uint8 times int8, result int16, no c, K = 2 (SSSE3)
 * vcvtps2ph 1      binary32 times 1 to binary16, no c: a conversion asked as a sum of one product (F16C)
 *
 * Exit code 3: this processor has no such instruction. */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *next; /* where the row is read from */

static uint32_t code(void) { return (uint32_t)strtoul(next, &next, 16); }

__attribute__((target("avx512f,avx512bf16"))) static uint32_t bf16(const uint16_t *a, const uint16_t *b, uint32_t c, int k) {
  __m512 sum = _mm512_setzero_ps();
  float start;
  memcpy(&start, &c, 4);
  sum = _mm512_mask_mov_ps(sum, 1, _mm512_set1_ps(start));
  for (int i = 0; i < k; i += 2) {
    __m512i x = _mm512_set1_epi32(0), y = x;
    x = _mm512_mask_set1_epi32(x, 1, (int)((uint32_t)a[i] | (uint32_t)a[i + 1] << 16));
    y = _mm512_mask_set1_epi32(y, 1, (int)((uint32_t)b[i] | (uint32_t)b[i + 1] << 16));
    sum = _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)y);
  }
  uint32_t out[16];
  _mm512_storeu_ps((float *)out, sum);
  return out[0];
}

__attribute__((target("avx512f,avx512vnni"))) static uint32_t vnni(const uint16_t *a, const uint16_t *b, uint32_t c, int k) {
  __m512i sum = _mm512_set1_epi32((int)c);
  for (int i = 0; i < k; i += 4) {
    uint32_t x = 0, y = 0;
    for (int j = 0; j < 4; j++) {
      x |= (uint32_t)(a[i + j] & 255) << 8 * j;
      y |= (uint32_t)(b[i + j] & 255) << 8 * j;
    }
    sum = _mm512_dpbusds_epi32(sum, _mm512_set1_epi32((int)x), _mm512_set1_epi32((int)y));
  }
  return (uint32_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(sum));
}

__attribute__((target("ssse3"))) static uint32_t pairs(const uint16_t *a, const uint16_t *b) {
  __m128i x = _mm_set1_epi16((short)(a[0] | a[1] << 8)), y = _mm_set1_epi16((short)(b[0] | b[1] << 8));
  return (uint32_t)_mm_cvtsi128_si32(_mm_maddubs_epi16(x, y)) & 0xffff;
}

__attribute__((target("f16c"))) static uint32_t half(uint32_t a) {
  __m128 x = _mm_castsi128_ps(_mm_set1_epi32((int)a));
  return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT)) & 0xffff;
}

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "usage: wide INSTRUCTION K < rows\n"), 2;
  const char *name = words[1];
  int k = atoi(words[2]), has = 0;
  __builtin_cpu_init();
  if (!strcmp(name, "vdpbf16ps")) has = __builtin_cpu_supports("avx512bf16");
  if (!strcmp(name, "vpdpbusds")) has = __builtin_cpu_supports("avx512vnni");
  if (!strcmp(name, "vpmaddubsw")) has = __builtin_cpu_supports("ssse3");
  if (!strcmp(name, "vcvtps2ph")) has = __builtin_cpu_supports("f16c");
  if (!has) return fprintf(stderr, "%s: not on this processor\n", name), 3;
  if (k < 1 || k > 1024 || (k % 2 && !strcmp(name, "vdpbf16ps")) || (k % 4 && !strcmp(name, "vpdpbusds"))) return 2;
  static char line[1 << 20];
  uint16_t a[1024], b[1024];
  while (fgets(line, sizeof line, stdin)) {
    if (line[0] == '#' || line[0] == '\n') continue;
    next = line;
    if (!strcmp(name, "vcvtps2ph")) {
      printf("%04x\n", half(code()));
      continue;
    }
    for (int i = 0; i < k; i++) a[i] = (uint16_t)code();
    for (int i = 0; i < k; i++) b[i] = (uint16_t)code();
    if (!strcmp(name, "vpmaddubsw")) printf("%04x\n", pairs(a, b));
    if (!strcmp(name, "vpdpbusds")) printf("%08x\n", vnni(a, b, code(), k));
    if (!strcmp(name, "vdpbf16ps")) printf("%08x\n", bf16(a, b, code(), k));
  }
  return 0;
}
