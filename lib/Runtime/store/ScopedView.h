//===- ScopedView.h - Scoped borrows that trap misuse -----------*- C++ -*-===//
//
// A scoped borrow of a host program has no pin to rely on: the checker proves
// that nobody looks at it after its release or after an update of its variable
// (B5). Normally the runtime pins it all the same, on account of other threads,
// and so would hide a mistake of the checker. With memory debugging on
// (debug.h) a scoped borrow is unpinned, and shows pages of its own that can be
// read until the borrow ends or the program updates the variable, and not
// afterwards: a use ends the process with a message.
//
// Owned by one host program, used by its thread.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_SCOPEDVIEW_H
#define SYM_LIB_RUNTIME_STORE_SCOPEDVIEW_H

#include "Variable.h"

namespace sym::rt {

struct ScopedView {
  ScopedView *next;
  const Variable *variable;
  char *begin, *end;  ///< the pages, and one more that is never readable
  char *shown;        ///< where the value begins
  const char *reason; ///< why it may not be used any more; null while it may
};

class ScopedViews {
public:
  ScopedViews() = default;
  ~ScopedViews();
  ScopedViews(const ScopedViews &) = delete;
  ScopedViews &operator=(const ScopedViews &) = delete;

  /// Whether scoped borrows are to be debugged.
  static bool wanted() {
    return SYM_UNLIKELY(poolHooks.load(std::memory_order_relaxed) & kHookDebug);
  }
  /// Shows the value of `variable`; null, with the fault recorded, without
  /// memory.
  ScopedView *create(const Variable &variable, const Buffer &value);
  /// Makes one view unreadable.
  static void release(ScopedView *view);
  /// Makes the views of a variable unreadable that is about to be updated.
  void invalidate(const Variable &variable);

private:
  ScopedView *first = nullptr; ///< the newest
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_SCOPEDVIEW_H
