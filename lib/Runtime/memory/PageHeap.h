//===- PageHeap.h - Large blocks of one provider ----------------*- C++ -*-===//
//
// Blocks that are whole numbers of units, from ranges that a provider reserves.
// Memory that was used and came back is used again before clean memory is, and
// returns to the provider when it is trimmed, when the cap is met, or when more
// than half of what is held would lie idle (C3).
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_PAGEHEAP_H
#define SYM_LIB_RUNTIME_MEMORY_PAGEHEAP_H

#include "../base/Mutex.h"
#include "Extents.h"
#include "Provider.h"

namespace sym::rt {

class PageHeap {
public:
  constexpr PageHeap(const Provider *provider, uint64_t unit,
                     uint64_t rangeBytes, bool hugePages)
      : provider(provider), unit(unit), rangeBytes(rangeBytes),
        hugePages(hugePages), extents(allocateMetadata) {}

  /// Null when the cap or the provider refuses; *reused says whether memory
  /// that was held served the request. `bytes` is a multiple of the unit. Any
  /// thread.
  void *allocate(uint64_t bytes, bool *reused);
  void deallocate(void *data, uint64_t bytes);
  /// Returns up to `limit` idle bytes to the provider; how many they were.
  uint64_t trim(uint64_t limit);
  /// Whether the address lies in a range of this heap. Any thread.
  bool contains(const void *address) const;
  /// For a fork (Pool.h).
  void lock() { mutex.lock(); }
  void unlock() { mutex.unlock(); }

private:
  bool grow(uint64_t bytes);
  struct Bounds {
    std::atomic<uintptr_t> begin, end;
  };
  static constexpr int kMaxRanges = 64;

  const Provider *provider;
  uint64_t unit;
  uint64_t rangeBytes;
  bool hugePages;
  mutable Mutex mutex;
  Extents extents;
  /// For contains, which takes no lock: only ever appended to.
  std::atomic<int> numBounds{0};
  Bounds bounds[kMaxRanges] = {};
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_PAGEHEAP_H
