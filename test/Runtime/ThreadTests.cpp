//===- ThreadTests.cpp - Many threads, one order (T1, T5, T6, T8) ---------===//

#include "Policies.h"
#include "Programs.h"
#include "Sanitizers.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

using namespace symtest;

namespace {
#ifdef SYM_SLOW
constexpr int kRounds = kOnDevice ? 100 : 2000;
#else
constexpr int kRounds = kOnDevice ? 400 : 20000;
#endif
constexpr int kThreads = 4;

template <typename Fn> void inThreads(int count, Fn fn) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t)
    threads.emplace_back([&fn, t] { fn(t); });
  for (std::thread &thread : threads)
    thread.join();
}

class Threads : public testing::TestWithParam<int32_t> {
protected:
  Threads() : instance(mainProgram(GetParam())) {}
  Instance instance;
};
SYM_FOR_LINEARIZABLE_POLICIES(Threads);
} // namespace

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

TEST_P(Threads, T5_AccumulatorIsExactWithDistinctOldValues) {
  sym_function *add = instance.function("add");
  std::vector<int64_t> olds(size_t(kThreads * kRounds));
  inThreads(kThreads, [&](int t) {
    int32_t one = 1;
    Tensor argument(one);
    for (int i = 0; i < kRounds; ++i) {
      sym_result result = {&olds[size_t(t * kRounds + i)], 8, nullptr, nullptr};
      EXPECT_OK(sym_call(add, argument, 1, &result, 1));
    }
  });
  EXPECT_EQ(readInt(instance.variable("n")), kThreads * kRounds);
  for (int t = 0; t < kThreads; ++t) // real time: a thread sees its own order
    EXPECT_TRUE(std::is_sorted(olds.begin() + t * kRounds,
                               olds.begin() + (t + 1) * kRounds));
  std::sort(olds.begin(), olds.end());
  for (size_t i = 0; i < olds.size(); ++i)
    ASSERT_EQ(olds[i], int64_t(i));
}

TEST_P(Threads, T1_SnapshotsAreConsistent) {
  // transfer keeps n + m; readers must never see
  // anything else.
  std::atomic<int> running{2};
  inThreads(4, [&](int t) {
    if (t < 2) {
      for (int i = 0; i < kRounds; ++i) {
        int64_t amount = (i * 7 + t) % 100 - 50;
        EXPECT_OK(instance.call("transfer", {Tensor(amount)}));
      }
      running.fetch_sub(1);
      return;
    }
    while (running.load()) {
      std::vector<sym_array *> results;
      EXPECT_OK(instance.call("read2", {}, &results));
      int64_t n = takeInt(results[0]), m = takeInt(results[1]);
      ASSERT_EQ(n + m, 0);
    }
  });
}

TEST_P(Threads, T6_SwapsInAnyOrderNeverDeadlock) {
  // Functions that list shared variables in opposite orders.
  const sym_program *program = mainProgram(GetParam());
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  ASSERT_OK(setVector(s, {1}));
  ASSERT_OK(setVector(t, {2}));
  sym_variable *forward[] = {s, t}, *backward[] = {t, s};
  sym_function *functions[2];
  ASSERT_OK(sym_function_bind(program, 3, forward, 2, &functions[0]));
  ASSERT_OK(sym_function_bind(program, 3, backward, 2, &functions[1]));
  inThreads(kThreads, [&](int which) {
    for (int i = 0; i < kRounds; ++i)
      EXPECT_OK(sym_call(functions[which % 2], nullptr, 0, nullptr, 0));
  });
  // An even number of swaps.
  EXPECT_EQ(readVector(s), (std::vector<double>{1}));
  EXPECT_EQ(readVector(t), (std::vector<double>{2}));
  for (sym_function *f : functions)
    sym_function_release(f);
}

