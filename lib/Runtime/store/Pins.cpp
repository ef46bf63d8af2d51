//===- Pins.cpp - Pins that share no memory -------------------------------===//

#include "Pins.h"

using namespace sym::rt;

SYM_NOINLINE void sym::rt::withdrawSlots(ThreadState &thread, int32_t count) {
  int32_t base = thread.numPinned - count, kept = base;
  for (int32_t i = base; i < base + count; ++i) {
    void *was = thread.pinned[i].exchange(nullptr, std::memory_order_seq_cst);
    if (isCountedSlot(was))
      thread.pinned[kept++].store(was, std::memory_order_seq_cst);
  }
  thread.numPinned = kept;
}

SYM_NOINLINE void sym::rt::countSlots(Buffer *buffer) {
  for (ThreadState *t = firstThread(); t; t = t->next)
    for (std::atomic<void *> &slot : t->pinned) {
      void *expected = buffer;
      if (slot.load(std::memory_order_seq_cst) != expected)
        continue;
      // Before the mark, behind which the reader may drop it.
      buffer->retain();
      if (!slot.compare_exchange_strong(expected, markCounted(buffer),
                                        std::memory_order_seq_cst))
        buffer->references.fetch_sub(1, std::memory_order_relaxed);
    }
}

SYM_NOINLINE void ShortPins::countPins(Variable *const *variables,
                                       int32_t count, Variable *const *heads,
                                       int32_t numHeads, Buffer **values) {
  ReadGuard guard(heads, numHeads);
  for (int32_t k = 0; k < count; ++k) {
    values[k] = variables[k]->value();
    if (values[k] && variables[k]->doubleBuffered)
      values[k]->retain();
  }
}

SYM_NOINLINE void ShortPins::releasePins(Variable *const *variables,
                                         int32_t count, Buffer *const *values) {
  for (int32_t k = 0; k < count; ++k)
    if (variables[k]->doubleBuffered)
      releaseBuffer(values[k]);
}
