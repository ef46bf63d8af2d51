//===- BorrowTests.cpp - Borrowing is safe (B1-B6) ----------------------===//

#include "StoreFixture.h"

#include <string.h>

using namespace symtest;

namespace {
class StoreBorrows : public Store {};
SYM_FOR_EVERY_POLICY(StoreBorrows);
} // namespace

TEST_P(StoreBorrows, B1_ResultsAliasNothing) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  sym_array *copy;
  ASSERT_OK(sym_variable_get(instance.variable("s"), &copy));
  EXPECT_NE(sym_array_view(copy).data, dataOf(instance.variable("s")));
  EXPECT_TRUE(sym_array_is_unique(copy));
  sym_array_release(copy);
}

TEST_P(StoreBorrows, B1_ResultBufferThatOverlapsAnArgument) {
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

TEST_P(StoreBorrows, B1_OverlappingResultBuffersAreAnError) {
  int64_t both[2];
  sym_result results[] = {{both, 16, nullptr, nullptr},
                          {both + 1, 8, nullptr, nullptr}};
  EXPECT_EQ(sym_call(instance.function("read2"), nullptr, 0, results, 2),
            SYM_INVALID_ARGUMENT);
}

TEST_P(StoreBorrows, B2_PinnedBytesNeverChange) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<double> x = {1, 1};
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  EXPECT_EQ(sym_array_view(pin).data != dataOf(instance.variable("s")),
            borrowsCopy());
  EXPECT_EQ(sym_array_is_unique(pin) != 0, borrowsCopy());
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  ASSERT_OK(setVector(instance.variable("s"), {9}));
  EXPECT_TRUE(sym_array_is_unique(pin)) << "its variable let it go";
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

TEST_P(StoreBorrows, B2_PinFollowsAnExchangedBuffer) {
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

TEST_P(StoreBorrows, B2_ArraysOutliveVariableAndInstance) {
  sym_array *pin;
  {
    Instance other(mainProgram(GetParam()));
    ASSERT_OK(setVector(other.variable("s"), {4, 5}));
    ASSERT_OK(sym_variable_borrow(other.variable("s"), &pin));
  }
  EXPECT_EQ(takeVector(pin), (std::vector<double>{4, 5}));
}

TEST_P(StoreBorrows, B2_BorrowedOutputPinsTheValue) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("peek", {}, &results));
  EXPECT_EQ(sym_array_view(results[0]).data != dataOf(instance.variable("s")),
            borrowsCopy());
  std::vector<double> x = {5, 5};
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{1, 2}));
}

TEST_P(StoreBorrows, B3_ReadersSeeTheValueFromBefore) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  writeElements(sym_write_borrow_view(borrow), 0, {100});
  EXPECT_EQ(readVector(s), (std::vector<double>{1, 2}));
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(readVector(s), (std::vector<double>{100, 2}));
}

TEST_P(StoreBorrows, B3_ConflictsAreBorrowedAtOnce) {
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

TEST_P(StoreBorrows, B3_CommitIsByPointerUnlessAViewSurvives) {
  sym_variable *s = instance.variable("s");
  ASSERT_OK(setVector(s, {1, 2}));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  const void *mine = sym_write_borrow_view(borrow).data;
  ASSERT_OK(sym_write_borrow_commit(borrow));
  EXPECT_EQ(dataOf(s), mine);

  ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
  sym_array *view = sym_write_borrow_array(borrow);
  writeElements(sym_array_view(view), 0, {7});
  ASSERT_OK(sym_write_borrow_commit(borrow));
  // Through a view that survived: nobody's state.
  writeElements(sym_array_view(view), 0, {8});
  EXPECT_EQ(readVector(s), (std::vector<double>{7, 2}));
  sym_array_release(view);
}

TEST_P(StoreBorrows, B3_CommitOfAnotherShape) {
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

TEST_P(StoreBorrows, B4_ArgumentsAreNotWritten) {
  std::vector<double> x = {1, 2};
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("scaleCopy", {Tensor(x)}, &results));
  EXPECT_EQ(x, (std::vector<double>{1, 2}));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{2, 4}));
  ASSERT_OK(instance.call("scale", {Tensor(x)}, &results));
  EXPECT_EQ(takeVector(results[1]), (std::vector<double>{2, 4}));
  // Mutable and borrowed: it may be written, and is where it is not copied.
  EXPECT_EQ(x, kOnDevice ? (std::vector<double>{1, 2})
                         : (std::vector<double>{2, 4}));
}

TEST_P(StoreBorrows, B4_StateIsNotWrittenAsAMutableArgument) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  sym_tensor view = sym_array_view(pin);
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("scale", {&view}, &results));
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{2, 4}));
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

TEST_P(StoreBorrows, B4_StridedArgumentsAreMadeDense) {
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

TEST_P(StoreBorrows, B6_OverlappingMutableArguments) {
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

TEST(StoreBorrowsInPlace, B6_ArgumentThatIsTheState) {
  // A view of the state itself, without a pin: the in-place variant would
  // read what it writes.
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1, 2, 3}));
  int64_t three = 3;
  sym_tensor view = {const_cast<void *>(dataOf(instance.variable("s"))),
                     SYM_ELEMENT_F64,
                     1,
                     &three,
                     nullptr,
                     kOnDevice ? SYM_SPACE_CUDA : SYM_SPACE_HOST,
                     0};
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {&view}));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 1);
}
