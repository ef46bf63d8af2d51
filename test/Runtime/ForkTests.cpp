//===- ForkTests.cpp - What a forked process finds ------------------------===//

#include "FileFixture.h"
#include "Policies.h"
#include "Sanitizers.h"

#include <string.h>
#include <sys/wait.h>
#include <thread>

using namespace symtest;

namespace {
/// Runs `fn` in a child, which is ended if it hangs; 0 if it returned true.
template <typename Fn> int inChild(Fn fn) {
  pid_t child = fork();
  if (child == 0) {
    alarm(30);
    _exit(fn() ? 0 : 1);
  }
  int status;
  waitpid(child, &status, 0);
  return status;
}

class Fork : public testing::TestWithParam<int32_t> {
protected:
  Fork() : instance(mainProgram(GetParam())) {}
  Instance instance;
};
SYM_FOR_LINEARIZABLE_POLICIES(Fork);
} // namespace

TEST_P(Fork, S2_EachProcessHasStateOfItsOwn) {
  ASSERT_OK(setInt(instance.variable("n"), 5));
  int32_t one = 1;
  EXPECT_EQ(inChild([&] {
              return !instance.call("add", {Tensor(one)}) &&
                     readInt(instance.variable("n")) == 6;
            }),
            0);
  EXPECT_EQ(readInt(instance.variable("n")), 5);
  EXPECT_OK(instance.call("add", {Tensor(one)}));
  EXPECT_EQ(readInt(instance.variable("n")), 6);
}

TEST_P(Fork, T1_TheChildFindsStateBetweenTwoCalls) {
  // Threads update without a pause: `transfer` keeps n + m, and `axpy` keeps
  // all elements equal, which in place takes a while.
  const size_t size = 5000;
  ASSERT_OK(setVector(instance.variable("s"), std::vector<double>(size, 0)));
  ASSERT_OK(setVector(instance.variable("t"), {1}));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      std::vector<double> ones(size, 1);
      int64_t amount = t + 1;
      while (!stop.load()) {
        if (t == 0)
          EXPECT_OK(instance.call("axpy", {Tensor(ones)}));
        EXPECT_OK(instance.call("transfer", {Tensor(amount)}));
        // Allocations of every kind, and reads through pins.
        EXPECT_EQ(readVector(instance.variable("s")).size(), size);
        sym_array *pin;
        EXPECT_OK(sym_variable_borrow(instance.variable("t"), &pin));
        sym_array_release(pin);
      }
    });
#ifdef SYM_SLOW
  const int forks = 5;
#else
  const int forks = 15;
#endif
  for (int i = 0; i < forks; ++i) {
    int status = inChild([&] {
      std::vector<sym_array *> both;
      if (instance.call("read2", {}, &both) ||
          takeInt(both[0]) + takeInt(both[1]) != 0)
        return false;
      std::vector<double> s = readVector(instance.variable("s"));
      if (s != std::vector<double>(size, s[0]))
        return false;
      // Everything works: updates, memory of all sizes, new instances.
      std::vector<double> ones(size, 1);
      if (instance.call("axpy", {Tensor(ones)}) ||
          readVector(instance.variable("s"))[size - 1] != s[0] + 1)
        return false;
      for (int64_t bytes = 1; bytes < (16 << 20); bytes *= 3)
        if (setVector(instance.variable("t"),
                      std::vector<double>(size_t(bytes / 8), 2)))
          return false;
      sym_trim();
      sym_instance *other;
      if (sym_instance_create(mainProgram(GetParam()), &other))
        return false;
      sym_instance_destroy(other);
      return true;
    });
    EXPECT_EQ(status, 0) << i;
    if (status)
      break;
  }
  stop.store(true);
  for (std::thread &thread : threads)
    thread.join();
}

TEST_P(Fork, B2_B3_BorrowsAreHeldInBoth) {
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  ASSERT_OK(setVector(s, {1, 2}));
  ASSERT_OK(setVector(t, {3}));
  sym_array *pin;
  sym_write_borrow *mine, *other;
  ASSERT_OK(sym_variable_borrow(s, &pin));
  ASSERT_OK(sym_variable_borrow_mut(s, &mine));
  std::thread([&] { ASSERT_OK(sym_variable_borrow_mut(t, &other)); }).join();
  auto endAll = [&](double first) {
    static_cast<double *>(sym_write_borrow_view(mine).data)[0] = first;
    bool held =
        setVector(s, {9}) == SYM_BORROWED && setVector(t, {9}) == SYM_BORROWED;
    bool good = held && !sym_write_borrow_commit(mine) &&
                readVector(s) == std::vector<double>{first, 2} &&
                takeVector(pin) == std::vector<double>{1, 2};
    sym_write_borrow_rollback(other);
    return good && !setVector(t, {4});
  };
  EXPECT_EQ(inChild([&] { return endAll(10); }), 0);
  EXPECT_TRUE(endAll(20));
}

TEST_P(Fork, S1_LentMemoryIsReturnedInBoth) {
  static int heard;
  heard = 0;
  static std::vector<double> mine = {1, 2};
  ASSERT_OK(sym_variable_set_lent(
      instance.variable("s"), Tensor(mine), [](void *) { ++heard; }, nullptr));
  EXPECT_EQ(inChild([&] {
              return !setVector(instance.variable("s"), {3}) && heard == 1;
            }),
            0);
  EXPECT_EQ(heard, 0);
  EXPECT_OK(setVector(instance.variable("s"), {3}));
  EXPECT_EQ(heard, 1);
}
