//===- Pool.cpp - The host memory pool ------------------------------------===//
//
// Glossary
//   span    64 KB, aligned to its size, cut into slots of one class; its header
//           is found by masking a slot's address
//   cache   a thread's own stack of free slots of one class
//   idle    dirty pages that nobody uses
//
// Locks: a class's mutex, then a heap's; never two of a kind.
//
//===----------------------------------------------------------------------===//

#include "Pool.h"
#include "../base/Checked.h"
#include "GuardPages.h"
#include "PageHeap.h"
#include "ThreadState.h"
#include "Trace.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define SYM_POISON(data, bytes) ASAN_POISON_MEMORY_REGION(data, bytes)
#define SYM_UNPOISON(data, bytes) ASAN_UNPOISON_MEMORY_REGION(data, bytes)
#endif
#endif
#ifndef SYM_POISON
#define SYM_POISON(data, bytes) ((void)0)
#define SYM_UNPOISON(data, bytes) ((void)0)
#endif

using namespace sym::rt;

namespace {
constexpr uint64_t kSpan = 64 << 10;
constexpr uint64_t kPage = 4096;
// A block that fills a huge page is worth one.
constexpr int64_t kMaxMedium = 2 << 20;
constexpr int64_t kMaxRequest = int64_t(1) << 46;

SYM_CONSTINIT PageHeap spanHeap(&kHostProvider, kSpan, 64 << 20, false);
SYM_CONSTINIT PageHeap pageHeap(&kHostProvider, kPage, 64 << 20, false);
SYM_CONSTINIT PageHeap hugeHeap(&kHostProvider, kSpan, 256 << 20, true);

struct Span {
  Span *next, *previous; ///< among spans of the class with a free slot
  FreeBlock *free;
  uint32_t used;
  uint32_t fresh; ///< slots from this index on were never handed out
  uint32_t capacity;
};
constexpr uint64_t kSpanHeader = 64;
static_assert(sizeof(Span) <= kSpanHeader, "a span's header");

struct ClassList {
  Mutex mutex;
  Span *spans = nullptr;
  Span *empty = nullptr; ///< one unused span is kept against ping-pong
};
SYM_CONSTINIT ClassList classes[kNumClasses];

Span *spanOf(void *block) {
  return reinterpret_cast<Span *>(reinterpret_cast<uintptr_t>(block) &
                                  ~(kSpan - 1));
}

/// How many free slots a thread keeps of one class.
int32_t cacheLimit(int index) {
  int64_t n = (32 << 10) / classSize(index);
  return int32_t(n > 64 ? 64 : n);
}

void pushSpan(ClassList &list, Span *span) {
  span->previous = nullptr;
  span->next = list.spans;
  if (list.spans)
    list.spans->previous = span;
  list.spans = span;
}

void removeSpan(ClassList &list, Span *span) {
  if (span->previous)
    span->previous->next = span->next;
  else
    list.spans = span->next;
  if (span->next)
    span->next->previous = span->previous;
}

/// Gives slots to a cache; returns how many. `*reused` is whether no new span
/// was cut from clean memory.
int32_t refill(int index, ThreadState::Bin &bin, int32_t wanted, bool *reused) {
  ClassList &list = classes[index];
  int64_t size = classSize(index);
  int32_t got = 0;
  *reused = true;
  Guard guard(list.mutex);
  while (got < wanted) {
    Span *span = list.spans;
    if (!span) {
      if (got)
        break; // enough to go on; do not grow for the sake of a full cache
      span = list.empty;
      list.empty = nullptr;
      if (!span) {
        span = static_cast<Span *>(spanHeap.allocate(kSpan, reused));
        if (!span)
          return 0;
        SYM_UNPOISON(span, kSpan);
        span->free = nullptr;
        span->used = span->fresh = 0;
        span->capacity = uint32_t((kSpan - kSpanHeader) / uint64_t(size));
      }
      pushSpan(list, span);
    }
    FreeBlock *block = span->free;
    if (block)
      span->free = block->next;
    else
      block = reinterpret_cast<FreeBlock *>(reinterpret_cast<char *>(span) +
                                            kSpanHeader +
                                            int64_t(span->fresh++) * size);
    if (++span->used == span->capacity)
      removeSpan(list, span);
    block->next = bin.head;
    bin.head = block;
    ++bin.count;
    ++got;
  }
  return got;
}

/// Returns `count` slots of a cache to their spans.
void drain(int index, ThreadState::Bin &bin, int32_t count) {
  ClassList &list = classes[index];
  Guard guard(list.mutex);
  for (; count > 0 && bin.head; --count) {
    FreeBlock *block = bin.head;
    bin.head = block->next;
    --bin.count;
    Span *span = spanOf(block);
    block->next = span->free;
    span->free = block;
    if (span->used-- == span->capacity)
      pushSpan(list, span);
    if (span->used)
      continue;
    removeSpan(list, span);
    if (list.empty)
      spanHeap.deallocate(span, kSpan);
    else
      list.empty = span;
  }
}

} // namespace

