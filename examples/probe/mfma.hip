// MFMA on AMD Instinct as a client of `bittrue probe`: v_mfma_f32_16x16x16_f16, binary16 with binary32 results, K a multiple of 16.
//
//   hipcc --offload-arch=gfx942 -o mfma mfma.hip && ./mfma 32 < chip/rows-1.txt > answers.txt
//
// One row a wavefront: it is row 0 of A and column 0 of B, all else is zero; c is element (0, 0).
#include <hip/hip_runtime.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

typedef _Float16 half4 __attribute__((ext_vector_type(4)));
typedef float float4_ __attribute__((ext_vector_type(4)));

__global__ void rows(const _Float16 *a, const _Float16 *b, const float *c, float *d, int k) {
  const int row = blockIdx.x, lane = threadIdx.x;
  float4_ sum = {lane == 0 ? c[row] : 0.0f, 0.0f, 0.0f, 0.0f};
  for (int at = 0; at < k; at += 16) {
    // Lane 16 g has elements 4 g to 4 g + 3 of row 0 of A, and of column 0 of B.
    half4 x = {0, 0, 0, 0}, y = {0, 0, 0, 0};
    if (lane % 16 == 0) {
      for (int i = 0; i < 4; i++) {
        x[i] = a[row * k + at + lane / 16 * 4 + i];
        y[i] = b[row * k + at + lane / 16 * 4 + i];
      }
    }
    sum = __builtin_amdgcn_mfma_f32_16x16x16f16(x, y, sum, 0, 0, 0);
  }
  if (lane == 0) d[row] = sum[0];
}

int main(int count, char **words) {
  const int k = count == 2 ? atoi(words[1]) : 0;
  if (k < 16 || k % 16) return fprintf(stderr, "usage: mfma K < rows, K a multiple of 16\n"), 2;
  std::vector<uint16_t> a, b;
  std::vector<uint32_t> c;
  static char line[1 << 20];
  while (fgets(line, sizeof line, stdin)) {
    if (line[0] == '#' || line[0] == '\n') continue;
    char *at = line;
    for (int i = 0; i < k; i++) a.push_back((uint16_t)strtoul(at, &at, 16));
    for (int i = 0; i < k; i++) b.push_back((uint16_t)strtoul(at, &at, 16));
    c.push_back((uint32_t)strtoul(at, &at, 16));
  }
  const size_t n = c.size();
  if (n == 0) return 0;
  void *da, *db, *dc, *dd;
  std::vector<uint32_t> d(n);
  if (hipMalloc(&da, a.size() * 2) || hipMalloc(&db, b.size() * 2) || hipMalloc(&dc, n * 4) || hipMalloc(&dd, n * 4) ||
      hipMemcpy(da, a.data(), a.size() * 2, hipMemcpyHostToDevice) ||
      hipMemcpy(db, b.data(), b.size() * 2, hipMemcpyHostToDevice) ||
      hipMemcpy(dc, c.data(), n * 4, hipMemcpyHostToDevice)) return fprintf(stderr, "no device memory\n"), 1;
  rows<<<dim3((unsigned)n), dim3(64)>>>((_Float16 *)da, (_Float16 *)db, (float *)dc, (float *)dd, k);
  if (hipMemcpy(d.data(), dd, n * 4, hipMemcpyDeviceToHost)) return fprintf(stderr, "the kernel failed\n"), 1;
  for (uint32_t one : d) printf("%08x\n", one);
  return 0;
}
