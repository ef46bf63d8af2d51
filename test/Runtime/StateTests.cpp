//===- StateTests.cpp - Shared variables (S1-S4) ------------------------===//

#include "StoreFixture.h"

#include <string.h>

using namespace symtest;

namespace {
class StoreState : public Store {};
SYM_FOR_EVERY_POLICY(StoreState);
} // namespace

TEST_P(StoreState, S1_IdsAscendAndAreUnique) {
  uint64_t n = sym_variable_id(instance.variable("n"));
  EXPECT_LT(n, sym_variable_id(instance.variable("m")));
  Instance other(mainProgram(GetParam()));
  EXPECT_NE(n, sym_variable_id(other.variable("n")));
}

TEST_P(StoreState, S1_SetCopies) {
  std::vector<double> data = {1, 2, 3};
  ASSERT_OK(sym_variable_set(instance.variable("s"), Tensor(data)));
  data[0] = 100;
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2, 3}));
}

TEST_P(StoreState, S1_VariablesNeverShareMemory) {
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

TEST_P(StoreState, S1_LentMemoryIsNeverWritten) {
  SYM_SKIP_ON_DEVICE("what is lent is memory of the host");
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
  EXPECT_EQ(released, borrowsCopy() ? 1 : 0) << "a pin is still held";
  sym_array_release(pin);
  EXPECT_EQ(released, 1);
}

TEST_P(StoreState, S1_LentMarkMovesWithTheBuffer) {
  SYM_SKIP_ON_DEVICE("what is lent is memory of the host");
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

TEST_P(StoreState, S1_LentMemoryAsMutableArgumentIsAnError) {
  SYM_SKIP_ON_DEVICE("what is lent is memory of the host");
  std::vector<double> mine = {1, 2, 3, 4};
  ASSERT_OK(sym_variable_set_lent(instance.variable("s"), Tensor(mine), nullptr,
                                  nullptr));
  EXPECT_EQ(instance.call("scale", {Tensor(mine)}), SYM_INVALID_ARGUMENT);
  int64_t two = 2;
  sym_tensor part = {mine.data() + 1, SYM_ELEMENT_F64, 1, &two, nullptr};
  EXPECT_EQ(instance.call("scale", {&part}), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(mine, (std::vector<double>{1, 2, 3, 4}));
  sym_result into = {mine.data(), 8, nullptr, nullptr};
  EXPECT_EQ(sym_call(instance.function("peek"), nullptr, 0, &into, 1),
            SYM_INVALID_ARGUMENT);
  ASSERT_OK(setVector(instance.variable("s"), {0}));
  EXPECT_OK(instance.call("scale", {Tensor(mine)}));
}

TEST_P(StoreState, S1_LendingWhatIsNotDenseCopiesAndReleasesAtOnce) {
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

TEST_P(StoreState, S2_RepeatedHandleIsAnErrorWhenBinding) {
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

TEST_P(StoreState, S2_FunctionsShareVariablesAndInstancesDoNot) {
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

TEST_P(StoreState, S2_ProgramOfAnotherVersionIsRefused) {
  sym_program program = *mainProgram(GetParam());
  program.abi_version = SYM_ABI_VERSION + 1;
  sym_instance *out = nullptr;
  EXPECT_EQ(sym_instance_create(&program, &out), SYM_ABI_MISMATCH);
}

TEST_P(StoreState, S4_UninitializedIsAnErrorToRead) {
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

TEST_P(StoreState, S4_ShapesChangeWithinTheType) {
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
