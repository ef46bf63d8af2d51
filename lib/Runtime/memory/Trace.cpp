//===- Trace.cpp - Recording what the runtime does ------------------------===//

#include "Trace.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

using namespace sym::rt;

SYM_CONSTINIT std::atomic<uint32_t> sym::rt::traceGeneration{0};

namespace {
// What a trace has; changes only while nobody records.
SYM_CONSTINIT TraceMemory memory;
SYM_CONSTINIT std::atomic<uint32_t> nextChunk{0};
SYM_CONSTINIT std::atomic<int64_t> numDropped{0};
uint32_t lastGeneration = 0;

constexpr size_t kMaxName = 1024;

/// A chunk for the thread: a fresh one, or the oldest that nobody fills. Null
/// if all that it looks at are being filled.
TraceChunk *takeChunk() {
  constexpr int kTries = 64;
  for (int i = 0; i < kTries; ++i) {
    TraceChunk &chunk =
        memory.chunks[nextChunk.fetch_add(1, std::memory_order_relaxed) %
                      memory.numChunks];
    uint32_t expected = 0;
    if (!chunk.taken.compare_exchange_strong(expected, 1,
                                             std::memory_order_acquire))
      continue;
    if (chunk.count)
      numDropped.fetch_add(chunk.count, std::memory_order_relaxed);
    chunk.used = chunk.count = 0;
    chunk.thread = traceThread();
    if (pthread_getname_np(pthread_self(), chunk.threadName,
                           sizeof(chunk.threadName)) != 0)
      chunk.threadName[0] = 0;
    return &chunk;
  }
  return nullptr;
}

/// While the thread is recording.
void append(ThreadState &thread, uint32_t generation, const TraceEvent &event,
            const char *name) {
  TraceChunk *chunk =
      thread.traceGeneration == generation ? thread.traceChunk : nullptr;
  uint32_t size = traceRecordSize(event);
  if (!chunk || chunk->used + size > sizeof(chunk->events)) {
    if (chunk)
      chunk->taken.store(0, std::memory_order_release);
    chunk = takeChunk();
    thread.traceGeneration = generation;
    thread.traceChunk = chunk;
    if (!chunk) {
      numDropped.fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }
  char *at = chunk->events + chunk->used;
  memcpy(at, &event, sizeof(event));
  memcpy(at + sizeof(event), name, event.nameLength);
  chunk->used += size;
  ++chunk->count;
}

void record(TraceEvent event, const char *name) {
  size_t length = name ? strlen(name) : 0;
  event.nameLength = uint16_t(length < kMaxName ? length : kMaxName);
  ThreadState &thread = thisThread();
  // Either who ends the trace sees this, or we see that it has ended: both
  // write, then read, in one order of all such steps.
  thread.recording.store(1, std::memory_order_seq_cst);
  if (uint32_t generation = traceGeneration.load(std::memory_order_seq_cst))
    append(thread, generation, event, name ? name : "");
  thread.recording.store(0, std::memory_order_release);
}
} // namespace

uint64_t sym::rt::traceNow() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1000000000u + uint64_t(t.tv_nsec);
}

int32_t sym::rt::traceThread() { return int32_t(syscall(SYS_gettid)); }

void sym::rt::traceSpan(uint64_t begin, TraceKind kind, const char *name,
                        int64_t a, int64_t b, bool flag, sym_status status) {
  if (begin)
    record({begin, traceNow() - begin, a, b, status, kind, flag, 0}, name);
}

void sym::rt::traceInstant(TraceKind kind, const char *name, int64_t a,
                           int64_t b, bool flag) {
  if (tracing())
    record({traceNow(), 0, a, b, SYM_OK, kind, flag, 0}, name);
}

void sym::rt::leaveTrace(ThreadState &thread) {
  thread.recording.store(1, std::memory_order_seq_cst);
  if (traceGeneration.load(std::memory_order_seq_cst) ==
          thread.traceGeneration &&
      thread.traceChunk)
    thread.traceChunk->taken.store(0, std::memory_order_release);
  thread.traceChunk = nullptr;
  thread.recording.store(0, std::memory_order_release);
}

sym_status sym::rt::beginTrace(int64_t bytes) {
  constexpr int64_t kLeast = 4, kMost = int64_t(1) << 24;
  int64_t chunks = bytes / TraceChunk::kBytes;
  chunks = chunks < kLeast ? kLeast : chunks < kMost ? chunks : kMost;
  void *block =
      mmap(nullptr, size_t(chunks) * TraceChunk::kBytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (block == MAP_FAILED)
    return fail(SYM_OUT_OF_MEMORY,
                "out of memory: the system refused %lld bytes for a trace",
                (long long)chunks * TraceChunk::kBytes);
  // Zeros are what unused chunks hold.
  memory = {static_cast<TraceChunk *>(block), uint32_t(chunks)};
  nextChunk.store(0, std::memory_order_relaxed);
  numDropped.store(0, std::memory_order_relaxed);
  traceGeneration.store(++lastGeneration ? lastGeneration : ++lastGeneration,
                        std::memory_order_seq_cst);
  return SYM_OK;
}

TraceMemory sym::rt::endTrace(int64_t *dropped) {
  traceGeneration.store(0, std::memory_order_seq_cst);
  const ThreadState *self = currentThread;
  for (ThreadState *t = firstThread(); t; t = t->next)
    while (t != self && t->recording.load(std::memory_order_acquire))
      sched_yield();
  *dropped = numDropped.load(std::memory_order_relaxed);
  TraceMemory result = memory;
  memory = {};
  return result;
}

void sym::rt::freeTrace(TraceMemory memory) {
  munmap(memory.chunks, size_t(memory.numChunks) * TraceChunk::kBytes);
}

void sym::rt::forgetTrace() {
  traceGeneration.store(0, std::memory_order_relaxed);
  memory = {};
}
