//===- HostTests.cpp - Host programs --------------------------------------===//

#include "Programs.h"
#include "Sanitizers.h"

#include <pthread.h>
#include <string.h>
#include <ucontext.h>

#include <atomic>

using namespace symtest;

namespace {
// Positions in mainProgram.
enum { kN, kM, kS, kT };
enum { kAdd = 0, kAxpy = 6, kOld = 7, kPeek = 9 };

int64_t scratchSize;
sym_view viewOf(std::vector<double> &data, int64_t &size) {
  size = int64_t(data.size());
  return {data.data(), &size};
}

int32_t wellBehaved(sym_frame *f) {
  int32_t two = 2;
  int64_t size = 0;
  sym_view arg = {&two, nullptr}, old = {}, now = {};
  if (int32_t s = sym_rt_call(f, kAdd, &arg, &old))
    return s;
  if (int32_t s = sym_rt_call(f, kAdd, &arg, &old)) // the first is abandoned
    return s;
  if (int32_t s = sym_rt_get_value(f, kN, &now))
    return s;
  if (int32_t s = sym_rt_print(f, "old ", SYM_ELEMENT_I64, 0, &old))
    return s;
  if (int32_t s = sym_rt_print(f, nullptr, SYM_ELEMENT_I64, 0, &now))
    return s;
  sym_rt_free(f, old.data);
  sym_rt_free(f, nullptr);
  std::vector<double> values = {1, 2, 3};
  sym_view set = viewOf(values, scratchSize);
  if (int32_t s = sym_rt_set_value(f, kS, &set))
    return s;
  void *handle;
  sym_view shown = {nullptr, &size};
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_EXCLUSIVE, &handle, &shown))
    return s;
  static_cast<double *>(shown.data)[0] = 50;
  if (int32_t s = sym_rt_release(f, handle, &shown))
    return s;
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_PINNED, &handle, &shown))
    return s;
  set = viewOf(values, scratchSize);
  if (int32_t s = sym_rt_call(f, kAxpy, &set, nullptr))
    return s;
  if (static_cast<double *>(shown.data)[0] != 50)
    return 1000; // a pin must not change
  return sym_rt_release(f, handle, nullptr);
}

/// Fails while it holds everything that a program can hold.
int32_t failing(sym_frame *f) {
  std::vector<double> values = {7};
  sym_view set = viewOf(values, scratchSize);
  int64_t size = 0;
  sym_view shown = {nullptr, &size};
  void *pin, *exclusive;
  if (int32_t s = sym_rt_set_value(f, kS, &set))
    return s;
  if (int32_t s = sym_rt_set_value(f, kT, &set))
    return s;
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_SCOPED, &pin, &shown))
    return s;
  if (int32_t s =
          sym_rt_borrow(f, kT, SYM_BORROW_EXCLUSIVE, &exclusive, &shown))
    return s;
  static_cast<double *>(shown.data)[0] = -1;
  if (!sym_rt_alloc(f, 1000) || !sym_rt_arena(f, 1000) ||
      !sym_rt_arena(f, 2000))
    return -1;
  if (int32_t s = sym_rt_get_value(f, kS, &shown))
    return s;
  std::vector<double> wrong = {1, 2};
  set = viewOf(wrong, scratchSize);
  int32_t status = sym_rt_call(f, kAxpy, &set, nullptr);
  return status ? status : 1000;
}

int32_t lying(sym_frame *) { return SYM_CANCELLED; }

int32_t rollsBack(sym_frame *f) {
  std::vector<double> values = {7};
  sym_view set = viewOf(values, scratchSize);
  int64_t size = 0;
  sym_view shown = {nullptr, &size};
  void *handle;
  if (int32_t s = sym_rt_set_value(f, kS, &set))
    return s;
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_EXCLUSIVE, &handle, &shown))
    return s;
  static_cast<double *>(shown.data)[0] = -1;
  if (int32_t s = sym_rt_release(f, handle, nullptr))
    return s;
  // And one that commits other memory than the private copy.
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_EXCLUSIVE, &handle, &shown))
    return s;
  std::vector<double> other = {4, 5};
  set = viewOf(other, scratchSize);
  return sym_rt_release(f, handle, &set);
}

int32_t callsPeek(sym_frame *f) {
  int64_t size = 0;
  sym_view shown = {nullptr, &size};
  if (int32_t s = sym_rt_call(f, kPeek, nullptr, &shown))
    return s;
  static_cast<double *>(shown.data)[0] = -1; // the program's own memory
  sym_rt_free(f, shown.data);
  return 0;
}

