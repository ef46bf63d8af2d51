//===- FaultTests.cpp - Calls that fail, devices that are lost ------------===//

#include "DeviceFixture.h"

#include <numeric>

using namespace sym::rt;
using namespace sym::rt::test;
using testing::HasSubstr;

namespace {
class DeviceFaults : public SimulatedTest {};
} // namespace

/// A small program that uses everything; SYM_OK if all of it worked and the
/// numbers are right.
static sym_status scenario(const Driver &driver) {
  Setting s;
  if (sym_status status = s.open(driver))
    return status;
  DeviceEvent event;
  DeviceStream other;
  CUdeviceptr d = 0;
  std::vector<unsigned> values(3000);
  std::iota(values.begin(), values.end(), 0u);
  unsigned n = 3000;
  auto body = [&]() -> sym_status {
    if (sym_status status = event.create(s.device))
      return status;
    if (sym_status status = other.create(s.device))
      return status;
    if (sym_status status = s.upload(values, &d))
      return status;
    if (sym_status status = s.launch("increment", grid(2, 64), d, n))
      return status;
    if (sym_status status = s.stream.record(event))
      return status;
    if (sym_status status = other.wait(event))
      return status;
    if (sym_status status = s.launchOn(other, "twice", grid(2, 64), d, n))
      return status;
    if (sym_status status = other.record(event))
      return status;
    if (sym_status status = s.stream.wait(event))
      return status;
    DeviceGraph graph;
    sym_status status = DeviceGraph::beginCapture(s.stream);
    if (status)
      return status;
    status = s.launch("increment", grid(2, 64), d, n);
    sym_status ended = graph.endCapture(s.stream);
    if (status || ended)
      return status ? status : ended;
    DeviceGraphExec exec;
    if (sym_status status = exec.create(s.device, graph))
      return status;
    if (sym_status status = exec.launch(s.stream))
      return status;
    return s.download(d, &values);
  };
  sym_status status = body();
  sym_status freed = s.pool.free(s.stream, d, 12000);
  for (unsigned i = 0; !status && i < n; ++i)
    if (values[i] != (i + 1) * 2 + 1)
      status = SYM_CHECK_FAILED;
  return status ? status : freed;
}

/// Lets every call of the scenario fail, one after the other.
static void failEveryCall(const Driver &driver, CUresult error) {
  int failures = 0;
  for (int k = 1;; ++k) {
    simulated("lag-us=10000000");
    std::string options =
        "fail-call=" + std::to_string(k) + ":" + std::to_string(int(error));
    ASSERT_EQ(control().configure(options.c_str()), 0);
    control().reset_calls();
    sym_status status = scenario(driver);
    uint64_t calls = control().calls();
    ASSERT_EQ(control().configure("fail-call=0:1"), 0);
    // Nothing is left of it, whichever call it was.
    ASSERT_EQ(countLeft(), 0) << "call " << k;
    if (calls < uint64_t(k)) {
      ASSERT_EQ(status, SYM_OK);
      break;
    }
    // A call that only gives back reports in vain, and out of memory is tried
    // again once.
    ASSERT_NE(status, SYM_CHECK_FAILED) << "call " << k;
    if (status) {
      ++failures;
      ASSERT_EQ(status, statusOf(error)) << "call " << k;
      ASSERT_STRNE(sym_error_message(), "");
    }
    if (isFatal(statusOf(error)))
      continue;
    // The device still works.
    ASSERT_EQ(scenario(driver), SYM_OK) << "after call " << k;
  }
  EXPECT_GT(failures, 60);
}

TEST_F(DeviceFaults, T4_EveryCallOutOfMemory) {
  failEveryCall(*driver, CUDA_ERROR_OUT_OF_MEMORY);
}
TEST_F(DeviceFaults, T4_EveryCallKernelFault) {
  failEveryCall(*driver, CUDA_ERROR_LAUNCH_FAILED);
}
TEST_F(DeviceFaults, T4_EveryCallLosesTheDevice) {
  failEveryCall(*driver, CUDA_ERROR_DEVICE_UNAVAILABLE);
}

