//===- Head.cpp - The short lock of a double-buffered value ---------------===//

#include "Head.h"

using namespace sym::rt;

// Tests that want slots used all the time make it small.
#ifndef SYM_QUIET_READS
#define SYM_QUIET_READS 64
#endif
const uint32_t Head::kQuietReads = SYM_QUIET_READS;

/// A futex is 32 bits: those that change when the head is let go.
static std::atomic<uint32_t> *lowHalf(std::atomic<uint64_t> &word) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
                "the low half of a word comes first");
  return reinterpret_cast<std::atomic<uint32_t> *>(&word);
}

SYM_NOINLINE void Head::lockSlow(uint64_t bits) {
  // Sections are a few dozen instructions, so a short spin usually suffices.
  for (int i = 0; i < 64; ++i) {
    uint64_t w = word.load(std::memory_order_relaxed);
    if (!(w & kHeld) &&
        word.compare_exchange_weak(w, w | bits, std::memory_order_seq_cst,
                                   std::memory_order_relaxed))
      return;
    spinPause();
  }
  // From here on the word says "contended": whoever lets go will wake one.
  uint64_t w = word.load(std::memory_order_relaxed);
  for (;;) {
    uint64_t next = w | kContended | (w & kHeld ? 0 : bits);
    if (!word.compare_exchange_weak(w, next, std::memory_order_seq_cst,
                                    std::memory_order_relaxed))
      continue;
    if (!(w & kHeld))
      return;
    futexWait(lowHalf(word), uint32_t(next));
    w = word.load(std::memory_order_relaxed);
  }
}

SYM_NOINLINE void Head::wake() { futexWake(lowHalf(word), 1); }
