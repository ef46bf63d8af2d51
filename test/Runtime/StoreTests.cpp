//===- StoreTests.cpp - The contract, rule by rule ------------------------===//

#include "Programs.h"

#include <string.h>

using namespace symtest;
using testing::Test;

namespace {
/// Every rule that holds for every policy is tested for each.
class Store : public testing::TestWithParam<int32_t> {
protected:
  Store() : instance(mainProgram(GetParam())) {}
  Instance instance;
};
std::string policyName(const testing::TestParamInfo<int32_t> &info) {
  const char *names[] = {"InPlace", "DoubleBuffer", "Relaxed"};
  return names[info.param];
}
INSTANTIATE_TEST_SUITE_P(Policies, Store,
                         testing::Values(int32_t(SYM_POLICY_INPLACE),
                                         int32_t(SYM_POLICY_DOUBLE_BUFFER),
                                         int32_t(SYM_POLICY_RELAXED)),
                         policyName);

const void *dataOf(sym_variable *variable) {
  sym_array *array;
  EXPECT_OK(sym_variable_borrow(variable, &array));
  const void *data = sym_array_view(array).data;
  sym_array_release(array);
  return data;
}
} // namespace

//===----------------------------------------------------------------------===//
// S: state
//===----------------------------------------------------------------------===//

TEST_P(Store, S1_IdsAscendAndAreUnique) {
  uint64_t n = sym_variable_id(instance.variable("n"));
  EXPECT_LT(n, sym_variable_id(instance.variable("m")));
  Instance other(mainProgram(GetParam()));
  EXPECT_NE(n, sym_variable_id(other.variable("n")));
}

TEST_P(Store, S1_SetCopies) {
  std::vector<double> data = {1, 2, 3};
  ASSERT_OK(sym_variable_set(instance.variable("s"), Tensor(data)));
  data[0] = 100;
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2, 3}));
}

TEST_P(Store, S1_VariablesNeverShareMemory) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  // The value of one, borrowed, is set as the value of the other.
  sym_array *borrowed;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &borrowed));
  sym_tensor view = sym_array_view(borrowed);
  ASSERT_OK(sym_variable_set(instance.variable("t"), &view));
  ASSERT_OK(sym_variable_set_lent(instance.variable("t"), &view, nullptr,
                                  nullptr)); // the pool's memory: copied
  sym_array_release(borrowed);
  EXPECT_NE(dataOf(instance.variable("s")), dataOf(instance.variable("t")));
}

TEST_P(Store, S1_LentMemoryIsNeverWritten) {
  std::vector<double> mine = {1, 2, 3}, x = {1, 1, 1};
  int released = 0;
  auto release = [](void *count) { ++*static_cast<int *>(count); };
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), release,
                                  &released));
  EXPECT_EQ(dataOf(instance.variable("s")), mine.data());
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  // The update goes elsewhere, and the variable lets the memory go.
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(mine, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2, 3, 4}));
  EXPECT_EQ(released, 0) << "a pin is still held";
  sym_array_release(pin);
  EXPECT_EQ(released, 1);
}

TEST_P(Store, S1_LentMarkMovesWithTheBuffer) {
  std::vector<double> mine = {1, 2}, x = {5, 5};
  int released = 0;
  auto release = [](void *count) { ++*static_cast<int *>(count); };
  ASSERT_OK(setVector(instance.variable("t"), {8, 9}));
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), release,
                                  &released));
  ASSERT_OK(instance.call("swap", {}));
  EXPECT_EQ(dataOf(instance.variable("t")), mine.data());
  ASSERT_OK(instance.call("axpy", {Tensor(x)})); // s is managed now
  ASSERT_OK(instance.call("swap", {}));          // and s is lent again
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(mine, (std::vector<double>{1, 2}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{6, 7}));
  EXPECT_EQ(released, 1);
}

TEST_P(Store, S1_LentMemoryAsMutableArgumentIsAnError) {
  std::vector<double> mine = {1, 2, 3, 4};
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), nullptr,
                                  nullptr));
  EXPECT_EQ(instance.call("scale", {Tensor(mine)}), SYM_INVALID_ARGUMENT);
  int64_t two = 2;
  sym_tensor part = {mine.data() + 1, SYM_ELEMENT_F64, 1, &two, nullptr};
  EXPECT_EQ(instance.call("scale", {&part}), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(mine, (std::vector<double>{1, 2, 3, 4}));
  ASSERT_OK(setVector(instance.variable("s"), {0}));
  EXPECT_OK(instance.call("scale", {Tensor(mine)}));
}