SYM_NOINLINE void *sym::rt::outOfMemory(int64_t bytes) {
  traceInstant(TraceKind::OutOfMemory, nullptr, bytes);
  long long reserved = globalReserved.load(), cap = globalCap.load();
  if (cap)
    fail(SYM_OUT_OF_MEMORY,
         "out of memory: %lld bytes requested, %lld reserved, the cap is %lld",
         (long long)bytes, reserved, cap);
  else
    fail(SYM_OUT_OF_MEMORY,
         "out of memory: %lld bytes requested, %lld reserved, the system "
         "refused more",
         (long long)bytes, reserved);
  return nullptr;
}

namespace {
PageHeap &heapFor(int64_t bytes, uint64_t *rounded) {
  bool huge = bytes > kMaxMedium;
  *rounded = uint64_t(roundUp(bytes, int64_t(huge ? kSpan : kPage)));
  return huge ? hugeHeap : pageHeap;
}

SYM_NOINLINE void *allocateLarge(int64_t bytes) {
  if (bytes < 0 || bytes > kMaxRequest)
    return outOfMemory(bytes);
  ThreadState &state = thisThread();
  uint64_t rounded;
  bool reused;
  PageHeap &heap = heapFor(bytes, &rounded);
  void *data = heap.allocate(rounded, &reused);
  if (!data)
    return outOfMemory(bytes);
  SYM_UNPOISON(data, rounded);
  state.count(reused ? Counter::ReuseHits : Counter::ReuseMisses);
  addInUse(state, int64_t(rounded));
  traceInstant(TraceKind::Allocate, nullptr, bytes, 0, reused);
  return data;
}

SYM_NOINLINE void *allocateSlow(ThreadState &state, int index) {
  ThreadState::Bin &bin = state.bins[index];
  int32_t wanted = cacheLimit(index) / 2;
  bool reused;
  if (!refill(index, bin, wanted > 0 ? wanted : 1, &reused))
    return outOfMemory(classSize(index));
  state.count(reused ? Counter::ReuseHits : Counter::ReuseMisses);
  FreeBlock *block = bin.head;
  bin.head = block->next;
  --bin.count;
  return block;
}
} // namespace

void *sym::rt::allocatePlain(int64_t bytes) {
  if (SYM_UNLIKELY(uint64_t(bytes) > uint64_t(kMaxSmall)))
    return allocateLarge(bytes);
  ThreadState &state = thisThread();
  int index = classOf(bytes);
  ThreadState::Bin &bin = state.bins[index];
  FreeBlock *block = bin.head;
  if (SYM_LIKELY(block != nullptr)) {
    SYM_UNPOISON(block, classSize(index));
    bin.head = block->next;
    --bin.count;
    state.count(Counter::ReuseHits);
  } else {
    block = static_cast<FreeBlock *>(allocateSlow(state, index));
    if (!block)
      return nullptr;
    SYM_UNPOISON(block, classSize(index));
  }
  addInUse(state, classSize(index));
  return block;
}

void sym::rt::deallocatePlain(void *data, int64_t bytes) {
  if (!data)
    return;
  ThreadState &state = thisThread();
  if (SYM_UNLIKELY(bytes > kMaxSmall)) {
    uint64_t rounded;
    PageHeap &heap = heapFor(bytes, &rounded);
    SYM_POISON(data, rounded);
    heap.deallocate(data, rounded);
    addInUse(state, -int64_t(rounded));
    traceInstant(TraceKind::Free, nullptr, bytes);
    return;
  }
  int index = classOf(bytes);
  ThreadState::Bin &bin = state.bins[index];
  FreeBlock *block = static_cast<FreeBlock *>(data);
  block->next = bin.head;
  bin.head = block;
  // The link is the pool's; the rest must not be touched.
  SYM_POISON(block + 1, classSize(index) - int64_t(sizeof(FreeBlock)));
  addInUse(state, -classSize(index));
  int32_t limit = cacheLimit(index);
  if (SYM_UNLIKELY(++bin.count > limit))
    drain(index, bin, limit / 2 + 1);
}

void sym::rt::flushCaches(ThreadState &state) {
  for (int i = 0; i < kNumClasses; ++i)
    if (state.bins[i].count)
      drain(i, state.bins[i], state.bins[i].count);
}

bool sym::rt::isPoolMemory(const void *address) {
  return pageHeap.contains(address) || spanHeap.contains(address) ||
         hugeHeap.contains(address) || guardHeap.contains(address);
}

//===----------------------------------------------------------------------===//
// The budget
//===----------------------------------------------------------------------===//

static uint64_t trimHeaps(uint64_t limit) {
  uint64_t done = 0;
  PageHeap *heaps[] = {&hugeHeap, &pageHeap, &spanHeap, &guardHeap};
  for (PageHeap *heap : heaps)
    if (done < limit)
      done += heap->trim(limit - done);
  return done;
}

