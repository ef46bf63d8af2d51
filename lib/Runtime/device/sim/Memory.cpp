//===- Memory.cpp - Address space and pools of a device -------------------===//

#include "Memory.h"
#include "Config.h"
#include "Simulator.h"

#include <algorithm>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// Address space
//===----------------------------------------------------------------------===//

static uint64_t arenasBegin = 0;

int64_t sym::sim::addressDelta() { return int64_t(kMaxDevices * kArenaBytes); }

bool sym::sim::reserveArenas() {
  if (arenasBegin)
    return true;
  // Not mmap: ThreadSanitizer's would write the shadow of the whole range.
  long base =
      syscall(SYS_mmap, nullptr, 2 * kMaxDevices * kArenaBytes, PROT_NONE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == -1)
    return false;
  arenasBegin = uint64_t(base);
  return true;
}

uint64_t sym::sim::arenaBase(int ordinal) {
  return arenasBegin + uint64_t(ordinal) * kArenaBytes;
}

void Arena::reset(int ordinal, size_t capacity) {
  base = arenaBase(ordinal);
  capacityBytes = capacity;
  takenBytes = 0;
  ranges.clear();
}

uint64_t Arena::take(size_t bytes) {
  if (bytes > capacityBytes - takenBytes)
    return 0;
  // The first gap that is wide enough.
  uint64_t at = base;
  for (auto &range : ranges) {
    if (range.first - at >= bytes)
      break;
    at = range.first + range.second;
  }
  if (at + bytes > base + kArenaBytes)
    return 0;
  if (syscall(SYS_mprotect, hostBytes(at), bytes, PROT_READ | PROT_WRITE))
    return 0;
  ranges[at] = bytes;
  takenBytes += bytes;
  return at;
}

void Arena::give(uint64_t at) {
  auto it = ranges.find(at);
  size_t bytes = it->second;
  madvise(hostBytes(at), bytes, MADV_DONTNEED);
  syscall(SYS_mprotect, hostBytes(at), bytes, PROT_NONE);
  takenBytes -= bytes;
  ranges.erase(it);
}

/// 16 bits that are a NaN in every floating-point type that repeats them.
static void fill(uint64_t address, size_t bytes, uint16_t pattern) {
  char *data = hostBytes(address);
  for (size_t i = 0; i < bytes; ++i)
    data[i] = char(pattern >> (i % 2 * 8));
}

void sym::sim::poisonAllocated(uint64_t address, size_t bytes) {
  memset(hostBytes(address), 0xff, bytes);
}

void sym::sim::poisonFreed(uint64_t address, size_t bytes) {
  fill(address, bytes, 0x7fff);
}

//===----------------------------------------------------------------------===//
// What is live
//===----------------------------------------------------------------------===//

void LiveTable::insert(uint64_t base, uint64_t size) {
  std::unique_lock<std::shared_mutex> lock(mutex);
  ranges[base] = {base, size, std::make_shared<Shadow>(size)};
  changes.fetch_add(1, std::memory_order_release);
}

void LiveTable::erase(uint64_t base) {
  std::unique_lock<std::shared_mutex> lock(mutex);
  ranges.erase(base);
  changes.fetch_add(1, std::memory_order_release);
}

void LiveTable::eraseBetween(uint64_t first, uint64_t end) {
  std::unique_lock<std::shared_mutex> lock(mutex);
  ranges.erase(ranges.lower_bound(first), ranges.lower_bound(end));
  changes.fetch_add(1, std::memory_order_release);
}

void LiveTable::forgetAccesses() {
  std::unique_lock<std::shared_mutex> lock(mutex);
  for (auto &range : ranges)
    range.second.shadow = std::make_shared<Shadow>(range.second.size);
  changes.fetch_add(1, std::memory_order_release);
}

LiveTable::Range LiveTable::find(uint64_t address) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto it = ranges.upper_bound(address);
  return it == ranges.begin() ? Range() : std::prev(it)->second;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

static size_t roundUp(size_t bytes, size_t to) {
  return (bytes + to - 1) / to * to;
}

Pool::~Pool() {
  for (auto &chunk : chunks)
    device->arena.give(chunk.first);
}

/// Forgets which stream freed what is free for all by now, and joins such
/// neighbours of one chunk.
void Pool::settle() {
  auto last = free.end();
  for (auto it = free.begin(); it != free.end();) {
    if (it->second.executed && it->second.executed->done)
      it->second.executed = nullptr;
    bool joins = last != free.end() && !it->second.executed &&
                 !last->second.executed &&
                 last->first + last->second.size == it->first &&
                 !chunks.count(it->first);
    if (joins) {
      last->second.size += it->second.size;
      it = free.erase(it);
      continue;
    }
    last = it++;
  }
}

uint64_t Pool::cut(size_t bytes, uint64_t stream) {
  auto best = free.end();
  for (auto it = free.begin(); it != free.end(); ++it) {
    bool may = !it->second.executed || it->second.stream == stream;
    if (may && it->second.size >= bytes &&
        (best == free.end() || it->second.size < best->second.size))
      best = it;
  }
  if (best == free.end())
    return 0;
  uint64_t address = best->first;
  Free rest = best->second;
  free.erase(best);
  if (rest.size > bytes) {
    rest.size -= bytes;
    free[address + bytes] = rest;
  }
  blocks[address] = bytes;
  used += bytes;
  usedHigh = std::max(usedHigh, used);
  return address;
}

uint64_t Pool::allocate(size_t bytes, uint64_t stream) {
  bytes = roundUp(bytes, kGranule);
  settle();
  if (uint64_t address = cut(bytes, stream))
    return address;
  size_t chunk = roundUp(bytes, kChunk);
  if (maxSize && reserved + chunk > maxSize)
    return 0;
  uint64_t base = device->arena.take(chunk);
  if (!base) {
    // What other pools hold and do not use comes first.
    for (Pool *pool : device->allPools())
      pool->trim(0);
    base = device->arena.take(chunk);
  }
  if (!base)
    return 0;
  chunks[base] = chunk;
  reserved += chunk;
  reservedHigh = std::max(reservedHigh, reserved);
  free[base] = {chunk, 0, nullptr};
  return cut(bytes, stream);
}

void Pool::release(uint64_t address, uint64_t stream,
                   std::shared_ptr<Op> executed) {
  auto it = blocks.find(address);
  used -= it->second;
  free[address] = {it->second, stream, std::move(executed)};
  blocks.erase(it);
}

void Pool::trim(size_t keep) {
  settle();
  for (auto it = chunks.begin(); it != chunks.end() && reserved > keep;) {
    auto block = free.find(it->first);
    if (block == free.end() || block->second.executed ||
        block->second.size != it->second) {
      ++it;
      continue;
    }
    free.erase(block);
    device->arena.give(it->first);
    reserved -= it->second;
    it = chunks.erase(it);
  }
}
