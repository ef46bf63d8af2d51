//===- Staging.h - Copies between any memory and a device -------*- C++ -*-===//
//
// A copy runs beside the host only from and to pinned memory. Values of the
// host are not pinned: they go through a few pinned slots in turn, each with an
// event that says when it may be used again.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_STAGING_H
#define SYM_LIB_RUNTIME_DEVICE_STAGING_H

#include "Stream.h"

namespace sym::rt {

/// Host memory that copies may use while the host goes on.
class PinnedMemory {
public:
  sym_status create(Device &device, size_t bytes);
  char *data() const { return static_cast<char *>(memory.handle); }
  /// Waits for copies that use it.
  void reset() { memory.reset(); }

private:
  Owned<void *, &Driver::cuMemFreeHost> memory;
};

/// One thread at a time.
class Staging {
public:
  static constexpr int kSlots = 2;
  /// 1 MB: a copy of it takes longer than starting one.
  static constexpr size_t kSlotBytes = size_t(1) << 20;

  sym_status create(Device &device, size_t slotBytes = kSlotBytes);

  /// Enqueues a copy; `from` may be changed after the return. Waits for a slot
  /// where all are in use. After a failure part of `to` may be written.
  sym_status upload(DeviceStream &stream, CUdeviceptr to, const void *from,
                    size_t bytes);
  /// Copies in the order of the stream, and returns when `to` is filled.
  sym_status download(DeviceStream &stream, void *to, CUdeviceptr from,
                      size_t bytes);

private:
  struct Slot {
    PinnedMemory memory;
    DeviceEvent done; ///< the last copy that used the slot
    bool used = false;
  };
  Slot slots[kSlots];
  size_t slotBytes = 0;
  int next = 0;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_STAGING_H
