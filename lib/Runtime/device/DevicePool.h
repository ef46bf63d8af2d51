//===- DevicePool.h - Memory of a device in the order of a stream *- C++
//-*-===//
//
// The driver's own stream-ordered pool, with a cap and statistics. It is no
// Provider of the host's pool: there a block's bytes hold the bookkeeping of
// the free ones, and here the host cannot read them; nor does the host's pool
// know that a block is free only from a point in a stream on.
//
// Memory that is not in use stays in the pool, so that a steady state asks the
// system for nothing (C2); trim gives it back.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_DEVICEPOOL_H
#define SYM_LIB_RUNTIME_DEVICE_DEVICEPOOL_H

#include "Stream.h"

namespace sym::rt {

struct DevicePoolStatistics {
  int64_t bytesReserved;  ///< taken from the device
  int64_t bytesInUse;     ///< handed out now, as asked for
  int64_t bytesHighWater; ///< the largest bytesInUse so far
  int64_t allocations;
  int64_t refusals; ///< by the cap or the device
};

/// Any number of threads.
class DevicePool {
public:
  sym_status create(Device &device);

  /// A block of at least `bytes` (0 is allowed), aligned to 256, that the
  /// stream may use from here on; other streams wait for an event first.
  /// SYM_DEVICE_OUT_OF_MEMORY beyond the cap, and where the device has no more
  /// even after idle memory was given back.
  sym_status allocate(DeviceStream &stream, int64_t bytes, CUdeviceptr *out);
  /// Gives a block back once the stream has come here; other streams must have
  /// done with it before. `bytes` is what was asked for; address 0 is ignored.
  sym_status free(DeviceStream &stream, CUdeviceptr address, int64_t bytes);

  /// Upper bound on bytesInUse; 0 for none.
  void setCap(int64_t bytes) { cap = bytes; }
  sym_status statistics(DevicePoolStatistics *out);
  /// Returns idle memory to the device, but for `keep` bytes.
  sym_status trim(int64_t keep);

  bool isValid() const { return pool.handle; }
  /// Every block must have been freed.
  void reset() { pool.reset(); }

private:
  sym_status attribute(CUmemPool_attribute which, int64_t *value);

  Owned<CUmemoryPool, &Driver::cuMemPoolDestroy> pool;
  std::atomic<int64_t> cap{0};
  std::atomic<int64_t> inUse{0};
  std::atomic<int64_t> highWater{0};
  std::atomic<int64_t> allocations{0};
  std::atomic<int64_t> refusals{0};
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_DEVICEPOOL_H
