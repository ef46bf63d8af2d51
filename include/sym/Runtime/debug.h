//===- debug.h - Hooks for tests and for finding memory errors -*- C -*-===//
//
// Nothing here is needed by a program that works. Any thread may call.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_DEBUG_H
#define SYM_RUNTIME_DEBUG_H

#include "sym/Runtime/sym_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Surrounds every block of the pool with guards, fills it with a pattern when
/// it is handed out and again when it is freed, and remembers what is live. A
/// damaged guard ends the process with a message. Scoped borrows of host
/// programs are not pinned, and a use of one behind its release or behind an
/// update of its variable ends the process as well (B5). Environment variable
/// SYM_DEBUG_MEMORY=1 does the same from the start, and reports leaks at exit.
/// SYM_INVALID_ARGUMENT while a block is in use, since its guards are missing.
sym_status sym_debug_memory(int32_t enable);

/// How many blocks are live; writes each of the first hundred to standard error
/// if `report`, with the functions that asked for it. 0 when debugging is off.
int64_t sym_debug_live_blocks(int32_t report);

/// Lets the `k`-th allocation from now on (1 is the next), by any thread, fail
/// with SYM_OUT_OF_MEMORY; 0 disarms. Returns how many allocations of the
/// preceding arming were left to count down, 0 if its failure happened.
int64_t sym_debug_fail_allocation(int64_t k);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_DEBUG_H
