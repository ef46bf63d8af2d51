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

/// How blocks of the pool are watched. PATTERNS surrounds every block with
/// guards, fills it with a pattern when it is handed out and again when it is
/// freed, and remembers what is live; a damaged guard ends the process with a
/// message when the block is freed. PAGES gives every block pages of its own,
/// behind which lies one that nobody can touch: an access behind the end ends
/// the process where it happens, and so does one to a freed block, for the next
/// 512 frees. Blocks are still aligned to 64 bytes, so up to 63 bytes behind an
/// odd size are only a pattern. A block then costs at least 8 KB, and the
/// system's bound on mappings (65,530) allows about 20,000.
enum { SYM_DEBUG_OFF = 0, SYM_DEBUG_PATTERNS = 1, SYM_DEBUG_PAGES = 2 };

/// Sets how blocks are watched. Scoped borrows of host
/// programs are not pinned, and a use of one behind its release or behind an
/// update of its variable ends the process as well (B5). Environment variable
/// SYM_DEBUG_MEMORY=1, or =guard for pages, does the same from the start, and
/// reports leaks at exit.
/// SYM_INVALID_ARGUMENT while a block is in use, since its guards are missing.
sym_status sym_debug_memory(int32_t how);

/// How many blocks are live; writes each of the first hundred to standard error
/// if `report`, with the functions that asked for it. 0 when debugging is off.
int64_t sym_debug_live_blocks(int32_t report);

/// Lets the `k`-th allocation from now on (1 is the next), by any thread, fail
/// with SYM_OUT_OF_MEMORY; 0 disarms. Returns how many allocations of the
/// preceding arming were left to count down, 0 if its failure happened.
int64_t sym_debug_fail_allocation(int64_t k);

/// Tells `watch` of every block that the pool hands out, and (`freed`) of every
/// one that comes back, on the thread that asks for that; null ends it. Set
/// while no other thread uses the runtime, which `watch` must not use either.
typedef void (*sym_block_watcher)(void *context, const void *data,
                                  int64_t bytes, int32_t freed);
void sym_debug_watch_blocks(sym_block_watcher watch, void *context);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_DEBUG_H
