//===- FairLock.cpp - A first-come, first-served reader/writer lock -------===//

#include "FairLock.h"

using namespace sym::rt;

void FairLock::lockSlow(bool exclusive) {
  Waiter self;
  self.exclusive = exclusive;

  guard.lock();
  uint32_t s = state.load(std::memory_order_relaxed);
  for (;;) {
    bool free = exclusive ? s == 0 : !(s & (kWriter | kWaiters));
    if (free) {
      if (state.compare_exchange_weak(s, exclusive ? kWriter : s + kReader,
                                      std::memory_order_acquire)) {
        guard.unlock();
        return;
      }
      continue;
    }
    // Somebody holds the lock, or a queue stands. The bit must be set while
    // that is so: then whoever leaves last will see it.
    if ((s & kWaiters) ||
        state.compare_exchange_weak(s, s | kWaiters, std::memory_order_relaxed))
      break;
  }
  (last ? last->next : first) = &self;
  last = &self;
  guard.unlock();

  // Most holders are done within the time that a sleep would take.
  for (int i = 0; i < 200; ++i) {
    if (self.granted.load(std::memory_order_acquire))
      return;
    spinPause();
  }
  while (!self.granted.load(std::memory_order_acquire))
    futexWait(&self.granted, 0);
}

/// The caller was the last holder and saw waiters: serves the head of the
/// queue, together with the readers right behind it if it is one.
void FairLock::handOver() {
  guard.lock();
  Waiter *batch = first;
  Waiter *end = batch->next;
  uint32_t holders = kWriter;
  if (!batch->exclusive) {
    holders = kReader;
    for (; end && !end->exclusive; end = end->next)
      holders += kReader;
  }
  first = end;
  if (!end)
    last = nullptr;
  // No holder is left and kWaiters bars the fast paths, so a store suffices.
  state.store(holders | (end ? uint32_t(kWaiters) : 0u),
              std::memory_order_release);
  guard.unlock();

  while (batch != end) {
    // A waiter's record is gone as soon as it sees the grant. Waking an
    // address that nobody waits at is harmless.
    Waiter *next = batch->next;
    batch->granted.store(1, std::memory_order_release);
    futexWake(&batch->granted, 1);
    batch = next;
  }
}
