// mma.sync on NVIDIA GPUs as a client of `bittrue probe`: m16n8k16, binary16 with binary32 results, K a multiple of 16.
//
//   nvcc -arch=sm_80 -o mma mma.cu && ./mma 32 < chip/rows-1.txt > answers.txt
//
// One row a warp: it is row 0 of A and column 0 of B, all else is zero; c is element (0, 0).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

__global__ void rows(const uint16_t *a, const uint16_t *b, const float *c, float *d, int k) {
  const int row = blockIdx.x, lane = threadIdx.x;
  float sum[4] = {lane == 0 ? c[row] : 0.0f, 0.0f, 0.0f, 0.0f};
  for (int at = 0; at < k; at += 16) {
    // Lanes 0 to 3 hold row 0 of A: elements 2 lane, 2 lane + 1 and 8 more on; and column 0 of B likewise.
    uint32_t x[4] = {0, 0, 0, 0}, y[2] = {0, 0};
    if (lane < 4) {
      const uint16_t *p = a + row * k + at + 2 * lane, *q = b + row * k + at + 2 * lane;
      x[0] = p[0] | (uint32_t)p[1] << 16;
      x[2] = p[8] | (uint32_t)p[9] << 16;
      y[0] = q[0] | (uint32_t)q[1] << 16;
      y[1] = q[8] | (uint32_t)q[9] << 16;
    }
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  }
  if (lane == 0) d[row] = sum[0];
}

int main(int count, char **words) {
  const int k = count == 2 ? atoi(words[1]) : 0;
  if (k < 16 || k % 16) return fprintf(stderr, "usage: mma K < rows, K a multiple of 16\n"), 2;
  std::vector<uint16_t> a, b;
  std::vector<float> c;
  static char line[1 << 20];
  while (fgets(line, sizeof line, stdin)) {
    if (line[0] == '#' || line[0] == '\n') continue;
    char *at = line;
    for (int i = 0; i < k; i++) a.push_back((uint16_t)strtoul(at, &at, 16));
    for (int i = 0; i < k; i++) b.push_back((uint16_t)strtoul(at, &at, 16));
    const uint32_t code = (uint32_t)strtoul(at, &at, 16);
    float value;
    memcpy(&value, &code, 4);
    c.push_back(value);
  }
  const size_t n = c.size();
  if (n == 0) return 0;
  uint16_t *da, *db;
  float *dc, *dd;
  cudaMalloc(&da, a.size() * 2);
  cudaMalloc(&db, b.size() * 2);
  cudaMalloc(&dc, n * 4);
  cudaMalloc(&dd, n * 4);
  cudaMemcpy(da, a.data(), a.size() * 2, cudaMemcpyHostToDevice);
  cudaMemcpy(db, b.data(), b.size() * 2, cudaMemcpyHostToDevice);
  cudaMemcpy(dc, c.data(), n * 4, cudaMemcpyHostToDevice);
  rows<<<(unsigned)n, 32>>>(da, db, dc, dd, k);
  std::vector<uint32_t> d(n);
  const cudaError_t failed = cudaMemcpy(d.data(), dd, n * 4, cudaMemcpyDeviceToHost);
  if (failed != cudaSuccess) return fprintf(stderr, "%s\n", cudaGetErrorString(failed)), 1;
  for (uint32_t one : d) printf("%08x\n", one);
  return 0;
}
