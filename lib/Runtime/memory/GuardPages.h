//===- GuardPages.h - Blocks that end where memory ends ---------*- C++ -*-===//
//
// For memory debugging: a block has pages of its own,
//   [ record | front, block, slack | guard ]
// of which the last cannot be touched, so that an access behind the block ends
// the process where it happens. Blocks stay 64-byte aligned, so up to 63 bytes
// of slack lie between block and guard; they and the front, up to the start of
// the block's first page, hold a pattern that is checked at the free. Freed
// blocks cannot be touched for a while, either (the quarantine).
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_GUARDPAGES_H
#define SYM_LIB_RUNTIME_MEMORY_GUARDPAGES_H

#include "PageHeap.h"

namespace sym::rt {

/// Where these blocks come from; all of it is without access until it is used.
extern PageHeap guardHeap;

/// A block, with its patterns; null, with the fault recorded, without memory.
/// Any thread.
void *takeGuardedBlock(int64_t bytes);
/// A page for the user of the block; it stays accessible in the quarantine.
void *guardedRecord(void *data);
/// What has been done to the patterns: null, or a description.
const char *guardedDamage(const void *data, int64_t bytes);

// The rest is under the caller's mutex.

/// Frees a block: nothing but its record can be touched any more.
void quarantine(void *data, int64_t bytes);
/// Lets everything go that is in the quarantine.
void emptyQuarantine();
/// A freed block that still holds the address, with its size; null if none.
const void *findInQuarantine(const void *address, int64_t *bytes);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_GUARDPAGES_H