TEST_P(Store, S1_LendingWhatIsNotDenseCopiesAndReleasesAtOnce) {
  std::vector<double> mine = {1, 2, 3, 4};
  int released = 0;
  auto release = [](void *count) { ++*static_cast<int *>(count); };
  int64_t size = 2, stride = 2;
  sym_tensor odd = {mine.data(), SYM_ELEMENT_F64, 1, &size, &stride};
  ASSERT_OK(
      sym_variable_set_lent(instance.variable("s"), &odd, release, &released));
  EXPECT_EQ(released, 1);
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 3}));
  sym_tensor wrong = {mine.data(), SYM_ELEMENT_F32, 1, &size, nullptr};
  EXPECT_EQ(
      sym_variable_set_lent(instance.variable("s"), &wrong, release, &released),
      SYM_TYPE_MISMATCH);
  EXPECT_EQ(released, 1) << "a failed call lends nothing";
}

TEST_P(Store, S2_RepeatedHandleIsAnErrorWhenBinding) {
  const sym_program *program = mainProgram(GetParam());
  sym_variable *n = instance.variable("n");
  sym_variable *twice[] = {n, n};
  sym_function *f = nullptr;
  EXPECT_EQ(sym_function_bind(program, 1, twice, 2, &f), SYM_INVALID_ARGUMENT);
  EXPECT_STREQ(sym_error_message(),
               "function 'read2': variables 0 and 1 are the same, 'n'");
  sym_variable *wrong[] = {n, instance.variable("s")};
  EXPECT_EQ(sym_function_bind(program, 1, wrong, 2, &f), SYM_TYPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(),
               "function 'read2', variable 'm': expected i64[], found f64[?]");
  EXPECT_EQ(sym_function_bind(program, 1, twice, 1, &f), SYM_INVALID_ARGUMENT);
}

TEST_P(Store, S2_FunctionsShareVariablesAndInstancesDoNot) {
  Instance other(mainProgram(GetParam()));
  int32_t five = 5;
  ASSERT_OK(instance.call("add", {Tensor(five)}));
  EXPECT_EQ(readInt(instance.variable("n")), 5);
  EXPECT_EQ(readInt(other.variable("n")), 0);
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("read2", {}, &results));
  EXPECT_EQ(takeInt(results[0]), 5);
  EXPECT_EQ(takeInt(results[1]), 0);
}

TEST_P(Store, S2_ProgramOfAnotherVersionIsRefused) {
  sym_program program = *mainProgram(GetParam());
  program.abi_version = SYM_ABI_VERSION + 1;
  sym_instance *out = nullptr;
  EXPECT_EQ(sym_instance_create(&program, &out), SYM_ABI_MISMATCH);
}

TEST_P(Store, S4_UninitializedIsAnErrorToRead) {
  sym_array *array = nullptr;
  EXPECT_EQ(sym_variable_get(instance.variable("s"), &array),
            SYM_UNINITIALIZED);
  EXPECT_EQ(sym_variable_borrow(instance.variable("s"), &array),
            SYM_UNINITIALIZED);
  std::vector<double> x = {1};
  EXPECT_EQ(instance.call("axpy", {Tensor(x)}), SYM_UNINITIALIZED);
  EXPECT_STREQ(sym_error_message(), "variable 's' is read before it is set");
  sym_write_borrow *borrow;
  EXPECT_EQ(sym_variable_borrow_mut(instance.variable("s"), &borrow),
            SYM_UNINITIALIZED);
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  EXPECT_OK(instance.call("axpy", {Tensor(x)}));
}

TEST_P(Store, S4_ShapesChangeWithinTheType) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2, 3}));
  ASSERT_OK(setVector(instance.variable("s"), {}));
  EXPECT_EQ(readVector(instance.variable("s")), std::vector<double>());
  int64_t scalar = 3;
  EXPECT_EQ(sym_variable_set(instance.variable("s"), Tensor(scalar)),
            SYM_TYPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(),
               "variable 's': expected f64[?], found i64[]");
}