TEST_P(Threads, T5_EverythingAtOnce) {
  // All kinds of access; what is pinned must not change, what is read must be
  // a value that some commit wrote: all elements equal.
  std::vector<double> start(257, 1.0);
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  ASSERT_OK(setVector(s, start));
  ASSERT_OK(setVector(t, start));
  auto uniform = [](sym_array *array) {
    std::vector<double> data = vectorOf(array);
    return std::count(data.begin(), data.end(), data[0]) ==
           int64_t(data.size());
  };
  inThreads(kThreads, [&](int thread) {
    std::mt19937 random{unsigned(thread)};
    std::vector<double> x(257, 1.0);
    int64_t zero = 0;
    sym_array *pin = nullptr;
    double pinned = 0;
    for (int i = 0; i < kRounds / 4; ++i) {
      sym_array *array = nullptr;
      sym_write_borrow *borrow = nullptr;
      sym_status status = SYM_OK;
      std::vector<sym_array *> results;
      switch (random() % 10) {
      case 0:
        status = instance.call("axpy", {Tensor(x)});
        break;
      case 1:
        status = instance.call("swap", {});
        break;
      case 2:
        status = instance.call("old", {Tensor(x)}, &results);
        break;
      case 3:
        status = instance.call("busy", {Tensor(x), Tensor(zero)});
        break;
      case 4:
        status = sym_variable_get(random() % 2 ? s : t, &array);
        break;
      case 5:
        if (pin) {
          EXPECT_TRUE(uniform(pin));
          EXPECT_EQ(vectorOf(pin)[0], pinned);
          sym_array_release(pin);
        }
        EXPECT_OK(sym_variable_borrow(random() % 2 ? s : t, &pin));
        pinned = vectorOf(pin)[0];
        break;
      case 6:
        status = sym_variable_set(random() % 2 ? s : t, Tensor(x));
        break;
      case 7:
        status = sym_variable_borrow_mut(random() % 2 ? s : t, &borrow);
        if (!status) {
          sym_tensor view = sym_write_borrow_view(borrow);
          double next = double(random() % 1000);
          writeElements(view, 0, std::vector<double>(257, next));
          if (random() % 2)
            EXPECT_OK(sym_write_borrow_commit(borrow));
          else
            sym_write_borrow_rollback(borrow);
        }
        break;
      case 8:
        status = instance.call("rotate", {Tensor(x)});
        break;
      case 9:
        status = instance.call("peek", {}, &results);
        break;
      }
      EXPECT_TRUE(status == SYM_OK || status == SYM_BORROWED)
          << sym_error_message();
      if (array)
        results.push_back(array);
      for (sym_array *result : results) {
        EXPECT_TRUE(uniform(result));
        sym_array_release(result);
      }
    }
    sym_array_release(pin);
  });
}

TEST_P(Threads, T5_SharedLocksAreHeldUntilCommit) {
  // Write skew: one call copies a to b, the other b to a. Whatever the order,
  // the second sees what the first wrote, so both end up equal. A call that
  // dropped its shared lock before it commits would let them swap.
  ProgramBuilder builder;
  sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
  static const int64_t one = 1, two = 2;
  builder.variable("a", i64, GetParam(), &one);
  builder.variable("b", i64, GetParam(), &two);
  sym_entry_fn copy = [](sym_frame *f) -> int32_t {
    auto *to = static_cast<int64_t *>(sym_rt_result(f, 0, nullptr));
    if (!to)
      return -1;
    *to = *static_cast<int64_t *>(f->sources[0].data);
    return 0;
  };
  builder.function({"ab", {}, {}, {0, 1}, 1, {fresh(1)}, copy, copy});
  builder.function({"ba", {}, {}, {1, 0}, 1, {fresh(1)}, copy, copy});
  const sym_program *program = builder.program();
  for (int round = 0; round < kRounds / 100; ++round) {
    Instance own(program);
    std::atomic<int> ready{0};
    inThreads(2, [&](int t) {
      ready.fetch_add(1);
      while (ready.load() < 2)
        ;
      EXPECT_OK(own.call(t ? "ab" : "ba", {}));
    });
    EXPECT_EQ(readInt(own.variable("a")), readInt(own.variable("b")));
  }
}

namespace {
std::atomic<int> gate{0};
} // namespace

