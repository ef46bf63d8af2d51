//===- DeviceFixture.h - A device of each driver that there is --*- C++ -*-===//
//
// The suite runs once for the simulated driver and once for the installed one,
// where there is one. What only the simulated driver can do (faults, checks,
// orders) derives from SimulatedTest.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_DEVICE_DEVICEFIXTURE_H
#define SYM_TEST_RUNTIME_DEVICE_DEVICEFIXTURE_H

#include "device/DevicePool.h"
#include "device/Graph.h"
#include "device/Module.h"
#include "device/Staging.h"
#include "device/Stream.h"
#include "device/sim/Control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#define ASSERT_OK(call) ASSERT_EQ(call, SYM_OK) << sym_error_message()
#define EXPECT_OK(call) EXPECT_EQ(call, SYM_OK) << sym_error_message()

namespace sym::rt::test {

/// The bytes of a file, with a final 0.
std::vector<char> readFile(const char *path);

/// A device of `driver`, with the suite's kernels. Every step's status is
/// answered; a test that wants them all to work asserts that.
struct Setting {
  sym_status open(const Driver &driver, int ordinal = 0);
  /// Memory of `count` elements, from the pool, in the stream's order.
  template <typename T> sym_status allocate(size_t count, CUdeviceptr *out) {
    return pool.allocate(stream, int64_t(count * sizeof(T)), out);
  }
  template <typename T>
  sym_status upload(const std::vector<T> &values, CUdeviceptr *out) {
    if (sym_status status = allocate<T>(values.size(), out))
      return status;
    return staging.upload(stream, *out, values.data(),
                          values.size() * sizeof(T));
  }
  template <typename T>
  sym_status download(CUdeviceptr from, std::vector<T> *values) {
    return staging.download(stream, values->data(), from,
                            values->size() * sizeof(T));
  }
  template <typename... Args>
  sym_status launch(const char *kernel, Grid grid, Args... args) {
    return launchOn(stream, kernel, grid, args...);
  }
  template <typename... Args>
  sym_status launchOn(DeviceStream &on, const char *kernel, Grid grid,
                      Args... args) {
    DeviceFunction function;
    if (sym_status status = module.function(kernel, &function))
      return status;
    void *params[] = {&args...};
    return on.launch(function, grid, params);
  }

  Device device;
  DeviceModule module;
  DevicePool pool;
  DeviceStream stream;
  Staging staging;
};

inline Grid grid(unsigned blocks, unsigned threads, unsigned shared = 0) {
  Grid grid;
  grid.blocks[0] = blocks;
  grid.threads[0] = threads;
  grid.sharedBytes = shared;
  return grid;
}

/// The simulated driver, as a new process finds it.
const Driver *simulated(const char *options);
const sym_sim_control &control();
sym_sim_counts counts();
/// Objects and bytes of every kind that are left, added up.
int64_t countLeft();
/// What checks found since the last time.
std::string report();

/// "sim", and "cuda" where a driver is installed.
std::vector<const char *> installedDrivers();

/// Once for each driver.
class DeviceTest : public testing::TestWithParam<const char *> {
protected:
  void SetUp() override;
  bool isSimulated() const { return !strcmp(GetParam(), "sim"); }
  const Driver *driver = nullptr;
};

class SimulatedTest : public testing::Test {
protected:
  void SetUp() override { driver = simulated("lag-us=10000000"); }
  /// Nothing may be left.
  void TearDown() override;
  const Driver *driver = nullptr;
};

} // namespace sym::rt::test

#endif // SYM_TEST_RUNTIME_DEVICE_DEVICEFIXTURE_H