bool sym::rt::chargeReserved(uint64_t bytes) {
  // C3: at most twice the largest live set is held. What exceeds it is idle
  // memory of sizes that no longer fit, and goes back first.
  constexpr int64_t kSlack = 1 << 20;
  int64_t live = globalInUse.load(std::memory_order_relaxed) + int64_t(bytes);
  int64_t mark = globalHighWater.load(std::memory_order_relaxed);
  int64_t bound = 2 * (live > mark ? live : mark) + kSlack;
  int64_t after = globalReserved.fetch_add(int64_t(bytes)) + int64_t(bytes);
  if (after > bound)
    trimHeaps(uint64_t(after - bound));
  int64_t cap = globalCap.load(std::memory_order_relaxed);
  if (!cap || globalReserved.load() <= cap)
    return true;
  trimHeaps(uint64_t(globalReserved.load() - cap));
  if (globalReserved.load() <= cap)
    return true;
  dropIdleArenas();
  trimHeaps(UINT64_MAX);
  if (globalReserved.load() <= cap)
    return true;
  dischargeReserved(bytes);
  return false;
}

void sym::rt::dischargeReserved(uint64_t bytes) {
  globalReserved.fetch_sub(int64_t(bytes), std::memory_order_relaxed);
}

void sym_set_memory_cap(int64_t bytes) {
  globalCap.store(bytes > 0 ? bytes : 0, std::memory_order_relaxed);
}

int64_t sym_trim(void) {
  dropIdleArenas();
  flushCaches(thisThread());
  for (ClassList &list : classes) {
    Guard guard(list.mutex);
    if (list.empty)
      spanHeap.deallocate(list.empty, kSpan);
    list.empty = nullptr;
  }
  return int64_t(trimHeaps(UINT64_MAX));
}

//===----------------------------------------------------------------------===//
// fork
//===----------------------------------------------------------------------===//

void sym::rt::lockPool() {
  lockDebugging();
  for (ClassList &list : classes)
    list.mutex.lock();
  lockRegistry();
  hugeHeap.lock();
  pageHeap.lock();
  spanHeap.lock();
  guardHeap.lock();
  lockMetadata();
}

void sym::rt::unlockPool() {
  unlockMetadata();
  guardHeap.unlock();
  spanHeap.unlock();
  pageHeap.unlock();
  hugeHeap.unlock();
  unlockRegistry();
  for (ClassList &list : classes)
    list.mutex.unlock();
  unlockDebugging();
}

//===----------------------------------------------------------------------===//
// Arenas
//===----------------------------------------------------------------------===//

namespace {
/// In front of every arena, so that a thief knows its size.
struct ArenaHeader {
  int64_t capacity; ///< without the header
};
constexpr int64_t kArenaHeader = SYM_BUFFER_ALIGNMENT;
/// Above the small blocks: an idle arena may be dropped while a class's mutex
/// is held, so freeing one must not need such a mutex.
constexpr int64_t kMinArena = 2 * kMaxSmall;

ArenaHeader *headerOf(void *arena) {
  return reinterpret_cast<ArenaHeader *>(static_cast<char *>(arena) -
                                         kArenaHeader);
}

/// What an arena counts as: idle ones are not in use.
int64_t arenaFootprint(int64_t capacity) {
  uint64_t rounded;
  heapFor(capacity + kArenaHeader, &rounded);
  return int64_t(rounded);
}
} // namespace

void *sym::rt::acquireArena(int64_t bytes, int64_t *capacity) {
  if (bytes < 0 || bytes > kMaxRequest)
    return outOfMemory(bytes);
  ThreadState &state = thisThread();
  // Under a debug hook every arena is a block of its own, with guards.
  bool cached = !(poolHooks.load(std::memory_order_relaxed) & kHookDebug);
  if (void *arena =
          cached ? state.arena.exchange(nullptr, std::memory_order_acq_rel)
                 : nullptr) {
    int64_t held = headerOf(arena)->capacity;
    addInUse(state, arenaFootprint(held));
    if (held >= bytes) {
      state.count(Counter::ReuseHits);
      *capacity = held;
      return arena;
    }
    deallocate(headerOf(arena), held + kArenaHeader);
  }
  // Some room to grow, so that sizes that creep up do not each miss.
  int64_t wanted = bytes;
  if (cached) {
    wanted = roundUp(bytes + bytes / 8 + kArenaHeader, 4096) - kArenaHeader;
    if (wanted < kMinArena)
      wanted = kMinArena;
  }
  void *block = allocate(wanted + kArenaHeader);
  if (!block)
    return nullptr;
  void *arena = static_cast<char *>(block) + kArenaHeader;
  headerOf(arena)->capacity = wanted;
  *capacity = wanted;
  return arena;
}

void sym::rt::releaseArena(void *arena, int64_t capacity) {
  ThreadState &state = thisThread();
  if (capacity < 0) {
    // An idle arena that is dropped for good.
    capacity = headerOf(arena)->capacity;
    addInUse(state, arenaFootprint(capacity));
    return deallocate(headerOf(arena), capacity + kArenaHeader);
  }
  bool cached = !(poolHooks.load(std::memory_order_relaxed) & kHookDebug);
  if (cached && !state.arena.load(std::memory_order_relaxed)) {
    addInUse(state, -arenaFootprint(capacity));
    state.arena.store(arena, std::memory_order_release);
    return;
  }
  deallocate(headerOf(arena), capacity + kArenaHeader);
}