TEST(StoreTypes, S4_StaticSizesAreChecked) {
  int64_t sizes[] = {2, SYM_DYNAMIC};
  sym_variable *v;
  ASSERT_OK(sym_variable_create("w", {SYM_ELEMENT_F32, 2, sizes},
                                SYM_POLICY_INPLACE, nullptr, &v));
  float data[6] = {};
  int64_t good[] = {2, 3}, bad[] = {3, 2}, negative[] = {2, -1};
  sym_tensor value = {data, SYM_ELEMENT_F32, 2, good, nullptr};
  EXPECT_OK(sym_variable_set(v, &value));
  value.sizes = bad;
  EXPECT_EQ(sym_variable_set(v, &value), SYM_SHAPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(),
               "variable 'w': expected f32[2x?], found f32[3x2]");
  value.sizes = negative;
  EXPECT_EQ(sym_variable_set(v, &value), SYM_SHAPE_MISMATCH);
  int64_t huge[] = {2, INT64_MAX / 4};
  value.sizes = huge;
  EXPECT_EQ(sym_variable_set(v, &value), SYM_OVERFLOW);
  sym_variable_release(v);
  EXPECT_EQ(sym_variable_create("w", {99, 0, nullptr}, 0, nullptr, &v),
            SYM_INVALID_ARGUMENT);
  EXPECT_EQ(
      sym_variable_create("w", {SYM_ELEMENT_I4, 0, nullptr}, 0, nullptr, &v),
      SYM_INVALID_ARGUMENT);
}

//===----------------------------------------------------------------------===//
// T: calls are transactions
//===----------------------------------------------------------------------===//

TEST_P(Store, T2_SwapIsSimultaneous) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2, 3}));
  ASSERT_OK(instance.call("swap", {}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2, 3}));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(Store, T2_RotateSeesPreCallValues) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  std::vector<double> x = {7, 8};
  ASSERT_OK(instance.call("rotate", {Tensor(x)}));
  EXPECT_EQ(readVector(instance.variable("s")), x);
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(Store, T2_SelectedMayKeepOrSwap) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  int64_t keep = 1, swap = 0;
  ASSERT_OK(instance.call("choose", {Tensor(keep)}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1}));
  ASSERT_OK(instance.call("choose", {Tensor(swap)}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2}));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{1}));
}

TEST_P(Store, T3_OutputsSeePreCallValuesAndNeverChange) {
  int32_t inc = 3;
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  ASSERT_OK(instance.call("add", {Tensor(inc)}, &results));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(takeInt(results[size_t(i)]), 3 * i);
}

TEST_P(Store, T3_OldVectorNeverChanges) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {10, 10};
  std::vector<sym_array *> results;
  for (int i = 0; i < 3; ++i)
    ASSERT_OK(instance.call("old", {Tensor(x)}, &results));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(takeVector(results[1]), (std::vector<double>{11, 12}));
  EXPECT_EQ(takeVector(results[2]), (std::vector<double>{21, 22}));
}

TEST_P(Store, T4_FailedCheckChangesNothingAndSaysWhich) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 2, 3};
  EXPECT_EQ(instance.call("axpy", {Tensor(x)}), SYM_SHAPE_MISMATCH);
  EXPECT_STREQ(sym_error_message(), "the state has 2 elements, x has 3");
  EXPECT_STREQ(sym_error_location(), "axpy.mlir:7:9");
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
  int64_t late = 42;
  x = {1, 1};
  EXPECT_EQ(instance.call("busy", {Tensor(x), Tensor(late)}), SYM_CHECK_FAILED);
  EXPECT_STREQ(sym_error_message(), "late: 42");
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
}

TEST_P(Store, T4_ArgumentsAreChecked) {
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

TEST_P(Store, T4_ResultThatDoesNotFitFailsTheCall) {
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

TEST_P(Store, T4_EveryFailedAllocationLeavesStateUnchanged) {
  std::vector<double> start(300), x(300, 0.5);
  for (size_t i = 0; i < start.size(); ++i)
    start[i] = double(i);
  int64_t never = 0;
  auto attempts = [&](const char *name, std::vector<const sym_tensor *> args) {
    for (int64_t k = 1;; ++k) {
      ASSERT_LT(k, 100);
      ASSERT_OK(setVector(instance.variable("s"), start));
      ASSERT_OK(setVector(instance.variable("t"), {-1}));
      int64_t before = sym_get_statistics().bytes_in_use;
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
      EXPECT_EQ(sym_get_statistics().bytes_in_use, before)
          << name << ", allocation " << k;
    }
  };
  Tensor tensor(x), zero(never);
  int64_t size = 150, stride = 2;
  sym_tensor strided = {x.data(), SYM_ELEMENT_F64, 1, &size, &stride};
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

TEST_P(Store, T4_EveryFailedAllocationOfAccessesLeavesNothingBehind) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  for (int64_t k = 1; k < 5; ++k) {
    int64_t before = sym_get_statistics().bytes_in_use;
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
    EXPECT_EQ(sym_get_statistics().bytes_in_use, before) << k;
  }
}

//===----------------------------------------------------------------------===//
// B: borrowing
//===----------------------------------------------------------------------===//

TEST_P(Store, B1_ResultsAliasNothing) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  sym_array *copy;
  ASSERT_OK(sym_variable_get(instance.variable("s"), &copy));
  EXPECT_NE(sym_array_view(copy).data, dataOf(instance.variable("s")));
  EXPECT_TRUE(sym_array_is_unique(copy));
  sym_array_release(copy);
}

TEST_P(Store, B1_ResultBufferThatOverlapsAnArgument) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2, 3, 4, 5, 6, 7, 8}));
  std::vector<double> data(12, 10);
  int64_t eight = 8, size = 0;
  sym_tensor x = {data.data() + 4, SYM_ELEMENT_F64, 1, &eight, nullptr};
  sym_result result = {data.data(), 64, &size, nullptr};
  ASSERT_OK(sym_call(instance.function("old"), &x, 1, &result, 1));
  EXPECT_EQ(size, 8);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(data[size_t(i)], i + 1);
  EXPECT_EQ(readVector(instance.variable("s"))[7], 18);
}

