//===- Pins.h - Pins that share no memory -----------------------*- C++ -*-===//
//
// A pin for the length of a call, of the values of double-buffered variables.
// Counting it in the buffer would take the buffer's cache line from every other
// reader. Instead a reader writes the buffer's address into a slot of its
// thread's record (ThreadState::pinned), and then checks that the value has not
// been exchanged since it looked (Head.h). Who takes a value out of a variable
// looks through the slots, and counts those that name it: it adds a reference
// and marks the slot, and the reader drops that reference when it leaves. So
// nobody waits for a reader, and what is no variable's value is pinned by
// references alone.
//
// A slot that is not checked yet may name anything, and its buffer must not be
// looked at. If the check fails the slot is emptied, but stays as it is if it
// has been marked meanwhile: dropping the reference may run a lender's callback
// (T6), so it waits until the call lets go of everything.
//
// Slots are a stack: a callback may call.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_PINS_H
#define SYM_LIB_RUNTIME_STORE_PINS_H

#include "../memory/ThreadState.h"
#include "Variable.h"

namespace sym::rt {

/// Undoes a pin by slots of the thread's uppermost `count` slots, all but the
/// marked ones.
void withdrawSlots(ThreadState &thread, int32_t count);

/// Pins the values of several variables at one instant (T1, T8), and says where
/// they are; null is no value. Those that are not double-buffered are locked by
/// the caller. Fails rather than waits: then nothing is pinned. In either case
/// the caller calls leaveSlots later.
inline bool pinInSlots(ThreadState &thread, Variable *const *variables,
                       int32_t count, Buffer **values) {
  uint64_t observed[ThreadState::kMaxPinned];
  int32_t base = thread.numPinned, n = 0;
  bool good = true;
  for (int32_t k = 0; k < count; ++k) {
    Variable &v = *variables[k];
    if (!v.doubleBuffered) {
      values[k] = v.value();
      continue;
    }
    uint64_t word = v.head.observe();
    good = Head::admitsSlots(word) && base + n < ThreadState::kMaxPinned;
    if (SYM_UNLIKELY(!good))
      break;
    observed[n] = word;
    values[k] = v.current.load(std::memory_order_acquire);
    // Either an exchanger sees the slot, or we see that it has begun: both
    // sides write, then read, in one order of all such steps.
    thread.pinned[base + n++].store(values[k], std::memory_order_seq_cst);
  }
  thread.numPinned = base + n;
  for (int32_t k = 0, i = 0; k < count && good; ++k)
    if (variables[k]->doubleBuffered)
      good = variables[k]->head.unchangedSince(observed[i++]);
  if (SYM_LIKELY(good))
    return true;
  withdrawSlots(thread, n);
  return false;
}

/// Gives all slots from `base` on back. May run lenders' callbacks: no lock of
/// the runtime may be held (T6).
inline void leaveSlots(ThreadState &thread, int32_t base) {
  while (thread.numPinned > base) {
    std::atomic<void *> &slot = thread.pinned[--thread.numPinned];
    void *was = slot.exchange(nullptr, std::memory_order_seq_cst);
    if (SYM_UNLIKELY(isCountedSlot(was)))
      releaseBuffer(countedInSlot(was));
  }
}

/// Pins of the values of several variables for the length of a call: in slots,
/// or counted if that fails.
class ShortPins {
public:
  /// `heads` are those of the variables that are double-buffered, by ascending
  /// id. `values` is as for pinInSlots.
  void take(ThreadState &thread, Variable *const *variables, int32_t count,
            Variable *const *heads, int32_t numHeads, Buffer **values) {
    base = thread.numPinned;
    counted = SYM_UNLIKELY(!pinInSlots(thread, variables, count, values));
    if (SYM_UNLIKELY(counted))
      countPins(variables, count, heads, numHeads, values);
  }
  /// May run lenders' callbacks: no lock of the runtime may be held (T6).
  void drop(ThreadState &thread, Variable *const *variables, int32_t count,
            Buffer *const *values) {
    leaveSlots(thread, base);
    if (SYM_UNLIKELY(counted))
      releasePins(variables, count, values);
  }

private:
  static void countPins(Variable *const *variables, int32_t count,
                        Variable *const *heads, int32_t numHeads,
                        Buffer **values);
  static void releasePins(Variable *const *variables, int32_t count,
                          Buffer *const *values);

  int32_t base;
  bool counted;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_PINS_H
