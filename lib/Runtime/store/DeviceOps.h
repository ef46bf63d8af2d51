//===- DeviceOps.h - What the store needs of devices ------------*- C++ -*-===//
//
// The store knows values on a device by their addresses, and reaches the device
// only through this table, which lib/Runtime/device provides: sym_rt_devices().
// A program names that function in its descriptor if something of it is on a
// device, so that others link nothing of it.
//
// Order. Each device has one queue (a stream), which executes in the order of
// enqueueing. A call enqueues while it holds its locks, so its place in the
// queue agrees with its place in the order of calls (T5): calls are linearized
// when they are enqueued. Hence memory may be freed, and handed out again, as
// soon as its last use has been enqueued.
//
// Failure (T4). Each function enqueues all that it is asked for or nothing. A
// wait fails only where the device is broken, which lasts; what it held is then
// lost, and nothing else.
//
// Threads: any number, except that a DeviceCall belongs to one call. No
// function runs user code, and none may be called under a head (invariant 1).
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_DEVICEOPS_H
#define SYM_LIB_RUNTIME_STORE_DEVICEOPS_H

#include "sym/Runtime/sym_runtime.h"

namespace sym::rt {

/// The kernels of a program on one device, and what is kept between calls: the
/// data of the program, the graphs of its functions.
struct DeviceProgram;
/// What one call asks of its device, written down until it is submitted.
struct DeviceCall;

} // namespace sym::rt

struct sym_device_ops {
  /// Opens device `ordinal` unless it is open: the driver, a context, a queue,
  /// a pool. Every other function may assume that this succeeded once.
  sym_status (*open)(int ordinal);

  //===--------------------------------------------------------------------===//
  // Memory, in the order of the queue
  //===--------------------------------------------------------------------===//

  /// A block aligned to 256 bytes; null on failure, which is recorded. 0 bytes
  /// give an address that is not null too.
  void *(*allocate)(int ordinal, int64_t bytes);
  /// Also of a device that is broken.
  void (*free)(int ordinal, void *data, int64_t bytes);

  /// Enqueues a copy; `from` may change after the return. After a failure part
  /// of `to` may have been written: callers write fresh memory only.
  sym_status (*upload)(int ordinal, void *to, const void *from, int64_t bytes);
  /// Enqueues a copy and waits for it.
  sym_status (*download)(int ordinal, void *to, const void *from,
                         int64_t bytes);
  /// Enqueues a copy to memory of the same or another device.
  sym_status (*copy)(int ordinal, void *to, int fromOrdinal, const void *from,
                     int64_t bytes);
  /// Waits for all that was enqueued.
  sym_status (*synchronize)(int ordinal);

  //===--------------------------------------------------------------------===//
  // Programs
  //===--------------------------------------------------------------------===//

  /// The program's kernels on a device: loaded at the first request, counted
  /// afterwards. SYM_WRONG_ARCHITECTURE names the images that there are.
  sym_status (*retainProgram)(int ordinal, const sym_program *program,
                              sym::rt::DeviceProgram **out);
  /// Waits for nothing; kernels that are enqueued still run.
  void (*releaseProgram)(sym::rt::DeviceProgram *program);

  //===--------------------------------------------------------------------===//
  // Calls
  //===--------------------------------------------------------------------===//

  /// Begins the record of a call; null on failure. `key` names what the record
  /// is likely to equal: a function's variant. The services sym_rt_launch,
  /// sym_rt_copy_on_device, … add to it.
  sym::rt::DeviceCall *(*begin)(sym::rt::DeviceProgram *program,
                                const void *key);
  /// Adds what sym_rt_copy_on_device adds.
  void (*addCopy)(sym::rt::DeviceCall *call, void *to, const void *from,
                  int64_t bytes);
  /// Adds a copy to the host at the end of the record; `to` is filled by
  /// `finish`.
  void (*addDownload)(sym::rt::DeviceCall *call, void *to, const void *from,
                      int64_t bytes);
  /// Enqueues what was written down: all or, on failure, nothing. Neither the
  /// memory that it frees nor what it allocates is undone by a failure.
  sym_status (*submit)(sym::rt::DeviceCall *call);
  /// Waits for the downloads of a submitted call, if it has any, and fills
  /// their destinations. Fails only if the device is broken.
  sym_status (*finish)(sym::rt::DeviceCall *call);
  /// Ends the record: temporaries that are left are freed behind what was
  /// enqueued. Never fails, and needs no submit before.
  void (*end)(sym::rt::DeviceCall *call);
};

#endif // SYM_LIB_RUNTIME_STORE_DEVICEOPS_H
