//===- Variable.h - Shared variables ----------------------------*- C++ -*-===//
//
// The object of rule S1. Glossary, as in docs/runtime.md:
//   L     the variable's fair reader/writer lock, held for a whole call
//   H     its head, held for a few instructions (Head.h); only double-buffered
//         variables have a use for it, since L protects the others
//   flag  a write borrow is held (B3)
//
// Invariants (numbers as in docs/runtime.md)
//   1  Every L by ascending id, each once, in its strongest mode; then every H
//      by ascending id. No L, no allocation, no copy and no user code under an
//      H; no user code under an L.
//   2  `current` changes only under L exclusive, and for a double-buffered
//      variable also under H as exchanger; so L in any mode, or H there, keeps
//      it.
//   3  A pin on an unpinned buffer is taken only while the buffer is current:
//      under L in any mode, or for a double-buffered variable under H, or in a
//      slot whose check says that it was current meanwhile (Pins.h). Who takes
//      a value out of a variable counts the slots that name it.
//   4  A buffer is written only if it is private, or current in an in-place
//      variable that is held exclusively, not lent, and unpinned when looked at
//      after L was obtained. In a relaxed variable shared is enough (T7), and
//      its buffer is never pinned by whom it would surprise: who wants a pin
//      gets a copy.
//   5  `flag` goes up under L shared (by compare-and-swap), of a relaxed
//   variable
//      exclusive, and down at any time by the borrow's owner. Whoever holds L
//      as an update must and reads 0 may rely on it until L is released.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_VARIABLE_H
#define SYM_LIB_RUNTIME_STORE_VARIABLE_H

#include "../memory/Trace.h"
#include "Buffer.h"
#include "FairLock.h"
#include "Head.h"
#include "Place.h"

struct sym_variable {
  sym::rt::FairLock lock; ///< L
  sym::rt::Head head;     ///< H
  std::atomic<bool> flag{false};
  bool doubleBuffered;
  std::atomic<sym::rt::Buffer *> current; ///< null while uninitialised (S4)
  uint64_t id;
  std::atomic<int64_t> references{1};
  sym_type_desc type; ///< its sizes lie behind this object
  const char *name;   ///< behind the sizes
  int32_t policy;
  sym::rt::Place place; ///< of every value of it
  int64_t blockBytes;
  sym_variable *nextListed, *previousListed; ///< Fork.h
  /// The thread that updated it last while a trace was recorded.
  std::atomic<int32_t> lastWriter{0};

  /// For who keeps it, see invariant 2.
  sym::rt::Buffer *value() const {
    return current.load(std::memory_order_relaxed);
  }
  /// A device executes one call after the other whatever the policy, and its
  /// calls may have to be undone (CallOnDevice.h): there it is no different
  /// from `inplace`.
  bool relaxed() const {
    return policy == SYM_POLICY_RELAXED && !place.onDevice();
  }
  /// T7: whether calls may update it in place while others do. No element may
  /// be torn, so it is no wider than what a processor reads and writes at once.
  bool updatedShared() const {
    return relaxed() && sym_element_size(type.element) <= 8;
  }
};

namespace sym::rt {

using Variable = ::sym_variable;

/// Holds the heads of variables whose ids ascend; in-place ones are skipped.
template <void (Head::*take)(), void (Head::*give)()> class HeadsGuard {
public:
  HeadsGuard(Variable *const *variables, int count)
      : variables(variables), count(count) {
    for (int i = 0; i < count; ++i)
      if (variables[i]->doubleBuffered)
        (variables[i]->head.*take)();
  }
  ~HeadsGuard() {
    for (int i = count - 1; i >= 0; --i)
      if (variables[i]->doubleBuffered)
        (variables[i]->head.*give)();
  }
  HeadsGuard(const HeadsGuard &) = delete;
  HeadsGuard &operator=(const HeadsGuard &) = delete;

private:
  Variable *const *variables;
  int count;
};
using KeepGuard = HeadsGuard<&Head::keep, &Head::letGo>;
using ReadGuard = HeadsGuard<&Head::keep, &Head::letGoAfterRead>;
using ExchangeGuard = HeadsGuard<&Head::beginExchange, &Head::endExchange>;

/// A slot that names a buffer and is counted in it, see Pins.h.
inline void *markCounted(Buffer *buffer) {
  return reinterpret_cast<char *>(buffer) + 1;
}
inline bool isCountedSlot(const void *slot) {
  return reinterpret_cast<uintptr_t>(slot) & 1;
}
inline Buffer *countedInSlot(void *slot) {
  return reinterpret_cast<Buffer *>(static_cast<char *>(slot) - 1);
}
/// Counts the slots that name `buffer`, to which the caller has a reference.
void countSlots(Buffer *buffer);

/// Gives a variable, of which L is held exclusively and H for exchanging,
/// another value. Returns the one before, whose pins are all counted now.
inline Buffer *exchangeValue(Variable &variable, Buffer *value) {
  Buffer *old = variable.value();
  variable.current.store(value, std::memory_order_release);
  if (SYM_UNLIKELY(variable.head.mayBeInSlots()) && old)
    countSlots(old);
  return old;
}

/// Takes L, which was not to be had at once.
void waitForLock(Variable &variable, bool exclusive);
inline void lockShared(Variable &variable) {
  if (SYM_UNLIKELY(!variable.lock.tryLockShared()))
    waitForLock(variable, /*exclusive=*/false);
}
inline void lockExclusive(Variable &variable) {
  if (SYM_UNLIKELY(!variable.lock.tryLockExclusive()))
    waitForLock(variable, /*exclusive=*/true);
}
/// L is held exclusively.
inline void noteWriter(Variable &variable) {
  if (tracing())
    variable.lastWriter.store(traceThread(), std::memory_order_relaxed);
}

/// Checks a type that somebody wants a variable to have.
sym_status checkType(const sym_type_desc &type, const char *what);

/// Records that a write borrow stands in the way (B3).
sym_status refuseBorrowed(const Variable &variable);
/// Records that a variable has no value yet (S4).
sym_status refuseUninitialized(const Variable &variable);

/// Pins the current values of several variables at one instant (T1). Their ids
/// ascend. `pins` receives null for an uninitialised one, and a copy of a
/// relaxed one (T7), which is what may fail: then there are no pins.
sym_status snapshot(Variable *const *variables, int count, Buffer **pins);

/// Replaces the values of several variables at one instant. Their ids ascend.
/// On success `values` holds the buffers that were replaced (or null), and the
/// caller owns them; on SYM_BORROWED nothing has changed.
sym_status publish(Variable *const *variables, int count, Buffer **values);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_VARIABLE_H
