//===- LendingTests.cpp - Borrows under every kind of use (B1-B6, S1) -----===//
//
// Memory that cannot be written, memory that is lent twice, arguments that
// overlap each other and state in every way, shapes without elements: results
// and state must be those of calls on copies.
//
//===----------------------------------------------------------------------===//

#include "StoreFixture.h"

#include <random>
#include <string.h>
#include <sys/mman.h>
#include <thread>

using namespace symtest;

namespace {
class Lending : public Store {};
SYM_FOR_EVERY_POLICY(Lending);

/// Doubles in pages that cannot be written.
class ReadOnly {
public:
  explicit ReadOnly(std::vector<double> data) : size(int64_t(data.size())) {
    pages = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(pages, data.data(), data.size() * sizeof(double));
    mprotect(pages, kBytes, PROT_READ);
  }
  ~ReadOnly() { munmap(pages, kBytes); }
  ReadOnly(const ReadOnly &) = delete;
  sym_tensor tensor() const {
    return {pages, SYM_ELEMENT_F64, 1, &size, nullptr};
  }

private:
  static constexpr size_t kBytes = 1 << 16;
  void *pages;
  int64_t size;
};

double *dataIn(sym_array *array) {
  return static_cast<double *>(sym_array_view(array).data);
}
} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

TEST_P(Lending, B2_EveryWayOfReplacingAPinnedValue) {
  // The pin shows the very memory of the variable, and the same bytes whatever
  // happens to it; only an update that meets it copies.
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  std::vector<double> first = {1, 2, 3}, x = {1, 1, 1};
  std::vector<double> mine = {7, 7, 7};
  auto replace = [&](int way) {
    switch (way) {
    case 0:
      return instance.call("axpy", {Tensor(x)});
    case 1:
      return setVector(s, {4, 4, 4});
    case 2:
      return sym_variable_set_lent(s, Tensor(mine), nullptr, nullptr);
    case 3:
      return instance.call("swap", {});
    case 4:
      return instance.call("rotate", {Tensor(x)});
    default:
      sym_write_borrow *borrow;
      if (sym_status status = sym_variable_borrow_mut(s, &borrow))
        return status;
      static_cast<double *>(sym_write_borrow_view(borrow).data)[0] = 9;
      return sym_write_borrow_commit(borrow);
    }
  };
  for (int way = 0; way < 6; ++way) {
    ASSERT_OK(setVector(s, first));
    ASSERT_OK(setVector(t, {8, 8, 8}));
    sym_array *a, *b;
    ASSERT_OK(sym_variable_borrow(s, &a));
    ASSERT_OK(sym_variable_borrow(s, &b));
    const double *data = dataIn(a);
    EXPECT_EQ(dataIn(b) == data, !borrowsCopy()) << "one version, one address";
    EXPECT_EQ(dataOf(s) == data, !borrowsCopy()) << "the variable's own memory";
    for (int i = 0; i < 3; ++i) {
      ASSERT_OK(replace(way)) << way;
      EXPECT_EQ(std::vector<double>(data, data + 3), first) << way;
    }
    EXPECT_NE(dataOf(s), data) << way;
    sym_array_release(b);
    EXPECT_EQ(takeVector(a), first);
  }
}

TEST(LendingInPlace, B2_OnlyTheUpdateThatMeetsThePinCopies) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  sym_variable *s = instance.variable("s");
  std::vector<double> x = {1, 1};
  ASSERT_OK(setVector(s, {1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(s, &pin));
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 1);
  const void *own = dataOf(s);
  for (int i = 0; i < 10; ++i)
    ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 1) << "the pin is elsewhere";
  EXPECT_EQ(sym_get_statistics().calls_inplace, 10);
  EXPECT_EQ(dataOf(s), own);
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

