//===- ThreadState.cpp - What each thread keeps ---------------------------===//

#include "ThreadState.h"
#include "../base/Mutex.h"
#include "Pool.h"
#include "Provider.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

using namespace sym::rt;

__thread ThreadState *sym::rt::currentThread
    __attribute__((tls_model("initial-exec"))) = nullptr;

SYM_CONSTINIT std::atomic<int64_t> sym::rt::globalInUse{0};
SYM_CONSTINIT std::atomic<int64_t> sym::rt::globalHighWater{0};
SYM_CONSTINIT std::atomic<int64_t> sym::rt::globalReserved{0};
SYM_CONSTINIT std::atomic<int64_t> sym::rt::globalCap{0};

namespace {
SYM_CONSTINIT Mutex registryMutex;
/// All records ever made; those of ended threads wait to be used again. Their
/// counters stay, so that sums never go back.
SYM_CONSTINIT std::atomic<ThreadState *> registry{nullptr};
pthread_key_t exitKey;
pthread_once_t exitKeyOnce = PTHREAD_ONCE_INIT;

void threadEnds(void *data) {
  ThreadState *state = static_cast<ThreadState *>(data);
  if (void *arena = state->arena.exchange(nullptr))
    releaseArena(arena, -1);
  flushCaches(*state);
  publishInUse(*state);
  leaveTrace(*state);
  // Destructors of other keys may still use the runtime; they get a new record.
  currentThread = nullptr;
  Guard guard(registryMutex);
  state->live = false;
}

void makeExitKey() { pthread_key_create(&exitKey, threadEnds); }
} // namespace

ThreadState *sym::rt::firstThread() { return registry.load(); }

ThreadState *sym::rt::makeThreadState() {
  pthread_once(&exitKeyOnce, makeExitKey);
  ThreadState *state = nullptr;
  {
    Guard guard(registryMutex);
    for (state = registry; state && state->live; state = state->next)
      ;
    if (!state) {
      state = static_cast<ThreadState *>(allocateMetadata(sizeof(ThreadState)));
      if (!state) {
        // Not a status: without a record there is nowhere to keep one.
        fputs("sym: the system has no page left for a thread's record\n",
              stderr);
        abort();
      }
      state->next = registry.load();
      registry.store(state);
    }
    state->live = true;
  }
  currentThread = state;
  pthread_setspecific(exitKey, state);
  return state;
}

void sym::rt::lockRegistry() { registryMutex.lock(); }
void sym::rt::unlockRegistry() { registryMutex.unlock(); }

void sym::rt::forgetOtherThreads() {
  for (ThreadState *s = registry; s; s = s->next) {
    // Locks are as new, this thread's too.
    for (std::atomic<const void *> &slot : s->reading)
      slot.store(nullptr, std::memory_order_relaxed);
    s->numReading = 0;
    if (s == currentThread)
      continue;
    for (std::atomic<void *> &slot : s->pinned)
      slot.store(nullptr, std::memory_order_relaxed);
    s->numPinned = 0;
    // Their threads may have been stopped in the middle of a list.
    for (ThreadState::Bin &bin : s->bins)
      bin = {nullptr, 0};
    s->inside.store(nullptr, std::memory_order_relaxed);
    s->recording.store(0, std::memory_order_relaxed);
    s->live = false;
  }
}

void sym::rt::publishInUse(ThreadState &state) {
  int64_t delta = state.inUseDelta.load(std::memory_order_relaxed);
  state.inUseDelta.store(0, std::memory_order_relaxed);
  int64_t now = globalInUse.fetch_add(delta, std::memory_order_relaxed) + delta;
  int64_t mark = globalHighWater.load(std::memory_order_relaxed);
  while (now > mark && !globalHighWater.compare_exchange_weak(
                           mark, now, std::memory_order_relaxed))
    ;
}

bool sym::rt::anyThreadInside(const void *function) {
  Guard guard(registryMutex);
  for (ThreadState *s = registry; s; s = s->next)
    if (s->inside.load(std::memory_order_acquire) == function)
      return true;
  return false;
}

void sym::rt::dropIdleArenas() {
  for (;;) {
    void *arena = nullptr;
    {
      Guard guard(registryMutex);
      for (ThreadState *s = registry; s && !arena; s = s->next)
        if (s->arena.load(std::memory_order_relaxed))
          arena = s->arena.exchange(nullptr, std::memory_order_acq_rel);
    }
    if (!arena)
      return;
    releaseArena(arena, -1);
  }
}

static int64_t sum(Counter which, bool reset) {
  int64_t total = 0;
  Guard guard(registryMutex);
  for (ThreadState *s = registry; s; s = s->next)
    total += s->counters[int(which)].load(std::memory_order_relaxed);
  // A counter belongs to its thread, so a reset only remembers the sum.
  SYM_CONSTINIT static std::atomic<int64_t> base[int(Counter::Count)] = {};
  if (reset)
    base[int(which)].store(total, std::memory_order_relaxed);
  return total - base[int(which)].load(std::memory_order_relaxed);
}

sym_statistics sym_get_statistics(void) {
  publishInUse(thisThread());
  sym_statistics s = {};
  s.bytes_reserved = globalReserved.load(std::memory_order_relaxed);
  s.bytes_in_use = globalInUse.load(std::memory_order_relaxed);
  {
    Guard guard(registryMutex);
    for (ThreadState *t = registry; t; t = t->next)
      s.bytes_in_use += t->inUseDelta.load(std::memory_order_relaxed);
  }
  s.bytes_high_water = globalHighWater.load(std::memory_order_relaxed);
  s.system_allocations = sum(Counter::SystemAllocations, false);
  s.reuse_hits = sum(Counter::ReuseHits, false);
  s.reuse_misses = sum(Counter::ReuseMisses, false);
  s.calls = sum(Counter::Calls, false);
  s.calls_inplace = sum(Counter::CallsInPlace, false);
  s.copy_on_write = sum(Counter::CopyOnWrite, false);
  s.exchanges = sum(Counter::Exchanges, false);
  s.argument_copies = sum(Counter::ArgumentCopies, false);
  s.failed_calls = sum(Counter::FailedCalls, false);
  return s;
}

void sym_reset_statistics(void) {
  publishInUse(thisThread());
  for (int i = 0; i < int(Counter::Count); ++i)
    sum(Counter(i), true);
  globalHighWater.store(globalInUse.load(std::memory_order_relaxed),
                        std::memory_order_relaxed);
}
