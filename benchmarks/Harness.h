//===- Harness.h - Compiled functions beside their peers -------*- C++ -*-===//
//
// A case is two benchmarks, `<case>/sym` and `<case>/peer`, with the bar of
// their ratio as counters; `run` interleaves them and prints the table. Before
// it is timed, a compiled function must agree with its peer.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_BENCHMARKS_HARNESS_H
#define SYM_BENCHMARKS_HARNESS_H

#include "sym/Runtime/sym_runtime.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <functional>
#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <vector>

extern "C" const sym_program sym_program_kernels;
extern "C" void omp_set_num_threads(int);

namespace bench {

inline void must(sym_status status) {
  if (status == SYM_OK)
    return;
  fprintf(stderr, "%s\n", sym_error_message());
  abort();
}

/// A new instance of kernels.mlir, which lives as long as the process.
inline sym_instance *makeInstance() {
  sym_instance *created;
  must(sym_instance_create(&sym_program_kernels, &created));
  return created;
}

/// The instance of all functions that need no state of their own.
inline sym_instance *getInstance() {
  static sym_instance *instance = makeInstance();
  return instance;
}

template <typename T> constexpr int32_t elementOf();
template <> constexpr int32_t elementOf<float>() { return SYM_ELEMENT_F32; }
template <> constexpr int32_t elementOf<double>() { return SYM_ELEMENT_F64; }
template <> constexpr int32_t elementOf<int32_t>() { return SYM_ELEMENT_I32; }
template <> constexpr int32_t elementOf<int64_t>() { return SYM_ELEMENT_I64; }

/// Memory of one array, aligned as results go into without a copy.
template <typename T> class Array {
public:
  explicit Array(std::vector<int64_t> shape) : shape(std::move(shape)) {
    count = 1;
    for (int64_t size : this->shape)
      count *= size;
    data.reset(static_cast<T *>(
        aligned_alloc(64, (size_t(count) * sizeof(T) + 127) / 64 * 64)));
  }
  /// Numbers that are no zeros, of both signs if `low` is negative.
  Array &fill(double low, double high) {
    uint64_t state = 88172645463325252u;
    for (int64_t i = 0; i < count; ++i) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      data[i] = T(low + (high - low) * double(state >> 11) * 0x1p-53);
    }
    return *this;
  }
  sym_tensor view() {
    return {data.get(), elementOf<T>(), int32_t(shape.size()), shape.data(),
            nullptr};
  }
  T *begin() { return data.get(); }
  int64_t size() const { return count; }
  T &operator[](int64_t i) { return data[i]; }

  std::vector<int64_t> shape;

private:
  struct Free {
    void operator()(T *pointer) const { free(pointer); }
  };
  int64_t count;
  std::unique_ptr<T[], Free> data;
};

/// A function and where its one result goes, if it has one.
class Call {
public:
  Call(const std::string &name, std::vector<sym_tensor> args,
       sym_instance *instance = getInstance())
      : function(sym_instance_function(instance, name.c_str())),
        args(std::move(args)) {
    if (function)
      return;
    fprintf(stderr, "no function %s\n", name.c_str());
    abort();
  }
  template <typename T> Call &into(Array<T> &array) {
    sizes.resize(array.shape.size());
    result = {array.begin(), size_t(array.size()) * sizeof(T), nullptr,
              nullptr};
    hasResult = true;
    return *this;
  }
  void operator()() {
    // Not earlier: calls are copied.
    result.sizes = sizes.data();
    must(sym_call(function, args.data(), int32_t(args.size()), &result,
                  hasResult));
  }

private:
  sym_function *function;
  std::vector<sym_tensor> args;
  std::vector<int64_t> sizes;
  sym_result result = {};
  bool hasResult = false;
};

/// Ends the program unless two arrays are the same up to `tolerance` times the
/// largest element.
template <typename T>
void mustAgree(const std::string &name, Array<T> &a, Array<T> &b,
               double tolerance) {
  double scale = 0, worst = 0;
  for (int64_t i = 0; i < a.size(); ++i)
    scale = std::max(scale, std::fabs(double(b[i])));
  for (int64_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::fabs(double(a[i]) - double(b[i])));
  if (worst <= tolerance * scale && scale > 0)
    return;
  fprintf(stderr, "%s: off by %g of %g\n", name.c_str(), worst, scale);
  abort();
}

/// What a case must reach: peer's time / sym's time at least `bar`.
struct Bar {
  double atLeast;
  int threads = 1;
};

/// Registers a case. `work` is what one call does, in `unit`. A case on several
/// threads is in real time, others in the time of their thread, which other
/// load on the machine changes little.
inline void registerCase(const std::string &name, Bar bar, double work,
                         std::function<void()> sym,
                         std::function<void()> peer) {
  auto add = [&](const char *side, std::function<void()> run, int threads) {
    auto *added = benchmark::RegisterBenchmark(
        (name + "/" + side).c_str(), [=](benchmark::State &state) {
          omp_set_num_threads(threads);
          run();
          sym_statistics before = sym_get_statistics();
          for (auto _ : state)
            run();
          sym_statistics after = sym_get_statistics();
          omp_set_num_threads(1);
          state.counters["bar"] = bar.atLeast;
          state.counters["work"] = work;
          state.counters["allocations"] =
              double(after.system_allocations - before.system_allocations);
          state.counters["copies"] =
              double(after.copy_on_write - before.copy_on_write +
                     after.argument_copies - before.argument_copies);
        });
    if (bar.threads > 1)
      added->UseRealTime();
  };
  add("sym", std::move(sym), bar.threads);
  add("peer", std::move(peer), 1);
}

void registerCalls();
void registerUpdates();
void registerMathematics();
void registerProducts();
void registerShapes();

} // namespace bench

#endif // SYM_BENCHMARKS_HARNESS_H
