// Tensor cores of NVIDIA as a client of `bittrue probe`: mma.sync m16n8k16, and wgmma m64n8k16 of Hopper; K a multiple of 16.
//
//   nvcc -arch=sm_90a -o mma mma.cu && ./mma f16f32 32 < chip/rows-1.txt > answers.txt
//
// f16f32, bf16f32     binary16 or bfloat16, c and result binary32     (mma.sync)
// f16f16              binary16, c and result binary16                 (mma.sync)
// wgmmaf16f16         the same by wgmma                               (sm_90a)
//
// One row a block: it is row 0 of A and column 0 of B, all else is zero; c is element (0, 0).
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

enum Kind { F16F32, BF16F32, F16F16, WGMMA };

#define MMA32(TYPES)                                                                                                    \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." TYPES ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};" \
               : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])                                                  \
               : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]))

__global__ void rows(Kind kind, const uint16_t *a, const uint16_t *b, const uint32_t *c, uint32_t *d, int k) {
  const int row = blockIdx.x, lane = threadIdx.x;
  uint32_t sum[4] = {lane == 0 ? c[row] : 0, 0, 0, 0};
  // Of B, K-major: two blocks of 8 columns by 8 elements, 128 bytes each.
  __shared__ __align__(128) uint16_t tile[128];
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
    if (kind == F16F32) MMA32("f16.f16");
    if (kind == BF16F32) MMA32("bf16.bf16");
    if (kind == F16F16) {
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0,%1}, {%2,%3,%4,%5}, {%6,%7}, {%0,%1};"
                   : "+r"(sum[0]), "+r"(sum[1])
                   : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
    }
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    if (kind == WGMMA) {
      __syncthreads();
      tile[lane] = 0;
      __syncthreads();
      if (lane < 16) tile[(lane / 8) * 64 + lane % 8] = b[row * k + at + lane];
      __syncthreads();
      const uint64_t start = (uint64_t)__cvta_generic_to_shared(tile);
      const uint64_t block = (start & 0x3ffff) >> 4 | (uint64_t)(128 >> 4) << 16 | (uint64_t)(128 >> 4) << 32;
      asm volatile("fence.proxy.async;\nwgmma.fence.sync.aligned;" ::: "memory");
      asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f16.f16.f16 {%0,%1}, {%2,%3,%4,%5}, %6, 1, 1, 1, 0;"
                   : "+r"(sum[0]), "+r"(sum[1])
                   : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "l"(block));
      asm volatile("wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;" ::: "memory");
    }
#endif
  }
  if (lane == 0) d[row] = kind == F16F16 || kind == WGMMA ? sum[0] & 0xffff : sum[0];
}

#define CHECK(call)                                                                                     \
  do {                                                                                                  \
    const cudaError_t failed = (call);                                                                  \
    if (failed != cudaSuccess) return fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(failed)), 1; \
  } while (0)

int main(int count, char **words) {
  const char *names[] = {"f16f32", "bf16f32", "f16f16", "wgmmaf16f16"};
  int kind = -1;
  for (int i = 0; i < 4 && count == 3; i++) {
    if (!strcmp(words[1], names[i])) kind = i;
  }
  const int k = count == 3 ? atoi(words[2]) : 0;
  if (kind < 0 || k < 16 || k % 16) return fprintf(stderr, "usage: mma f16f32|bf16f32|f16f16|wgmmaf16f16 K < rows, K a multiple of 16\n"), 2;
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
  uint16_t *da, *db;
  uint32_t *dc, *dd;
  CHECK(cudaMalloc(&da, a.size() * 2));
  CHECK(cudaMalloc(&db, b.size() * 2));
  CHECK(cudaMalloc(&dc, n * 4));
  CHECK(cudaMalloc(&dd, n * 4));
  CHECK(cudaMemcpy(da, a.data(), a.size() * 2, cudaMemcpyHostToDevice));
  CHECK(cudaMemcpy(db, b.data(), b.size() * 2, cudaMemcpyHostToDevice));
  CHECK(cudaMemcpy(dc, c.data(), n * 4, cudaMemcpyHostToDevice));
  rows<<<(unsigned)n, kind == WGMMA ? 128 : 32>>>((Kind)kind, da, db, dc, dd, k);
  CHECK(cudaGetLastError());
  std::vector<uint32_t> d(n);
  CHECK(cudaMemcpy(d.data(), dd, n * 4, cudaMemcpyDeviceToHost));
  for (uint32_t one : d) printf(kind == F16F16 || kind == WGMMA ? "%04x\n" : "%08x\n", one);
  return 0;
}
