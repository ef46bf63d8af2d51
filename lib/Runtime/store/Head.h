//===- Head.h - The short lock of a double-buffered value -------*- C++ -*-===//
//
// The head H of a variable: a mutex for a few instructions, and a version of
// the value, in one word. Who holds it as keeper reads the value and may pin
// it; who holds it as exchanger replaces it. Readers by slots (Pins.h) hold
// nothing: they look at the word before and after, and have seen one value if
// no exchange began in between.
//
// Only the holder changes the word, but for kContended.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_HEAD_H
#define SYM_LIB_RUNTIME_STORE_HEAD_H

#include "../base/Mutex.h"

namespace sym::rt {

class Head {
public:
  constexpr Head() = default;

  void keep() { lock(kHeld); }
  void letGo() { unlock(word.load(std::memory_order_relaxed) & ~kHolding); }
  /// The same for who has read the value for a short while. After some in a row
  /// readers use slots.
  void letGoAfterRead() {
    uint64_t w = word.load(std::memory_order_relaxed);
    if (SYM_UNLIKELY(++quietReads >= kQuietReads))
      w |= kSlots;
    unlock(w & ~kHolding);
  }

  void beginExchange() { lock(kHeld | kExchanging); }
  /// Whether slots may show the value that the exchanger takes away.
  bool mayBeInSlots() const {
    return word.load(std::memory_order_relaxed) & kSlots;
  }
  void endExchange() {
    quietReads = 0;
    uint64_t w = word.load(std::memory_order_relaxed);
    unlock((w & ~(kVersion - 1)) + kVersion);
  }

  /// What a reader by slots starts from.
  uint64_t observe() const { return word.load(std::memory_order_acquire); }
  static bool admitsSlots(uint64_t observed) {
    return (observed & (kSlots | kExchanging)) == kSlots;
  }
  /// Whether no exchange has begun since. In one order with the reader's slot
  /// and with what an exchanger does.
  bool unchangedSince(uint64_t observed) const {
    return !((word.load(std::memory_order_seq_cst) ^ observed) &
             ~uint64_t(kHeld | kContended));
  }

private:
  enum : uint64_t {
    kHeld = 1,
    kContended = 2,  ///< somebody may sleep
    kExchanging = 4, ///< the holder exchanges the value
    kSlots = 8,      ///< readers use slots; until the next exchange
    kVersion = 16,   ///< counts exchanges; 60 bits do not come round
    kHolding = kHeld | kContended | kExchanging
  };
  /// Reads in a row before slots are used: an exchanger looks through the slots
  /// of all threads, and that is spread over them.
  static const uint32_t kQuietReads;

  void lock(uint64_t bits) {
    uint64_t w = word.load(std::memory_order_relaxed);
    if (SYM_UNLIKELY((w & kHeld) || !word.compare_exchange_strong(
                                        w, w | bits, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)))
      lockSlow(bits);
  }
  void unlock(uint64_t next) {
    if (SYM_UNLIKELY(word.exchange(next, std::memory_order_release) &
                     kContended))
      wake();
  }
  void lockSlow(uint64_t bits);
  void wake();

  std::atomic<uint64_t> word{0};
  uint32_t quietReads = 0; ///< roughly: since the last exchange; the holder's
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_HEAD_H
