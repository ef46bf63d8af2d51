//===- Memory.h - Address space and pools of a device -----------*- C++ -*-===//
//
// Two views of time. The host allocates and frees when it *enqueues*: pools and
// their statistics are of that time and under the simulator's mutex. A stream
// allocates and frees when it *executes*: the live table is of that time, and
// what a kernel or a copy touches must be live. So memory that another stream
// uses too early or too late is found, though its address is known.
//
// A device address is never accessible to the host: its bytes lie `delta`
// further on.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_MEMORY_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_MEMORY_H

#include "Races.h"

#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <shared_mutex>

namespace sym::sim {

struct Device;
struct Op;
struct Pool;

/// Where the bytes of a device address lie.
int64_t addressDelta();
inline char *hostBytes(uint64_t address) {
  return reinterpret_cast<char *>(address + uint64_t(addressDelta()));
}

/// Reserves the address space of all devices; false when the system refuses.
bool reserveArenas();
/// The first address of a device.
uint64_t arenaBase(int ordinal);

/// What executes may touch: ranges that are allocated and not freed. Any
/// thread.
class LiveTable {
public:
  struct Range {
    uint64_t base = 0;
    uint64_t size = 0;
    std::shared_ptr<Shadow> shadow; ///< what the race check knows
  };

  void insert(uint64_t base, uint64_t size);
  void erase(uint64_t base);
  /// Erases all ranges that begin in [first, end).
  void eraseBetween(uint64_t first, uint64_t end);
  /// Drops what the race check knows: the numbers of launches begin again.
  void forgetAccesses();
  /// The range that holds `address`, or the nearest below it, or an empty one.
  Range find(uint64_t address) const;
  bool contains(uint64_t address, uint64_t bytes) const {
    Range range = find(address);
    return address >= range.base && address - range.base <= range.size &&
           bytes <= range.size - (address - range.base);
  }
  /// Changes with every insert and erase.
  uint64_t version() const { return changes.load(std::memory_order_acquire); }

private:
  mutable std::shared_mutex mutex;
  std::map<uint64_t, Range> ranges;
  std::atomic<uint64_t> changes{1};
};

/// Ranges of a device's address space with bytes behind them. Under the
/// simulator's mutex.
class Arena {
public:
  void reset(int ordinal, size_t capacity);
  /// A range of `bytes`, a multiple of the chunk size; 0 beyond the capacity.
  uint64_t take(size_t bytes);
  void give(uint64_t base);
  size_t taken() const { return takenBytes; }
  size_t capacity() const { return capacityBytes; }

private:
  uint64_t base = 0;
  size_t capacityBytes = 0;
  size_t takenBytes = 0;
  std::map<uint64_t, size_t> ranges;
};

/// Chunks of the arena, cut into blocks. Under the simulator's mutex.
struct Pool {
  static constexpr size_t kChunk = size_t(2) << 20;
  static constexpr size_t kGranule = 512;

  explicit Pool(Device *device) : device(device) {}
  ~Pool();

  /// The address of a block, or 0 when there is no memory. A freed block whose
  /// free has not executed is only for the stream that freed it.
  uint64_t allocate(size_t bytes, uint64_t stream);
  /// Takes a block back; it is anybody's once `executed` is done.
  void release(uint64_t address, uint64_t stream, std::shared_ptr<Op> executed);
  /// Gives chunks that nothing uses back, as long as more than `keep` bytes
  /// stay.
  void trim(size_t keep);

  Device *device;
  uint64_t threshold = 0;
  size_t maxSize = 0; ///< 0 for no limit of its own
  size_t used = 0;
  size_t usedHigh = 0;
  size_t reserved = 0;
  size_t reservedHigh = 0;
  int reuse[3] = {1, 1, 1}; ///< attributes that are kept and nothing else

private:
  struct Free {
    size_t size;
    uint64_t stream;
    std::shared_ptr<Op> executed; ///< null when it is done
  };
  void settle();
  uint64_t cut(size_t bytes, uint64_t stream);

  std::map<uint64_t, size_t> chunks;
  std::map<uint64_t, Free> free;
  std::map<uint64_t, size_t> blocks;
};

/// Fills memory with what no program should read.
void poisonAllocated(uint64_t address, size_t bytes);
void poisonFreed(uint64_t address, size_t bytes);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_MEMORY_H
