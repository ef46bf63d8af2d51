//===- BlockCache.h - Blocks of device memory, kept by size -----*- C++ -*-===//
//
// In front of DevicePool: freed blocks are kept by size class and handed out
// again, the last one first, so that the steady state asks the driver for
// nothing (C2) and a function's temporaries have the same addresses in every
// call, which lets its graph be launched unchanged. Eight classes per power of
// two: at most an eighth of a block is padding.
//
// What is kept and what is handed out stay together within twice the most that
// was handed out at once (C3): beyond that all that is idle goes back to the
// driver's pool, which knows how to cut and join it.
//
// All on one stream, so that a block may be handed out as soon as its last use
// is enqueued. Threads: one at a time.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_BLOCKCACHE_H
#define SYM_LIB_RUNTIME_DEVICE_BLOCKCACHE_H

#include "../memory/Vector.h"
#include "DevicePool.h"

namespace sym::rt {

class BlockCache {
public:
  /// Where `keep` is false every block is the driver's own, so that its checks
  /// see what is freed.
  sym_status create(Device &device, bool keep);

  /// A block of at least `bytes` (0 is allowed), aligned to 256.
  /// SYM_DEVICE_OUT_OF_MEMORY beyond the cap or the device, after everything
  /// idle was given back.
  sym_status allocate(DeviceStream &stream, int64_t bytes, CUdeviceptr *out);
  /// `bytes` is what was asked for. Also of a broken device.
  void free(DeviceStream &stream, CUdeviceptr address, int64_t bytes);
  /// Gives idle blocks back, and then the driver's pool what it does not need.
  sym_status trim(DeviceStream &stream);
  /// Upper bound on what is taken, in use and idle.
  void setCap(int64_t bytes) { pool.setCap(bytes); }
  /// Every block must have been freed.
  void reset(DeviceStream &stream);

  int64_t bytesInUse() const { return inUse; }
  int64_t bytesHighWater() const { return highWater; }
  int64_t bytesIdle() const { return idle; }
  sym_status bytesReserved(int64_t *out);
  int64_t allocations = 0;       ///< blocks that were handed out
  int64_t driverAllocations = 0; ///< of them, asked of the driver
  void resetHighWater() { highWater = inUse; }

private:
  /// From 512 bytes to 128 TB.
  static constexpr int kClasses = 1 + 38 * 8;
  static constexpr int64_t kLargest = int64_t(1) << 47;
  /// A little may be idle however little is in use.
  static constexpr int64_t kSlack = int64_t(8) << 20;
  static int classOf(int64_t bytes);
  static int64_t sizeOf(int index);
  void giveBack(DeviceStream &stream);

  DevicePool pool;
  Vector<CUdeviceptr> blocks[kClasses];
  int64_t inUse = 0;
  int64_t highWater = 0; ///< as the statistics tell it
  int64_t peak = 0;      ///< since the cache was made
  int64_t idle = 0;
  bool keep = true;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_BLOCKCACHE_H
