//===- Extents.cpp - Bookkeeping of free ranges ---------------------------===//

#include "Extents.h"

using namespace sym::rt;

int Extents::binOf(uint64_t count) {
  if (count < 8)
    return int(count);
  int log = 63 - __builtin_clzll(count);
  return (log - 2) * 8 + int((count >> (log - 3)) & 7);
}

int Extents::rangeOf(uint64_t unit) const {
  // The latest range is the largest, and is asked for most.
  for (int i = numRanges - 1; i >= 0; --i)
    if (unit - ranges[i].first < ranges[i].count)
      return i;
  return -1;
}

Extents::Extent **Extents::slot(uint64_t unit) {
  int i = rangeOf(unit);
  return i < 0 ? nullptr : &ranges[i].map[unit - ranges[i].first];
}

bool Extents::ensureSpares(uint64_t count) {
  while (numSpares < count) {
    constexpr size_t kBatch = 64;
    auto *batch = static_cast<Extent *>(metadata(kBatch * sizeof(Extent)));
    if (!batch)
      return false;
    for (size_t i = 0; i < kBatch; ++i) {
      batch[i].next = spares;
      spares = &batch[i];
    }
    numSpares += kBatch;
  }
  return true;
}

Extents::Extent *Extents::obtain() {
  Extent *extent = spares;
  spares = extent->next;
  --numSpares;
  return extent;
}

void Extents::insert(Extent *extent) {
  int bin = binOf(extent->count);
  Extent *&head = bins[extent->dirty][bin];
  extent->previous = nullptr;
  extent->next = head;
  if (head)
    head->previous = extent;
  head = extent;
  occupied[extent->dirty][bin / 64] |= uint64_t(1) << (bin % 64);
  free[extent->dirty] += extent->count;
  *slot(extent->first) = extent;
  *slot(extent->first + extent->count - 1) = extent;
}

void Extents::remove(Extent *extent) {
  int bin = binOf(extent->count);
  Extent *&head = bins[extent->dirty][bin];
  if (extent->previous)
    extent->previous->next = extent->next;
  else
    head = extent->next;
  if (extent->next)
    extent->next->previous = extent->previous;
  if (!head)
    occupied[extent->dirty][bin / 64] &= ~(uint64_t(1) << (bin % 64));
  free[extent->dirty] -= extent->count;
  *slot(extent->first) = nullptr;
  *slot(extent->first + extent->count - 1) = nullptr;
}

bool Extents::addRange(uint64_t first, uint64_t count) {
  if (numRanges == kMaxRanges || !ensureSpares(numTaken + 1))
    return false;
  auto **map = static_cast<Extent **>(metadata(count * sizeof(Extent *)));
  if (!map)
    return false;
  ranges[numRanges++] = {first, count, map};
  Extent *extent = obtain();
  extent->first = first;
  extent->count = count;
  extent->dirty = false;
  insert(extent);
  return true;
}

bool Extents::take(uint64_t count, bool dirty, uint64_t *first) {
  // Worst case of a give: it joins nothing and needs a record of its own.
  if (!ensureSpares(numTaken + 1))
    return false;
  int bin = binOf(count);
  Extent *found = nullptr;
  // The request's own bin may hold extents that are too small; look at a few.
  int tries = 8;
  for (Extent *e = bins[dirty][bin]; e && tries; e = e->next, --tries)
    if (e->count >= count && (!found || e->count < found->count))
      found = e;
  for (int word = (bin + 1) / 64; !found && word < kBins / 64; ++word) {
    uint64_t bits = occupied[dirty][word];
    if (word == (bin + 1) / 64)
      bits &= ~uint64_t(0) << ((bin + 1) % 64);
    if (bits)
      found = bins[dirty][word * 64 + __builtin_ctzll(bits)];
  }
  if (!found)
    return false;
  remove(found);
  *first = found->first;
  found->first += count;
  found->count -= count;
  if (found->count)
    insert(found);
  else {
    found->next = spares;
    spares = found;
    ++numSpares;
  }
  ++numTaken;
  return true;
}

void Extents::give(uint64_t first, uint64_t count, bool dirty) {
  --numTaken;
  Extent *merged = nullptr;
  Extent **before = slot(first - 1);
  if (before && *before && (*before)->dirty == dirty) {
    merged = *before;
    remove(merged);
    first = merged->first;
    count += merged->count;
  }
  Extent **after = slot(first + count);
  if (after && *after && (*after)->dirty == dirty) {
    Extent *right = *after;
    remove(right);
    count += right->count;
    if (merged) {
      right->next = spares;
      spares = right;
      ++numSpares;
    } else {
      merged = right;
    }
  }
  if (!merged)
    merged = obtain();
  merged->first = first;
  merged->count = count;
  merged->dirty = dirty;
  insert(merged);
}

bool Extents::takeLargestDirty(uint64_t *first, uint64_t *count) {
  for (int word = kBins / 64 - 1; word >= 0; --word) {
    uint64_t bits = occupied[1][word];
    if (!bits)
      continue;
    Extent *extent = bins[1][word * 64 + 63 - __builtin_clzll(bits)];
    remove(extent);
    *first = extent->first;
    *count = extent->count;
    extent->next = spares;
    spares = extent;
    ++numSpares;
    ++numTaken;
    return true;
  }
  return false;
}
