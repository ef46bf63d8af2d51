//===- QueueFaultTests.cpp - Calls of the driver that fail, in a program --===//

#include "QueueFixture.h"

using namespace sym::rt;
using namespace sym::rt::test;
using testing::AnyOf;
using testing::Each;
using Values = std::vector<unsigned>;

namespace {
class DeviceQueueFaults : public QueueTest {};
} // namespace

static const char keys[2] = {};

/// What the caller of a program sees.
struct Outcome {
  sym_status status = SYM_OK; ///< the first one
  unsigned state = 0;         ///< the state before the first failure
  bool isTold = false;        ///< the state could be read at the end
  unsigned after = 0;
  Values out = Values(50);
};

/// Three calls that each read, write and download the state, which adds one and
/// doubles.
static Outcome scenario(const sym_program *desc) {
  Outcome outcome;
  outcome.status = sym_device_open(0);
  if (outcome.status)
    return outcome;
  DeviceProgram *program = nullptr;
  outcome.status = ops().retainProgram(0, desc, &program);
  void *state = nullptr;
  if (!outcome.status && !(state = ops().allocate(0, 200)))
    outcome.status = lastStatus();
  Values ones(50, 1);
  if (!outcome.status)
    outcome.status = ops().upload(0, state, ones.data(), 200);
  bool isUp = !outcome.status;
  outcome.state = 1;
  for (int i = 0; i < 3 && !outcome.status; ++i) {
    outcome.status = callOn(
        program, keys,
        [&](Variant &v) {
          unsigned seen = 0;
          void *t = sym_rt_device_alloc(v.frame, 200);
          if (!t)
            return 1;
          sym_rt_copy_to_device(v.frame, t, ones.data(), 200);
          v.increment(t, 50);
          if (sym_rt_copy_to_host(v.frame, &seen, t, 4))
            return 1;
          v.increment(state, 50);
          v.twice(state, 50);
          return 0;
        },
        [&](DeviceCall *call) {
          ops().addDownload(call, outcome.out.data(), state, 200);
        });
    if (!outcome.status)
      outcome.state = (outcome.state + 1) * 2;
  }
  Values seen(50);
  if (isUp && ops().download(0, seen.data(), state, 200) == SYM_OK) {
    outcome.isTold = true;
    outcome.after = seen[0];
    EXPECT_THAT(seen, Each(seen[0]));
  }
  if (state)
    ops().free(0, state, 200);
  if (program)
    ops().releaseProgram(program);
  return outcome;
}

/// Lets every call of the driver fail, one after the other.
static void failEveryCall(const sym_program *desc, CUresult error) {
  int failures = 0;
  for (int k = 1;; ++k) {
    ASSERT_OK(sym_device_shutdown());
    simulated("lag-us=10000000");
    std::string options =
        "fail-call=" + std::to_string(k) + ":" + std::to_string(int(error));
    ASSERT_EQ(control().configure(options.c_str()), 0);
    control().reset_calls();
    Outcome outcome = scenario(desc);
    uint64_t calls = control().calls();
    sym_device_shutdown();
    ASSERT_EQ(control().configure("fail-call=0:1"), 0);
    ASSERT_EQ(countLeft(), 0) << "call " << k;
    if (outcome.status) {
      ++failures;
      ASSERT_STRNE(sym_error_message(), "");
    } else {
      ASSERT_EQ(outcome.out[0], 22u) << "call " << k;
    }
    // T4: a call that failed has changed nothing, one that did not has.
    if (outcome.isTold) {
      ASSERT_EQ(outcome.after, outcome.state) << "call " << k;
    } else if (!isFatal(statusOf(error))) {
      ASSERT_NE(outcome.status, SYM_OK) << "call " << k;
    }
    if (calls < uint64_t(k)) {
      ASSERT_EQ(outcome.status, SYM_OK);
      break;
    }
    if (statusOf(error) == SYM_DEVICE_LOST)
      continue;
    // The device still works, or works again.
    Outcome again = scenario(desc);
    ASSERT_EQ(again.status, SYM_OK) << "after call " << k;
    ASSERT_EQ(again.after, 22u);
  }
  EXPECT_GT(failures, 40);
}

TEST_F(DeviceQueueFaults, T4_EveryCallOutOfMemory) {
  failEveryCall(&program.desc, CUDA_ERROR_OUT_OF_MEMORY);
}
TEST_F(DeviceQueueFaults, T4_EveryCallOfAnyOtherFault) {
  failEveryCall(&program.desc, CUDA_ERROR_NOT_SUPPORTED);
}
TEST_F(DeviceQueueFaults, T4_EveryCallKernelFault) {
  failEveryCall(&program.desc, CUDA_ERROR_LAUNCH_FAILED);
}
TEST_F(DeviceQueueFaults, T4_EveryCallLosesTheDevice) {
  failEveryCall(&program.desc, CUDA_ERROR_DEVICE_UNAVAILABLE);
}

TEST_F(DeviceQueueFaults, OrdersOfEverySeed) {
  for (int seed = 1; seed <= 40; ++seed) {
    reset(("lag-us=10000000,seed=" + std::to_string(seed)).c_str());
    Outcome outcome = scenario(&program.desc);
    ASSERT_EQ(outcome.status, SYM_OK) << sym_error_message();
    ASSERT_EQ(outcome.after, 22u) << "seed " << seed;
  }
}

TEST_F(DeviceQueueFaults, ALostDeviceLosesOnlyItself) {
  ASSERT_OK(ops().open(1));
  Values host(10, 5);
  Words other(host, 1);
  {
    Words w(host);
    control().lose_device(0, CUDA_ERROR_DEVICE_UNAVAILABLE);
    EXPECT_EQ(ops().synchronize(0), SYM_DEVICE_LOST);
    EXPECT_EQ(ops().download(0, host.data(), w.data, 40), SYM_DEVICE_LOST);
    EXPECT_THAT(host, Each(5u));
  }
  EXPECT_THAT(other.values(), Each(5u));
}
