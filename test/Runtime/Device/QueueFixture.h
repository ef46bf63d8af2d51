//===- QueueFixture.h - A program on a device, through the table -*- C++
//-*-===//
//
// What the store does with a device, and what generated code does in a call,
// with the suite's kernels as the program.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_DEVICE_QUEUEFIXTURE_H
#define SYM_TEST_RUNTIME_DEVICE_QUEUEFIXTURE_H

#include "DeviceFixture.h"

#include "store/DeviceOps.h"
#include "store/Frame.h"
#include "sym/Runtime/sym_device.h"

#include <functional>

namespace sym::rt::test {

enum Kernel { kAdd, kIncrement, kTwice, kTraps };

/// A program with those kernels.
struct TestProgram {
  TestProgram();
  std::vector<char> image;
  sym_image_desc images[2] = {};
  sym_kernel_desc kernels[4] = {};
  sym_program desc = {};
};

/// What the variant of a function gets: its services, and the device's ops.
struct Variant {
  sym_frame *frame;
  void launch(Kernel kernel, int blocks, int threads,
              std::initializer_list<void *> params);
  /// p[i] + 1 and p[i] * 2 of `count` words.
  void increment(void *p, unsigned count);
  void twice(void *p, unsigned count);
};

inline const sym_device_ops &ops() { return *sym_rt_devices(); }
/// Runs `body` as the variant `key` of a function and submits what it wrote
/// down, then delivers its downloads.
sym_status callOn(DeviceProgram *program, const void *key,
                  const std::function<int32_t(Variant &)> &body,
                  const std::function<void(DeviceCall *)> &after = nullptr);

sym_device_statistics statistics(int device = 0);

/// Memory of `count` words on a device, for a scope.
struct Words {
  explicit Words(int64_t count, int device = 0) : count(count), device(device) {
    data = ops().allocate(device, count * 4);
  }
  Words(const std::vector<unsigned> &values, int device = 0)
      : Words(int64_t(values.size()), device) {
    if (data)
      EXPECT_OK(ops().upload(device, data, values.data(), count * 4));
  }
  ~Words() {
    if (data)
      ops().free(device, data, count * 4);
  }
  Words(const Words &) = delete;
  Words &operator=(const Words &) = delete;
  /// What the device holds; empty on failure.
  std::vector<unsigned> values() const;

  int64_t count;
  int device;
  void *data;
};

class QueueTest : public testing::Test {
protected:
  void SetUp() override { begin("lag-us=10000000"); }
  void TearDown() override;
  /// A new simulated driver, and its device 0 open.
  void begin(const char *options);
  /// As a new process would find it, whatever broke.
  void reset(const char *options);
  DeviceProgram *retain(int device = 0);
  TestProgram program;
};

} // namespace sym::rt::test

#endif // SYM_TEST_RUNTIME_DEVICE_QUEUEFIXTURE_H
