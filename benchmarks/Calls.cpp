//===- Calls.cpp - What a transaction costs -------------------------------===//
//
// The accumulator, compiled, beside the least that any safe counter can cost:
// lock a std::mutex, add, unlock. The aim is at most six of those.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "kernels.h"

#include <mutex>

using namespace bench;

void bench::registerCalls() {
  auto increment = [] {
    static std::mutex mutex;
    static int64_t counter = 0;
    std::lock_guard<std::mutex> guard(mutex);
    benchmark::DoNotOptimize(++counter);
  };
  auto accumulate = [] {
    int64_t old;
    must(kernels_accumulate(getInstance(), 1, &old));
    benchmark::DoNotOptimize(old);
  };
  auto accumulateDouble = [] {
    int64_t old;
    must(kernels_accumulate_double(getInstance(), 1, &old));
    benchmark::DoNotOptimize(old);
  };
  registerCase("accumulator", {1.0 / 6}, 1, accumulate, increment);
  // Without a bar: a call that keeps the old value for readers.
  registerCase("accumulator, double-buffered", {0}, 1, accumulateDouble,
               increment);
}
