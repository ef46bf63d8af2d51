//===- Extents.h - Bookkeeping of free ranges -------------------*- C++ -*-===//
//
// Which units of some address ranges are free, in numbers only: nothing here
// touches the memory that is managed, so the same code serves a device.
//
// Glossary
//   unit    the smallest piece, such as a page; all sizes count units
//   extent  a maximal run of free units of one state
//   dirty   was handed out since it last came from, or went back to, the
//           system; a clean extent costs no memory
//
// Free extents sit in bins by size, eight per power of two, so a search is a
// bit scan. Neighbours of one state are joined. Not thread-safe: the owner
// holds a lock. The records come from a metadata function, and every take
// makes sure that the give that answers it will find one: give cannot fail.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_EXTENTS_H
#define SYM_LIB_RUNTIME_MEMORY_EXTENTS_H

#include <stddef.h>
#include <stdint.h>

namespace sym::rt {

class Extents {
public:
  using Metadata = void *(*)(size_t bytes);
  constexpr explicit Extents(Metadata metadata) : metadata(metadata) {}

  /// Adds a range of clean units. False, with nothing changed, when there is
  /// no memory for its records.
  bool addRange(uint64_t first, uint64_t count);

  /// Takes `count` units from an extent of the given state. False when there
  /// is none, or no memory for records.
  bool take(uint64_t count, bool dirty, uint64_t *first);

  /// Returns what take gave out.
  void give(uint64_t first, uint64_t count, bool dirty);

  /// Takes one whole dirty extent, the largest first; false when there is
  /// none.
  bool takeLargestDirty(uint64_t *first, uint64_t *count);

  uint64_t freeUnits(bool dirty) const { return free[dirty]; }
  /// Whether a unit lies in a range that was added.
  bool contains(uint64_t unit) const { return rangeOf(unit) >= 0; }

private:
  static constexpr int kMaxRanges = 64;
  static constexpr int kBins = 320;
  struct Extent {
    Extent *next, *previous;
    uint64_t first, count;
    bool dirty;
  };
  struct Range {
    uint64_t first, count;
    Extent **map; ///< at the first and last unit of each free extent
  };

  static int binOf(uint64_t count);
  int rangeOf(uint64_t unit) const;
  bool ensureSpares(uint64_t count);
  Extent *obtain();
  void insert(Extent *extent);
  void remove(Extent *extent);
  Extent **slot(uint64_t unit);

  Metadata metadata;
  int numRanges = 0;
  Range ranges[kMaxRanges] = {};
  uint64_t occupied[2][kBins / 64] = {};
  Extent *bins[2][kBins] = {};
  uint64_t free[2] = {};
  Extent *spares = nullptr;
  uint64_t numSpares = 0;
  uint64_t numTaken = 0;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_EXTENTS_H