TEST_P(Store, B1_OverlappingResultBuffersAreAnError) {
  int64_t both[2];
  sym_result results[] = {{both, 16, nullptr, nullptr},
                          {both + 1, 8, nullptr, nullptr}};
  EXPECT_EQ(sym_call(instance.function("read2"), nullptr, 0, results, 2),
            SYM_INVALID_ARGUMENT);
}

TEST_P(Store, B2_PinnedBytesNeverChange) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 1};
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  EXPECT_EQ(sym_array_view(pin).data, dataOf(instance.variable("s")));
  EXPECT_FALSE(sym_array_is_unique(pin));
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  ASSERT_OK(setVector(instance.variable("s"), {9}));
  EXPECT_TRUE(sym_array_is_unique(pin)) << "its variable let it go";
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

TEST_P(Store, B2_PinFollowsAnExchangedBuffer) {
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  std::vector<double> x = {10};
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("t"), &pin));
  ASSERT_OK(instance.call("swap", {})); // the pinned buffer is in s now
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(takeVector(pin), (std::vector<double>{2}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{12}));
}

TEST_P(Store, B2_ArraysOutliveVariableAndInstance) {
  sym_array *pin;
  {
    Instance other(mainProgram(GetParam()));
    ASSERT_OK(setVector(other.variable("s"), {4, 5}));
    ASSERT_OK(sym_variable_borrow(other.variable("s"), &pin));
  }
  EXPECT_EQ(takeVector(pin), (std::vector<double>{4, 5}));
}

TEST_P(Store, B2_BorrowedOutputPinsTheValue) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("peek", {}, &results));
  EXPECT_EQ(sym_array_view(results[0]).data, dataOf(instance.variable("s")));
  std::vector<double> x = {5, 5};
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
}

TEST_P(Store, B3_ReadersSeeTheValueFromBefore) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  static_cast<double *>(sym_write_borrow_view(borrow).data)[0] = 100;
  EXPECT_EQ(readVector(s), (std::vector<double>{1, 2}));
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(readVector(s), (std::vector<double>{100, 2}));
}

TEST_P(Store, B3_ConflictsAreBorrowedAtOnce) {
  sym_variable *s = instance.variable("s");
  std::vector<double> x = {1, 1};
  ASSERT_OK(setVector(s, {1, 2}));
  ASSERT_OK(setVector(instance.variable("t"), {3}));
  sym_write_borrow *borrow, *second;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  EXPECT_EQ(sym_variable_borrow_mut(s, &second), SYM_BORROWED);
  EXPECT_EQ(setVector(s, {0}), SYM_BORROWED);
  EXPECT_EQ(instance.call("axpy", {Tensor(x)}), SYM_BORROWED);
  EXPECT_EQ(instance.call("swap", {}), SYM_BORROWED);
  EXPECT_STREQ(sym_error_message(), "a write borrow of variable 's' is held");
  EXPECT_OK(instance.call("peek", {})) << "who only reads does not conflict";
  sym_write_borrow_rollback(borrow);
  EXPECT_EQ(readVector(s), (std::vector<double>{1, 2}));
  EXPECT_OK(instance.call("axpy", {Tensor(x)}));
}

TEST_P(Store, B3_CommitIsByPointerUnlessAViewSurvives) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  const void *mine = sym_write_borrow_view(borrow).data;
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(dataOf(s), mine);

  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  sym_array *view = sym_write_borrow_array(borrow);
  double *data = static_cast<double *>(sym_array_view(view).data);
  data[0] = 7;
  ASSERT_OK(sym_write_borrow_commit(borrow));
  data[0] = 8; // through a view that survived: nobody's state
  EXPECT_EQ(readVector(s), (std::vector<double>{7, 2}));
  sym_array_release(view);
}

