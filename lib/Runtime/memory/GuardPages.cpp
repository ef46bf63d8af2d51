//===- GuardPages.cpp - Blocks that end where memory ends -----------------===//

#include "GuardPages.h"
#include "../base/Checked.h"
#include "Pool.h"
#include "ThreadState.h"

#include <string.h>
#include <sys/mman.h>

using namespace sym::rt;

namespace {
constexpr int64_t kPage = 4096;
constexpr int64_t kAlignment = SYM_BUFFER_ALIGNMENT;
constexpr unsigned char kGuard = 0xfd;
} // namespace

SYM_CONSTINIT PageHeap sym::rt::guardHeap(&kGuardProvider, uint64_t(kPage),
                                          256 << 20, false);

namespace {
/// The pages of a block between its record and its guard.
int64_t innerBytes(int64_t bytes) { return roundUp(bytes, kPage); }
/// All of its pages.
int64_t wholeBytes(int64_t bytes) { return innerBytes(bytes) + 2 * kPage; }

char *pageOf(const void *data) {
  return reinterpret_cast<char *>(reinterpret_cast<uintptr_t>(data) &
                                  ~uintptr_t(kPage - 1));
}

bool allGuard(const char *from, const char *to) {
  for (; from < to; ++from)
    if (static_cast<unsigned char>(*from) != kGuard)
      return false;
  return true;
}

/// Freed blocks, the oldest first: a ring.
struct Freed {
  void *data;
  int64_t bytes;
};
constexpr int kMostFreed = 512;
constexpr int64_t kMostFreedBytes = int64_t(1) << 30; ///< of address space
Freed freed[kMostFreed];
int oldest = 0, numFreed = 0;
int64_t freedBytes = 0;

void release(const Freed &block) {
  char *record = pageOf(block.data) - kPage;
  madvise(record, kPage, MADV_DONTNEED);
  mprotect(record, kPage, PROT_NONE);
  guardHeap.deallocate(record, uint64_t(wholeBytes(block.bytes)));
}

void releaseOldest() {
  freedBytes -= wholeBytes(freed[oldest].bytes);
  release(freed[oldest]);
  oldest = (oldest + 1) % kMostFreed;
  --numFreed;
}
} // namespace

void *sym::rt::guardedRecord(void *data) { return pageOf(data) - kPage; }

void *sym::rt::takeGuardedBlock(int64_t bytes) {
  constexpr int64_t kMost = int64_t(1) << 46;
  bool reused = false;
  bool possible = bytes >= 0 && bytes <= kMost;
  uint64_t whole = possible ? uint64_t(wholeBytes(bytes)) : 0;
  auto *record = static_cast<char *>(
      possible ? guardHeap.allocate(whole, &reused) : nullptr);
  int64_t inner = possible ? innerBytes(bytes) : 0;
  // The system may have too many mappings as well.
  if (record &&
      mprotect(record, size_t(kPage + inner), PROT_READ | PROT_WRITE) != 0) {
    guardHeap.deallocate(record, whole);
    record = nullptr;
  }
  if (!record)
    return nullptr;
  ThreadState &thread = thisThread();
  thread.count(reused ? Counter::ReuseHits : Counter::ReuseMisses);
  addInUse(thread, int64_t(whole));
  char *first = record + kPage, *guard = first + inner;
  char *data = guard - roundUp(bytes, kAlignment);
  memset(first, kGuard, size_t(data - first));
  memset(data + bytes, kGuard, size_t(guard - data - bytes));
  return data;
}

const char *sym::rt::guardedDamage(const void *data, int64_t bytes) {
  const char *block = static_cast<const char *>(data);
  if (!allGuard(pageOf(data), block))
    return "write in front";
  return allGuard(block + bytes, block + roundUp(bytes, kAlignment))
             ? nullptr
             : "write behind the end";
}

void sym::rt::quarantine(void *data, int64_t bytes) {
  int64_t whole = wholeBytes(bytes);
  if (int64_t inner = innerBytes(bytes)) {
    madvise(pageOf(data), size_t(inner), MADV_DONTNEED);
    mprotect(pageOf(data), size_t(inner), PROT_NONE);
  }
  addInUse(thisThread(), -whole);
  while (numFreed &&
         (numFreed == kMostFreed || freedBytes + whole > kMostFreedBytes))
    releaseOldest();
  freed[(oldest + numFreed++) % kMostFreed] = {data, bytes};
  freedBytes += whole;
}

void sym::rt::emptyQuarantine() {
  while (numFreed)
    releaseOldest();
}

const void *sym::rt::findInQuarantine(const void *address, int64_t *bytes) {
  // The newest first: it may be the same address twice.
  for (int i = numFreed - 1; i >= 0; --i) {
    const Freed &block = freed[(oldest + i) % kMostFreed];
    const char *page = pageOf(block.data);
    if (address >= page && address < page + innerBytes(block.bytes) + kPage) {
      *bytes = block.bytes;
      return block.data;
    }
  }
  return nullptr;
}
