//===- InUse.h - Functions that calls are inside of -------------*- C++ -*-===//
//
// A function may be given up while calls of it run, on any thread (the
// instance is destroyed, say): they end as if nothing had happened, and the
// last one frees it. Counting references would cost each call two locked
// instructions, half as much again as its locks. Instead a thread publishes
// which function it is inside of, with a plain store, and who frees a function
// makes all processors agree first (membarrier) and then looks at every thread.
// A call within a call (a lender's callback may call) counts a reference.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_INUSE_H
#define SYM_LIB_RUNTIME_STORE_INUSE_H

#include "../memory/ThreadState.h"
#include "Function.h"

namespace sym::rt {

/// How many functions wait to be freed for calls that are inside of them.
extern std::atomic<int32_t> numRetired;

/// Frees the function now, or when the calls that are inside of it have ended.
/// Nobody holds a reference any more. May run lenders' callbacks: no lock of
/// the runtime may be held. Any thread.
void retire(Function *function);

/// Frees those of the retired functions that no call is inside of. As retire.
void freeRetired();

/// Called before the first function is bound: whether publishing with a plain
/// store is enough on this system. If not, calls count references.
bool processorsCanAgree();

/// Keeps a function for the time of a call.
class InUse {
public:
  InUse(ThreadState &thread, const Function &function)
      : thread(thread), function(function) {
    counted = SYM_UNLIKELY(thread.inside.load(std::memory_order_relaxed) ||
                           function.countsCalls);
    if (SYM_UNLIKELY(counted)) {
      function.references.fetch_add(1, std::memory_order_relaxed);
    } else {
      thread.inside.store(&function, std::memory_order_relaxed);
      // The compiler keeps what follows behind it; the processor need not, see
      // above.
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }
  ~InUse() {
    if (SYM_UNLIKELY(counted)) {
      sym_function_release(const_cast<Function *>(&function));
      return;
    }
    thread.inside.store(nullptr, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    // Who retires a function counts it, makes the processors agree, and looks
    // at the threads: either it sees the store above, or we see its count.
    if (SYM_UNLIKELY(numRetired.load(std::memory_order_relaxed) != 0))
      freeRetired();
  }
  InUse(const InUse &) = delete;
  InUse &operator=(const InUse &) = delete;

private:
  ThreadState &thread;
  const Function &function;
  bool counted;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_INUSE_H