TEST_P(Store, B3_CommitOfAnotherShape) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  std::vector<double> longer = {1, 2, 3};
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  ASSERT_OK(sym_write_borrow_commit_value(borrow, Tensor(longer)));
  EXPECT_EQ(readVector(s), longer);
  int64_t wrong = 0;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  EXPECT_EQ(sym_write_borrow_commit_value(borrow, Tensor(wrong)),
            SYM_TYPE_MISMATCH);
  EXPECT_EQ(readVector(s), longer);
  EXPECT_OK(setVector(s, {1})) << "a failed commit ends the borrow";
}

TEST_P(Store, B4_ArgumentsAreNotWritten) {
  std::vector<double> x = {1, 2};
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("scaleCopy", {Tensor(x)}, &results));
  EXPECT_EQ(x, (std::vector<double>{1, 2}));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{2, 4}));
  ASSERT_OK(instance.call("scale", {Tensor(x)}, &results));
  EXPECT_EQ(takeVector(results[1]), (std::vector<double>{2, 4}));
  EXPECT_EQ(x, (std::vector<double>{2, 4})) << "mutable and borrowed";
}

TEST_P(Store, B4_StateIsNotWrittenAsAMutableArgument) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  sym_tensor view = sym_array_view(pin);
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("scale", {&view}, &results));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{2, 4}));
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

TEST_P(Store, B4_StridedArgumentsAreMadeDense) {
  std::vector<double> data = {1, 2, 3, 4, 5};
  int64_t size = 3, stride = 2, backwards = -2;
  sym_tensor x = {data.data(), SYM_ELEMENT_F64, 1, &size, &stride};
  ASSERT_OK(setVector(instance.variable("s"), {10, 10, 10}));
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {&x}));
  EXPECT_EQ(readVector(instance.variable("s")),
            (std::vector<double>{11, 13, 15}));
  x.data = data.data() + 4;
  x.strides = &backwards;
  ASSERT_OK(instance.call("axpy", {&x}));
  EXPECT_EQ(readVector(instance.variable("s")),
            (std::vector<double>{16, 16, 16}));
  stride = 0;
  x.strides = &stride;
  ASSERT_OK(instance.call("axpy", {&x}));
  EXPECT_EQ(readVector(instance.variable("s")),
            (std::vector<double>{21, 21, 21}));
  // An address that the element type does not allow.
  alignas(8) char odd[32] = {};
  double one = 1;
  for (int i = 0; i < 3; ++i)
    memcpy(odd + 1 + 8 * i, &one, 8);
  x = {odd + 1, SYM_ELEMENT_F64, 1, &size, nullptr};
  ASSERT_OK(instance.call("axpy", {&x}));
  EXPECT_EQ(readVector(instance.variable("s")),
            (std::vector<double>{22, 22, 22}));
  EXPECT_EQ(sym_get_statistics().argument_copies, 4);
}

TEST_P(Store, B6_OverlappingMutableArguments) {
  std::vector<double> data = {1, 2, 3};
  int64_t two = 2;
  sym_tensor a = {data.data(), SYM_ELEMENT_F64, 1, &two, nullptr};
  sym_tensor b = {data.data() + 1, SYM_ELEMENT_F64, 1, &two, nullptr};
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("both", {&a, &b}, &results));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{4, 7}));
  ASSERT_OK(instance.call("both", {&a, &a}, &results));
  EXPECT_EQ(takeVector(results[1]), (std::vector<double>{3, 6}));
}

TEST(StoreInPlace, B6_ArgumentThatIsTheState) {
  // A view of the state itself, without a pin: the in-place variant would
  // read what it writes.
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1, 2, 3}));
  int64_t three = 3;
  sym_tensor view = {const_cast<void *>(dataOf(instance.variable("s"))),
                     SYM_ELEMENT_F64, 1, &three, nullptr};
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {&view}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 1);
}

//===----------------------------------------------------------------------===//
// C: cost
//===----------------------------------------------------------------------===//

TEST(StoreInPlace, C1_UpdatesAreInPlaceUnlessPinned) {
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

TEST_P(Store, C1_SwapsExchangeBuffers) {
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

TEST_P(Store, C1_OutputMovesOutOfState) {
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

TEST_P(Store, C1_LentMemoryIsNotHandedOut) {
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
