//===- sym_device.h - The public C interface to devices --------*- C -*-===//
//
// Needs libSymRuntimeDevice.a beside the runtime. A device is opened by the
// first thing that asks for it, and given back by sym_device_shutdown; nothing
// of it runs after `main` by itself. What sym_runtime.h says of statuses,
// messages and threads holds here too. A child of a fork must not use devices.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_SYM_DEVICE_H
#define SYM_RUNTIME_SYM_DEVICE_H

#include "sym/Runtime/sym_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Chooses the driver of the process: null or "cuda" for the installed one,
/// "sim" for the simulated one, or a library's path. Without it the environment
/// variable SYM_DEVICE says which, and without that it is the installed one.
/// SYM_INVALID_ARGUMENT while a device of another is open.
sym_status sym_device_select(const char *driver);

/// How many devices the driver shows.
sym_status sym_device_count(int32_t *count);

/// Opens a device unless it is open, so that what is missing is said early:
/// SYM_NO_DRIVER, SYM_DRIVER_TOO_OLD, SYM_NO_DEVICE.
sym_status sym_device_open(int32_t device);

typedef struct sym_device_properties {
  int32_t arch; ///< compute capability times ten
  int32_t multiprocessors;
  int64_t memory_bytes;
  char name[128];
} sym_device_properties;
/// Of an open device.
sym_status sym_device_get_properties(int32_t device,
                                     sym_device_properties *out);

/// Waits for what was enqueued; what a kernel did wrong is said here.
sym_status sym_device_synchronize(int32_t device);

/// Closes all devices, so that they, or those of another driver, can be opened
/// anew; a device that broke works again if only a kernel was at fault.
/// SYM_INVALID_ARGUMENT, and nothing happens, while a value, a program or a
/// call is left on one; no other thread may use devices meanwhile. Otherwise
/// all are closed, and the status is the first fault that was not told before.
sym_status sym_device_shutdown(void);

/// What a device did and holds.
typedef struct sym_device_statistics {
  int64_t submissions; ///< records that were enqueued
  int64_t launches;    ///< kernels, in graphs or not
  int64_t graph_launches;
  int64_t graph_builds;  ///< graphs that were captured and made ready
  int64_t graph_updates; ///< launches that changed their graph first
  int64_t node_updates;  ///< kernels that were changed in them
  int64_t graph_nodes;   ///< of the graph that was launched last
  int64_t uploads;       ///< copies from the host
  int64_t upload_bytes;
  int64_t downloads; ///< copies to the host
  int64_t download_bytes;
  int64_t copies; ///< on the device, and from another
  int64_t copy_bytes;
  int64_t waits;              ///< of the host for the device
  int64_t products;           ///< of matrices, by a library
  int64_t fallbacks;          ///< of those that it was asked for, by kernels
  int64_t allocations;        ///< blocks that were handed out
  int64_t driver_allocations; ///< of them, asked of the driver (C2)
  int64_t bytes_in_use;       ///< handed out now
  int64_t bytes_high_water;   ///< the largest bytes_in_use so far
  int64_t bytes_idle;         ///< kept for reuse
  int64_t bytes_reserved;     ///< taken from the device by the driver
} sym_device_statistics;
/// Of an open device: a snapshot; each counter is exact, all together only when
/// nothing runs.
sym_status sym_device_get_statistics(int32_t device,
                                     sym_device_statistics *out);
/// Sets bytes_high_water to bytes_in_use and the counters to zero.
sym_status sym_device_reset_statistics(int32_t device);

/// Upper bound on the bytes of an open device that are taken; 0 removes it. A
/// request beyond it fails with SYM_DEVICE_OUT_OF_MEMORY.
sym_status sym_device_set_memory_cap(int32_t device, int64_t bytes);
/// Returns memory that is kept for reuse, of the device and pinned of the host.
sym_status sym_device_trim(int32_t device);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_SYM_DEVICE_H