TEST_P(Lending, B2_ShapesWithoutElements) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(s, &pin));
  EXPECT_EQ(sym_array_view(pin).sizes[0], 0);
  std::vector<double> none;
  ASSERT_OK(instance.call("axpy", {Tensor(none)}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  EXPECT_EQ(sym_write_borrow_view(borrow).sizes[0], 0);
  ASSERT_OK(sym_write_borrow_commit(borrow));
  // Nothing, at no address and at one that is somebody's.
  int64_t zero = 0;
  double one = 1;
  for (void *data : {static_cast<void *>(nullptr), static_cast<void *>(&one)}) {
    sym_tensor empty = {data, SYM_ELEMENT_F64, 1, &zero, nullptr};
    ASSERT_OK(sym_variable_set_lent(s, &empty, nullptr, nullptr));
    ASSERT_OK(instance.call("axpy", {&empty}));
    std::vector<sym_array *> results;
    ASSERT_OK(instance.call("scale", {&empty}, &results));
    ASSERT_OK(instance.call("both", {&empty, &empty}, &results));
    for (sym_array *result : results)
      EXPECT_TRUE(takeVector(result).empty());
  }
  EXPECT_TRUE(takeVector(pin).empty());
  // And of rank 0: one element.
  ASSERT_OK(setInt(instance.variable("n"), 5));
  ASSERT_OK(sym_variable_borrow(instance.variable("n"), &pin));
  int32_t two = 2;
  ASSERT_OK(instance.call("add", {Tensor(two)}));
  EXPECT_EQ(takeInt(pin), 5);
  ASSERT_OK(sym_variable_borrow_mut(instance.variable("n"), &borrow));
  *static_cast<int64_t *>(sym_write_borrow_view(borrow).data) = 40;
  EXPECT_EQ(readInt(instance.variable("n")), 7);
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(readInt(instance.variable("n")), 40);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TEST_P(Lending, B3_CrossedHoldersAreRefusedAtOnce) {
  // Each holds what the other wants. Nobody waits: both hear of it, many times.
  sym_variable *v[] = {instance.variable("s"), instance.variable("t")};
  ASSERT_OK(setVector(v[0], {1}));
  ASSERT_OK(setVector(v[1], {2}));
  std::atomic<int> holding{0}, refused{0};
  auto cross = [&](int mine) {
    sym_write_borrow *borrow, *other;
    ASSERT_OK(sym_variable_borrow_mut(v[mine], &borrow));
    ++holding;
    while (holding.load() < 2)
      std::this_thread::yield();
    for (int i = 0; i < 100; ++i) {
      refused += sym_variable_borrow_mut(v[1 - mine], &other) == SYM_BORROWED;
      refused += instance.call("swap", {}) == SYM_BORROWED;
      refused += setVector(v[1 - mine], {9}) == SYM_BORROWED;
    }
    ++holding;
    while (holding.load() < 4)
      std::this_thread::yield();
    static_cast<double *>(sym_write_borrow_view(borrow).data)[0] += 10;
    ASSERT_OK(sym_write_borrow_commit(borrow));
  };
  std::thread a(cross, 0), b(cross, 1);
  a.join();
  b.join();
  EXPECT_EQ(refused.load(), 600);
  EXPECT_EQ(readVector(v[0]), std::vector<double>{11});
  EXPECT_EQ(readVector(v[1]), std::vector<double>{12});
}

TEST_P(Lending, B3_AViewThatSurvivesTheCommitIsACopyOfItsOwn) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  sym_array *view = sym_write_borrow_array(borrow);
  dataIn(view)[0] = 5;
  ASSERT_OK(sym_write_borrow_commit(borrow));
  std::vector<double> x = {1, 1};
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(instance.call("axpy", {Tensor(x)}));
    EXPECT_EQ(dataIn(view)[0], 5) << "it shows no later update";
    dataIn(view)[1] = 100 + i;
    EXPECT_EQ(readVector(s), (std::vector<double>{6.0 + i, 3.0 + i}))
        << "and makes none";
  }
  // The view of one that was rolled back, too.
  sym_write_borrow *other;
  ASSERT_OK(sym_variable_borrow_mut(s, &other));
  sym_array *second = sym_write_borrow_array(other);
  sym_write_borrow_rollback(other);
  dataIn(second)[0] = -1;
  EXPECT_EQ(readVector(s)[0], 8);
  sym_array_release(second);
  sym_array_release(view);
}

//===----------------------------------------------------------------------===//
// Memory of the user's
//===----------------------------------------------------------------------===//

TEST_P(Lending, S1_OneBufferLentToTwoVariables) {
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  static int heard;
  heard = 0;
  auto release = [](void *) { ++heard; };
  std::vector<double> mine = {1, 2}, x = {1, 1};
  ASSERT_OK(sym_variable_set_lent(s, Tensor(mine), release, nullptr));
  ASSERT_OK(sym_variable_set_lent(t, Tensor(mine), release, nullptr));
  EXPECT_EQ(dataOf(s), mine.data());
  EXPECT_EQ(dataOf(t), mine.data());
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(readVector(s), (std::vector<double>{2, 3}));
  EXPECT_EQ(readVector(t), (std::vector<double>{1, 2})) << "independent";
  EXPECT_EQ(mine, (std::vector<double>{1, 2}));
  EXPECT_EQ(heard, 1);
  ASSERT_OK(instance.call("swap", {}));
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(readVector(s), (std::vector<double>{2, 3}));
  EXPECT_EQ(readVector(t), (std::vector<double>{2, 3}));
  EXPECT_EQ(mine, (std::vector<double>{1, 2}));
  EXPECT_EQ(heard, 2);
  // Set, not lent: copies from the start.
  ASSERT_OK(sym_variable_set(s, Tensor(mine)));
  ASSERT_OK(sym_variable_set(t, Tensor(mine)));
  EXPECT_NE(dataOf(s), dataOf(t));
  mine[0] = 50;
  EXPECT_EQ(readVector(s)[0], 1);
}

