//===- Races.h - Accesses that nothing orders -------------------*- C++ -*-===//
//
// Each byte of global and of shared memory that an instrumented kernel touches
// remembers its last write and its last reads, within one launch. Two accesses
// of different threads, of which one writes and not both are atomic, are a race
// unless a barrier of their block, or a sync_warp of their warp, came between.
// Nothing orders two blocks.
//
// Found is what happens in the order that ran; several blocks at once may miss
// a race, never invent one.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_RACES_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_RACES_H

#include <stddef.h>
#include <stdint.h>

#include <atomic>

namespace sym::sim {

/// Launches are numbered modulo this; 0 is never used.
constexpr uint64_t kLaunches = 1 << 14;
/// Grids of more blocks are not checked.
constexpr uint64_t kCheckedBlocks = 1 << 20;

/// Who does an access, and when.
struct Accessor {
  uint64_t launch;
  uint64_t block;
  uint64_t thread;    ///< within the block
  uint64_t epoch;     ///< barriers that the block has passed
  uint64_t warpEpoch; ///< sync_warps of the thread since the last barrier
};

struct Cell {
  std::atomic<uint64_t> write{0};
  std::atomic<uint64_t> read{0};
};

/// The cells of one range of memory, one for each byte, made when first needed.
class Shadow {
public:
  explicit Shadow(size_t bytes) : bytes(bytes) {}
  ~Shadow();
  Shadow(const Shadow &) = delete;
  Shadow &operator=(const Shadow &) = delete;

  /// Records an access to [offset, offset + count). False for a race; *other
  /// then is the thread (within its block) and *otherBlock the block of the
  /// access that it races with. Any thread.
  bool access(size_t offset, size_t count, bool isWrite, bool isAtomic,
              const Accessor &who, uint64_t *other, uint64_t *otherBlock);

private:
  Cell *cells();

  size_t bytes;
  std::atomic<Cell *> data{nullptr};
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_RACES_H
