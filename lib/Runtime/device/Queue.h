//===- Queue.h - One device of the process and its queue --------*- C++ -*-===//
//
// Everything that the process has of a device: the stream in whose order all
// happens, memory, what is reused between calls. A queue is made at the first
// use of its device, and is not static, though it lives as long as the process.
//
// Threads: any number. `mutex` is held while something is enqueued or looked
// up, and while the device is waited for only where memory is short.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_QUEUE_H
#define SYM_LIB_RUNTIME_DEVICE_QUEUE_H

#include "../base/Mutex.h"
#include "Blas.h"
#include "BlockCache.h"
#include "Staging.h"
#include "sym/Runtime/sym_device.h"

#include <new>

namespace sym::rt {

struct DeviceCall;
struct DeviceProgram;

/// An object in the pool's memory; null, with the fault recorded, without it.
template <typename T, typename... Args> T *makeInPool(Args &&...args) {
  void *block = allocate(int64_t(sizeof(T)));
  return block ? new (block) T(static_cast<Args &&>(args)...) : nullptr;
}
template <typename T> void destroyInPool(T *object) {
  object->~T();
  deallocate(object, int64_t(sizeof(T)));
}

/// Waits by `wait`, which is tried again if it failed: what is waited for
/// cannot be taken back, so a failure that lasts ends the device.
template <typename Wait> sym_status insist(Device &device, Wait wait) {
  sym_status status = wait();
  if (status && !device.broken())
    status = wait();
  if (status && !device.broken()) {
    device.abandon(SYM_DEVICE_LOST);
    return SYM_DEVICE_LOST;
  }
  return status;
}

struct DeviceCounter {
  void add(int64_t count) { value.fetch_add(count, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }
  void set(int64_t count) { value.store(count, std::memory_order_relaxed); }

private:
  std::atomic<int64_t> value{0};
};

struct DeviceCounters {
  DeviceCounter submissions, launches, graphLaunches, graphBuilds, graphUpdates,
      nodeUpdates, graphNodes, uploads, uploadBytes, downloads, downloadBytes,
      copies, copyBytes, waits, products, fallbacks;
};

class DeviceQueue {
public:
  /// Nothing is left of it after a failure.
  sym_status open(const Driver &driver, int ordinal);
  /// SYM_INVALID_ARGUMENT if something of it is in use.
  sym_status checkUnused();
  /// Waits for what runs, and gives everything back.
  sym_status close();

  sym_status allocate(int64_t bytes, void **out);
  void free(void *data, int64_t bytes);
  sym_status upload(void *to, const void *from, int64_t bytes);
  sym_status download(void *to, const void *from, int64_t bytes);
  sym_status copy(void *to, DeviceQueue &source, const void *from,
                  int64_t bytes);
  sym_status synchronize();
  sym_status trim();
  sym_status statistics(sym_device_statistics *out);
  void resetStatistics();

  /// Destroys programs that were released, as far as their kernels have run.
  /// The mutex is held.
  void reap(bool all);

  Device device;
  DeviceStream stream;
  DeviceStream capturing; ///< captures, and never runs anything
  DeviceBlas blas; ///< plans under a mutex of its own, enqueues under this one
  DeviceCounters counters;
  std::atomic<bool> isOpen{false};

  Mutex loading; ///< before the other one: one program is loaded at a time
  Mutex mutex;
  // Under it:
  BlockCache blocks;
  DeviceProgram *programs = nullptr;
  DeviceProgram *retired = nullptr; ///< released, perhaps still running
  DeviceCall *idleCalls = nullptr;  ///< to be used again, the last one first
  int64_t callsInUse = 0;

private:
  struct StagingNode {
    Staging staging;
    StagingNode *next = nullptr;
  };
  StagingNode *acquireStaging();
  void releaseStaging(StagingNode *node);
  void releaseIdle();

  StagingNode *idleStagings = nullptr;
  DeviceEvent crossing; ///< of this stream, for another device's
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_QUEUE_H
