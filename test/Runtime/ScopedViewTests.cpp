//===- ScopedViewTests.cpp - Scoped borrows that trap misuse (B5) ---------===//
//
// Host programs written by hand misuse a scoped borrow, as none does that the
// checker accepts, while memory is debugged.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include <string.h>

using namespace symtest;

namespace {
// Positions in mainProgram.
enum { kN, kS = 2 };
enum { kAdd = 0, kRead2 = 1, kAxpy = 6 };

/// What a program does between its borrow and its use.
enum class Between { Nothing, Release, Call, Set, Commit, OtherCall, Write };
Between between;
int64_t borrowedSize;
double seen;

int32_t program(sym_frame *f) {
  int64_t size = 0, size2 = 0, three = 3;
  double ones[] = {1, 1, 1};
  sym_view shown = {nullptr, &size}, argument = {ones, &three};
  void *handle;
  if (int32_t s = sym_rt_borrow(f, kS, SYM_BORROW_SCOPED, &handle, &shown))
    return s;
  int32_t status = 0;
  switch (between) {
  case Between::Nothing:
    break;
  case Between::Release:
    status = sym_rt_release(f, handle, nullptr);
    break;
  case Between::Call:
    status = sym_rt_call(f, kAxpy, &argument, nullptr);
    break;
  case Between::Set:
    status = sym_rt_set_value(f, kS, &argument);
    break;
  case Between::Commit: {
    sym_view mine = {nullptr, &size2};
    void *exclusive;
    status = sym_rt_borrow(f, kS, SYM_BORROW_EXCLUSIVE, &exclusive, &mine);
    if (!status)
      status = sym_rt_release(f, exclusive, &mine);
    break;
  }
  case Between::OtherCall: {
    sym_view results[2] = {};
    int32_t two = 2;
    sym_view arg = {&two, nullptr}, old = {};
    status = sym_rt_call(f, kRead2, nullptr, results);
    if (!status)
      status = sym_rt_call(f, kAdd, &arg, &old);
    break;
  }
  case Between::Write:
    *static_cast<volatile double *>(shown.data) = 9;
    break;
  }
  if (status)
    return status;
  borrowedSize = size;
  seen = size ? static_cast<volatile double *>(shown.data)[size - 1] : -1;
  return 0;
}

class Scoped : public testing::Test {
protected:
  Scoped() {
    GTEST_FLAG_SET(death_test_style, "fast");
    EXPECT_OK(sym_debug_memory(1));
    description = *mainProgram(SYM_POLICY_INPLACE);
    description.hosts = &host;
    description.num_hosts = 1;
  }
  ~Scoped() override { EXPECT_OK(sym_debug_memory(0)); }
  sym_status run(Between what, size_t size = 3) {
    between = what;
    Instance instance(&description);
    EXPECT_OK(setVector(instance.variable("s"), std::vector<double>(size, 5)));
    return sym_instance_run(instance.get(), "main");
  }
  sym_host_desc host = {"main", program};
  sym_program description;
};
} // namespace

TEST_F(Scoped, B5_SoundUsesRun) {
  for (size_t size : {0, 1, 3, 512, 100000}) {
    ASSERT_OK(run(Between::Nothing, size));
    EXPECT_EQ(borrowedSize, int64_t(size));
    EXPECT_EQ(seen, size ? 5 : -1);
    ASSERT_OK(run(Between::OtherCall, size));
    EXPECT_EQ(seen, size ? 5 : -1);
  }
}

TEST_F(Scoped, B5_ThereIsNoPin) {
  sym_reset_statistics();
  between = Between::Nothing;
  Instance instance(&description);
  ASSERT_OK(setVector(instance.variable("s"), {5, 5, 5}));
  ASSERT_OK(sym_instance_run(instance.get(), "main"));
  std::vector<double> x = {1, 1, 1};
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 0);
}

TEST_F(Scoped, B5_MisuseIsTrapped) {
  const char *update = "scoped borrow of variable 's' is used after an update";
  EXPECT_DEATH(run(Between::Release),
               "scoped borrow of variable 's' is used after its release");
  EXPECT_DEATH(run(Between::Call), update);
  EXPECT_DEATH(run(Between::Set), update);
  EXPECT_DEATH(run(Between::Commit), update);
  EXPECT_DEATH(run(Between::Write), "scoped borrow of variable 's' is written");
}
