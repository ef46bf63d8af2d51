//===- ThreadState.h - What each thread keeps -------------------*- C++ -*-===//
//
// One record per thread that uses the runtime: caches of small blocks, the
// arena, counters. It is made on first use, lives in metadata memory, and is
// emptied into the shared structures and recycled when its thread ends.
//
// Counters have one writer, their thread, so counting needs no locked
// instruction; statistics add the records up.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_THREADSTATE_H
#define SYM_LIB_RUNTIME_MEMORY_THREADSTATE_H

#include "../base/Status.h"
#include "SizeClass.h"

#include <atomic>

namespace sym::rt {

enum class Counter : int {
  SystemAllocations,
  ReuseHits,
  ReuseMisses,
  Calls,
  CallsInPlace,
  CopyOnWrite,
  Exchanges,
  ArgumentCopies,
  FailedCalls,
  Count
};

struct FreeBlock {
  FreeBlock *next;
};

struct TraceChunk;
struct TracedCall;

struct ThreadState {
  /// The locks that the thread reads under without being counted in them, see
  /// store/FairLock.h; the last one taken is the last of `numReading`. Their
  /// own cache line: other threads look at it, and rarely.
  static constexpr int kMaxReading = 7;
  alignas(64) std::atomic<const void *> reading[kMaxReading];
  int32_t numReading;
  /// The buffers that the thread has pinned without being counted in them, see
  /// store/Pins.h: the first `numPinned`. A cache line of their own, as before.
  int32_t numPinned;
  static constexpr int kMaxPinned = 8;
  alignas(64) std::atomic<void *> pinned[kMaxPinned];

  struct Bin {
    FreeBlock *head;
    int32_t count;
  };
  std::atomic<int64_t> counters[int(Counter::Count)];
  /// Bytes that this thread took (or, negative, gave back) and that the global
  /// count does not yet show.
  std::atomic<int64_t> inUseDelta;
  Bin bins[kNumClasses];
  /// The idle arena, or null; whoever exchanges it out owns it, so a trim on
  /// another thread may take it.
  std::atomic<void *> arena;
  /// The bound function that a call on this thread is inside of, or null: it
  /// must not be freed (store/InUse.h).
  std::atomic<const void *> inside;
  /// Trace.h: whether it is recording an event, and the chunk that it fills,
  /// null or of a trace that is over unless the generation is the present one.
  std::atomic<uint32_t> recording;
  uint32_t traceGeneration;
  TraceChunk *traceChunk;
  TracedCall *tracedCall; ///< the innermost one of this thread
  bool live;
  ThreadState *next;

  void count(Counter which, int64_t by = 1) {
    std::atomic<int64_t> &c = counters[int(which)];
    c.store(c.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
};

/// Initial-exec: one load in the fast path, eight bytes of static TLS. (The
/// generic model would be a call.)
extern __thread ThreadState *currentThread
    __attribute__((tls_model("initial-exec")));

/// Makes the calling thread's record. Never null: a process that has no page
/// left for its first block ends.
ThreadState *makeThreadState();

inline ThreadState &thisThread() {
  ThreadState *state = currentThread;
  if (SYM_UNLIKELY(!state))
    state = makeThreadState();
  return *state;
}

inline void addCount(Counter which, int64_t by) {
  thisThread().count(which, by);
}

/// Adds to the bytes in use. The high-water mark is exact up to
/// kInUseSlack per thread.
constexpr int64_t kInUseSlack = 16 << 10;
void publishInUse(ThreadState &state);
inline void addInUse(ThreadState &state, int64_t bytes) {
  int64_t delta = state.inUseDelta.load(std::memory_order_relaxed) + bytes;
  state.inUseDelta.store(delta, std::memory_order_relaxed);
  if (SYM_UNLIKELY(delta >= kInUseSlack || delta <= -kInUseSlack))
    publishInUse(state);
}

/// The head of the list of all records; it only grows. A record that a thread
/// used before a sequentially consistent access is in the list after it.
ThreadState *firstThread();

/// Moves the thread's cached blocks to the shared lists. Implemented by the
/// pool.
void flushCaches(ThreadState &state);

/// Leaves the thread's chunk to others (Trace.h).
void leaveTrace(ThreadState &state);

/// Bytes in use as far as published, and its largest value.
extern std::atomic<int64_t> globalInUse;
extern std::atomic<int64_t> globalHighWater;
/// Bytes taken from the provider and not returned.
extern std::atomic<int64_t> globalReserved;
extern std::atomic<int64_t> globalCap;

/// Whether some thread's record says that it is inside of `function`.
bool anyThreadInside(const void *function);

/// Takes every thread's idle arena away and frees it.
void dropIdleArenas();

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_THREADSTATE_H
