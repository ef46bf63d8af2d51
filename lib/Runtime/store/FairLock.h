//===- FairLock.h - A fair reader/writer lock -------------------*- C++ -*-===//
//
// The lock L of a variable. Glossary:
//   queue      who waits, in the order of arrival
//   overtake   to take a lock that is free while others wait for it. Whoever
//              runs may, since passing a lock to a sleeping thread costs a
//              change of threads per section. It is bounded (T6): the head of
//              the queue is woken meanwhile, and gets the lock handed over once
//              it has tried in vain, or was overtaken kMaxOvertakes times
//   slot       a place in the record of a thread where it says that it reads,
//              so that readers share no memory that they write
//   bias       readers use slots. It is set after some reads without an update
//              between them; the next writer takes it away and drains the
//              slots, once per that many reads
//
// Readers never join others past a writer that waits. Without contention each
// operation is one locked instruction. A few words, no allocation, no
// destructor; any thread, and a thread must not take a lock twice. A thread
// lets go what it holds shared in the reverse order of taking.
//
// test/Model/lock.pml is this file for spin; keep the two alike.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FAIRLOCK_H
#define SYM_LIB_RUNTIME_STORE_FAIRLOCK_H

#include "../base/Mutex.h"
#include "../memory/ThreadState.h"

namespace sym::rt {

class FairLock {
public:
  constexpr FairLock() = default;

  /// Takes the lock if that needs no waiting. May fail for no reason.
  bool tryLockExclusive() {
    uint32_t s = 0;
    return SYM_LIKELY(state.compare_exchange_strong(
               s, kWriter, std::memory_order_acquire)) ||
           overtakeExclusive(s);
  }
  void lockExclusive() {
    if (!tryLockExclusive())
      lockSlow(/*exclusive=*/true);
  }
  void unlockExclusive() {
    quietReads.store(0, std::memory_order_relaxed);
    uint32_t s = kWriter;
    if (SYM_UNLIKELY(!state.compare_exchange_strong(
            s, 0, std::memory_order_release, std::memory_order_relaxed)))
      release(kWriter);
  }

  /// As tryLockExclusive.
  bool tryLockShared() {
    uint32_t s = state.load(std::memory_order_relaxed);
    if (s & kBias)
      return enterSlot();
    return SYM_LIKELY(
        !(s & (kWriter | kWaiters)) &&
        state.compare_exchange_strong(s, s + kReader + biasAfterRead(),
                                      std::memory_order_acquire));
  }
  void lockShared() {
    if (!tryLockShared())
      lockSlow(/*exclusive=*/false);
  }
  void unlockShared() {
    ThreadState &thread = thisThread();
    int32_t top = thread.numReading - 1;
    if (top >= 0 && thread.reading[top].load(std::memory_order_relaxed) == this)
      return leaveSlot(thread, top);
    // Acquire too: the last reader may hand over for those before it.
    uint32_t s = state.load(std::memory_order_relaxed);
    while (!(s & kWaiters) || s >= 2 * kReader)
      if (SYM_LIKELY(state.compare_exchange_weak(s, s - kReader,
                                                 std::memory_order_acq_rel,
                                                 std::memory_order_relaxed)))
        return;
    release(kReader);
  }

private:
  enum : uint32_t {
    kWriter = 1,
    kWaiters = 2,   ///< the queue holds somebody
    kWoken = 4,     ///< its head is awake and tries to take the lock
    kBarred = 8,    ///< no overtaking: the lock is handed to the head
    kBias = 16,     ///< readers may be in slots
    kDraining = 32, ///< the writer waits until none is
    kReader = 64    ///< counts readers that are in no slot
  };
  /// Readers in a row before there is a bias: what a drain costs is spread over
  /// them.
  static constexpr uint32_t kQuietReads = 64;
  /// As many short sections as take the time of waking a thread some times
  /// over.
  static constexpr uint32_t kMaxOvertakes = 1000;
  static constexpr int kSpins = 200;

  enum : uint32_t { kAsleep, kCompete, kGranted };
  struct Waiter {
    Waiter *next = nullptr;
    bool exclusive;
    bool handed = false; ///< has left the queue; `signal` follows. By guard
    std::atomic<uint32_t> signal{kAsleep};
  };

  /// Whether somebody who is not in the queue may take the lock.
  static bool mayTake(uint32_t s, bool exclusive) {
    if (s & kWriter || (s & kWaiters && s & kBarred))
      return false;
    return s < kReader || (!exclusive && !(s & kWaiters));
  }
  /// The state after the lock is taken. Who takes it exclusively under a bias
  /// must drain.
  static uint32_t taken(uint32_t s, bool exclusive) {
    if (!exclusive)
      return s + kReader;
    return (s & ~kBias) | kWriter | (s & kBias ? uint32_t(kDraining) : 0u);
  }

  uint32_t biasAfterRead() {
    uint32_t reads = quietReads.load(std::memory_order_relaxed) + 1;
    quietReads.store(reads, std::memory_order_relaxed);
    return SYM_UNLIKELY(reads >= kQuietReads) ? uint32_t(kBias) : 0u;
  }
  bool enterSlot() {
    ThreadState &thread = thisThread();
    int32_t top = thread.numReading;
    if (SYM_UNLIKELY(top == ThreadState::kMaxReading))
      return false;
    // Either a writer that takes the bias away sees the slot, or we see that it
    // has done so: both sides write, then read, in one order of all such steps.
    thread.reading[top].store(this, std::memory_order_seq_cst);
    uint32_t s = state.load(std::memory_order_seq_cst);
    if (SYM_LIKELY((s & (kBias | kWriter | kWaiters)) == kBias)) {
      thread.numReading = top + 1;
      return true;
    }
    clearSlot(thread, top);
    return false;
  }
  void leaveSlot(ThreadState &thread, int32_t top) {
    thread.numReading = top;
    clearSlot(thread, top);
  }
  void clearSlot(ThreadState &thread, int32_t top) {
    thread.reading[top].store(nullptr, std::memory_order_seq_cst);
    if (SYM_UNLIKELY(state.load(std::memory_order_seq_cst) & kDraining))
      wakeDrainer();
  }

  bool overtakeExclusive(uint32_t s);
  void lockSlow(bool exclusive);
  bool compete(Waiter &self);
  static void awaitGrant(Waiter &self);
  void removeHead(Waiter &self);
  void release(uint32_t holder);
  void handOver(uint32_t s);
  void drain();
  void wakeDrainer();

  /// While kWaiters is set only the sole holder, holders of `guard`, those who
  /// overtake and readers that leave change it.
  std::atomic<uint32_t> state{0};
  std::atomic<uint32_t> quietReads{0}; ///< roughly: since the last writer
  uint32_t overtaken = 0;              ///< of the head; the sole holder's
  std::atomic<uint32_t> drained{0};
  Mutex guard; ///< of the queue
  Waiter *first = nullptr, *last = nullptr;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FAIRLOCK_H
