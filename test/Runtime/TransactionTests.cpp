//===- TransactionTests.cpp - Calls are transactions (T2-T4) ------------===//

#include "StoreFixture.h"

#include <string.h>

using namespace symtest;

namespace {
class StoreCalls : public Store {};
SYM_FOR_EVERY_POLICY(StoreCalls);
} // namespace

TEST_P(StoreCalls, T2_SwapIsSimultaneous) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2, 3}));
  ASSERT_OK(instance.call("swap", {}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2, 3}));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(StoreCalls, T2_RotateSeesPreCallValues) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  std::vector<double> x = {7, 8};
  ASSERT_OK(instance.call("rotate", {Tensor(x)}));
  EXPECT_EQ(readVector(instance.variable("s")), x);
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(StoreCalls, T2_SelectedMayKeepOrSwap) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  int64_t keep = 1, swap = 0;
  ASSERT_OK(instance.call("choose", {Tensor(keep)}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1}));
  ASSERT_OK(instance.call("choose", {Tensor(swap)}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2}));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(StoreCalls, T3_OutputsSeePreCallValuesAndNeverChange) {
  int32_t inc = 3;
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(takeInt(results[size_t(i)]), 3 * i);
}

TEST_P(StoreCalls, T3_OldVectorNeverChanges) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {10, 10};
  std::vector<sym_array *> results;
  for (int i = 0; i < 3; ++i)
    ASSERT_OK(instance.call("old", {Tensor(x)}, &results));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(takeVector(results[1]), (std::vector<double>{11, 12}));
  EXPECT_EQ(takeVector(results[2]), (std::vector<double>{21, 22}));
}

TEST_P(StoreCalls, T4_FailedCheckChangesNothingAndSaysWhich) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 2, 3};
  EXPECT_EQ(instance.call("axpy", {Tensor(x)}), SYM_SHAPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(), "the state has 2 elements, x has 3");
  EXPECT_STREQ(sym_error_location(), "axpy.mlir:7:9");
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
  int64_t late = 42, before = bytesInUse();
  x = {1, 1};
  EXPECT_EQ(instance.call("busy", {Tensor(x), Tensor(late)}), SYM_CHECK_FAILED);
  EXPECT_STREQ(sym_error_message(), "late: 42");
  EXPECT_EQ(bytesInUse(), before) << "slots are dropped";
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
}

TEST_P(StoreCalls, T4_ArgumentsAreChecked) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  int64_t scalar = 1;
  EXPECT_EQ(instance.call("axpy", {Tensor(scalar)}), SYM_TYPE_MISMATCH);
  EXPECT_STREQ(
      sym_error_message(),
      "function 'axpy', argument 0 ('x'): expected f64[?], found i64[]");
  EXPECT_STREQ(sym_error_location(), "");
  EXPECT_EQ(instance.call("axpy", {}), SYM_INVALID_ARGUMENT);
  int64_t size = 2;
  sym_tensor missing = {nullptr, SYM_ELEMENT_F64, 1, &size, nullptr};
  EXPECT_EQ(instance.call("axpy", {&missing}), SYM_INVALID_ARGUMENT);
  size = -2;
  EXPECT_EQ(instance.call("axpy", {&missing}), SYM_SHAPE_MISMATCH);
  size = INT64_MAX;
  EXPECT_EQ(instance.call("axpy", {&missing}), SYM_OVERFLOW);
}

TEST_P(StoreCalls, T4_ResultThatDoesNotFitFailsTheCall) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 1};
  double small[1];
  int64_t size = 0;
  sym_result result = {small, sizeof(small), &size, nullptr};
  EXPECT_EQ(sym_call(instance.function("old"), Tensor(x), 1, &result, 1),
            SYM_SHAPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(),
               "function 'old', result 0, f64[2]: it does not fit into the "
               "caller's buffer");
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
}

TEST_P(StoreCalls, T4_EveryFailedAllocationLeavesStateUnchanged) {
  std::vector<double> start(300), x(300, 0.5);
  for (size_t i = 0; i < start.size(); ++i)
    start[i] = double(i);
  int64_t never = 0;
  auto attempts = [&](const char *name, std::vector<const sym_tensor *> args) {
    for (int64_t k = 1;; ++k) {
      ASSERT_LT(k, 100);
      ASSERT_OK(setVector(instance.variable("s"), start));
      ASSERT_OK(setVector(instance.variable("t"), {-1}));
      int64_t before = bytesInUse();
      sym_debug_fail_allocation(k);
      sym_status status = instance.call(name, args);
      bool happened = sym_debug_fail_allocation(0) == 0;
      if (!happened) {
        EXPECT_OK(status);
        break;
      }
      EXPECT_EQ(status, SYM_OUT_OF_MEMORY) << name << ", allocation " << k;
      EXPECT_EQ(readVector(instance.variable("s")), start);
      EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{-1}));
      EXPECT_EQ(bytesInUse(), before) << name << ", allocation " << k;
    }
  };
  Tensor tensor(x), zero(never);
  int64_t size = 150, stride = 2;
  sym_tensor strided = {x.data(), SYM_ELEMENT_F64, 1, &size, &stride};
  int32_t one = 1;
  attempts("add", {Tensor(one)});
  attempts("read2", {});
  attempts("axpy", {tensor});
  attempts("old", {tensor});
  attempts("busy", {tensor, zero});
  attempts("replace", {tensor});
  attempts("rotate", {&strided});
  attempts("swap", {});
  attempts("peek", {});
  attempts("scale", {tensor});
  attempts("both", {tensor, tensor});
}

TEST_P(StoreCalls, T4_EveryFailedAllocationOfAccessesLeavesNothingBehind) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  for (int64_t k = 1; k < 5; ++k) {
    int64_t before = bytesInUse();
    sym_debug_fail_allocation(k);
    std::vector<double> other = {3};
    sym_status set = sym_variable_set(instance.variable("s"), Tensor(other));
    sym_debug_fail_allocation(k);
    sym_array *array = nullptr;
    if (!sym_variable_get(instance.variable("s"), &array))
      sym_array_release(array);
    sym_debug_fail_allocation(k);
    sym_write_borrow *borrow = nullptr;
    if (!sym_variable_borrow_mut(instance.variable("s"), &borrow))
      sym_write_borrow_rollback(borrow);
    sym_debug_fail_allocation(k);
    sym_instance *extra = nullptr;
    if (!sym_instance_create(mainProgram(GetParam()), &extra))
      sym_instance_destroy(extra);
    sym_debug_fail_allocation(0);
    if (set)
      EXPECT_EQ(readVector(instance.variable("s")),
                (std::vector<double>{1, 2}));
    ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
    EXPECT_EQ(bytesInUse(), before) << k;
  }
}