const sym_check_site deepSite = {SYM_NESTED_TOO_DEEPLY, 0, nullptr, "too deep",
                                 "here:1:2"};
std::atomic<int> depth;

/// Calls itself for ever.
int32_t endless(sym_frame *f) {
  ++depth;
  char frame[500];
  memset(frame, 1, sizeof(frame));
  // Keeps the frame until the call has come back, which is then no jump.
  asm volatile("" : : "r"(frame) : "memory");
  int32_t status = sym_rt_check_stack(f, &deepSite);
  if (!status)
    status = endless(f);
  asm volatile("" : : "r"(frame) : "memory");
  return status;
}

class Host : public testing::Test {
protected:
  Host() {
    program = *mainProgram(SYM_POLICY_INPLACE);
    program.hosts = hosts;
    program.num_hosts = 6;
  }
  const sym_host_desc hosts[6] = {
      {"main", wellBehaved},     {"failing", failing},
      {"lying", lying},          {"rolls_back", rollsBack},
      {"calls_peek", callsPeek}, {"endless", endless}};
  sym_program program;
};

std::string printed;
} // namespace

TEST_F(Host, RunsAProgram) {
  Instance instance(&program);
  printed.clear();
  sym_set_print_handler([](void *, const char *text) { printed += text; },
                        nullptr);
  int64_t before = sym_get_statistics().bytes_in_use;
  EXPECT_OK(sym_instance_run(instance.get(), "main"));
  sym_set_print_handler(nullptr, nullptr);
  EXPECT_EQ(printed, "old 2\n4\n");
  EXPECT_EQ(readVector(instance.variable("s")),
            (std::vector<double>{51, 4, 6}));
  ASSERT_OK(setVector(instance.variable("s"), {}));
  EXPECT_LE(sym_get_statistics().bytes_in_use, before + 256);
}

TEST_F(Host, T10_FailureReleasesAndRollsBack) {
  Instance instance(&program);
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {1}));
  int64_t before = sym_get_statistics().bytes_in_use;
  EXPECT_EQ(sym_instance_run(instance.get(), "failing"), SYM_SHAPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(), "the state has 1 elements, x has 2");
  EXPECT_EQ(sym_get_statistics().bytes_in_use, before) << "memory is freed";
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{7}))
      << "earlier commits stay";
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{7}))
      << "write borrows are rolled back";
  EXPECT_OK(setVector(instance.variable("t"), {2})) << "and released";
  sym_array *array;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &array));
  std::vector<double> x = {1};
  sym_array_release(array);
  sym_reset_statistics();
  EXPECT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 0) << "no pin was left";
}

TEST_F(Host, T10_EveryFailedAllocation) {
  Instance instance(&program);
  for (int64_t k = 1;; ++k) {
    ASSERT_LT(k, 200);
    ASSERT_OK(setVector(instance.variable("s"), {1}));
    ASSERT_OK(setVector(instance.variable("t"), {1}));
    int64_t before = sym_get_statistics().bytes_in_use;
    sym_set_print_handler([](void *, const char *) {}, nullptr);
    sym_debug_fail_allocation(k);
    sym_status status = sym_instance_run(instance.get(), "main");
    bool happened = sym_debug_fail_allocation(0) == 0;
    sym_set_print_handler(nullptr, nullptr);
    if (!happened) {
      EXPECT_OK(status);
      break;
    }
    EXPECT_EQ(status, SYM_OUT_OF_MEMORY);
    ASSERT_OK(setVector(instance.variable("s"), {1})) << "no borrow was left";
    EXPECT_EQ(sym_get_statistics().bytes_in_use, before);
  }
}

TEST_F(Host, RollbackAndCommitOfAnotherValue) {
  Instance instance(&program);
  ASSERT_OK(sym_instance_run(instance.get(), "rolls_back"));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{4, 5}));
}

TEST_F(Host, ResultsAreTheProgramsOwn) {
  Instance instance(&program);
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(sym_instance_run(instance.get(), "calls_peek"));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1}));
}

TEST_F(Host, UnknownNamesAndSilentFailures) {
  Instance instance(&program);
  EXPECT_EQ(sym_instance_run(instance.get(), "nowhere"), SYM_NOT_FOUND);
  EXPECT_EQ(sym_instance_run(instance.get(), "lying"), SYM_CANCELLED);
  EXPECT_STREQ(sym_error_message(),
               "host program 'lying' failed without saying why");
}

