//===- Control.h - What tests ask of the simulated driver ------*- C -*-===//
//
// Fetched by cuGetProcAddress_v2 under the name `symSimControl`, which no real
// driver knows. Any thread.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_CONTROL_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What exists now, over all devices.
typedef struct sym_sim_counts {
  int64_t contexts; ///< retains of primary contexts
  int64_t streams;
  int64_t events;
  int64_t modules;
  int64_t graphs;
  int64_t graph_execs;
  int64_t pools; ///< beside the default ones
  int64_t allocations;
  int64_t pinned;
  int64_t device_bytes; ///< reserved by pools
} sym_sim_counts;

typedef struct sym_sim_control {
  /// Waits for all work, then sets options as SYM_SIM does. 0, or 1 for an
  /// option that is none.
  int (*configure)(const char *options);
  /// Back to what a new process finds, with `options` over SYM_SIM's: handles
  /// become invalid and cuInit must be called again.
  int (*reset)(const char *options);
  /// Counted calls so far; see fail-call.
  uint64_t (*calls)(void);
  /// Counts from 0 again.
  void (*reset_calls)(void);
  /// The device is gone: everything in its context answers `error` for ever.
  void (*lose_device)(int device, int error);
  void (*counts)(sym_sim_counts *out);
  /// Moves what checks found since the last time into `text`, cut to
  /// `capacity` with its final 0; the length before it was cut.
  size_t (*report)(char *text, size_t capacity);
} sym_sim_control;

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_CONTROL_H
