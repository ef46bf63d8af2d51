//===- ExactTests.cpp - Nothing is lost, nothing is counted twice (T5) ----===//

#include "../Runtime/Policies.h"
#include "../Runtime/Programs.h"
#include "../Runtime/Sanitizers.h"

#include <algorithm>
#include <thread>

using namespace symtest;

namespace {
constexpr int kThreads = 8;
#ifdef SYM_SLOW
constexpr int kCalls = 5000;
#else
constexpr int kCalls = 100000;
#endif

class Exact : public testing::TestWithParam<int32_t> {};
SYM_FOR_LINEARIZABLE_POLICIES(Exact);
} // namespace

TEST_P(Exact, T5_EightThreadsCountExactlyWithDistinctOldValues) {
  Instance instance(mainProgram(GetParam()));
  sym_function *add = instance.function("add");
  std::vector<int64_t> olds(size_t(kThreads) * kCalls);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      int32_t one = 1;
      Tensor argument(one);
      int64_t *mine = olds.data() + int64_t(t) * kCalls;
      for (int i = 0; i < kCalls; ++i) {
        sym_result result = {&mine[i], 8, nullptr, nullptr};
        if (sym_call(add, argument, 1, &result, 1))
          ADD_FAILURE() << sym_error_message();
      }
      // Real time: a thread sees its own calls in order.
      EXPECT_TRUE(std::is_sorted(mine, mine + kCalls));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(readInt(instance.variable("n")), int64_t(kThreads) * kCalls);
  std::sort(olds.begin(), olds.end());
  for (size_t i = 0; i < olds.size(); ++i)
    ASSERT_EQ(olds[i], int64_t(i));
}
