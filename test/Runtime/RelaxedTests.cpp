//===- RelaxedTests.cpp - Updates that run beside each other (T7) ---------===//
//
// What the policy gives, and what it still promises. What it has in common with
// the others is tested with them, see StoreFixture.h.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"
#include "store/Variable.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace symtest;

namespace {
// Elements are written as generated code does it, each at once; spelled so that
// the thread sanitizer knows.
void store(int64_t *p, int64_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }

/// Updates that have begun and not ended.
std::atomic<int> running{0};
std::atomic<int> inside{0};
std::atomic<bool> met{false};
/// Whether an update waits in the middle for another one.
std::atomic<bool> rendezvous{false};

int64_t *ints(const sym_view &view) {
  return static_cast<int64_t *>(view.data);
}

/// Every element becomes the argument in both halves.
int32_t writeTwins(sym_frame *f, int slot) {
  running.fetch_add(1);
  int64_t twin = *ints(f->args[0]);
  if (rendezvous.load()) {
    inside.fetch_add(1);
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (inside.load() < 2 && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    met.store(inside.load() == 2);
  }
  for (int64_t i = 0; i < f->sources[0].sizes[0]; ++i)
    store(ints(f->slots[slot]) + i, twin << 32 | twin);
  running.fetch_sub(1);
  return 0;
}
int32_t twinsInPlace(sym_frame *f) { return writeTwins(f, 0); }
int32_t twinsElsewhere(sym_frame *f) {
  return sym_rt_result(f, 0, f->sources[0].sizes) ? writeTwins(f, 0) : -1;
}
int32_t handOut(sym_frame *f) { return sym_rt_result_from_source(f, 0, 0); }
int32_t swapEntry(sym_frame *) { return 0; }

/// Variables: relaxed i64[?] `r`; in-place i64[?] `p`.
/// Functions: twins(i64) writes r, both(i64) writes r and p, hand() -> i64[?],
/// swap() exchanges r and p.
const sym_program *relaxedProgram() {
  static ProgramBuilder b;
  static const sym_program *program = [] {
    sym_type_desc vec = b.type(SYM_ELEMENT_I64, {SYM_DYNAMIC});
    sym_type_desc i64 = b.type(SYM_ELEMENT_I64, {});
    int r = b.variable("r", vec, SYM_POLICY_RELAXED);
    int p = b.variable("p", vec, SYM_POLICY_INPLACE);
    b.function({"twins",
                {value("k", i64)},
                {},
                {r},
                1,
                {inPlace(0)},
                twinsInPlace,
                twinsElsewhere});
    auto both = [](sym_frame *f) -> int32_t {
      return writeTwins(f, 0) || writeTwins(f, 1);
    };
    auto bothElsewhere = [](sym_frame *f) -> int32_t {
      for (int slot = 0; slot < 2; ++slot)
        if (!sym_rt_result(f, slot, f->sources[0].sizes))
          return -1;
      return writeTwins(f, 0) || writeTwins(f, 1);
    };
    b.function({"both",
                {value("k", i64)},
                {},
                {r, p},
                2,
                {inPlace(0), inPlace(1)},
                both,
                bothElsewhere});
    b.function(
        {"hand", {}, {value(nullptr, vec)}, {r}, 1, {}, handOut, handOut});
    b.function({"swap",
                {},
                {},
                {r, p},
                2,
                {moved(0, 1), moved(1, 0)},
                swapEntry,
                swapEntry});
    return b.program();
  }();
  return program;
}

class Relaxed : public testing::Test {
protected:
  Relaxed() : instance(relaxedProgram()) {
    rendezvous = false;
    inside = 0;
    met = false;
    for (const char *name : {"r", "p"})
      EXPECT_OK(sym_variable_set(instance.variable(name), zeros(kLength)));
  }
  const sym_tensor *zeros(int64_t length) {
    data.assign(size_t(length), 0);
    size = length;
    tensor = {data.data(), SYM_ELEMENT_I64, 1, &size, nullptr};
    return &tensor;
  }
  sym_status twins(const char *function, int64_t k) {
    return instance.call(function, {Tensor(k)});
  }
  /// Every element is whole, whoever wrote it.
  static void expectWhole(const sym_array *array) {
    sym_tensor view = sym_array_view(array);
    auto *elements = static_cast<const int64_t *>(view.data);
    for (int64_t i = 0; i < view.sizes[0]; ++i)
      ASSERT_EQ(elements[i] >> 32, elements[i] & 0xffffffff);
  }

  static constexpr int64_t kLength = 1000;
  Instance instance;
  std::vector<int64_t> data;
  int64_t size;
  sym_tensor tensor;
};
} // namespace

TEST_F(Relaxed, T7_UpdatesRunBesideEachOther) {
  rendezvous = true; // each waits until the other is inside as well
  std::thread other([&] { EXPECT_OK(twins("twins", 1)); });
  EXPECT_OK(twins("twins", 2));
  other.join();
  EXPECT_TRUE(met.load());
}

TEST_F(Relaxed, T7_NoElementIsTorn) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; ++t)
    writers.emplace_back([&, t] {
      for (int64_t k = 0; !stop.load(); ++k)
        EXPECT_OK(twins("twins", k % 1000 * 3 + t));
    });
  for (int i = 0; i < 300; ++i) {
    sym_array *array;
    ASSERT_OK(i % 2 ? sym_variable_get(instance.variable("r"), &array)
                    : sym_variable_borrow(instance.variable("r"), &array));
    expectWhole(array);
    sym_array_release(array);
    std::vector<sym_array *> results;
    ASSERT_OK(instance.call("hand", {}, &results));
    expectWhole(results[0]);
    sym_array_release(results[0]);
  }
  stop.store(true);
  for (std::thread &writer : writers)
    writer.join();
}

