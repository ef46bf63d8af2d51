//===- Pool.h - The host memory pool ----------------------------*- C++ -*-===//
//
// Blocks of any size, 64-byte aligned, whose size the caller passes back when
// it frees them. In the steady state of a fixed set of sizes nothing here asks
// the system for anything (C2).
//
// Three regimes, by size:
//   up to 8 KB       slots of 64 KB spans, behind a cache per thread
//   up to 2 MB       runs of 4 KB pages
//   above            runs of 64 KB, in ranges that ask for huge pages
//
// Ownership: a block belongs to whoever asked for it, on any thread. Failure:
// null, with SYM_OUT_OF_MEMORY recorded on the thread and nothing changed.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_POOL_H
#define SYM_LIB_RUNTIME_MEMORY_POOL_H

#include "../base/Status.h"

#include <atomic>

namespace sym::rt {

/// Bits that send every request through the slow path.
enum : uint32_t {
  kHookDebug = 1,
  kHookFault = 2,
  kHookUndecided = 4,
  kHookPages = 8, ///< with kHookDebug: every block has pages of its own
  kHookWatch = 16
};
extern std::atomic<uint32_t> poolHooks;

void *allocateHooked(int64_t bytes);
void deallocateHooked(void *data, int64_t bytes);
void *allocatePlain(int64_t bytes);
void deallocatePlain(void *data, int64_t bytes);

/// A block of at least `bytes` (which may be 0), uninitialised.
inline void *allocate(int64_t bytes) {
  if (SYM_UNLIKELY(poolHooks.load(std::memory_order_relaxed)))
    return allocateHooked(bytes);
  return allocatePlain(bytes);
}

/// Frees a block; `bytes` is what was asked for. Null is ignored.
inline void deallocate(void *data, int64_t bytes) {
  if (SYM_UNLIKELY(poolHooks.load(std::memory_order_relaxed)))
    return deallocateHooked(data, bytes);
  deallocatePlain(data, bytes);
}

/// Whether the address is the pool's; a few comparisons, no lock.
bool isPoolMemory(const void *address);

/// The thread's cached arena of at least `bytes`, or a new one; the size that
/// must be passed to releaseArena is stored in *capacity. One thread may hold
/// several. Null on failure.
void *acquireArena(int64_t bytes, int64_t *capacity);
void releaseArena(void *arena, int64_t capacity);

//===----------------------------------------------------------------------===//
// Between the parts of the pool
//===----------------------------------------------------------------------===//

/// Records the fault; null.
void *outOfMemory(int64_t bytes);
/// Admits `bytes` more of clean memory: within the cap, after returning idle
/// memory if that is what it takes. False when the cap refuses. Holds no lock
/// on return; the caller must hold none.
bool chargeReserved(uint64_t bytes);
void dischargeReserved(uint64_t bytes);

//===----------------------------------------------------------------------===//
// fork
//===----------------------------------------------------------------------===//

/// Takes and releases every mutex of this layer, in the order in which they
/// nest, so that no other thread is in the middle of anything.
void lockPool();
void unlockPool();
/// In the child of a fork, between the two: gives back the records of the other
/// threads. What their caches held is lost to this process.
void forgetOtherThreads();

// Mutexes of other files of this layer, for the above.
void lockDebugging();
void unlockDebugging();
void lockRegistry();
void unlockRegistry();
void lockMetadata();
void unlockMetadata();

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_POOL_H
