//===- FairLock.cpp - A fair reader/writer lock ---------------------------===//

#include "FairLock.h"

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Taking
//===----------------------------------------------------------------------===//

/// Takes a free lock past those who wait. Not under a bias, for draining is
/// waiting.
SYM_NOINLINE bool FairLock::overtakeExclusive(uint32_t s) {
  while (mayTake(s, /*exclusive=*/true) && !(s & kBias))
    if (state.compare_exchange_weak(s, s | kWriter, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return true;
  return false;
}

void FairLock::lockSlow(bool exclusive) {
  // Most holders are done within the time that a sleep would take.
  uint32_t s = state.load(std::memory_order_relaxed);
  for (int i = 0; i < kSpins && !(s & kBarred); ++i) {
    while (mayTake(s, exclusive))
      if (state.compare_exchange_weak(s, taken(s, exclusive),
                                      std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
        if (exclusive && (s & kBias))
          drain();
        return;
      }
    spinPause();
    s = state.load(std::memory_order_relaxed);
  }

  Waiter self;
  self.exclusive = exclusive;
  guard.lock();
  s = state.load(std::memory_order_relaxed);
  for (;;) {
    bool free = mayTake(s, exclusive);
    // If it is not free somebody holds it: the bit is set while that is so, and
    // whoever leaves last will see it.
    uint32_t next = free ? taken(s, exclusive) : s | kWaiters;
    if (!state.compare_exchange_weak(s, next, std::memory_order_seq_cst,
                                     std::memory_order_relaxed))
      continue;
    if (free) {
      guard.unlock();
      if (exclusive && (s & kBias))
        drain();
      return;
    }
    break;
  }
  (last ? last->next : first) = &self;
  last = &self;
  guard.unlock();

  for (;;) {
    uint32_t signal = kAsleep;
    for (int i = 0; i < kSpins && signal == kAsleep; ++i) {
      spinPause();
      signal = self.signal.load(std::memory_order_acquire);
    }
    while (signal == kAsleep) {
      futexWait(&self.signal, kAsleep);
      signal = self.signal.load(std::memory_order_acquire);
    }
    if (signal == kGranted || compete(self))
      break;
  }
  if (exclusive && (state.load(std::memory_order_relaxed) & kDraining))
    drain();
}

void FairLock::awaitGrant(Waiter &self) {
  uint32_t signal;
  while ((signal = self.signal.load(std::memory_order_acquire)) != kGranted)
    futexWait(&self.signal, signal);
}

/// The head of the queue, awake, tries to take the lock. If it cannot, it bars
/// overtaking, and will be handed the lock. True if the lock is its own.
bool FairLock::compete(Waiter &self) {
  // Without kWoken it has been handed the lock, and the state shows that.
  auto free = [](uint32_t s) {
    return (s & kWoken) && s < kReader && !(s & kWriter);
  };
  uint32_t s = state.load(std::memory_order_relaxed);
  for (int i = 0; i < kSpins && (s & kWoken); ++i) {
    while (free(s))
      if (state.compare_exchange_weak(s, taken(s & ~kWoken, self.exclusive),
                                      std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
        removeHead(self);
        return true;
      }
    spinPause();
    s = state.load(std::memory_order_relaxed);
  }
  guard.lock();
  if (self.handed) {
    guard.unlock();
    awaitGrant(self);
    return true;
  }
  self.signal.store(kAsleep, std::memory_order_relaxed);
  s = state.load(std::memory_order_relaxed);
  for (;;) {
    bool take = free(s);
    // Barred only while somebody holds the lock, who will hand it over.
    uint32_t next =
        take ? taken(s & ~kWoken, self.exclusive) : (s & ~kWoken) | kBarred;
    if (!state.compare_exchange_weak(s, next, std::memory_order_seq_cst,
                                     std::memory_order_relaxed))
      continue;
    guard.unlock();
    if (take)
      removeHead(self);
    return take;
  }
}

/// The head has taken the lock: it leaves the queue, and takes the readers
/// right behind it along if it is one.
void FairLock::removeHead(Waiter &self) {
  guard.lock();
  overtaken = 0;
  Waiter *end = self.next;
  uint32_t readers = 0;
  if (!self.exclusive)
    for (; end && !end->exclusive; end = end->next)
      readers += kReader;
  first = end;
  if (!end)
    last = nullptr;
  uint32_t s = state.load(std::memory_order_relaxed);
  uint32_t cleared = kBarred | (end ? 0u : uint32_t(kWaiters));
  while (!state.compare_exchange_weak(s, (s & ~cleared) + readers,
                                      std::memory_order_acq_rel,
                                      std::memory_order_relaxed))
    ;
  guard.unlock();
  for (Waiter *w = self.next; w != end;) {
    Waiter *next = w->next;
    w->signal.store(kGranted, std::memory_order_release);
    futexWake(&w->signal, 1);
    w = next;
  }
}

//===----------------------------------------------------------------------===//
// Letting go
//===----------------------------------------------------------------------===//

/// The sole holder, which `holder` stands for in the state, lets go while
/// others may wait.
SYM_NOINLINE void FairLock::release(uint32_t holder) {
  uint32_t s = state.load(std::memory_order_relaxed);
  bool handing = (s & kWaiters) && ++overtaken > kMaxOvertakes;
  for (;;) {
    if ((s & kWaiters) && ((s & kBarred) || handing))
      return handOver(s);
    if ((s & kWaiters) && !(s & kWoken))
      break;
    if (state.compare_exchange_weak(s, s - holder, std::memory_order_acq_rel,
                                    std::memory_order_relaxed))
      return;
  }
  // The head is woken, and meanwhile whoever runs may have the lock.
  guard.lock();
  Waiter *head = first;
  head->signal.store(kCompete, std::memory_order_release);
  s = state.load(std::memory_order_relaxed);
  while (!state.compare_exchange_weak(s, (s - holder) | kWoken,
                                      std::memory_order_acq_rel,
                                      std::memory_order_relaxed))
    ;
  guard.unlock();
  // A waiter's record may be gone by now. Waking an address that nobody waits
  // at is harmless.
  futexWake(&head->signal, 1);
}

/// The sole holder gives the lock to the head of the queue, together with the
/// readers right behind it if it is one.
void FairLock::handOver(uint32_t s) {
  guard.lock();
  overtaken = 0;
  Waiter *batch = first;
  Waiter *end = batch->next;
  uint32_t holders = kReader;
  if (batch->exclusive)
    holders = kWriter | (s & kBias ? uint32_t(kDraining) : 0u);
  else
    for (; end && !end->exclusive; end = end->next)
      holders += kReader;
  if (!batch->exclusive)
    holders |= s & kBias;
  batch->handed = true; // it may be awake, and about to bar overtaking
  first = end;
  if (!end)
    last = nullptr;
  // There is one holder, and kWaiters bars all others, so a store suffices. In
  // one order with what readers do in slots.
  state.store(holders | (end ? uint32_t(kWaiters) : 0u),
              std::memory_order_seq_cst);
  guard.unlock();

  while (batch != end) {
    Waiter *next = batch->next;
    batch->signal.store(kGranted, std::memory_order_release);
    futexWake(&batch->signal, 1);
    batch = next;
  }
}

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

/// The writer waits until nobody reads by a slot. Nobody enters any more.
SYM_NOINLINE void FairLock::drain() {
  for (ThreadState *t = firstThread(); t; t = t->next)
    for (std::atomic<const void *> &slot : t->reading)
      for (int i = 0; slot.load(std::memory_order_seq_cst) == this; ++i) {
        if (i < kSpins) {
          spinPause();
          continue;
        }
        uint32_t before = drained.load(std::memory_order_acquire);
        if (slot.load(std::memory_order_seq_cst) == this)
          futexWait(&drained, before);
      }
  state.fetch_and(~uint32_t(kDraining), std::memory_order_relaxed);
}

SYM_NOINLINE void FairLock::wakeDrainer() {
  drained.fetch_add(1, std::memory_order_release);
  futexWake(&drained, 1);
}
