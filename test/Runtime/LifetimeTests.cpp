//===- LifetimeTests.cpp - What outlives what -----------------------------===//
//
// Instances that go while calls run, threads that go while they hold borrows,
// threads that are cancelled, and signals in the middle of everything.
//
//===----------------------------------------------------------------------===//

#include "FileFixture.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <thread>

using namespace symtest;

namespace {
std::atomic<int> gate{0}; ///< 1: a call is inside, 2: it may go on

void waitFor(int value) {
  while (gate.load() != value)
    std::this_thread::yield();
}

/// `slow() -> i64` waits inside, adds one to `n`, and returns the old value;
/// `lend() ` replaces `v`, whose lender hears of it.
struct SlowProgram {
  SlowProgram() {
    static const int64_t seven = 7;
    sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
    builder.variable("n", i64, SYM_POLICY_INPLACE, &seven);
    builder.variable("v", i64, SYM_POLICY_INPLACE, &seven);
    sym_entry_fn slow = [](sym_frame *f) -> int32_t {
      gate.store(1);
      waitFor(2);
      void *old = sym_rt_result(f, 0, nullptr);
      if (!old)
        return -1;
      memcpy(old, f->sources[0].data, 8);
      ++*static_cast<int64_t *>(f->sources[0].data);
      return 0;
    };
    builder.function(
        {"slow", {}, {value("old", i64)}, {0}, 1, {inPlace(0)}, slow, slow});
    sym_entry_fn replace = [](sym_frame *f) -> int32_t {
      void *now = sym_rt_result(f, 0, nullptr);
      if (!now)
        return -1;
      memset(now, 0, 8);
      return 0;
    };
    builder.function({"replace", {}, {}, {1}, 0, {fresh(0)}, replace, replace});
  }
  ProgramBuilder builder;
};

int64_t inUse() { return sym_get_statistics().bytes_in_use; }
} // namespace

//===----------------------------------------------------------------------===//
// Instances
//===----------------------------------------------------------------------===//

TEST(Lifetime, S2_InstanceDestroyedDuringACall) {
  SlowProgram slow;
  int64_t before = inUse();
  sym_instance *instance;
  ASSERT_OK(sym_instance_create(slow.builder.program(), &instance));
  sym_function *function = sym_instance_function(instance, "slow");
  sym_variable *n = sym_instance_variable(instance, "n");
  sym_variable_retain(n);
  gate.store(0);
  std::thread caller([&] {
    sym_result result = {};
    EXPECT_OK(sym_call(function, nullptr, 0, &result, 1));
    EXPECT_EQ(takeInt(result.array), 7);
  });
  waitFor(1);
  sym_instance_destroy(instance); // does not wait
  EXPECT_EQ(gate.load(), 1);
  // What the call was using has not been given to somebody else.
  std::vector<sym_array *> others;
  for (int i = 0; i < 100; ++i) {
    sym_instance *other;
    ASSERT_OK(sym_instance_create(slow.builder.program(), &other));
    EXPECT_NE(sym_instance_function(other, "slow"), function);
    sym_instance_destroy(other);
  }
  gate.store(2);
  caller.join();
  EXPECT_EQ(readInt(n), 8) << "it committed";
  sym_variable_release(n);
  EXPECT_EQ(inUse(), before) << "the last to leave has freed it";
}

TEST(Lifetime, S2_FunctionsOutliveTheirInstanceForWhoRetainsThem) {
  int64_t before = inUse();
  sym_instance *instance;
  ASSERT_OK(
      sym_instance_create(mainProgram(SYM_POLICY_DOUBLE_BUFFER), &instance));
  sym_variable *n = sym_instance_variable(instance, "n");
  sym_variable_retain(n);
  std::vector<std::thread> threads;
  std::atomic<int> started{0};
  for (int t = 0; t < 3; ++t) {
    sym_function *add = sym_instance_function(instance, "add");
    sym_function_retain(add);
    threads.emplace_back([add, &started] {
      ++started;
      for (int i = 0; i < 3000; ++i) {
        int32_t one = 1;
        int64_t old;
        sym_result result = {&old, 8, nullptr, nullptr};
        EXPECT_OK(sym_call(add, Tensor(one), 1, &result, 1));
      }
      sym_function_release(add);
    });
  }
  while (started.load() != 3)
    std::this_thread::yield();
  sym_instance_destroy(instance);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(readInt(n), 9000);
  sym_variable_release(n);
  EXPECT_EQ(inUse(), before);
}

