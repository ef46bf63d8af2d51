//===- TraceFile.cpp - Traces in the Chrome trace format ------------------===//
//
// What Trace.h has recorded becomes one JSON object. The file is whole at any
// time: it begins as a trace without events and is replaced by the whole one,
// so that a process that is killed leaves something that can be read.
//
//===----------------------------------------------------------------------===//

#include "../memory/Pool.h"
#include "../memory/Trace.h"
#include "File.h"
#include "Fork.h"

#include <errno.h>
#include <inttypes.h>
#include <new>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace sym::rt;

namespace {
constexpr int64_t kDefaultBytes = 64 << 20;
constexpr size_t kMaxPath = 4096;

/// The trace that runs. Changes under the mutex, which is held over nothing
/// that calls the user.
struct Session {
  bool active = false;
  uint64_t begin = 0;
  sym_trace_writer write = nullptr; ///< null: to the file
  void *context = nullptr;
  char path[kMaxPath] = {};
};
SYM_CONSTINIT Mutex sessionMutex;
SYM_CONSTINIT Session session;

/// Collects text, and passes it on in large pieces.
class TraceOutput {
public:
  TraceOutput(const Session &session) : session(session) {}

  sym_status open() { return session.write ? SYM_OK : file.open(session.path); }
  sym_status close() {
    flush();
    return status || session.write ? status : file.commit();
  }
  void put(const char *text, size_t length) {
    if (used + length > sizeof(buffer))
      flush();
    memcpy(buffer + used, text, length); // pieces are short
    used += length;
  }
  void format(const char *pattern, ...) __attribute__((format(printf, 2, 3))) {
    char text[512];
    va_list list;
    va_start(list, pattern);
    int length = vsnprintf(text, sizeof(text), pattern, list);
    va_end(list);
    put(text, length < int(sizeof(text)) ? size_t(length) : sizeof(text) - 1);
  }
  /// A text of JSON without its quotes: names may hold anything.
  void escaped(const char *text, size_t length);

private:
  void flush() {
    if (session.write)
      session.write(session.context, buffer, used);
    else if (!status)
      status = file.write(buffer, used);
    used = 0;
  }

  const Session &session;
  ReplacingFile file;
  sym_status status = SYM_OK;
  size_t used = 0;
  char buffer[16 << 10];
};
} // namespace

/// How many bytes at `text` are one character of UTF-8, 0 if they are none.
static size_t characterLength(const unsigned char *text, size_t left) {
  unsigned char first = text[0];
  size_t length = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
  if (length > left)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  // Longer than need be, a half of a pair, or past the last character.
  if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] >= 0xa0) ||
      (first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] >= 0x90))
    return 0;
  return length;
}

