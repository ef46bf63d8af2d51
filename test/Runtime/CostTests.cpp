//===- CostTests.cpp - Cost follows from analysis (C1) ------------------===//

#include "StoreFixture.h"

#include <string.h>

using namespace symtest;

namespace {
class StoreCost : public Store {};
SYM_FOR_EVERY_POLICY(StoreCost);
} // namespace

TEST(StoreCostInPlace, C1_UpdatesAreInPlaceUnlessPinned) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 1};
  const void *before = dataOf(instance.variable("s"));
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(dataOf(instance.variable("s")), before);
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_NE(dataOf(instance.variable("s")), before);
  sym_array_release(pin);
  sym_statistics s = sym_get_statistics();
  EXPECT_EQ(s.calls, 2);
  EXPECT_EQ(s.calls_inplace, 1);
  EXPECT_EQ(s.copy_on_write, 1);
  EXPECT_EQ(s.exchanges, 1);
}

TEST_P(StoreCost, C1_SwapsExchangeBuffers) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  const void *s = dataOf(instance.variable("s"));
  const void *t = dataOf(instance.variable("t"));
  sym_reset_statistics();
  ASSERT_OK(instance.call("swap", {}));
  EXPECT_EQ(dataOf(instance.variable("s")), t);
  EXPECT_EQ(dataOf(instance.variable("t")), s);
  EXPECT_EQ(sym_get_statistics().exchanges, 2);
}

TEST_P(StoreCost, C1_OutputMovesOutOfState) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  const void *before = dataOf(instance.variable("s"));
  std::vector<double> x = {3};
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("replace", {Tensor(x)}, &results));
  EXPECT_EQ(sym_array_view(results[0]).data, before);
  EXPECT_TRUE(sym_array_is_unique(results[0]));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(readVector(instance.variable("s")), x);
}

TEST_P(StoreCost, C1_LentMemoryIsNotHandedOut) {
  std::vector<double> mine = {1, 2}, x = {3};
  int released = 0;
  auto release = [](void *count) { ++*static_cast<int *>(count); };
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), release,
                                  &released));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("replace", {Tensor(x)}, &results));
  EXPECT_EQ(released, 1);
  EXPECT_NE(sym_array_view(results[0]).data, mine.data());
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
}