TEST(Lifetime, S2_InstanceDestroyedByALendersCallback) {
  // On the thread of the call, behind its locks, and while the callback makes a
  // call itself.
  SlowProgram slow;
  static sym_instance *instance;
  static sym_function *replace;
  static int heard;
  int64_t before = inUse();
  ASSERT_OK(sym_instance_create(slow.builder.program(), &instance));
  replace = sym_instance_function(instance, "replace");
  static int64_t mine = 3;
  heard = 0;
  auto release = [](void *) {
    ++heard;
    EXPECT_OK(sym_call(replace, nullptr, 0, nullptr, 0));
    sym_instance_destroy(instance);
  };
  ASSERT_OK(sym_variable_set_lent(sym_instance_variable(instance, "v"),
                                  Tensor(mine), release, nullptr));
  EXPECT_OK(sym_call(replace, nullptr, 0, nullptr, 0));
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(inUse(), before);
}

TEST(Lifetime, T10_InstanceDestroyedByAHostProgramsPrint) {
  static sym_instance *instance;
  sym_program program = *mainProgram(SYM_POLICY_INPLACE);
  sym_host_desc host = {
      "main", [](sym_frame *f) -> int32_t {
        int32_t two = 2;
        sym_view arg = {&two, nullptr}, old = {};
        if (int32_t s = sym_rt_print(f, nullptr, SYM_ELEMENT_I32, 0, &arg))
          return s;
        if (int32_t s = sym_rt_call(f, 0, &arg, &old)) // add
          return s;
        return *static_cast<int64_t *>(old.data) == 0 ? 0 : SYM_CHECK_FAILED;
      }};
  program.hosts = &host;
  program.num_hosts = 1;
  int64_t before = inUse();
  ASSERT_OK(sym_instance_create(&program, &instance));
  sym_set_print_handler(
      [](void *, const char *) { sym_instance_destroy(instance); }, nullptr);
  EXPECT_OK(sym_instance_run(instance, "main"));
  sym_set_print_handler(nullptr, nullptr);
  EXPECT_EQ(inUse(), before);
}

TEST(Lifetime, B2_B3_BorrowsOutliveTheirInstance) {
  int64_t before = inUse();
  {
    sym_instance *instance;
    ASSERT_OK(sym_instance_create(mainProgram(SYM_POLICY_INPLACE), &instance));
    sym_variable *s = sym_instance_variable(instance, "s");
    ASSERT_OK(setVector(s, {1, 2}));
    sym_array *pin;
    ASSERT_OK(sym_variable_borrow(s, &pin));
    sym_write_borrow *first, *second;
    ASSERT_OK(sym_variable_borrow_mut(s, &first));
    sym_variable *t = sym_instance_variable(instance, "t");
    ASSERT_OK(setVector(t, {3}));
    ASSERT_OK(sym_variable_borrow_mut(t, &second));
    sym_variable_retain(s);
    sym_instance_destroy(instance);
    static_cast<double *>(sym_write_borrow_view(first).data)[0] = 10;
    static_cast<double *>(sym_write_borrow_view(second).data)[0] = 30;
    EXPECT_OK(sym_write_borrow_commit(first));
    EXPECT_OK(sym_write_borrow_commit(second)) << "to a variable that goes";
    EXPECT_EQ(readVector(s), (std::vector<double>{10, 2}));
    EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
    sym_variable_release(s);
  }
  EXPECT_EQ(inUse(), before);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

TEST(Lifetime, B2_B3_BorrowsOutliveTheirThread) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_array *pin;
  sym_write_borrow *borrow;
  std::thread([&] {
    ASSERT_OK(sym_variable_borrow(s, &pin));
    ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  }).join();
  // The thread is gone; what it held is held, until somebody ends it.
  EXPECT_EQ(setVector(s, {9}), SYM_BORROWED);
  static_cast<double *>(sym_write_borrow_view(borrow).data)[0] = 5;
  std::thread([&] { EXPECT_OK(sym_write_borrow_commit(borrow)); }).join();
  EXPECT_EQ(readVector(s), (std::vector<double>{5, 2}));
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
  EXPECT_OK(setVector(s, {9}));
}

