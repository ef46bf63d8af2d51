//===- PageHeap.cpp - Large blocks of one provider ------------------------===//

#include "PageHeap.h"
#include "../base/Checked.h"
#include "Pool.h"
#include "ThreadState.h"
#include "Trace.h"

using namespace sym::rt;

bool PageHeap::contains(const void *address) const {
  uintptr_t a = reinterpret_cast<uintptr_t>(address);
  for (int i = numBounds.load(std::memory_order_acquire) - 1; i >= 0; --i)
    if (a >= bounds[i].begin.load(std::memory_order_relaxed) &&
        a < bounds[i].end.load(std::memory_order_relaxed))
      return true;
  return false;
}

/// Reserves a new range that holds at least `bytes`. The mutex is held.
bool PageHeap::grow(uint64_t bytes) {
  int index = numBounds.load(std::memory_order_relaxed);
  if (index == kMaxRanges)
    return false;
  // Ranges double, so that their number stays logarithmic. Address space is
  // not memory, but a process may be limited in it: then take what is needed.
  uint64_t alignment = hugePages ? uint64_t(2) << 20 : unit;
  uint64_t wanted = rangeBytes << (index < 8 ? index : 8);
  if (wanted < bytes)
    wanted = bytes;
  uint64_t smallest = bytes;
  for (; wanted >= smallest; wanted = wanted > smallest ? smallest : 0) {
    wanted = uint64_t(roundUp(int64_t(wanted), int64_t(alignment)));
    void *base = provider->reserve(wanted, alignment, hugePages);
    addCount(Counter::SystemAllocations, 1);
    traceInstant(TraceKind::Reserve, nullptr, int64_t(wanted), 0,
                 base != nullptr);
    if (!base)
      continue;
    uintptr_t begin = reinterpret_cast<uintptr_t>(base);
    if (!extents.addRange(begin / unit, wanted / unit))
      return false;
    bounds[index].begin.store(begin, std::memory_order_relaxed);
    bounds[index].end.store(begin + wanted, std::memory_order_relaxed);
    numBounds.store(index + 1, std::memory_order_release);
    return true;
  }
  return false;
}

void *PageHeap::allocate(uint64_t bytes, bool *reused) {
  uint64_t count = bytes / unit, first;
  *reused = true;
  {
    Guard guard(mutex);
    if (extents.take(count, /*dirty=*/true, &first))
      return reinterpret_cast<void *>(first * unit);
  }
  *reused = false;
  // Takes other heaps' locks, so none is held here.
  if (!chargeReserved(bytes))
    return nullptr;
  Guard guard(mutex);
  if (extents.take(count, /*dirty=*/false, &first) ||
      (grow(bytes) && extents.take(count, /*dirty=*/false, &first)))
    return reinterpret_cast<void *>(first * unit);
  dischargeReserved(bytes);
  return nullptr;
}

void PageHeap::deallocate(void *data, uint64_t bytes) {
  Guard guard(mutex);
  extents.give(reinterpret_cast<uintptr_t>(data) / unit, bytes / unit,
               /*dirty=*/true);
}

uint64_t PageHeap::trim(uint64_t limit) {
  uint64_t done = 0, first, count;
  Guard guard(mutex);
  while (done < limit && extents.takeLargestDirty(&first, &count)) {
    // Under the lock: elsewhere the units would be neither free nor in use,
    // and a request in the meantime would reserve more than it must.
    provider->discard(reinterpret_cast<void *>(first * unit), count * unit);
    extents.give(first, count, /*dirty=*/false);
    dischargeReserved(count * unit);
    done += count * unit;
  }
  if (done)
    traceInstant(TraceKind::Discard, nullptr, int64_t(done));
  return done;
}