TEST(DoubleBuffered, T8_ReadersNeverWaitForAnUpdate) {
  // The update stands still in the middle; a reader gets the old value.
  ProgramBuilder builder;
  sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
  static const int64_t seven = 7;
  builder.variable("a", i64, SYM_POLICY_DOUBLE_BUFFER, &seven);
  sym_entry_fn slow = [](sym_frame *f) -> int32_t {
    auto *to = static_cast<int64_t *>(sym_rt_result(f, 0, nullptr));
    gate.store(1);
    while (gate.load() != 2)
      std::this_thread::yield();
    *to = *static_cast<int64_t *>(f->sources[0].data) + 1;
    return 0;
  };
  sym_entry_fn read = [](sym_frame *f) -> int32_t {
    auto *to = static_cast<int64_t *>(sym_rt_result(f, 0, nullptr));
    *to = *static_cast<int64_t *>(f->sources[0].data);
    return 0;
  };
  builder.function({"slow", {}, {}, {0}, 1, {fresh(0)}, slow, slow});
  builder.function({"read", {}, {value(nullptr, i64)}, {0}, 1, {}, read, read});
  Instance instance(builder.program());
  gate.store(0);
  std::thread updater([&] { EXPECT_OK(instance.call("slow", {})); });
  while (gate.load() != 1)
    std::this_thread::yield();
  std::vector<sym_array *> results;
  EXPECT_OK(instance.call("read", {}, &results));
  EXPECT_EQ(takeInt(results[0]), 7);
  EXPECT_EQ(readInt(instance.variable("a")), 7);
  gate.store(2);
  updater.join();
  EXPECT_EQ(readInt(instance.variable("a")), 8);
}

TEST(DoubleBuffered, T1_PinsAndCommitsOfManyVariablesAreOneStep) {
  // Every update gives all variables the same value; a reader must never see
  // two. With many of them a step that is not one has time to show it.
  constexpr int kMany = 24;
  ProgramBuilder builder;
  sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
  static const int64_t zero = 0;
  std::vector<int32_t> all;
  std::vector<sym_update_desc> updates;
  std::vector<sym_value_desc> results;
  for (int i = 0; i < kMany; ++i) {
    builder.variable("v", i64, SYM_POLICY_DOUBLE_BUFFER, &zero);
    all.push_back(i);
    updates.push_back(fresh(i));
    results.push_back(value(nullptr, i64));
  }
  // Works for both: slots are the results, or the updates.
  sym_entry_fn bump = [](sym_frame *f) -> int32_t {
    for (int i = 0; i < kMany; ++i) {
      auto *to = static_cast<int64_t *>(sym_rt_result(f, i, nullptr));
      *to = *static_cast<int64_t *>(f->sources[i].data) + 1;
    }
    return 0;
  };
  builder.function({"bump", {}, {}, all, kMany, updates, bump, bump});
  builder.function({"read", {}, results, all, kMany, {}, bump, bump});
  Instance instance(builder.program());
  std::atomic<bool> stop{false};
  std::thread updater([&] {
    while (!stop.load())
      EXPECT_OK(instance.call("bump", {}));
  });
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  int different = 0;
  while (std::chrono::steady_clock::now() < until) {
    std::vector<sym_array *> values;
    EXPECT_OK(instance.call("read", {}, &values));
    int64_t first = takeInt(values[0]);
    for (size_t i = 1; i < values.size(); ++i)
      different += takeInt(values[i]) != first;
  }
  stop.store(true);
  updater.join();
  EXPECT_EQ(different, 0);
}

namespace {
/// `slow` updates a and stands still until the gate says 2; `both` updates a
/// and b; `one` updates a.
const sym_program *gatedProgram() {
  static ProgramBuilder builder;
  static const int64_t seven = 7;
  static const sym_program *program = [] {
    sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
    builder.variable("a", i64, SYM_POLICY_INPLACE, &seven);
    builder.variable("b", i64, SYM_POLICY_INPLACE, &seven);
    sym_entry_fn slow = [](sym_frame *f) -> int32_t {
      gate.store(1);
      while (gate.load() != 2)
        std::this_thread::yield();
      ++*static_cast<int64_t *>(f->sources[0].data);
      return 0;
    };
    sym_entry_fn bump = [](sym_frame *f) -> int32_t {
      ++*static_cast<int64_t *>(f->sources[0].data);
      return 0;
    };
    builder.function({"slow", {}, {}, {0}, 1, {inPlace(0)}, slow, slow});
    builder.function(
        {"both", {}, {}, {0, 1}, 2, {inPlace(0), inPlace(1)}, bump, bump});
    builder.function({"one", {}, {}, {0}, 1, {inPlace(0)}, bump, bump});
    return builder.program();
  }();
  return program;
}

/// Starts `slow` and waits until it stands.
std::thread startSlow(Instance &instance) {
  gate.store(0);
  std::thread thread([&] { EXPECT_OK(instance.call("slow", {})); });
  while (gate.load() != 1)
    std::this_thread::yield();
  return thread;
}
void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }
} // namespace