TEST(Lifetime, C2_ThreadsComeAndGo) {
  // Their caches, arenas and records are used again.
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), std::vector<double>(100, 1)));
  auto generation = [&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        std::vector<double> x(100, 1);
        int64_t never = 0;
        EXPECT_OK(instance.call("busy", {Tensor(x), Tensor(never)}));
      });
    for (std::thread &thread : threads)
      thread.join();
  };
  for (int i = 0; i < 3; ++i)
    generation();
  int64_t used = inUse(), reserved = sym_get_statistics().bytes_reserved;
  for (int i = 0; i < 30; ++i)
    generation();
  EXPECT_EQ(inUse(), used);
  EXPECT_LE(sym_get_statistics().bytes_reserved, reserved + (1 << 20));
}

using LifetimeFiles = Files;

TEST_F(LifetimeFiles, T4_CancellationWaitsForTheEndOfASave) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), std::vector<double>(1000, 1)));
  ASSERT_OK(setVector(instance.variable("t"), {1}));
  std::string target = path("state.npz");
  ASSERT_OK(sym_instance_save(instance.get(), target.c_str()));
  int64_t before = inUse();
  struct Job {
    sym_instance *instance;
    const char *target;
  } job = {instance.get(), target.c_str()};
  for (int i = 0; i < 30; ++i) {
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, nullptr,
                  [](void *data) -> void * {
                    Job *job = static_cast<Job *>(data);
                    for (;;) {
                      EXPECT_OK(sym_instance_save(job->instance, job->target));
                      EXPECT_OK(
                          sym_instance_load(job->instance, job->target, 0));
                      pthread_testcancel();
                    }
                  },
                  &job),
              0);
    usleep(useconds_t(i * 37));
    pthread_cancel(thread);
    void *end;
    pthread_join(thread, &end);
    EXPECT_EQ(end, PTHREAD_CANCELED);
    ASSERT_EQ(list(), std::vector<std::string>{"state.npz"});
  }
  EXPECT_EQ(inUse(), before);
  EXPECT_OK(sym_instance_load(instance.get(), target.c_str(), 0));
}

//===----------------------------------------------------------------------===//
// Signals
//===----------------------------------------------------------------------===//

TEST_F(LifetimeFiles, T6_SignalsInterruptNothing) {
  // Handlers that do not restart system calls run in every thread, in waits for
  // locks and in file operations.
  static std::atomic<int> signals{0};
  struct sigaction action = {}, old;
  action.sa_handler = [](int) { ++signals; };
  sigaction(SIGUSR1, &action, &old);
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  std::vector<double> start(2000, 0);
  ASSERT_OK(setVector(instance.variable("s"), start));
  ASSERT_OK(setVector(instance.variable("t"), {1}));
  std::string target = path("state.npz");
  std::atomic<int> running{3}, updates{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      std::vector<double> x(2000, 1);
      while (signals.load() < 500) {
        if (t < 2) {
          EXPECT_OK(instance.call("axpy", {Tensor(x)}));
          ++updates;
          sym_array *pin;
          EXPECT_OK(sym_variable_borrow(instance.variable("s"), &pin));
          sym_array_release(pin);
        } else {
          EXPECT_OK(sym_instance_save(instance.get(), target.c_str()));
          Instance other(mainProgram(SYM_POLICY_INPLACE));
          EXPECT_OK(sym_instance_load(other.get(), target.c_str(), 0));
        }
      }
      --running;
    });
  while (running.load())
    for (std::thread &thread : threads) {
      pthread_kill(thread.native_handle(), SIGUSR1);
      std::this_thread::yield();
    }
  for (std::thread &thread : threads)
    thread.join();
  sigaction(SIGUSR1, &old, nullptr);
  EXPECT_GT(updates.load(), 10);
  EXPECT_EQ(readVector(instance.variable("s")),
            std::vector<double>(2000, updates.load()));
}
