//===- Program.h - A program's kernels on one device ------------*- C++ -*-===//
//
// Loaded once for each device, counted, and known by the address of the
// program's descriptor as long as somebody holds it. With it go its read-only
// data and the graphs of its functions.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_PROGRAM_H
#define SYM_LIB_RUNTIME_DEVICE_PROGRAM_H

#include "GraphCache.h"
#include "Module.h"
#include "Queue.h"

namespace sym::rt {

struct DeviceProgram {
  DeviceProgram(DeviceQueue &queue, const sym_program *program)
      : queue(queue), program(program) {}

  /// SYM_WRONG_ARCHITECTURE names the images that there are.
  static sym_status retain(DeviceQueue &queue, const sym_program *program,
                           DeviceProgram **out);
  /// Kernels that are enqueued still run; the last one's release destroys it
  /// behind them.
  void release();

  /// The address of the device's copy of `data`, made at the first request. Any
  /// thread.
  sym_status constant(const void *data, int64_t bytes, void **out);

  DeviceQueue &queue;
  const sym_program *program;
  int64_t references = 1; ///< under the queue's mutex
  DeviceModule module;
  Vector<DeviceFunction> functions; ///< of the program's kernels, in order
  GraphCache graphs;                ///< under the queue's mutex
  DeviceEvent end;                  ///< of its last kernel
  bool hasEnd = false;
  DeviceProgram *next = nullptr;

private:
  struct Constant {
    const void *data;
    void *address;
    int64_t bytes;
  };

  /// Retains a program that is loaded; false if it is not.
  static bool find(DeviceQueue &queue, const sym_program *program,
                   DeviceProgram **out);
  sym_status load();
  void freeConstants();

  Mutex constantsMutex;
  Vector<Constant> constants; ///< by `data`
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_PROGRAM_H
