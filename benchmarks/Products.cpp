//===- Products.cpp - Contractions beside CBLAS ---------------------------===//

#include "Harness.h"

#include <cblas.h>

using namespace bench;
using Floats = Array<float>;

__attribute__((noinline)) static void
multiplyInC(const float *__restrict a, const float *__restrict b,
            float *__restrict c, int64_t m, int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j)
      c[i * n + j] = 0;
    for (int64_t l = 0; l < k; ++l)
      for (int64_t j = 0; j < n; ++j)
        c[i * n + j] += a[i * k + l] * b[l * n + j];
  }
}

static std::shared_ptr<Floats> make(std::vector<int64_t> shape) {
  auto array = std::make_shared<Floats>(std::move(shape));
  array->fill(-2, 2);
  return array;
}

using Peer = std::function<void(float *, float *, float *)>;

static void add(const std::string &title, const char *function, Bar bar,
                std::vector<int64_t> a, std::vector<int64_t> b,
                std::vector<int64_t> c, double operations, const Peer &peer) {
  auto lhs = make(std::move(a)), rhs = make(std::move(b)), ours = make(c),
       theirs = make(c);
  Call call(function, {lhs->view(), rhs->view()});
  call.into(*ours);
  auto runPeer = [=] { peer(lhs->begin(), rhs->begin(), theirs->begin()); };
  call();
  runPeer();
  mustAgree(title, *ours, *theirs, 1e-4);
  registerCase(
      title, bar, operations,
      [=]() mutable {
        call();
        benchmark::DoNotOptimize(ours->begin());
      },
      runPeer);
}

static void addProduct(const std::string &note, const char *function, Bar bar,
                       int64_t m, int64_t n, int64_t k, bool plain = false) {
  std::string title = "product " + std::to_string(m) + " x " +
                      std::to_string(k) + " by " + std::to_string(n) + note;
  add(title, function, bar, {m, k}, {k, n}, {m, n},
      2.0 * double(m) * double(n) * double(k),
      [=](float *a, float *b, float *c) {
        if (plain)
          return multiplyInC(a, b, c, m, n, k);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, int(m), int(n),
                    int(k), 1, a, int(k), b, int(n), 0, c, int(n));
      });
}

void bench::registerProducts() {
  addProduct("", "product", {0.95}, 1024, 1024, 1024);
  addProduct(", 2 threads", "product", {1.8, 2}, 1024, 1024, 1024);
  addProduct("", "product", {1.0}, 20, 500, 784);
  addProduct("", "product", {0.95}, 20, 10, 500);
  addProduct("", "product", {0.95}, 784, 500, 20);
  addProduct("", "product", {0.95}, 500, 500, 784);
  addProduct("", "product", {0.95}, 64, 64, 64);
  addProduct("", "product", {0.95}, 32, 4096, 1024);
  addProduct(", C loop", "product_8", {1.0}, 8, 8, 8, true);

  for (int threads : {1, 2}) {
    std::string note = threads == 1 ? "" : ", 2 threads";
    double scale = threads == 1 ? 0.95 : 1.5;
    constexpr int64_t m = 4096, n = 1024, batches = 64, size = 64;
    add("matrix 4096 x 1024 by vector" + note, "matrix_vector",
        {scale, threads}, {m, n}, {n}, {m}, 2.0 * m * n,
        [=](float *a, float *b, float *c) {
          cblas_sgemv(CblasRowMajor, CblasNoTrans, m, n, 1, a, n, b, 1, 0, c,
                      1);
        });
    add("vector by matrix 4096 x 1024" + note, "vector_matrix",
        {scale, threads}, {m}, {m, n}, {n}, 2.0 * m * n,
        [=](float *a, float *b, float *c) {
          cblas_sgemv(CblasRowMajor, CblasTrans, m, n, 1, b, n, a, 1, 0, c, 1);
        });
    add("64 products of 64" + note, "batches", {scale, threads},
        {batches, size, size}, {batches, size, size}, {batches, size, size},
        2.0 * batches * size * size * size, [=](float *a, float *b, float *c) {
          for (int64_t i = 0; i < batches; ++i)
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size,
                        size, 1, a + i * size * size, size, b + i * size * size,
                        size, 0, c + i * size * size, size);
        });
    if (threads == 2)
      addProduct(note, "product", {1.5, 2}, 32, 4096, 1024);
  }
}
