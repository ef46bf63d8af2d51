//===- Races.cpp - Accesses that nothing orders ---------------------------===//

#include "Races.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace sym::sim;

namespace {

/// Among whom reads of one byte are spread.
enum Spread : uint64_t { kThread, kWarp, kBlock, kGrid };

/// An access, packed into a word; 0 is none.
struct Record {
  uint64_t launch, block, epoch, thread, warpEpoch, spread, atomic;

  static constexpr uint64_t kWarpEpochs = 64;

  static Record unpack(uint64_t word) {
    return {word & 0x3fff,      word >> 14 & 0xfffff, word >> 34 & 0x3ff,
            word >> 44 & 0x3ff, word >> 54 & 0x3f,    word >> 60 & 3,
            word >> 62 & 1};
  }
  uint64_t pack() const {
    return launch | block << 14 | epoch << 34 | thread << 44 | warpEpoch << 54 |
           spread << 60 | atomic << 62;
  }
  bool sameWarp(const Record &other) const {
    return thread / 32 == other.thread / 32;
  }
  /// Whether `next` comes after this in its own block, by a barrier, by its
  /// warp's synchronization, or in one thread. A counter that has stopped
  /// counting orders.
  bool before(const Record &next) const {
    if (block != next.block)
      return false;
    if (epoch != next.epoch)
      return true;
    bool warpOrders = sameWarp(next) && (warpEpoch < next.warpEpoch ||
                                         next.warpEpoch == kWarpEpochs - 1);
    switch (spread) {
    case kThread:
      return thread == next.thread || warpOrders;
    case kWarp:
      return warpOrders;
    default:
      return false;
    }
  }
};

} // namespace

/// The record of the reads of a byte, with one more.
static Record addRead(const Record &last, const Record &mine) {
  if (last.launch != mine.launch)
    return mine;
  Record sum = mine;
  if (last.block != mine.block || last.spread == kGrid)
    sum.spread = kGrid;
  else if (last.epoch != mine.epoch || last.before(mine))
    return mine;
  else if (last.spread != kBlock && last.sameWarp(mine))
    sum.spread = kWarp;
  else
    sum.spread = kBlock;
  return sum;
}

Shadow::~Shadow() {
  if (Cell *made = data.load())
    syscall(SYS_munmap, made, bytes * sizeof(Cell));
}

Cell *Shadow::cells() {
  Cell *made = data.load(std::memory_order_acquire);
  if (made)
    return made;
  // Zero pages, touched as they are used. Not mmap, see reserveArenas.
  long fresh =
      syscall(SYS_mmap, nullptr, bytes * sizeof(Cell), PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fresh == -1)
    return nullptr;
  Cell *mine = reinterpret_cast<Cell *>(fresh);
  if (data.compare_exchange_strong(made, mine))
    return mine;
  syscall(SYS_munmap, mine, bytes * sizeof(Cell));
  return made;
}

bool Shadow::access(size_t offset, size_t count, bool isWrite, bool isAtomic,
                    const Accessor &who, uint64_t *other,
                    uint64_t *otherBlock) {
  Cell *made = cells();
  if (!made)
    return true;
  Record mine = {who.launch,
                 who.block,
                 who.epoch & 0x3ff,
                 who.thread,
                 who.warpEpoch < Record::kWarpEpochs ? who.warpEpoch
                                                     : Record::kWarpEpochs - 1,
                 kThread,
                 isAtomic};
  for (size_t i = offset; i < offset + count; ++i) {
    Record write =
        Record::unpack(made[i].write.load(std::memory_order_relaxed));
    Record read = Record::unpack(made[i].read.load(std::memory_order_relaxed));
    const Record *clash = nullptr;
    if (write.launch == mine.launch && !(write.atomic && isAtomic) &&
        !write.before(mine))
      clash = &write;
    if (isWrite && read.launch == mine.launch && !read.before(mine))
      clash = &read;
    if (clash) {
      *other = clash->thread;
      *otherBlock = clash->block;
      return false;
    }
    if (isWrite)
      made[i].write.store(mine.pack(), std::memory_order_relaxed);
    else
      made[i].read.store(addRead(read, mine).pack(), std::memory_order_relaxed);
  }
  return true;
}
