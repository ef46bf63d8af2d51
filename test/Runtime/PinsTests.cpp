//===- PinsTests.cpp - Readers that share no memory -----------------------===//
//
// Calls without updates that pin double-buffered values in slots (Pins.h).
//
//===----------------------------------------------------------------------===//

#include "Programs.h"
#include "memory/ThreadState.h"
#include "store/Variable.h"

#include <atomic>
#include <functional>
#include <thread>

using namespace symtest;
using sym::rt::Head;

namespace {
int64_t *ints(const sym_view &view) {
  return static_cast<int64_t *>(view.data);
}

/// Runs in the middle of a `peek`, if there is any.
std::function<void()> *meanwhile = nullptr;

constexpr int kMany = 10;
static_assert(kMany > sym::rt::ThreadState::kMaxPinned, "");

/// Variables: double-buffered i64[2] `v0` to `v9`, in-place `p`.
/// Functions: peek() -> the sum of v0 and v1; all(k) updates every v to k,
/// first() -> v0 or, if they are not all the same, -1; keep() moves v0 to p,
/// p to v0; add(k) adds to p.
const sym_program *pinsProgram() {
  static ProgramBuilder b;
  static const sym_program *program = [] {
    static const int64_t zero[2] = {0, 0};
    sym_type_desc pair = b.type(SYM_ELEMENT_I64, {2});
    sym_type_desc i64 = b.type(SYM_ELEMENT_I64, {});
    std::vector<int32_t> all;
    std::vector<sym_update_desc> updates;
    static const char *names[kMany] = {"v0", "v1", "v2", "v3", "v4",
                                       "v5", "v6", "v7", "v8", "v9"};
    for (int i = 0; i < kMany; ++i) {
      all.push_back(
          b.variable(names[i], pair, SYM_POLICY_DOUBLE_BUFFER, zero, {2}));
      updates.push_back(fresh(i));
    }
    int p = b.variable("p", pair, SYM_POLICY_INPLACE, zero, {2});
    auto peek = [](sym_frame *f) -> int32_t {
      int64_t before = ints(f->sources[0])[0] + ints(f->sources[1])[1];
      if (meanwhile) {
        std::function<void()> *once = meanwhile;
        meanwhile = nullptr;
        (*once)();
      }
      int64_t after = ints(f->sources[0])[1] + ints(f->sources[1])[0];
      void *result = sym_rt_result(f, 0, nullptr);
      if (!result)
        return -1;
      *static_cast<int64_t *>(result) = before == after ? before : -1;
      return 0;
    };
    b.function({"peek",
                {},
                {value(nullptr, i64)},
                {all[0], all[1]},
                2,
                {},
                peek,
                peek});
    auto setAll = [](sym_frame *f) -> int32_t {
      for (int i = 0; i < kMany; ++i) {
        auto *to = static_cast<int64_t *>(
            sym_rt_result(f, i, f->sources[size_t(i)].sizes));
        if (!to)
          return -1;
        to[0] = to[1] = *ints(f->args[0]);
      }
      return 0;
    };
    b.function(
        {"all", {value("k", i64)}, {}, all, kMany, updates, setAll, setAll});
    auto first = [](sym_frame *f) -> int32_t {
      void *result = sym_rt_result(f, 0, nullptr);
      if (!result)
        return -1;
      int64_t found = ints(f->sources[0])[0];
      for (int i = 0; i < kMany; ++i)
        for (int j = 0; j < 2; ++j)
          if (ints(f->sources[i])[j] != ints(f->sources[0])[0])
            found = -1;
      *static_cast<int64_t *>(result) = found;
      return 0;
    };
    b.function(
        {"first", {}, {value(nullptr, i64)}, all, kMany, {}, first, first});
    auto nothing = [](sym_frame *) -> int32_t { return 0; };
    b.function({"keep",
                {},
                {},
                {all[0], p},
                2,
                {moved(0, 1), moved(1, 0)},
                nothing,
                nothing});
    auto add = [](sym_frame *f, int64_t *to) -> int32_t {
      if (!to)
        return -1;
      for (int i = 0; i < 2; ++i)
        to[i] = ints(f->sources[0])[i] + *ints(f->args[0]);
      return 0;
    };
    static auto adder = add;
    b.function({"add",
                {value("k", i64)},
                {},
                {p},
                1,
                {inPlace(0)},
                [](sym_frame *f) { return adder(f, ints(f->sources[0])); },
                [](sym_frame *f) {
                  return adder(f, static_cast<int64_t *>(sym_rt_result(
                                      f, 0, f->sources[0].sizes)));
                }});
    return b.program();
  }();
  return program;
}

class Pins : public testing::Test {
public:
  Pins() : instance(pinsProgram()) { meanwhile = nullptr; }
  sym_status set(const char *name, int64_t k) {
    int64_t two = 2, data[] = {k, k};
    sym_tensor value = {data, SYM_ELEMENT_I64, 1, &two, nullptr};
    return sym_variable_set(instance.variable(name), &value);
  }
  sym_status call(const char *function, int64_t k) {
    return instance.call(function, {Tensor(k)});
  }
  int64_t read(const char *function) {
    int64_t out = 0;
    sym_result result = {&out, sizeof(out), nullptr, nullptr};
    EXPECT_OK(sym_call(instance.function(function), nullptr, 0, &result, 1));
    return out;
  }
  bool slots(const char *name) {
    return Head::admitsSlots(instance.variable(name)->head.observe());
  }
  /// Reads until readers use slots.
  void settle() {
    for (int i = 0; i < 100; ++i)
      read("peek");
    ASSERT_TRUE(slots("v0") && slots("v1"));
  }
  /// A peek while `action` runs on another thread, in its middle.
  int64_t peekDuring(std::function<void()> action) {
    std::function<void()> other = [&] { std::thread(action).join(); };
    meanwhile = &other;
    return read("peek");
  }

protected:
  Instance instance;
};
} // namespace

