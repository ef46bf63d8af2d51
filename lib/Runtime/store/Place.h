//===- Place.h - Values on the host and on devices --------------*- C++ -*-===//
//
// The one file of the store that reaches devices outside of calls: it makes,
// copies and frees buffers where they are wanted. What is on a device is never
// read here; copies between places go through the table (DeviceOps.h).
//
// Nothing here may be called under a head (invariant 1). What waits for a
// device says so.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_PLACE_H
#define SYM_LIB_RUNTIME_STORE_PLACE_H

#include "Buffer.h"
#include "DeviceOps.h"

namespace sym::rt {

/// Where a value lives.
struct Place {
  int32_t space = SYM_SPACE_HOST;
  int32_t ordinal = 0;
  bool onDevice() const { return space != SYM_SPACE_HOST; }
  bool operator==(const Place &other) const {
    return space == other.space && (!onDevice() || ordinal == other.ordinal);
  }
  bool operator!=(const Place &other) const { return !(*this == other); }
};

/// Devices are counted in a byte of the buffer.
constexpr int32_t kMaxOrdinal = 255;

inline Place placeOf(const Buffer &buffer) {
  return {buffer.onDevice() ? SYM_SPACE_CUDA : SYM_SPACE_HOST, buffer.ordinal};
}

/// "the host" or "cuda:1" into `out`; returns `out`.
constexpr int kPlaceTextCapacity = 32;
char *placeText(Place place, char *out);

/// Takes note of the table of a program that has one. There is one device layer
/// in a process.
sym_status useDevices(const sym_program &program);

/// The table, or null with a fault recorded: nothing that talks to devices is
/// in this process, or it is the child of one that uses them.
const sym_device_ops *devices();

/// Checks that a place exists, and opens its device. `what` begins the message.
sym_status openPlace(Place place, const char *what);

/// In the child of a fork: the driver's state is the parent's.
void forbidDevices();

/// Null on failure, which is recorded. `bytes` may be 0.
void *allocateOnDevice(int32_t ordinal, int64_t bytes);
/// `bytes` as for the allocation. Never fails.
void freeOnDevice(int32_t ordinal, void *data, int64_t bytes);

/// Gives up what a function holds of a program's kernels. Never fails.
void releaseDeviceProgram(DeviceProgram *program);

/// Like createBuffer, at a place that is open.
Buffer *createBufferAt(Place place, int32_t element, int32_t rank,
                       const int64_t *sizes);

/// A copy of the user's array, which may be strided and anywhere; `place` is
/// open. To the host it waits for the device.
Buffer *copyTensorTo(Place place, const sym_tensor &value);

/// A copy of a buffer at a place that is open. Same.
Buffer *copyBufferTo(Place place, const Buffer *buffer);

/// Takes over a reference, and answers one to the same value at a place that is
/// open. Null on failure, or for null; then the reference is gone.
Buffer *moveBufferTo(Place place, Buffer *buffer);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_PLACE_H
