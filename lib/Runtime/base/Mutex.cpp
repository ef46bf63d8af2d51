//===- Mutex.cpp - A small futex mutex ------------------------------------===//

#include "Mutex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace sym::rt;

void sym::rt::futexWait(std::atomic<uint32_t> *word, uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(word), FUTEX_WAIT_PRIVATE,
          expected, nullptr, nullptr, 0);
}

void sym::rt::futexWake(std::atomic<uint32_t> *word, int count) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(word), FUTEX_WAKE_PRIVATE,
          count, nullptr, nullptr, 0);
}

void Mutex::lockSlow() {
  // Sections are a few dozen instructions, so a short spin usually suffices.
  for (int i = 0; i < 64; ++i) {
    uint32_t expected = kFree;
    if (word.load(std::memory_order_relaxed) == kFree &&
        word.compare_exchange_weak(expected, kHeld, std::memory_order_acquire))
      return;
    spinPause();
  }
  // From here on the word says "contended": whoever unlocks will wake one.
  while (word.exchange(kContended, std::memory_order_acquire) != kFree)
    futexWait(&word, kContended);
}
