//===- FakeDevices.h - Devices made of host memory --------------*- C++ -*-===//
//
// A table of devices (DeviceOps.h), and the services of device functions, that
// need no device layer: so the store is tested without one. What the store may
// not rely on does not hold here: a device address faults where it points,
// nothing is executed before somebody waits, freed memory is overwritten in the
// order of the queue, and any operation can be made to fail.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_ONDEVICE_FAKEDEVICES_H
#define SYM_TEST_RUNTIME_ONDEVICE_FAKEDEVICES_H

#include "store/DeviceOps.h"

namespace symtest {

constexpr int kFakeDevices = 2;

/// Lets the `k`-th operation from now on that can fail do so (1 is the next); 0
/// disarms. True if the failure of the preceding arming happened.
bool failDevice(int64_t k, sym_status status = SYM_DEVICE_ERROR);
/// From now on every operation of a device but `free` answers
/// SYM_DEVICE_LOST; false mends it.
void loseDevice(int ordinal, bool lost = true);
/// The most that a device has; 0 for no bound.
void capDevice(int64_t bytes);

struct FakeCounts {
  int64_t blocks, bytes; ///< live
  int64_t programs;      ///< retained
  int64_t calls;         ///< records that were begun and not ended
  int64_t submits, uploads, downloads, copies, allocations;
};
FakeCounts fakeCounts();

} // namespace symtest

#endif // SYM_TEST_RUNTIME_ONDEVICE_FAKEDEVICES_H
