//===- FairLock.h - A first-come, first-served reader/writer lock -*- C++
//-*-===//
//
// The lock L of a variable. Who waits is served in the order of arrival, a run
// of readers together; nobody overtakes a queue (T6). Without contention each
// operation is one locked instruction. Four words, no allocation, no
// destructor; any thread, and a thread must not take a lock twice.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FAIRLOCK_H
#define SYM_LIB_RUNTIME_STORE_FAIRLOCK_H

#include "../base/Mutex.h"

namespace sym::rt {

class FairLock {
public:
  constexpr FairLock() = default;

  /// Takes the lock if that needs no waiting. May fail for no reason.
  bool tryLockExclusive() {
    uint32_t expected = 0;
    return SYM_LIKELY(state.compare_exchange_strong(expected, kWriter,
                                                    std::memory_order_acquire));
  }
  void lockExclusive() {
    if (!tryLockExclusive())
      lockSlow(/*exclusive=*/true);
  }
  void unlockExclusive() {
    uint32_t expected = kWriter;
    if (SYM_UNLIKELY(!state.compare_exchange_strong(
            expected, 0, std::memory_order_release, std::memory_order_relaxed)))
      handOver();
  }
  /// As tryLockExclusive.
  bool tryLockShared() {
    uint32_t s = state.load(std::memory_order_relaxed);
    return SYM_LIKELY(!(s & (kWriter | kWaiters)) &&
                      state.compare_exchange_strong(s, s + kReader,
                                                    std::memory_order_acquire));
  }
  void lockShared() {
    if (!tryLockShared())
      lockSlow(/*exclusive=*/false);
  }
  void unlockShared() {
    // Acquire too: the last reader may hand over for those before it.
    uint32_t before = state.fetch_sub(kReader, std::memory_order_acq_rel);
    if (SYM_UNLIKELY(before == (kReader | kWaiters)))
      handOver();
  }

private:
  enum : uint32_t { kWriter = 1, kWaiters = 2, kReader = 4 };

  struct Waiter {
    Waiter *next = nullptr;
    bool exclusive;
    std::atomic<uint32_t> granted{0};
  };

  void lockSlow(bool exclusive);
  void handOver();

  /// kWaiters is set exactly while the queue holds somebody; then only holders
  /// of `guard`, and readers that leave, change the state.
  std::atomic<uint32_t> state{0};
  Mutex guard;
  Waiter *first = nullptr, *last = nullptr;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FAIRLOCK_H
