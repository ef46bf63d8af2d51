//===- Stack.h - How much of a thread's stack is left -----------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_BASE_STACK_H
#define SYM_LIB_RUNTIME_BASE_STACK_H

#include <stddef.h>

namespace sym::rt {

/// What a call may need below the last place that asks: the largest frames of
/// the runtime and of generated code, and a library's.
constexpr size_t kStackReserve = 128 << 10;

/// Whether less than kStackReserve is left on the stack that the caller runs
/// on. `base` is an address on that stack, above: on one that the system does
/// not know as the thread's (a coroutine's), kStackReserve / 2 below it is the
/// end. No thread may use more than 1 GiB, however large its stack is.
bool isStackNearlyFull(const void *base);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_STACK_H
