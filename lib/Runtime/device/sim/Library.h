//===- Library.h - What stand-ins for libraries ask of the simulator -*- C
//-*-===//
//
// A library such as cuBLASLt enqueues work of its own on the streams of who
// calls it. Its stand-in does so through this table, which is fetched by
// cuGetProcAddress_v2 under the name `symSimLibrary`.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_LIBRARY_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_LIBRARY_H

#include <cuda.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Work of a library: to the driver a kernel that it knows nothing of.
typedef struct sym_sim_operation {
  /// Called in the order of the stream, once for each launch of a graph that
  /// captured it; by one thread at a time. An error is sticky.
  CUresult (*run)(void *data);
  /// Called when nothing will run it again; must not call the simulator.
  void (*release)(void *data);
  void *data;
} sym_sim_operation;

typedef struct sym_sim_library {
  /// A call of the driver like others: counted, and refused without a context.
  CUresult (*check_context)(void);
  /// Adds an operation to a stream of the current context, or to the graph that
  /// it is part of. A counted call; after an error nothing is released.
  CUresult (*enqueue)(CUstream stream, const sym_sim_operation *operation);
  /// Where the host finds the bytes at a device's address, if all of them are
  /// allocated now in the order of streams; else null, and a report that names
  /// `what`. To be called by operations only.
  void *(*access)(uint64_t address, uint64_t bytes, const char *what);
  /// Adds to what checks found.
  void (*report)(const char *text);
} sym_sim_library;

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_LIBRARY_H
