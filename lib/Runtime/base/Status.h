//===- Status.h - Faults and the thread's last one --------------*- C++ -*-===//
//
// The runtime throws nothing and allocates nothing to report a fault: the
// message is written into storage of the calling thread and the code travels
// as a return value. Every function here may be called from any thread and
// touches only that thread's record.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_STATUS_H
#define SYM_LIB_RUNTIME_BASE_STATUS_H

#include "sym/Runtime/sym_runtime.h"

#define SYM_LIKELY(x) __builtin_expect(!!(x), 1)
#define SYM_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SYM_NOINLINE __attribute__((noinline))

/// Static storage that must be ready before any constructor runs, since
/// variables may be created from one.
#if defined(__clang__)
#define SYM_CONSTINIT [[clang::require_constant_initialization]]
#else
#define SYM_CONSTINIT
#endif

namespace sym::rt {

/// Longest message and location that are kept; longer ones are cut.
constexpr int kMessageCapacity = 1024;
constexpr int kLocationCapacity = 256;

struct ErrorRecord {
  sym_status status;
  char message[kMessageCapacity];
  char location[kLocationCapacity];
};

/// Records a fault with a printf-style message and no location; returns
/// `code`, so that a check reads `return fail(...)`.
sym_status fail(sym_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold));

/// As fail, for text that is already formatted and a check's location (may be
/// null).
sym_status failAt(sym_status code, const char *location, const char *message)
    __attribute__((cold));

/// The code of the thread's last fault: what a function that answers null has
/// recorded.
sym_status lastStatus();

/// The calling thread's record. Callers that run user code between a fault and
/// the return save a copy and put it back.
ErrorRecord &lastError();

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_STATUS_H
