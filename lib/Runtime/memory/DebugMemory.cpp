//===- DebugMemory.cpp - Guards, poison and faults on purpose -------------===//
//
// A decorator of the pool. With debugging on, a block is
//   [ 128 bytes: record of the block | the caller's bytes | 64 bytes: guard ]
// or has pages of its own, and its record lies in the first (GuardPages.h).
//
//===----------------------------------------------------------------------===//

#include "../base/Mutex.h"
#include "GuardPages.h"
#include "Pool.h"
#include "ThreadState.h"
#include "sym/Runtime/debug.h"

#include <execinfo.h>
#include <signal.h>
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
constexpr uint64_t kFreedMark = 0x53594d4652454521;

struct alignas(64) Record {
  static constexpr int kFrames = 10;
  uint64_t mark;
  int64_t bytes;
  Record *next, *previous;
  void *data; ///< the caller's bytes
  int64_t numFrames;
  void *frames[kFrames]; ///< who asked for the block, innermost first
};
static_assert(sizeof(Record) == 128, "the caller's bytes are aligned");

SYM_CONSTINIT Mutex liveMutex;
Record *live = nullptr;
int64_t numLive = 0;
SYM_CONSTINIT std::atomic<int64_t> faultCountdown{0};
sym_block_watcher watcher = nullptr;
void *watcherContext = nullptr;

void setHook(uint32_t bit, bool on) {
  if (on)
    poolHooks.fetch_or(bit);
  else
    poolHooks.fetch_and(~bit);
}

bool onPages() {
  return poolHooks.load(std::memory_order_relaxed) & kHookPages;
}

struct sigaction previousAction;

/// Says what block an access that the system refuses belongs to. The process is
/// about to end, so this neither locks nor allocates.
void onFault(int signal, siginfo_t *info, void *) {
  if (guardHeap.contains(info->si_addr)) {
    auto *address = static_cast<const char *>(info->si_addr);
    char text[200];
    int length = 0;
    int64_t bytes;
    if (const void *block = findInQuarantine(address, &bytes))
      length = snprintf(text, sizeof(text),
                        "sym: memory error: access at %p to the freed block of "
                        "%lld bytes at %p\n",
                        (const void *)address, (long long)bytes, block);
    for (Record *r = live; r && !length; r = r->next) {
      auto *end = static_cast<const char *>(r->data) + r->bytes;
      if (address >= end && address < end + 4096 + kGuardBytes)
        length = snprintf(text, sizeof(text),
                          "sym: memory error: access at %p behind the end of "
                          "the block of %lld bytes at %p\n",
                          (const void *)address, (long long)r->bytes, r->data);
    }
    ssize_t written = write(STDERR_FILENO, text, size_t(length));
    (void)written;
  }
  // The same fault again, for whoever handled it before, or for the system.
  sigaction(signal, &previousAction, nullptr);
}

void watchFaults() {
  static bool watching = false;
  if (watching)
    return;
  watching = true;
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previousAction);
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
    if (strcmp(value, "guard") == 0) {
      setHook(kHookPages, true);
      watchFaults();
    }
    setHook(kHookDebug, true);
    static std::atomic<bool> registered{false};
    if (!registered.exchange(true))
      atexit(reportAtExit);
  }
  setHook(kHookUndecided, false);
}

[[noreturn]] void damaged(const Record *record, const char *what) {
  fprintf(stderr, "sym: memory error: %s of the block of %lld bytes at %p\n",
          what, (long long)record->bytes, (const void *)record->data);
  abort();
}

void *enlist(Record *record, void *data, int64_t bytes) {
  record->mark = kLiveMark;
  record->bytes = bytes;
  record->data = data;
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

/// liveMutex is held.
void delist(Record *record) {
  (record->previous ? record->previous->next : live) = record->next;
  if (record->next)
    record->next->previous = record->previous;
  --numLive;
}

void *allocateOnPages(int64_t bytes) {
  void *data = takeGuardedBlock(bytes);
  if (!data) {
    // What is in the quarantine may be all that is missing.
    {
      Guard guard(liveMutex);
      emptyQuarantine();
    }
    data = takeGuardedBlock(bytes);
  }
  if (!data)
    return outOfMemory(bytes);
  memset(data, kAllocated, size_t(bytes));
  return enlist(static_cast<Record *>(guardedRecord(data)), data, bytes);
}

void deallocateOnPages(void *data, int64_t bytes) {
  auto *record = static_cast<Record *>(guardedRecord(data));
  if (record->mark == kFreedMark)
    damaged(record, "double free");
  if (record->mark != kLiveMark)
    damaged(record, "damage in front");
  if (record->bytes != bytes)
    damaged(record, "wrong size at the free");
  if (const char *damage = guardedDamage(data, bytes))
    damaged(record, damage);
  Guard guard(liveMutex);
  delist(record);
  record->mark = kFreedMark;
  quarantine(data, bytes);
}

void *allocateGuarded(int64_t bytes) {
  if (onPages())
    return allocateOnPages(bytes);
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
  return enlist(record, data, bytes);
}

void deallocateGuarded(void *data, int64_t bytes) {
  if (onPages())
    return deallocateOnPages(data, bytes);
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
    delist(record);
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
  void *data =
      hooks & kHookDebug ? allocateGuarded(bytes) : allocatePlain(bytes);
  if (SYM_UNLIKELY(hooks & kHookWatch) && data)
    watcher(watcherContext, data, bytes, 0);
  return data;
}

void sym::rt::deallocateHooked(void *data, int64_t bytes) {
  if (!data)
    return;
  uint32_t hooks = poolHooks.load(std::memory_order_relaxed);
  if (SYM_UNLIKELY(hooks & kHookWatch))
    watcher(watcherContext, data, bytes, 1); // before another thread has it
  if (hooks & kHookDebug)
    return deallocateGuarded(data, bytes);
  deallocatePlain(data, bytes);
}

sym_status sym_debug_memory(int32_t how) {
  if (poolHooks.load() & kHookUndecided)
    decide();
  bool pages = how == SYM_DEBUG_PAGES;
  if (bool(poolHooks.load() & kHookDebug) == bool(how) && onPages() == pages)
    return SYM_OK;
  // Idle arenas have no guards either.
  dropIdleArenas();
  if (int64_t bytes = sym_get_statistics().bytes_in_use)
    return fail(SYM_INVALID_ARGUMENT,
                "memory debugging can change only while no block is in use; "
                "%lld bytes are",
                (long long)bytes);
  {
    Guard guard(liveMutex);
    emptyQuarantine();
    if (pages)
      watchFaults();
  }
  setHook(kHookPages, pages);
  setHook(kHookDebug, how);
  return SYM_OK;
}

int64_t sym_debug_live_blocks(int32_t report) {
  Guard guard(liveMutex);
  if (report) {
    fprintf(stderr, "sym: %lld blocks are live\n", (long long)numLive);
    int lines = 0;
    for (Record *r = live; r && lines < 100; r = r->next, ++lines) {
      fprintf(stderr, "sym:   %lld bytes at %p, allocated by\n",
              (long long)r->bytes, r->data);
      fflush(stderr);
      // The first two frames are this file's and the pool's.
      if (r->numFrames > 2)
        backtrace_symbols_fd(r->frames + 2, int(r->numFrames) - 2,
                             STDERR_FILENO);
    }
  }
  return numLive;
}

void sym_debug_watch_blocks(sym_block_watcher watch, void *context) {
  setHook(kHookWatch, false);
  watcher = watch;
  watcherContext = context;
  setHook(kHookWatch, watch);
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