TEST(Checks, MessagesTakeValues) {
  // Through a call whose check carries one value of each class.
  static const int32_t types[] = {SYM_ELEMENT_I64, SYM_ELEMENT_U64,
                                  SYM_ELEMENT_F64, SYM_ELEMENT_BOOL,
                                  SYM_ELEMENT_F32};
  static const sym_check_site site = {
      SYM_INDEX_OUT_OF_RANGE, 5, types,
      "{0} {1} {2} {3} {4}, {0} again, {9} {x} {} {", "a.mlir:1:2"};
  ProgramBuilder builder;
  sym_entry_fn entry = [](sym_frame *f) -> int32_t {
    int64_t values[5] = {-3, -1, 0, 1, 0};
    double tenth = 0.1, half = 0.5;
    memcpy(&values[2], &tenth, 8);
    memcpy(&values[4], &half, 8);
    return sym_rt_fail(f, &site, values);
  };
  builder.function({"f", {}, {}, {}, 0, {}, entry, entry});
  Instance instance(builder.program());
  EXPECT_EQ(instance.call("f", {}), SYM_INDEX_OUT_OF_RANGE);
  EXPECT_STREQ(sym_error_message(),
               "-3 18446744073709551615 0.1 true 0.5, -3 again, {9} {x} {} {");
  EXPECT_STREQ(sym_error_location(), "a.mlir:1:2");
}

//===----------------------------------------------------------------------===//
// Recursion
//===----------------------------------------------------------------------===//

namespace {
/// Runs what never ends: the status, and how deep it went.
std::pair<sym_status, int> runEndless(const sym_program *program) {
  Instance instance(program);
  depth = 0;
  sym_status status = sym_instance_run(instance.get(), "endless");
  EXPECT_STREQ(sym_error_message(), "too deep");
  EXPECT_STREQ(sym_error_location(), "here:1:2");
  return {status, depth.load()};
}

struct DeepRun {
  const sym_program *program;
  std::pair<sym_status, int> result;
};

std::pair<sym_status, int> runEndlessOn(size_t stack,
                                        const sym_program *program) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  EXPECT_EQ(pthread_attr_setstacksize(&attributes, stack), 0);
  DeepRun run = {program, {}};
  pthread_t thread;
  EXPECT_EQ(pthread_create(
                &thread, &attributes,
                [](void *data) -> void * {
                  auto *run = static_cast<DeepRun *>(data);
                  run->result = runEndless(run->program);
                  return nullptr;
                },
                &run),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  return run.result;
}

ucontext_t outside, inside;
DeepRun contextRun;
} // namespace

TEST_F(Host, T10_EndlessRecursionEndsWithAStatus) {
  auto [status, calls] = runEndless(&program);
  EXPECT_EQ(status, SYM_NESTED_TOO_DEEPLY);
  EXPECT_GT(calls, 1000);
}

TEST_F(Host, T10_EndlessRecursionEndsInAStackOfAnySize) {
  // In less than the reserve, at once.
  auto [early, first] = runEndlessOn(96 << 10, &program);
  EXPECT_EQ(early, SYM_NESTED_TOO_DEEPLY);
  EXPECT_EQ(first, 1);
  auto [status, calls] = runEndlessOn(512 << 10, &program);
  EXPECT_EQ(status, SYM_NESTED_TOO_DEEPLY);
  EXPECT_GT(calls, 50);
  auto [same, more] = runEndlessOn(32 << 20, &program);
  EXPECT_EQ(same, SYM_NESTED_TOO_DEEPLY);
  EXPECT_GT(more, 20 * calls);
}

TEST_F(Host, T10_EndlessRecursionEndsOnTheStackOfACoroutine) {
#ifdef SYM_SLOW
  GTEST_SKIP() << "sanitizers must be told of other stacks";
#endif
  std::vector<char> stack(256 << 10);
  contextRun.program = &program;
  ASSERT_EQ(getcontext(&inside), 0);
  inside.uc_stack.ss_sp = stack.data();
  inside.uc_stack.ss_size = stack.size();
  inside.uc_link = &outside;
  makecontext(
      &inside, +[] { contextRun.result = runEndless(contextRun.program); }, 0);
  ASSERT_EQ(swapcontext(&outside, &inside), 0);
  EXPECT_EQ(contextRun.result.first, SYM_NESTED_TOO_DEEPLY);
  EXPECT_GT(contextRun.result.second, 10);
}
