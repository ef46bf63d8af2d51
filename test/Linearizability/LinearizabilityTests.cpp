//===- LinearizabilityTests.cpp - The store passes the checker (T5) -------===//
//
// A short run of every scenario; the long one is test/Linearizability/campaign.
//
//===----------------------------------------------------------------------===//

#include "../Runtime/Sanitizers.h"
#include "Runner.h"

#include <gtest/gtest.h>

using namespace symtest::lin;

namespace {
#ifdef SYM_SLOW
constexpr int64_t kOperations = 1500;
#else
constexpr int64_t kOperations = 6000;
#endif

class Linearizability : public testing::TestWithParam<Scenario> {};
INSTANTIATE_TEST_SUITE_P(T5, Linearizability, testing::ValuesIn(allScenarios()),
                         [](const testing::TestParamInfo<Scenario> &info) {
                           std::string name = info.param.name;
                           for (char &c : name)
                             if (c == '-')
                               c = '_';
                           return name;
                         });
} // namespace

TEST_P(Linearizability, SomeOrderExplainsEveryRound) {
  RunOptions options;
  options.operations = kOperations;
  RunResult result = run(GetParam(), options);
  EXPECT_EQ(result.violation, "");
  EXPECT_GE(result.operations, kOperations);
}
