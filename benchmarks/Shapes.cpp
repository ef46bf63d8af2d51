//===- Shapes.cpp - Transposition, positions, division --------------------===//

#include "Harness.h"

using namespace bench;

namespace {
constexpr int64_t kRows = 2048, kColumns = 1024, kSize = 1000003;
constexpr int64_t kBlock = 32;

/// In blocks that fit into the first cache.
__attribute__((noinline)) void transposeInC(const float *__restrict x,
                                            float *__restrict y) {
  for (int64_t i = 0; i < kRows; i += kBlock)
    for (int64_t j = 0; j < kColumns; j += kBlock)
      for (int64_t l = j; l < j + kBlock; ++l)
        for (int64_t k = i; k < i + kBlock; ++k)
          y[l * kRows + k] = x[k * kColumns + l];
}

__attribute__((noinline)) void argmaxInC(const float *__restrict x,
                                         int64_t *__restrict y) {
  for (int64_t i = 0; i < kRows; ++i) {
    float best = x[i * kColumns];
    int64_t at = 0;
    for (int64_t j = 0; j < kColumns; ++j)
      if (x[i * kColumns + j] > best) {
        best = x[i * kColumns + j];
        at = j;
      }
    y[i] = at;
  }
}

__attribute__((noinline)) void divideInC(const int32_t *__restrict x,
                                         const int32_t *__restrict y,
                                         int32_t *__restrict z) {
  for (int64_t i = 0; i < kSize; ++i)
    z[i] = x[i] / y[i];
}

template <typename T>
std::shared_ptr<Array<T>> make(std::vector<int64_t> shape) {
  return std::make_shared<Array<T>>(std::move(shape));
}

template <typename T>
void add(const std::string &title, double bar, double work, Call call,
         std::shared_ptr<Array<T>> ours, std::shared_ptr<Array<T>> theirs,
         const std::function<void()> &peer) {
  call.into(*ours);
  call();
  peer();
  mustAgree(title, *ours, *theirs, 0);
  registerCase(
      title, {bar}, work,
      [=]() mutable {
        call();
        benchmark::DoNotOptimize(ours->begin());
      },
      peer);
}
} // namespace

void bench::registerShapes() {
  auto x = make<float>({kRows, kColumns});
  x->fill(-2, 2);
  auto turned = make<float>({kColumns, kRows});
  add<float>("transpose 2048 x 1024", 0.95, 8.0 * kRows * kColumns,
             Call("transpose", {x->view()}), make<float>({kColumns, kRows}),
             turned, [=] { transposeInC(x->begin(), turned->begin()); });

  auto positions = make<int64_t>({kRows});
  add<int64_t>("argmax of rows, 2048 x 1024", 0.95, double(kRows * kColumns),
               Call("argmax", {x->view()}), make<int64_t>({kRows}), positions,
               [=] { argmaxInC(x->begin(), positions->begin()); });

  auto a = make<int32_t>({kSize}), b = make<int32_t>({kSize}),
       q = make<int32_t>({kSize});
  a->fill(-1e9, 1e9);
  b->fill(1, 1000);
  add<int32_t>("i32 division, 1 M", 0.95, double(kSize),
               Call("divide", {a->view(), b->view()}), make<int32_t>({kSize}),
               q, [=] { divideInC(a->begin(), b->begin(), q->begin()); });
}
