//===- Trace.h - Recording what the runtime does ----------------*- C++ -*-===//
//
// Events go into chunks of memory that is set aside when a trace starts; a
// thread fills one chunk after the other, so that recording takes no lock. When
// all are full the oldest is used again, and what it held counts as dropped.
// Names are copied: what they belong to may be gone when the trace is written,
// which is another layer's business (store/TraceFile.cpp).
//
// Glossary
//   generation  the number of the trace that runs, 0 when none does
//   recording   a thread is between the look at the generation and the end of
//               its event; whoever ends a trace waits for that
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_TRACE_H
#define SYM_LIB_RUNTIME_MEMORY_TRACE_H

#include "ThreadState.h"

#include <stddef.h>

namespace sym::rt {

enum class TraceKind : uint8_t {
  Call,         ///< spans; a: instance or 0, flag: in place
  Host,         ///< spans; a: instance
  Wait,         ///< spans; a: variable's id, b: last writer, flag: exclusive
  Commit,       ///< name: function or variable; a: buffers exchanged
  CopyOnWrite,  ///< name: function; a: updates that went elsewhere
  ArgumentCopy, ///< name: function; a: bytes, b: argument
  Allocate,     ///< a block above the small ones; a: bytes, flag: reused
  Free,         ///< the same given back; a: bytes
  Reserve,      ///< address space asked of the system; a: bytes, flag: granted
  Discard,      ///< pages returned to the system; a: bytes
  OutOfMemory,  ///< a: bytes requested
};

struct TraceEvent {
  uint64_t begin; ///< nanoseconds of the monotonic clock
  uint64_t duration;
  int64_t a, b;
  int32_t status;
  TraceKind kind;
  bool flag;
  uint16_t nameLength; ///< the name lies behind the event
};

/// What is learned of a call while it runs.
struct TracedCall {
  TracedCall *outer;
  bool inPlace;
};

/// Bytes from an event to the one behind it in a chunk.
inline uint32_t traceRecordSize(const TraceEvent &event) {
  return (uint32_t(sizeof(TraceEvent)) + event.nameLength + 7) & ~uint32_t(7);
}

/// A thread's events in the order of their ends.
struct TraceChunk {
  static constexpr uint32_t kBytes = 32 << 10;
  std::atomic<uint32_t> taken; ///< some thread fills it
  uint32_t used;               ///< bytes of `events`
  uint32_t count;              ///< events
  int32_t thread;              ///< the system's number
  char threadName[16];
  alignas(8) char events[kBytes - 32];
};
static_assert(sizeof(TraceChunk) == TraceChunk::kBytes, "chunks are pages");

/// Where the generation lies alone, for every call reads it.
extern std::atomic<uint32_t> traceGeneration;

inline bool tracing() {
  return SYM_UNLIKELY(traceGeneration.load(std::memory_order_relaxed) != 0);
}

/// Nanoseconds of the monotonic clock.
uint64_t traceNow();
/// When a span begins: 0 when nothing is traced.
inline uint64_t traceBegin() { return tracing() ? traceNow() : 0; }

/// Records a span that ends now, unless it began when nothing was traced.
void traceSpan(uint64_t begin, TraceKind kind, const char *name, int64_t a,
               int64_t b, bool flag, sym_status status);
/// Records an instant. Nothing when nothing is traced; callers on short paths
/// ask tracing() first.
void traceInstant(TraceKind kind, const char *name, int64_t a, int64_t b = 0,
                  bool flag = false);
/// The system's number of the calling thread.
int32_t traceThread();

//===----------------------------------------------------------------------===//
// Starting and ending; one at a time, which the caller sees to
//===----------------------------------------------------------------------===//

struct TraceMemory {
  TraceChunk *chunks = nullptr;
  uint32_t numChunks = 0;
};

/// Begins to record into about `bytes` of new memory, SYM_OUT_OF_MEMORY if the
/// system refuses.
sym_status beginTrace(int64_t bytes);
/// Ends recording: nobody writes to the memory any more, and the caller owns
/// it. `*dropped` is the number of events that it does not hold.
TraceMemory endTrace(int64_t *dropped);
void freeTrace(TraceMemory memory);
/// In the child of a fork: nothing is recorded there.
void forgetTrace();

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_TRACE_H
