//===- Record.h - What one call asks of its device --------------*- C++ -*-===//
//
// A function's variant writes down commands; nothing is enqueued before the
// variant has returned. Then the record is enqueued as a whole (T4): one
// command by itself, several as the launch of one graph, which the program
// keeps.
//
// A record owns the temporaries of its call, and pinned memory for what the
// host copies to and from the device. Records are used again: a function's
// next call finds the same pinned memory, at the same address.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_RECORD_H
#define SYM_LIB_RUNTIME_DEVICE_RECORD_H

#include "Program.h"

namespace sym::rt {

/// Enqueues what a library does for one call on `stream`, which may be
/// capturing, so that it must neither wait nor allocate. What it reads from
/// `params` may change after the return. A failure leaves the record
/// unsubmitted, though part was captured.
using LibraryFunction = sym_status (*)(DeviceStream &stream,
                                       const void *params);

/// Plain data without padding, compared by its bytes.
struct Command {
  enum Kind : int32_t { Launch, Copy, Fill, ToDevice, ToHost, Library };
  Kind kind;
  int32_t kernel; ///< Launch
  uint32_t blocks[3];
  uint32_t threads[3];
  uint64_t to; ///< an address: of the host in ToHost
  uint64_t from;
  int64_t count;      ///< bytes; of Fill, elements
  uint32_t bits;      ///< Fill
  int32_t unit;       ///< Fill
  int32_t params;     ///< of Launch and Library: where they begin, …
  int32_t paramBytes; ///< … and how many bytes there are
  LibraryFunction library;
};
static_assert(sizeof(Command) == 80, "no padding");

struct DeviceCall {
  DeviceCall() = default;
  ~DeviceCall() { releasePinned(); }
  DeviceCall(const DeviceCall &) = delete;
  DeviceCall &operator=(const DeviceCall &) = delete;

  /// A record that was used before, or a new one; null on failure.
  static DeviceCall *begin(DeviceProgram *program, const void *key);
  /// Gives it back.
  void end();

  // What is written down. After a failure nothing more is, and `submit`
  // answers it.
  sym_status launch(int32_t kernel, const sym_grid &grid, void *const *params);
  sym_status copy(void *to, const void *from, int64_t bytes);
  sym_status copyToDevice(void *to, const void *from, int64_t bytes);
  sym_status fill(void *to, int32_t unit, uint32_t bits, int64_t count);
  sym_status library(LibraryFunction function, const void *params,
                     int32_t bytes);
  void addDownload(void *to, const void *from, int64_t bytes);

  /// Enqueues all or, after a failure, nothing.
  sym_status submit();
  /// Waits for the downloads of what was submitted, and delivers them.
  sym_status finish();
  /// Enqueues what was written down so far, waits, and copies to the host.
  sym_status flush(void *to, const void *from, int64_t bytes);

  /// A temporary, until it is freed or the call ends; null on failure.
  void *allocateTemporary(int64_t bytes);
  void freeTemporary(void *data);

  /// Enqueues one command on a stream that runs or captures.
  sym_status enqueue(DeviceStream &stream, const Command &command);
  Grid gridOf(const Command &launch) const;
  /// Valid until the next of these.
  void **pointersOf(const Command &launch);

  DeviceQueue *queue = nullptr;     ///< which made it
  DeviceProgram *program = nullptr; ///< of an idle one: perhaps gone
  const void *key = nullptr;
  int32_t segment = 0; ///< how often the call was submitted
  Vector<Command> commands;
  Vector<char> params; ///< eight bytes for each
  void *arena = nullptr;
  DeviceCall *next = nullptr; ///< among the queue's idle ones

private:
  struct Temporary {
    void *data;
    int64_t bytes;
    bool isFree;
  };
  struct Download {
    void *to;
    const void *from;
    int64_t bytes;
    const char *staged;
  };
  /// A piece of pinned memory, filled from its beginning.
  struct Pinned {
    explicit Pinned(size_t capacity) : capacity(capacity) {}
    PinnedMemory memory;
    size_t capacity;
    size_t used = 0;
    Pinned *next = nullptr;
  };

  sym_status refuse(sym_status status);
  sym_status add(const Command &command);
  sym_status addTransfer(Command::Kind kind, void *to, const void *from,
                         int64_t bytes);
  sym_status stageDownloads();
  sym_status submitStaged();
  void restart();
  void restartPinned();
  char *pin(int64_t bytes);
  void releasePinned();
  bool isDone();
  sym_status wait();
  void count();

  Vector<void *> pointers; ///< to the parameters of one launch
  Vector<Temporary> temporaries;
  Vector<Download> downloads;
  Pinned *pinned = nullptr;
  DeviceEvent done;
  bool isPending = false; ///< pinned memory may be in use until `done`
  bool hasEvent = false;  ///< `done` was recorded; else only the stream tells
  sym_status failed = SYM_OK;
  ErrorRecord fault;
  size_t pinnedWanted = 0; ///< what one piece would have had to hold
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_RECORD_H
