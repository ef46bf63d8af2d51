//===- Mutex.h - A small futex mutex ----------------------------*- C++ -*-===//
//
// Four bytes, constant-initialised, no destructor: it stands in static storage
// and in every variable. Used for short sections only (pool internals, lock
// queues); no user code runs while one is held (T6).
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_MUTEX_H
#define SYM_LIB_RUNTIME_BASE_MUTEX_H

#include "Status.h"

#include <atomic>

namespace sym::rt {

/// Sleeps while *word == expected; may return spuriously.
void futexWait(std::atomic<uint32_t> *word, uint32_t expected);
void futexWake(std::atomic<uint32_t> *word, int count);
/// A pause in a spinning loop.
inline void spinPause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class Mutex {
public:
  constexpr Mutex() = default;
  void lock() {
    uint32_t expected = kFree;
    if (SYM_UNLIKELY(!word.compare_exchange_strong(expected, kHeld,
                                                   std::memory_order_acquire)))
      lockSlow();
  }
  void unlock() {
    if (SYM_UNLIKELY(word.exchange(kFree, std::memory_order_release) ==
                     kContended))
      futexWake(&word, 1);
  }

private:
  enum : uint32_t { kFree, kHeld, kContended };
  void lockSlow();
  std::atomic<uint32_t> word{kFree};
};

/// Holds a mutex for a scope.
class Guard {
public:
  explicit Guard(Mutex &mutex) : mutex(mutex) { mutex.lock(); }
  ~Guard() { mutex.unlock(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

private:
  Mutex &mutex;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_MUTEX_H
