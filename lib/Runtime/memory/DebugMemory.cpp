//===- DebugMemory.cpp - Guards, poison and faults on purpose -------------===//
//
// A decorator of the pool. With debugging on, a block is
//   [ 128 bytes: record of the block | the caller's bytes | 64 bytes: guard ]
//
//===----------------------------------------------------------------------===//

#include "../base/Mutex.h"
#include "Pool.h"
#include "ThreadState.h"
#include "sym/Runtime/debug.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace sym::rt;

SYM_CONSTINIT std::atomic<uint32_t> sym::rt::poolHooks{kHookUndecided};

namespace {
constexpr unsigned char kAllocated = 0xa5;
constexpr unsigned char kFreed = 0xdd;
constexpr unsigned char kGuard = 0xfd;
constexpr int64_t kGuardBytes = 64;
constexpr uint64_t kLiveMark = 0x53594d4c49564521;

struct alignas(64) Record {
  static constexpr int kFrames = 11;
  uint64_t mark;
  int64_t bytes;
  Record *next, *previous;
  int64_t numFrames;
  void *frames[kFrames]; ///< who asked for the block, innermost first
};
static_assert(sizeof(Record) == 128, "the caller's bytes are aligned");

SYM_CONSTINIT Mutex liveMutex;
Record *live = nullptr;
int64_t numLive = 0;
SYM_CONSTINIT std::atomic<int64_t> faultCountdown{0};

void setHook(uint32_t bit, bool on) {
  if (on)
    poolHooks.fetch_or(bit);
  else
    poolHooks.fetch_and(~bit);
}

void reportAtExit() {
  if (sym_debug_live_blocks(0))
    sym_debug_live_blocks(1);
}

/// Reads the environment once, at the first allocation.
void decide() {
  const char *value = getenv("SYM_DEBUG_MEMORY");
  bool on = value && *value && strcmp(value, "0") != 0;
  if (on) {
    setHook(kHookDebug, true);
    static std::atomic<bool> registered{false};
    if (!registered.exchange(true))
      atexit(reportAtExit);
  }
  setHook(kHookUndecided, false);
}

[[noreturn]] void damaged(const Record *record, const char *what) {
  fprintf(stderr, "sym: memory error: %s of the block of %lld bytes at %p\n",
          what, (long long)record->bytes, (const void *)(record + 1));
  abort();
}

void *allocateGuarded(int64_t bytes) {
  int64_t whole;
  if (bytes < 0 || __builtin_add_overflow(
                       bytes, int64_t(sizeof(Record)) + kGuardBytes, &whole))
    return allocatePlain(bytes); // which refuses
  auto *record = static_cast<Record *>(allocatePlain(whole));
  if (!record)
    return nullptr;
  char *data = reinterpret_cast<char *>(record + 1);
  memset(data, kAllocated, size_t(bytes));
  memset(data + bytes, kGuard, size_t(kGuardBytes));
  record->mark = kLiveMark;
  record->bytes = bytes;
  record->numFrames = backtrace(record->frames, Record::kFrames);
  Guard guard(liveMutex);
  record->previous = nullptr;
  record->next = live;
  if (live)
    live->previous = record;
  live = record;
  ++numLive;
  return data;
}

void deallocateGuarded(void *data, int64_t bytes) {
  Record *record = static_cast<Record *>(data) - 1;
  if (record->mark != kLiveMark)
    damaged(record, "double free, or damage in front,");
  if (record->bytes != bytes)
    damaged(record, "wrong size at the free");
  const char *end = static_cast<char *>(data) + bytes;
  for (int64_t i = 0; i < kGuardBytes; ++i)
    if (static_cast<unsigned char>(end[i]) != kGuard)
      damaged(record, "write behind the end");
  {
    Guard guard(liveMutex);
    (record->previous ? record->previous->next : live) = record->next;
    if (record->next)
      record->next->previous = record->previous;
    --numLive;
  }
  record->mark = 0;
  memset(data, kFreed, size_t(bytes));
  deallocatePlain(record, bytes + int64_t(sizeof(Record)) + kGuardBytes);
}
} // namespace

void sym::rt::lockDebugging() { liveMutex.lock(); }
void sym::rt::unlockDebugging() { liveMutex.unlock(); }

void *sym::rt::allocateHooked(int64_t bytes) {
  if (poolHooks.load(std::memory_order_relaxed) & kHookUndecided)
    decide();
  uint32_t hooks = poolHooks.load(std::memory_order_relaxed);
  if ((hooks & kHookFault) && faultCountdown.fetch_sub(1) == 1) {
    setHook(kHookFault, false);
    fail(SYM_OUT_OF_MEMORY,
         "out of memory: %lld bytes requested, a test said no",
         (long long)bytes);
    return nullptr;
  }
  return hooks & kHookDebug ? allocateGuarded(bytes) : allocatePlain(bytes);
}

void sym::rt::deallocateHooked(void *data, int64_t bytes) {
  if (!data)
    return;
  if (poolHooks.load(std::memory_order_relaxed) & kHookDebug)
    return deallocateGuarded(data, bytes);
  deallocatePlain(data, bytes);
}

sym_status sym_debug_memory(int32_t enable) {
  if (poolHooks.load() & kHookUndecided)
    decide();
  if (bool(poolHooks.load() & kHookDebug) == bool(enable))
    return SYM_OK;
  // Idle arenas have no guards either.
  dropIdleArenas();
  if (int64_t bytes = sym_get_statistics().bytes_in_use)
    return fail(SYM_INVALID_ARGUMENT,
                "memory debugging can change only while no block is in use; "
                "%lld bytes are",
                (long long)bytes);
  setHook(kHookDebug, enable);
  return SYM_OK;
}

int64_t sym_debug_live_blocks(int32_t report) {
  Guard guard(liveMutex);
  if (report) {
    fprintf(stderr, "sym: %lld blocks are live\n", (long long)numLive);
    int lines = 0;
    for (Record *r = live; r && lines < 100; r = r->next, ++lines) {
      fprintf(stderr, "sym:   %lld bytes at %p, allocated by\n",
              (long long)r->bytes, (void *)(r + 1));
      fflush(stderr);
      // The first two frames are this file's and the pool's.
      if (r->numFrames > 2)
        backtrace_symbols_fd(r->frames + 2, int(r->numFrames) - 2,
                             STDERR_FILENO);
    }
  }
  return numLive;
}

int64_t sym_debug_fail_allocation(int64_t k) {
  if (poolHooks.load() & kHookUndecided)
    decide();
  setHook(kHookFault, false);
  int64_t left = faultCountdown.exchange(k);
  if (k > 0)
    setHook(kHookFault, true);
  return left > 0 ? left : 0;
}