TEST_F(DeviceFaults, KernelFaultBreaksTheDeviceAndIsSaidAtTheWait) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(32, 1), &d));
  ASSERT_OK(s.launch("traps", grid(1, 32), d)) << "launching does not wait";
  EXPECT_EQ(s.stream.synchronize(), SYM_KERNEL_FAULT);
  EXPECT_THAT(sym_error_message(), HasSubstr("cuStreamSynchronize"));
  EXPECT_THAT(sym_error_message(), HasSubstr("CUDA_ERROR_LAUNCH_FAILED"));
  EXPECT_THAT(report(), HasSubstr("thread (3, 0, 0): trap: the third"));
  // Sticky, and without asking the driver.
  EXPECT_EQ(s.device.broken(), SYM_KERNEL_FAULT);
  uint64_t calls = control().calls();
  EXPECT_EQ(s.stream.fillWords(d, 0, 1), SYM_KERNEL_FAULT);
  EXPECT_EQ(s.device.synchronize(), SYM_KERNEL_FAULT);
  EXPECT_EQ(control().calls(), calls);
  s.pool.free(s.stream, d, 128);
}

TEST_F(DeviceFaults, ANewContextWorksAfterAKernelFault) {
  {
    Setting s;
    ASSERT_OK(s.open(*driver));
    CUdeviceptr d;
    ASSERT_OK(s.upload(std::vector<unsigned>(32, 1), &d));
    ASSERT_OK(s.launch("traps", grid(1, 32), d));
    EXPECT_EQ(s.device.synchronize(), SYM_KERNEL_FAULT);
    s.pool.free(s.stream, d, 128);
  }
  EXPECT_EQ(scenario(*driver), SYM_OK) << sym_error_message();
}

TEST_F(DeviceFaults, OneDeviceBreaksAlone) {
  Setting s, t;
  ASSERT_OK(s.open(*driver, 0));
  ASSERT_OK(t.open(*driver, 1));
  control().lose_device(0, CUDA_ERROR_DEVICE_UNAVAILABLE);
  EXPECT_EQ(s.stream.synchronize(), SYM_DEVICE_LOST);
  CUdeviceptr d;
  ASSERT_OK(t.upload(std::vector<unsigned>(32, 1), &d));
  ASSERT_OK(t.launch("increment", grid(1, 32), d, 32u));
  std::vector<unsigned> out(32);
  ASSERT_OK(t.download(d, &out));
  EXPECT_EQ(out[0], 2u);
  ASSERT_OK(t.pool.free(t.stream, d, 128));
}

TEST_F(DeviceFaults, ALostDeviceStaysLost) {
  {
    Setting s;
    ASSERT_OK(s.open(*driver));
    control().lose_device(0, CUDA_ERROR_ECC_UNCORRECTABLE);
    EXPECT_EQ(s.device.synchronize(), SYM_DEVICE_LOST);
  }
  Device device;
  EXPECT_EQ(device.open(*driver, 0), SYM_DEVICE_LOST);
  EXPECT_THAT(sym_error_message(), HasSubstr("uncorrectable ECC error"));
}

TEST_F(DeviceFaults, KernelsOfAnotherArchitecture) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceModule module;
  EXPECT_EQ(module.load(s.device, readFile(SYM_TEST_IMAGE_SM80).data()),
            SYM_WRONG_ARCHITECTURE);
  EXPECT_THAT(sym_error_message(), HasSubstr("sm_90"));
  ASSERT_EQ(control().configure("arch=86"), 0);
  EXPECT_OK(module.load(s.device, readFile(SYM_TEST_IMAGE_SM80).data()));
}

TEST_F(DeviceFaults, MemoryIsFoundAgainBeforeItIsRefused) {
  driver = simulated("lag-us=10000000,memory=8388608");
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceStream other;
  ASSERT_OK(other.create(s.device));
  CUdeviceptr a, b;
  ASSERT_OK(s.pool.allocate(s.stream, 6 << 20, &a));
  ASSERT_OK(s.pool.free(s.stream, a, 6 << 20));
  // Free only when the first stream has come there.
  EXPECT_OK(s.pool.allocate(other, 6 << 20, &b));
  EXPECT_OK(s.pool.free(other, b, 6 << 20));
}