TEST_P(Lending, B4_ReadOnlyMemoryIsNeverWritten) {
  // A write would end the process.
  ReadOnly memory({1, 2, 3});
  sym_tensor x = memory.tensor();
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(instance.variable("t"), {1}));
  ASSERT_OK(sym_variable_set_lent(s, &x, nullptr, nullptr));
  ASSERT_OK(instance.call("axpy", {&x})); // overlaps the state it updates
  EXPECT_EQ(readVector(s), (std::vector<double>{2, 4, 6}));
  ASSERT_OK(instance.call("rotate", {&x}));
  ASSERT_OK(instance.call("axpy", {&x}));
  EXPECT_EQ(readVector(s), (std::vector<double>{2, 4, 6}));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("old", {&x}, &results));
  ASSERT_OK(instance.call("scaleCopy", {&x}, &results)) << "mutable, a copy";
  int64_t never = 0;
  ASSERT_OK(instance.call("busy", {&x, Tensor(never)}));
  for (sym_array *result : results)
    sym_array_release(result);
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_set_lent(s, &x, nullptr, nullptr));
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  static_cast<double *>(sym_write_borrow_view(borrow).data)[0] = 9;
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(readVector(s), (std::vector<double>{9, 2, 3}));
  // Given up before the memory is.
  ASSERT_OK(setVector(s, {1}));
  ASSERT_OK(setVector(instance.variable("t"), {1}));
}

TEST_P(Lending, B6_WindowsOverOneBuffer) {
  // `both(a, b)` doubles a and returns a + b; `axpy(b)` adds b to the state,
  // which may be lent. All are windows over one buffer, with strides of every
  // sign: the results must be those of windows that share nothing.
  std::mt19937 random(1);
  auto below = [&](int64_t n) { return int64_t(random() % uint64_t(n)); };
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> buffer(40);
    for (size_t i = 0; i < buffer.size(); ++i)
      buffer[i] = double(below(100));
    int64_t size = below(6), strides[2], starts[2];
    for (int w = 0; w < 2; ++w) {
      const int64_t choices[] = {1, 1, 1, 2, 3, 0, -1, -2};
      strides[w] = choices[below(8)];
      int64_t reach = (size ? size - 1 : 0) * strides[w];
      int64_t low = reach < 0 ? -reach : 0, high = reach > 0 ? 39 - reach : 39;
      starts[w] = low + below(high - low + 1);
    }
    std::vector<double> copies[2];
    for (int w = 0; w < 2; ++w)
      for (int64_t i = 0; i < size; ++i)
        copies[w].push_back(buffer[size_t(starts[w] + i * strides[w])]);
    auto window = [&](int w) {
      return sym_tensor{buffer.data() + starts[w], SYM_ELEMENT_F64, 1, &size,
                        strides[w] == 1 ? nullptr : &strides[w]};
    };
    sym_tensor a = window(0), b = window(1);
    std::vector<double> sum, state;
    for (size_t i = 0; i < size_t(size); ++i) {
      sum.push_back(2 * copies[0][i] + copies[1][i]);
      state.push_back(copies[0][i] + copies[1][i]);
    }
    // State that is a window; lent if it is dense, else copied.
    std::vector<double> before = buffer;
    sym_variable *s = instance.variable("s");
    ASSERT_OK(sym_variable_set_lent(s, &a, nullptr, nullptr));
    ASSERT_OK(instance.call("axpy", {&b}));
    ASSERT_EQ(readVector(s), state) << round;
    ASSERT_EQ(buffer, before) << round;
    // A mutable argument that is a window.
    std::vector<sym_array *> results;
    ASSERT_OK(instance.call("both", {&a, &b}, &results));
    ASSERT_EQ(takeVector(results[0]), sum) << round;
    // What lies outside of the mutable window is untouched, and so is all of it
    // where it had to be copied.
    bool dense = strides[0] == 1 || size < 2;
    for (size_t i = 0; i < buffer.size(); ++i) {
      bool inside =
          dense && int64_t(i) >= starts[0] && int64_t(i) < starts[0] + size;
      if (!inside)
        ASSERT_EQ(buffer[i], before[i]) << round;
    }
  }
}

TEST_P(Lending, B1_ResultsOverArguments) {
  // A result's memory is a window that may overlap the argument's.
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    alignas(64) double buffer[64];
    for (double &x : buffer)
      x = double(random() % 100);
    int64_t size = int64_t(random() % 20), shape = -1;
    size_t from = random() % 32, to = random() % 32;
    std::vector<double> x(buffer + from, buffer + from + size);
    std::vector<double> start(size_t(size), 1);
    ASSERT_OK(setVector(instance.variable("s"), start));
    sym_tensor argument = {buffer + from, SYM_ELEMENT_F64, 1, &size, nullptr};
    sym_result result = {buffer + to, size_t(size) * sizeof(double), &shape,
                         nullptr};
    ASSERT_OK(sym_call(instance.function("old"), &argument, 1, &result, 1));
    EXPECT_EQ(shape, size);
    ASSERT_EQ(std::vector<double>(buffer + to, buffer + to + size), start);
    for (double &v : x)
      v += 1;
    ASSERT_EQ(readVector(instance.variable("s")), x) << round;
  }
}
