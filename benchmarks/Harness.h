//===- Harness.h - Compiled functions beside their peers -------*- C++ -*-===//
//
// A case times slices of about a millisecond of both in turns, and compares
// each pair, since the speed of a shared machine changes from one moment to the
// next. `run` prints the table. Before it is timed, a compiled function must
// agree with its peer.
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
#include <sys/mman.h>
#include <time.h>
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

/// Memory of one array, aligned as results go into without a copy. Large ones
/// lie as variables do, in huge pages behind 64 bytes of something else, so
/// that both sides of a case touch memory alike.
template <typename T> class Array {
public:
  explicit Array(std::vector<int64_t> shape) : shape(std::move(shape)) {
    count = 1;
    for (int64_t size : this->shape)
      count *= size;
    constexpr size_t offset = 64, hugePage = 2 << 20;
    size_t bytes = size_t(count) * sizeof(T) + offset;
    size_t alignment = bytes < hugePage ? 64 : hugePage;
    bytes = (bytes + alignment - 1) / alignment * alignment;
    memory.reset(static_cast<char *>(aligned_alloc(alignment, bytes)));
    if (alignment == hugePage)
      madvise(memory.get(), bytes, MADV_HUGEPAGE);
    data = reinterpret_cast<T *>(memory.get() + offset);
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
    return {data, elementOf<T>(), int32_t(shape.size()), shape.data(), nullptr};
  }
  T *begin() { return data; }
  int64_t size() const { return count; }
  T &operator[](int64_t i) { return data[i]; }

  std::vector<int64_t> shape;

private:
  struct Free {
    void operator()(char *pointer) const { free(pointer); }
  };
  int64_t count;
  std::unique_ptr<char[], Free> memory;
  T *data;
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

/// Nanoseconds of this thread, or of the world.
inline double getTime(bool real) {
  timespec now;
  clock_gettime(real ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e9 + double(now.tv_nsec);
}

inline double timeCalls(const std::function<void()> &run, int64_t calls,
                        bool real) {
  // The other side has filled the caches with its own.
  run();
  double start = getTime(real);
  for (int64_t i = 0; i < calls; ++i)
    run();
  return getTime(real) - start;
}

/// The calls that fill a slice.
inline int64_t countCalls(const std::function<void()> &run, bool real) {
  constexpr double slice = 1e6;
  int64_t calls = 1;
  while (timeCalls(run, calls, real) < slice)
    calls *= 2;
  return calls;
}

/// Registers a case. `work` is what one call does, in `unit`. A case on several
/// threads is in real time, others in the time of their thread, which other
/// load on the machine changes little.
inline void registerCase(const std::string &name, Bar bar, double work,
                         std::function<void()> sym,
                         std::function<void()> peer) {
  auto compare = [=](benchmark::State &state) {
    bool real = bar.threads > 1;
    omp_set_num_threads(bar.threads);
    const std::function<void()> *sides[] = {&sym, &peer};
    int64_t calls[] = {countCalls(sym, real), countCalls(peer, real)};
    std::vector<double> times[2], ratios;
    sym_statistics before = sym_get_statistics();
    for (auto _ : state) {
      double taken[2];
      // In turns, so that neither always follows the other.
      size_t first = ratios.size() % 2;
      for (size_t side : {first, 1 - first})
        taken[side] = timeCalls(*sides[side], calls[side], real);
      for (int side : {0, 1})
        times[side].push_back(taken[side] / double(calls[side]));
      ratios.push_back(times[1].back() / times[0].back());
      state.SetIterationTime((taken[0] + taken[1]) * 1e-9);
    }
    sym_statistics after = sym_get_statistics();
    omp_set_num_threads(1);
    for (std::vector<double> *values : {&times[0], &times[1], &ratios})
      std::sort(values->begin(), values->end());
    size_t middle = ratios.size() / 2;
    // The ranks between which the median lies with 95 % confidence.
    size_t apart = size_t(std::sqrt(double(ratios.size())));
    state.counters["sym"] = times[0][middle];
    state.counters["peer"] = times[1][middle];
    state.counters["ratio"] = ratios[middle];
    state.counters["low"] = ratios[middle - std::min(middle, apart)];
    state.counters["high"] =
        ratios[std::min(middle + apart, ratios.size() - 1)];
    state.counters["bar"] = bar.atLeast;
    state.counters["work"] = work;
    state.counters["allocations"] =
        double(after.system_allocations - before.system_allocations);
    state.counters["copies"] =
        double(after.copy_on_write - before.copy_on_write +
               after.argument_copies - before.argument_copies);
  };
  benchmark::RegisterBenchmark(name.c_str(), compare)->UseManualTime();
}

void registerCalls();
void registerUpdates();
void registerMathematics();
void registerProducts();
void registerShapes();

} // namespace bench

#endif // SYM_BENCHMARKS_HARNESS_H
