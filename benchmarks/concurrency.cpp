//===- concurrency.cpp - Calls of many threads ----------------------------===//
//
// What threads cost each other, with hand-written entries as the compiler would
// emit them:
//   accumulator  updates of one variable, also with more threads than
//   processors reads        calls without updates of about 0.1 us and 1 us, and
//   a product besideUpdate calls that read a double-buffered variable while an
//   update of
//                it takes 10 ms, against the same behind one mutex
//   hogwild      updates that read much and write little, in place and relaxed
// `ratio` is what two threads do against one, see bestRate.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sym_runtime.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread>
#include <vector>

namespace {
using Clock = std::chrono::steady_clock;

void must(sym_status status) {
  if (!status)
    return;
  fprintf(stderr, "%s\n", sym_error_message());
  abort();
}

const float *floats(const sym_view &view) {
  return static_cast<const float *>(view.data);
}

//===----------------------------------------------------------------------===//
// Entries: one variable, f32[?]; one argument i64; at most one result f32[?]
//===----------------------------------------------------------------------===//

/// state[i] += arg
void addTo(float *to, const float *from, int64_t n, float by) {
  for (int64_t i = 0; i < n; ++i)
    to[i] = from[i] + by;
}
float argument(const sym_frame *f) {
  return float(*static_cast<const int64_t *>(f->args[0].data));
}
int32_t addInPlace(sym_frame *f) {
  addTo(static_cast<float *>(f->sources[0].data), floats(f->sources[0]),
        f->sources[0].sizes[0], argument(f));
  return 0;
}
int32_t addElsewhere(sym_frame *f) {
  void *to = sym_rt_result(f, 0, f->sources[0].sizes);
  if (!to)
    return -1;
  addTo(static_cast<float *>(to), floats(f->sources[0]), f->sources[0].sizes[0],
        argument(f));
  return 0;
}

/// A chain of dependent sums over the state: its time follows from its length.
int32_t sumState(sym_frame *f) {
  const int64_t one = 1;
  auto *to = static_cast<float *>(sym_rt_result(f, 0, &one));
  if (!to)
    return -1;
  float sum = 0;
  for (int64_t i = 0; i < f->sources[0].sizes[0]; ++i)
    sum += floats(f->sources[0])[i];
  *to = sum;
  return 0;
}

/// A step of learning: looks at all of the state, and changes a few elements.
int32_t stepFrom(sym_frame *f, float *to, const float *from) {
  int64_t n = f->sources[0].sizes[0];
  int64_t at = int64_t(argument(f)) * 16 % n;
  float sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += from[i];
  for (int64_t i = at; i < at + 16; ++i)
    to[i] = from[i] + sum;
  return 0;
}
int32_t stepInPlace(sym_frame *f) {
  return stepFrom(f, static_cast<float *>(f->sources[0].data),
                  floats(f->sources[0]));
}
int32_t stepElsewhere(sym_frame *f) {
  void *to = sym_rt_result(f, 0, f->sources[0].sizes);
  if (!to)
    return -1;
  memcpy(to, f->sources[0].data, size_t(f->sources[0].sizes[0]) * 4);
  return stepFrom(f, static_cast<float *>(to), floats(f->sources[0]));
}

/// The square of the state as a 256 x 256 matrix.
constexpr int64_t kSide = 256;
void multiply(const float *a, float *to) {
  memset(to, 0, sizeof(float) * kSide * kSide);
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t k = 0; k < kSide; ++k)
      for (int64_t j = 0; j < kSide; ++j)
        to[i * kSide + j] += a[i * kSide + k] * a[k * kSide + j];
}
int32_t square(sym_frame *f) {
  const int64_t count = kSide * kSide;
  auto *to = static_cast<float *>(sym_rt_result(f, 0, &count));
  if (!to)
    return -1;
  multiply(floats(f->sources[0]), to);
  return 0;
}