TEST(InPlace, B3_BorrowedIsSaidBeforeAnyWait) {
  // The call would wait for a, but b is borrowed: it is told so at once.
  Instance instance(gatedProgram());
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(instance.variable("b"), &borrow));
  std::thread slow = startSlow(instance);
  std::atomic<int32_t> status{-1};
  std::thread caller([&] { status.store(instance.call("both", {})); });
  for (int i = 0; i < 100 && status.load() < 0; ++i)
    settle();
  EXPECT_EQ(status.load(), SYM_BORROWED) << "it waits";
  gate.store(2);
  slow.join();
  caller.join();
  sym_write_borrow_rollback(borrow);
}

TEST(InPlace, B3_TheFlagIsLookedAtAgainUnderTheLock) {
  // A write borrow queues up first, then a set and a call, whose first look
  // finds nothing. When they get the lock the borrow is held.
  Instance instance(gatedProgram());
  sym_variable *a = instance.variable("a");
  std::thread slow = startSlow(instance);
  sym_write_borrow *borrow = nullptr;
  std::thread borrower([&] { EXPECT_OK(sym_variable_borrow_mut(a, &borrow)); });
  settle();
  int32_t setStatus = -1, callStatus = -1;
  std::thread setter([&] { setStatus = setInt(a, 100); });
  std::thread caller([&] { callStatus = instance.call("one", {}); });
  settle();
  gate.store(2);
  for (std::thread *thread : {&slow, &borrower, &setter, &caller})
    thread->join();
  EXPECT_EQ(setStatus, SYM_BORROWED);
  EXPECT_EQ(callStatus, SYM_BORROWED);
  EXPECT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(readInt(a), 8);
}

TEST(InPlace, T5_BorrowWaitsForARunningUpdate) {
  // And sees the new value: pins are granted under L.
  ProgramBuilder builder;
  sym_type_desc i64 = builder.type(SYM_ELEMENT_I64, {});
  static const int64_t seven = 7;
  builder.variable("a", i64, SYM_POLICY_INPLACE, &seven);
  sym_entry_fn slow = [](sym_frame *f) -> int32_t {
    gate.store(1);
    while (gate.load() != 2)
      std::this_thread::yield();
    ++*static_cast<int64_t *>(f->sources[0].data);
    return 0;
  };
  builder.function({"slow", {}, {}, {0}, 1, {inPlace(0)}, slow, slow});
  Instance instance(builder.program());
  gate.store(0);
  std::thread updater([&] { EXPECT_OK(instance.call("slow", {})); });
  while (gate.load() != 1)
    std::this_thread::yield();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    sym_array *pin;
    EXPECT_OK(sym_variable_borrow(instance.variable("a"), &pin));
    EXPECT_EQ(takeInt(pin), 8);
    done.store(true);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(done.load());
  gate.store(2);
  updater.join();
  reader.join();
}

TEST(Lenders, T6_CallbacksRunUnderNoLock) {
  SYM_SKIP_ON_DEVICE("what is lent is memory of the host");
  // The callback uses the very variable that let the memory go.
  static Instance *current;
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  current = &instance;
  static std::vector<double> mine = {1, 2};
  static std::vector<double> seen;
  auto release = [](void *) {
    seen = readVector(current->variable("s"));
    EXPECT_OK(setVector(current->variable("s"), {42}));
  };
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), release,
                                  nullptr));
  std::vector<double> x = {1, 1};
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(seen, (std::vector<double>{2, 3}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{42}));
}