TEST_F(Relaxed, T7_ABorrowIsACopy) {
  // It does not change, and does not make updates go elsewhere.
  const void *before = instance.variable("r")->value()->data;
  sym_array *borrow;
  ASSERT_OK(sym_variable_borrow(instance.variable("r"), &borrow));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("hand", {}, &results));
  sym_reset_statistics();
  EXPECT_OK(twins("twins", 5));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 0);
  EXPECT_EQ(instance.variable("r")->value()->data, before);
  for (sym_array *array : {borrow, results[0]}) {
    EXPECT_NE(sym_array_view(array).data, before);
    EXPECT_EQ(*static_cast<int64_t *>(sym_array_view(array).data), 0);
    sym_array_release(array);
  }
}

TEST_F(Relaxed, T7_WhatReplacesTheBufferTakesItExclusively) {
  // Threads that update in place beside ones that set, exchange, borrow for
  // writing, and update out of place since the other variable is pinned.
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t)
    writers.emplace_back([&, t] {
      for (int64_t k = 0; !stop.load(); ++k) {
        sym_status status = twins(k % 3 ? "twins" : "both", k % 1000 * 2 + t);
        EXPECT_TRUE(status == SYM_OK || status == SYM_BORROWED);
      }
    });
  for (int i = 0; i < 200; ++i) {
    sym_array *pin;
    ASSERT_OK(sym_variable_borrow(instance.variable("p"), &pin));
    std::vector<int64_t> seen(static_cast<int64_t *>(sym_array_view(pin).data),
                              static_cast<int64_t *>(sym_array_view(pin).data) +
                                  kLength);
    EXPECT_OK(instance.call("swap", {})); // the pinned buffer is r's now
    EXPECT_OK(twins("both", i));
    if (i % 10 == 0)
      EXPECT_OK(sym_variable_set(instance.variable("r"), zeros(kLength)));
    sym_write_borrow *borrow;
    ASSERT_OK(sym_variable_borrow_mut(instance.variable("r"), &borrow));
    EXPECT_EQ(twins("twins", 1), SYM_BORROWED); // B3
    EXPECT_OK(sym_write_borrow_commit(borrow));
    // B2: not even what moved into a relaxed variable changes.
    EXPECT_TRUE(std::equal(seen.begin(), seen.end(),
                           static_cast<int64_t *>(sym_array_view(pin).data)));
    sym_array_release(pin);
  }
  stop.store(true);
  for (std::thread &writer : writers)
    writer.join();
}

TEST_F(Relaxed, T7_WideElementsAreUpdatedOneCallAtATime) {
  // A processor does not write sixteen bytes at once, so these exclude.
  ProgramBuilder b;
  sym_type_desc i64 = b.type(SYM_ELEMENT_I64, {});
  sym_type_desc wide = b.type(SYM_ELEMENT_C128, {SYM_DYNAMIC});
  b.variable("w", wide, SYM_POLICY_RELAXED);
  static std::atomic<int> running, most;
  running = most = 0;
  auto entry = [](sym_frame *) -> int32_t {
    most = std::max(most.load(), ++running);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --running;
    return 0;
  };
  auto elsewhere = [](sym_frame *f) -> int32_t {
    return sym_rt_result(f, 0, f->sources[0].sizes) ? 0 : -1;
  };
  b.function(
      {"touch", {value("k", i64)}, {}, {0}, 1, {inPlace(0)}, entry, elsewhere});
  Instance other(b.program());
  double pair[] = {1, 2};
  int64_t one = 1;
  sym_tensor value = {pair, SYM_ELEMENT_C128, 1, &one, nullptr};
  ASSERT_OK(sym_variable_set(other.variable("w"), &value));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      int64_t k = 0;
      for (int i = 0; i < 20; ++i)
        EXPECT_OK(other.call("touch", {Tensor(k)}));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(most.load(), 1);
}

TEST_F(Relaxed, T7_AForkIsBetweenTheUpdatesOfAllWriters) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < 3; ++t)
    writers.emplace_back([&, t] {
      while (!stop.load())
        EXPECT_OK(twins(t == 0 ? "both" : "twins", t + 1));
    });
  for (int i = 0; i < 10; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(30);
      // No update is half done, and the child may go on alone.
      bool good = running.load() == 0;
      sym_array *array;
      good = good && !twins("twins", 9) &&
             !sym_variable_borrow(instance.variable("r"), &array);
      const int64_t nine = int64_t(9) << 32 | 9;
      for (int64_t j = 0; good && j < kLength; ++j)
        good = static_cast<int64_t *>(sym_array_view(array).data)[j] == nine;
      _exit(good ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  stop.store(true);
  for (std::thread &writer : writers)
    writer.join();
}