void TraceOutput::escaped(const char *text, size_t length) {
  for (size_t i = 0; i < length;) {
    auto *at = reinterpret_cast<const unsigned char *>(text + i);
    size_t step = characterLength(at, length - i);
    if (step == 0)
      put("\\ufffd", 6);
    else if (*at == '"' || *at == '\\')
      format("\\%c", *at);
    else if (*at < 0x20)
      format("\\u%04x", *at);
    else
      put(text + i, step);
    i += step ? step : 1;
  }
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

/// The prefix of an event's name, before what it is about; and its category.
static const char *const kNames[][2] = {
    {"", "call"},
    {"host program ", "host"},
    {"wait for ", "lock"},
    {"commit ", "store"},
    {"copy on write in ", "store"},
    {"argument copy in ", "store"},
    {"allocate", "memory"},
    {"free", "memory"},
    {"reserve", "memory"},
    {"return pages", "memory"},
    {"out of memory", "memory"},
};

static const char *truth(bool value) { return value ? "true" : "false"; }

static void writeArguments(TraceOutput &out, const TraceEvent &e) {
  switch (e.kind) {
  case TraceKind::Call:
    out.format("\"instance\":%" PRId64 ",\"status\":\"%s\",\"in_place\":%s",
               e.a, sym_status_name(e.status), truth(e.flag));
    return;
  case TraceKind::Host:
    out.format("\"instance\":%" PRId64 ",\"status\":\"%s\"", e.a,
               sym_status_name(e.status));
    return;
  case TraceKind::Wait:
    out.format("\"variable\":%" PRId64 ",\"mode\":\"%s\"", e.a,
               e.flag ? "exclusive" : "shared");
    if (e.b)
      out.format(",\"last_writer\":%" PRId64, e.b);
    return;
  case TraceKind::Commit:
    out.format("\"exchanges\":%" PRId64, e.a);
    return;
  case TraceKind::CopyOnWrite:
    out.format("\"updates\":%" PRId64, e.a);
    return;
  case TraceKind::ArgumentCopy:
    out.format("\"bytes\":%" PRId64 ",\"argument\":%" PRId64, e.a, e.b);
    return;
  case TraceKind::Allocate:
    out.format("\"bytes\":%" PRId64 ",\"reused\":%s", e.a, truth(e.flag));
    return;
  case TraceKind::Reserve:
    out.format("\"bytes\":%" PRId64 ",\"granted\":%s", e.a, truth(e.flag));
    return;
  case TraceKind::Free:
  case TraceKind::Discard:
  case TraceKind::OutOfMemory:
    out.format("\"bytes\":%" PRId64, e.a);
    return;
  }
}

static void writeEvent(TraceOutput &out, const TraceEvent &e, const char *name,
                       uint64_t origin, int32_t process, int32_t thread) {
  const char *const *names = kNames[int(e.kind)];
  out.format(",\n{\"name\":\"%s", names[0]);
  out.escaped(name, e.nameLength);
  bool spans = e.kind <= TraceKind::Wait;
  // Microseconds, with all three digits that there are behind the point.
  uint64_t at = e.begin - origin;
  out.format("\",\"cat\":\"%s\",\"ph\":\"%s\",\"ts\":%" PRIu64 ".%03u",
             names[1], spans ? "X" : "i", at / 1000, unsigned(at % 1000));
  if (spans)
    out.format(",\"dur\":%" PRIu64 ".%03u", e.duration / 1000,
               unsigned(e.duration % 1000));
  else
    out.format(",\"s\":\"t\"");
  out.format(",\"pid\":%d,\"tid\":%d,\"args\":{", process, thread);
  writeArguments(out, e);
  out.put("}}", 2);
}

/// Threads that nobody named have the name of the process.
static void writeThread(TraceOutput &out, const TraceChunk &chunk,
                        int32_t process) {
  out.format(",\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":%d,\"tid\":%d,"
             "\"args\":{\"name\":\"",
             process, chunk.thread);
  size_t length = strnlen(chunk.threadName, sizeof(chunk.threadName));
  if (length && strncmp(chunk.threadName, program_invocation_short_name,
                        sizeof(chunk.threadName) - 1) != 0)
    out.escaped(chunk.threadName, length);
  else if (chunk.thread == process)
    out.format("main");
  else
    out.format("thread %d", chunk.thread);
  out.format("\"}}");
}

static sym_status writeTrace(const Session &session, const TraceMemory &memory,
                             int64_t dropped, bool complete) {
  TraceOutput out(session);
  if (sym_status status = out.open())
    return status;
  int32_t process = int32_t(getpid());
  out.format("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"complete\":%s,"
             "\"dropped\":%" PRId64 "},\"traceEvents\":[\n"
             "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%d,\"tid\":%d,"
             "\"args\":{\"name\":\"",
             truth(complete), dropped, process, process);
  out.escaped(program_invocation_short_name,
              strlen(program_invocation_short_name));
  out.format("\"}}");
  for (uint32_t i = 0; i < memory.numChunks; ++i) {
    const TraceChunk &chunk = memory.chunks[i];
    if (!chunk.used)
      continue;
    writeThread(out, chunk, process);
    for (uint32_t at = 0; at < chunk.used;) {
      TraceEvent event;
      memcpy(&event, chunk.events + at, sizeof(event));
      const char *name = chunk.events + at + sizeof(event);
      writeEvent(out, event, name, session.begin, process, chunk.thread);
      at += traceRecordSize(event);
    }
  }
  out.format("\n]}\n");
  return out.close();
}

//===----------------------------------------------------------------------===//
// Starting and ending
//===----------------------------------------------------------------------===//

/// A process that ends without having stopped its trace writes it all the same.
static void stopAtExit() {
  sessionMutex.lock();
  bool active = session.active;
  sessionMutex.unlock();
  if (active && sym_trace_stop())
    fprintf(stderr, "sym: the trace is not written: %s\n", sym_error_message());
}

static sym_status start(const char *path, sym_trace_writer write, void *context,
                        int64_t maxBytes) {
  NoCancellation noCancellation;
  prepareForFork();
  Guard guard(sessionMutex);
  if (session.active)
    return fail(SYM_INVALID_ARGUMENT, "a trace is being recorded already");
  Session next;
  next.write = write;
  next.context = context;
  if (!write) {
    size_t length = strlen(path);
    if (length >= kMaxPath)
      return fail(SYM_INVALID_ARGUMENT, "the path is empty or too long");
    memcpy(next.path, path, length + 1);
    if (sym_status status = writeTrace(next, {}, 0, /*complete=*/false))
      return status;
  }
  static bool registered = false;
  if (!registered)
    atexit(stopAtExit);
  registered = true;
  next.begin = traceNow();
  if (sym_status status = beginTrace(maxBytes > 0 ? maxBytes : kDefaultBytes))
    return status;
  next.active = true;
  session = next;
  return SYM_OK;
}

sym_status sym_trace_start(const char *path, int64_t max_bytes) {
  return start(path, nullptr, nullptr, max_bytes);
}

sym_status sym_trace_start_to(sym_trace_writer write, void *context,
                              int64_t max_bytes) {
  return start(nullptr, write, context, max_bytes);
}

sym_status sym_trace_stop(void) {
  NoCancellation noCancellation;
  Session ended;
  TraceMemory memory;
  int64_t dropped;
  {
    Guard guard(sessionMutex);
    if (!session.active)
      return fail(SYM_INVALID_ARGUMENT, "no trace is being recorded");
    memory = endTrace(&dropped);
    ended = session;
    session.active = false;
  }
  sym_status status = writeTrace(ended, memory, dropped, /*complete=*/true);
  freeTrace(memory);
  return status;
}

void sym::rt::lockTraceSession() { sessionMutex.lock(); }
void sym::rt::unlockTraceSession() { sessionMutex.unlock(); }
void sym::rt::forgetTraceSession() {
  forgetTrace();
  session.active = false;
}
