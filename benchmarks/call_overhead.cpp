//===- call_overhead.cpp - What a transaction costs -----------------------===//
//
// The flagship function, `state += inc; return old`, with a hand-written entry
// in the place of generated code, beside the least that any safe counter can
// cost: lock a std::mutex, add, unlock. The aim is at most six of those.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sym_runtime.h"

#include <benchmark/benchmark.h>
#include <mutex>
#include <stdio.h>
#include <stdlib.h>

namespace {
int32_t accumulate(sym_frame *frame) {
  auto *old = static_cast<int64_t *>(sym_rt_result(frame, 0, nullptr));
  if (!old)
    return SYM_OUT_OF_MEMORY;
  auto *state = static_cast<int64_t *>(frame->sources[0].data);
  *old = *state;
  *state += *static_cast<const int32_t *>(frame->args[0].data);
  return 0;
}

int32_t accumulateElsewhere(sym_frame *frame) {
  auto *old = static_cast<int64_t *>(sym_rt_result(frame, 0, nullptr));
  auto *next = static_cast<int64_t *>(sym_rt_result(frame, 1, nullptr));
  if (!old || !next)
    return SYM_OUT_OF_MEMORY;
  *old = *static_cast<const int64_t *>(frame->sources[0].data);
  *next = *old + *static_cast<const int32_t *>(frame->args[0].data);
  return 0;
}

const sym_value_desc kArgument = {"inc", {SYM_ELEMENT_I32, 0, nullptr}, 0, 0};
const sym_value_desc kResult = {nullptr, {SYM_ELEMENT_I64, 0, nullptr}, 0, 0};
const int32_t kVariables[] = {0};
const sym_update_desc kUpdate = {0, SYM_KIND_INPLACE, -1, SYM_KIND_FRESH, -1,
                                 0};
const sym_function_desc kFunction = {"accumulator",
                                     1,
                                     1,
                                     1,
                                     1,
                                     1,
                                     0,
                                     &kArgument,
                                     &kResult,
                                     kVariables,
                                     &kUpdate,
                                     accumulate,
                                     accumulateElsewhere,
                                     ""};
const int64_t kZero = 0;

sym_program programWith(const sym_variable_desc *variable) {
  return {SYM_ABI_VERSION, sizeof(sym_program), "bench", "", 1, 1, 0, 0,
          variable,        &kFunction,          nullptr};
}

void must(sym_status status) {
  if (!status)
    return;
  fprintf(stderr, "%s\n", sym_error_message());
  abort();
}

/// A program and its instance, for one policy.
struct Setup {
  explicit Setup(int32_t policy)
      : variable{"state", {SYM_ELEMENT_I64, 0, nullptr},
                 policy,  0,
                 0,       0,
                 &kZero,  nullptr,
                 0},
        program(programWith(&variable)) {
    must(sym_instance_create(&program, &instance));
    function = sym_instance_function_at(instance, 0);
  }
  ~Setup() { sym_instance_destroy(instance); }
  sym_variable_desc variable;
  sym_program program;
  sym_instance *instance;
  sym_function *function;
};

void mutexIncrement(benchmark::State &state) {
  static std::mutex mutex;
  static int64_t counter = 0;
  for (auto _ : state) {
    std::lock_guard<std::mutex> guard(mutex);
    benchmark::DoNotOptimize(++counter);
  }
}
BENCHMARK(mutexIncrement);

void accumulatorIntoBuffer(benchmark::State &state) {
  Setup setup(int32_t(state.range(0)));
  int32_t one = 1;
  int64_t old;
  sym_tensor argument = {&one, SYM_ELEMENT_I32, 0, nullptr, nullptr};
  for (auto _ : state) {
    sym_result result = {&old, sizeof(old), nullptr, nullptr};
    must(sym_call(setup.function, &argument, 1, &result, 1));
    benchmark::DoNotOptimize(old);
  }
}
BENCHMARK(accumulatorIntoBuffer)
    ->ArgName("policy")
    ->Arg(SYM_POLICY_INPLACE)
    ->Arg(SYM_POLICY_DOUBLE_BUFFER);

void accumulatorIntoArray(benchmark::State &state) {
  Setup setup(SYM_POLICY_INPLACE);
  int32_t one = 1;
  sym_tensor argument = {&one, SYM_ELEMENT_I32, 0, nullptr, nullptr};
  for (auto _ : state) {
    sym_result result = {};
    must(sym_call(setup.function, &argument, 1, &result, 1));
    sym_array_release(result.array);
  }
}
BENCHMARK(accumulatorIntoArray);

void getAndRelease(benchmark::State &state) {
  Setup setup(SYM_POLICY_INPLACE);
  sym_variable *variable = sym_instance_variable_at(setup.instance, 0);
  for (auto _ : state) {
    sym_array *array;
    must(sym_variable_get(variable, &array));
    sym_array_release(array);
  }
}
BENCHMARK(getAndRelease);

void borrowAndRelease(benchmark::State &state) {
  Setup setup(SYM_POLICY_INPLACE);
  sym_variable *variable = sym_instance_variable_at(setup.instance, 0);
  for (auto _ : state) {
    sym_array *array;
    must(sym_variable_borrow(variable, &array));
    sym_array_release(array);
  }
}
BENCHMARK(borrowAndRelease);
} // namespace

BENCHMARK_MAIN();