TEST_F(Pins, T8_AReaderInASlotKeepsItsValuesAndNobodyWaits) {
  ASSERT_OK(set("v0", 1));
  ASSERT_OK(set("v1", 2));
  settle();
  EXPECT_EQ(peekDuring([&] {
              // What a dropped value would be reused for.
              for (int i = 0; i < 10; ++i) {
                EXPECT_OK(set("v0", 100 + i));
                EXPECT_OK(call("all", 200 + i));
              }
            }),
            3);
  EXPECT_FALSE(slots("v0"));
  EXPECT_EQ(read("peek"), 418);
}

TEST_F(Pins, S1_T6_ALenderHearsAfterTheLastSlotUnderNoLock) {
  struct Lender {
    Pins *test;
    int heard;
  };
  static int64_t data[] = {5, 5};
  Lender lender = {this, 0};
  int64_t two = 2;
  sym_tensor value = {data, SYM_ELEMENT_I64, 1, &two, nullptr};
  auto release = [](void *context) {
    auto *lender = static_cast<Lender *>(context);
    ++lender->heard;
    // A call within the end of a call; the slots are a stack.
    EXPECT_EQ(lender->test->read("peek"), 7);
    EXPECT_OK(lender->test->set("v0", 8));
  };
  ASSERT_OK(
      sym_variable_set_lent(instance.variable("v0"), &value, release, &lender));
  settle();
  EXPECT_EQ(peekDuring([&] {
              EXPECT_OK(set("v0", 7));
              EXPECT_EQ(lender.heard, 0);
            }),
            5);
  EXPECT_EQ(lender.heard, 1);
  EXPECT_EQ(read("peek"), 8);
}

TEST_F(Pins, B2_WhatWasReadInASlotIsNotWrittenInPlaceLater) {
  // The value moves to a variable in place while a reader has it in a slot.
  ASSERT_OK(set("v0", 1));
  settle();
  EXPECT_EQ(peekDuring([&] {
              EXPECT_OK(instance.call("keep", {}));
              for (int i = 0; i < 3; ++i)
                EXPECT_OK(call("add", 10));
            }),
            1);
  // And without readers it is.
  const void *before = instance.variable("p")->value()->data;
  EXPECT_OK(call("add", 10));
  EXPECT_EQ(instance.variable("p")->value()->data, before);
}

TEST_F(Pins, T1_MoreVariablesThanSlots) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t)
    readers.emplace_back([&] {
      int64_t last = 0;
      while (!stop.load()) {
        int64_t now = read("first");
        EXPECT_GE(now, last); // -1: not of one instant
        last = now;
        EXPECT_GE(read("peek"), 2 * now);
      }
    });
  for (int64_t k = 1; k <= 500; ++k)
    EXPECT_OK(call("all", k));
  stop.store(true);
  for (std::thread &reader : readers)
    reader.join();
  EXPECT_EQ(read("first"), 500);
}

TEST_F(Pins, C3_NothingIsLeftInSlots) {
  ASSERT_OK(set("v0", 1));
  settle();
  int64_t before = sym_get_statistics().bytes_in_use;
  for (int i = 0; i < 20; ++i) {
    settle();
    EXPECT_EQ(peekDuring([&] { EXPECT_OK(set("v0", 1)); }), 1);
  }
  EXPECT_EQ(sym_get_statistics().bytes_in_use, before);
  for (std::atomic<void *> &slot : sym::rt::thisThread().pinned)
    EXPECT_EQ(slot.load(), nullptr);
}
