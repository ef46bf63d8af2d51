//===- Stack.cpp - How much of a thread's stack is left -------------------===//

#include "Stack.h"
#include "Status.h"

#include <pthread.h>
#include <stdint.h>

using namespace sym::rt;

namespace {
/// The stack of a thread, downwards from `high`; empty if it is not known.
struct StackBounds {
  uintptr_t low = 0, high = 0;
  bool isKnown = false;
};
} // namespace

/// An unlimited stack must not take all memory.
static constexpr uintptr_t kMaxStack = 1 << 30;

// Not initial-exec, as the record of the last fault.
static __thread StackBounds threadStack;

static SYM_NOINLINE void findStack(StackBounds &bounds) {
  bounds.isKnown = true;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0)
    return;
  void *low = nullptr;
  size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    bounds.low = reinterpret_cast<uintptr_t>(low);
    bounds.high = bounds.low + size;
    if (size > kMaxStack)
      bounds.low = bounds.high - kMaxStack;
  }
  pthread_attr_destroy(&attributes);
}

bool sym::rt::isStackNearlyFull(const void *base) {
  StackBounds &bounds = threadStack;
  if (SYM_UNLIKELY(!bounds.isKnown))
    findStack(bounds);
  auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (SYM_UNLIKELY(here < bounds.low || here >= bounds.high))
    return reinterpret_cast<uintptr_t>(base) - here > kStackReserve / 2;
  return here - bounds.low < kStackReserve;
}