/// An update that takes about 10 ms.
int32_t slowElsewhere(sym_frame *f) {
  if (int32_t code = addElsewhere(f))
    return code;
  auto until = Clock::now() + std::chrono::milliseconds(10);
  while (Clock::now() < until)
    ;
  return 0;
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

const int64_t kDynamic[] = {SYM_DYNAMIC};
const sym_type_desc kVector = {SYM_ELEMENT_F32, 1, kDynamic};
const sym_value_desc kArgument = {"k", {SYM_ELEMENT_I64, 0, nullptr}, 0, 0};
const sym_value_desc kResult = {"r", kVector, 0, 0};
const int32_t kVariables[] = {0};
const sym_update_desc kUpdate = {0, SYM_KIND_INPLACE, -1, SYM_KIND_FRESH, -1,
                                 0};
enum { kAdd, kSum, kSquare, kSlow, kStep, kNumFunctions };
const sym_function_desc kFunctions[] = {
    {"add", 1, 0, 1, 1, 1, 0, &kArgument, nullptr, kVariables, &kUpdate,
     addInPlace, addElsewhere, ""},
    {"sum", 1, 1, 1, 1, 0, 0, &kArgument, &kResult, kVariables, nullptr,
     sumState, sumState, ""},
    {"square", 1, 1, 1, 1, 0, 0, &kArgument, &kResult, kVariables, nullptr,
     square, square, ""},
    {"slow", 1, 0, 1, 1, 1, 0, &kArgument, nullptr, kVariables, &kUpdate,
     slowElsewhere, slowElsewhere, ""},
    {"step", 1, 0, 1, 1, 1, 0, &kArgument, nullptr, kVariables, &kUpdate,
     stepInPlace, stepElsewhere, ""}};

/// An instance whose variable has `length` elements.
class Program {
public:
  Program(int32_t policy, int64_t length)
      : variable{"state", kVector, policy, 0, 0, 0, nullptr, nullptr, 0},
        program{SYM_ABI_VERSION,
                sizeof(sym_program),
                "bench",
                "",
                1,
                kNumFunctions,
                0,
                0,
                &variable,
                kFunctions,
                nullptr} {
    must(sym_instance_create(&program, &instance));
    std::vector<float> data(size_t(length), 0.5f);
    sym_tensor value = {data.data(), SYM_ELEMENT_F32, 1, &length, nullptr};
    must(sym_variable_set(sym_instance_variable_at(instance, 0), &value));
  }
  ~Program() { sym_instance_destroy(instance); }
  Program(const Program &) = delete;

  void update(int function, int64_t k = 1) {
    sym_tensor arg = {&k, SYM_ELEMENT_I64, 0, nullptr, nullptr};
    must(sym_call(at(function), &arg, 1, nullptr, 0));
  }
  void read(int function, std::vector<float> &out) {
    int64_t k = 1, size;
    sym_tensor arg = {&k, SYM_ELEMENT_I64, 0, nullptr, nullptr};
    sym_result result = {out.data(), out.size() * sizeof(float), &size,
                         nullptr};
    must(sym_call(at(function), &arg, 1, &result, 1));
    benchmark::DoNotOptimize(out.data());
  }

private:
  sym_function *at(int function) {
    return sym_instance_function_at(instance, function);
  }
  sym_variable_desc variable;
  sym_program program;
  sym_instance *instance;
};

//===----------------------------------------------------------------------===//
// Benchmarks
//===----------------------------------------------------------------------===//

/// Calls per second of `threads` threads together, in the best of many windows
/// of a fifth of a millisecond that they start at the same time: on a machine
/// with other work, one in which nobody was interrupted.
template <typename Call>
double bestRate(int threads, Call call, std::chrono::nanoseconds window) {
  constexpr int kWindows = 150;
  // Reading the clock costs a part of the shortest call.
  const int batch = window < std::chrono::milliseconds(1) ? 8 : 1;
  std::vector<std::atomic<int64_t>> counts(kWindows);
  std::vector<std::atomic<int>> arrived(kWindows);
  std::vector<std::atomic<int64_t>> starts(kWindows);
  auto run = [&] {
    std::vector<float> out(size_t(kSide * kSide));
    for (int w = 0; w < kWindows; ++w) {
      if (arrived[size_t(w)].fetch_add(1) + 1 == threads)
        starts[size_t(w)].store(Clock::now().time_since_epoch().count());
      while (!starts[size_t(w)].load())
        ; // who gave its processor up would not start at the same time
      Clock::time_point end{Clock::duration(starts[size_t(w)].load()) + window};
      int64_t mine = 0;
      while (Clock::now() < end) {
        for (int i = 0; i < batch; ++i)
          call(out);
        mine += batch;
      }
      // In thousandths; what ran beyond the end does not count.
      double late =
          double((Clock::now() - end).count()) / double(window.count());
      counts[size_t(w)].fetch_add(int64_t(1000 * double(mine) / (1 + late)));
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t)
    others.emplace_back(run);
  run();
  for (std::thread &other : others)
    other.join();
  int64_t best = 0;
  for (std::atomic<int64_t> &count : counts)
    best = std::max(best, count.load());
  return double(best) * 1e6 / double(window.count());
}

/// One thread and two in turn; the counters are the medians of the rounds.
template <typename Call>
void scaling(benchmark::State &state, Call call,
             std::chrono::nanoseconds window) {
  std::vector<double> one, two, ratio;
  for (auto _ : state)
    for (int round = 0; round < 3; ++round) {
      one.push_back(bestRate(1, call, window));
      two.push_back(bestRate(2, call, window));
      ratio.push_back(two.back() / one.back());
    }
  auto median = [](std::vector<double> &values) {
    std::nth_element(values.begin(), values.begin() + long(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
  };
  state.counters["ns_per_call"] = 1e9 / median(one);
  state.counters["ratio"] = median(ratio);
}

void accumulator(benchmark::State &state) {
  static Program *program;
  if (state.thread_index() == 0)
    program = new Program(int32_t(state.range(0)), 1);
  for (auto _ : state)
    program->update(kAdd);
  if (state.thread_index() == 0)
    delete program;
}
BENCHMARK(accumulator)
    ->ArgName("policy")
    ->Arg(SYM_POLICY_INPLACE)
    ->Arg(SYM_POLICY_DOUBLE_BUFFER)
    ->ThreadRange(1, 8)
    ->UseRealTime();

constexpr std::chrono::microseconds kShort{200}, kLong{8000};

void reads(benchmark::State &state, int function, int64_t length,
           std::chrono::nanoseconds window) {
  Program program(int32_t(state.range(0)), length);
  scaling(
      state, [&](std::vector<float> &out) { program.read(function, out); },
      window);
}
#define READS(name, function, length, window)                                  \
  BENCHMARK_CAPTURE(reads, name, function, length, window)                     \
      ->ArgName("policy")                                                      \
      ->Arg(SYM_POLICY_INPLACE)                                                \
      ->Arg(SYM_POLICY_DOUBLE_BUFFER)                                          \
      ->Iterations(1)
READS(100ns, kSum, 64, kShort);
READS(1us, kSum, 1000, kShort);
READS(product256, kSquare, kSide *kSide, kLong);

/// What the machine makes of two threads that share nothing but what they read.
void plainProduct(benchmark::State &state) {
  std::vector<float> matrix(size_t(kSide * kSide), 1);
  scaling(
      state,
      [&](std::vector<float> &out) {
        multiply(matrix.data(), out.data());
        benchmark::DoNotOptimize(out.data());
      },
      kLong);
}
BENCHMARK(plainProduct)->Name("reads/plain256")->Iterations(1);

void hogwild(benchmark::State &state) {
  Program program(int32_t(state.range(0)), 1600);
  static std::atomic<int64_t> threads{0};
  scaling(
      state,
      [&](std::vector<float> &) {
        thread_local int64_t k = threads.fetch_add(1) * 50;
        program.update(kStep, ++k % 100);
      },
      kShort);
}
BENCHMARK(hogwild)
    ->ArgName("policy")
    ->Arg(SYM_POLICY_INPLACE)
    ->Arg(SYM_POLICY_RELAXED)
    ->Iterations(1);

enum Beside { kNobody, kUpdates, kUpdatesUnderMutex };

/// Reads for a third of a second: the median latency, and reads and updates per
/// second. A std::mutex lets its holder have it again, so under it one side
/// starves the other; reads count for what the updates beside them are.
void besideUpdate(benchmark::State &state, Beside beside) {
  for (auto _ : state) {
    Program program(SYM_POLICY_DOUBLE_BUFFER, 1000);
    std::mutex global;
    std::atomic<bool> stop{false};
    std::atomic<int64_t> updates{0};
    std::thread updater;
    auto guarded = [&](auto action) {
      std::unique_lock<std::mutex> guard(global, std::defer_lock);
      if (beside == kUpdatesUnderMutex)
        guard.lock();
      action();
    };
    if (beside != kNobody)
      updater = std::thread([&] {
        for (; !stop.load(); updates.fetch_add(1))
          guarded([&] { program.update(kSlow); });
      });
    std::vector<float> out(1);
    std::vector<double> times;
    auto begin = Clock::now();
    auto end = begin + std::chrono::milliseconds(300);
    for (auto start = begin; start < end; start = Clock::now()) {
      guarded([&] { program.read(kSum, out); });
      times.push_back(double((Clock::now() - start).count()));
    }
    double seconds =
        std::chrono::duration<double>(Clock::now() - begin).count();
    stop.store(true);
    if (updater.joinable())
      updater.join();
    std::nth_element(times.begin(), times.begin() + long(times.size() / 2),
                     times.end());
    state.counters["median_ns"] = times[times.size() / 2];
    state.counters["reads_per_s"] = double(times.size()) / seconds;
    state.counters["updates_per_s"] = double(updates.load()) / seconds;
  }
}
BENCHMARK_CAPTURE(besideUpdate, alone, kNobody)->Iterations(1);
BENCHMARK_CAPTURE(besideUpdate, updates, kUpdates)->Iterations(1);
BENCHMARK_CAPTURE(besideUpdate, mutex, kUpdatesUnderMutex)->Iterations(1);

} // namespace

BENCHMARK_MAIN();
