//===- kernels.cpp - Compiled loops against C and CBLAS ---------------===//
//
// Pairs in one run, best of several, in CPU time of one thread: other load on
// the machine then matters little. kernels.mlir holds the compiled side.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <array>
#include <cblas.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <immintrin.h>

struct Vector {
  float *allocated, *aligned;
  int64_t offset, size, stride;
};
struct Matrix {
  float *allocated, *aligned;
  int64_t offset, rows, columns, rowStride, columnStride;
};
extern "C" void _mlir_ciface_update(Vector *, Vector *);
extern "C" void _mlir_ciface_exp_f32(Vector *, Vector *);
extern "C" void _mlir_ciface_product(Matrix *, Matrix *, Matrix *);
extern "C" __m256 _ZGVdN8v_expf(__m256);

static float *make(int64_t size) {
  auto *p = static_cast<float *>(aligned_alloc(64, (size * 4 + 127) / 64 * 64));
  for (int64_t i = 0; i < size; ++i)
    p[i] = float(rand() % 2001 - 1000) / 500;
  return p;
}
static Vector makeVector(int64_t n) {
  float *p = make(n);
  return {p, p, 0, n, 1};
}
static Matrix makeMatrix(int64_t r, int64_t c) {
  float *p = make(r * c);
  return {p, p, 0, r, c, c, 1};
}
static double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}
static void pair(const char *name, double work, const char *unit,
                 const std::function<void()> &ours,
                 const std::function<void()> &peer) {
  double best[2] = {1e9, 1e9};
  int repeat = work < 2e6 ? int(2e6 / work) + 1 : 1;
  for (int round = 0; round < 40; ++round)
    for (int side = 0; side < 2; ++side) {
      double start = now();
      for (int i = 0; i < repeat; ++i)
        side ? peer() : ours();
      best[side] = std::min(best[side], (now() - start) / repeat);
    }
  std::printf("%-28s %8.2f %s, peer %8.2f, ratio %.2f\n", name,
              work / best[0] * 1e-9, unit, work / best[1] * 1e-9,
              best[1] / best[0]);
}

__attribute__((noinline)) static void
updateInC(const float *__restrict x, float *__restrict s, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    s[i] = s[i] * 0.9f + x[i] * 0.1f;
}
__attribute__((noinline)) static void expInC(const float *x, float *y,
                                             int64_t n) {
  for (int64_t i = 0; i + 8 <= n; i += 8)
    _mm256_storeu_ps(y + i, _ZGVdN8v_expf(_mm256_loadu_ps(x + i)));
}

int main() {
  for (int64_t n : {4096, 1000000, 10000000}) {
    Vector x = makeVector(n), s = makeVector(n);
    char name[64];
    std::snprintf(name, sizeof name, "s = .9 s + .1 x, %ld", long(n));
    pair(
        name, 12.0 * n, "GB/s", [&] { _mlir_ciface_update(&x, &s); },
        [&] { updateInC(x.aligned, s.aligned, n); });
    std::snprintf(name, sizeof name, "exp f32, %ld", long(n));
    pair(
        name, 1.0 * n, "G/s", [&] { _mlir_ciface_exp_f32(&x, &s); },
        [&] { expInC(x.aligned, s.aligned, n); });
  }
  for (auto size : {std::array<int, 3>{8, 8, 8},
                    {64, 64, 64},
                    {20, 500, 784},
                    {20, 10, 500},
                    {784, 500, 20},
                    {500, 500, 784},
                    {1024, 1024, 1024}}) {
    int m = size[0], n = size[1], k = size[2];
    Matrix a = makeMatrix(m, k), b = makeMatrix(k, n), c = makeMatrix(m, n);
    char name[64];
    std::snprintf(name, sizeof name, "product %d x %d x %d", m, n, k);
    pair(
        name, 2.0 * m * n * k, "GFLOP/s",
        [&] { _mlir_ciface_product(&a, &b, &c); },
        [&] {
          cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1,
                      a.aligned, k, b.aligned, n, 0, c.aligned, n);
        });
  }
}
