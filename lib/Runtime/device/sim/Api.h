//===- Api.h - Functions of the driver, as a table --------------*- C++ -*-===//
//
// A function of the driver is written as `CUresult f(Lock &, arguments…)`, with
// the simulator's mutex held; Entry<f, needs> is what callers get. There every
// call is counted, faults are put in, and what all functions refuse is refused.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_API_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_API_H

#include "Control.h"
#include "Library.h"
#include "Simulator.h"

#include <cuda.h>

#include <mutex>
#include <vector>

namespace sym::sim {

using Lock = std::unique_lock<std::mutex>;

/// What a function needs and is.
enum Needs : unsigned {
  kNothing = 0,
  kInit = 1,     ///< cuInit before it
  kContext = 3,  ///< a current context too
  kCounted = 4,  ///< it is one of the calls that can be made to fail
  kReleases = 8, ///< it does its work even when it reports an earlier error
  kDeviceCall = kInit | kCounted,
  kContextCall = kContext | kCounted,
  kReleaseCall = kContext | kCounted | kReleases,
};

/// Counts a call. An error if it must not go on; *also is what it is to answer
/// though it does its work.
CUresult beginCall(unsigned needs, CUresult *also);

template <auto function, unsigned needs> struct Entry;
template <typename... Args, CUresult (*function)(Lock &, Args...),
          unsigned needs>
struct Entry<function, needs> {
  static CUresult call(Args... args) {
    Lock lock(simulator().mutex);
    CUresult also = CUDA_SUCCESS;
    if (CUresult refused = beginCall(needs, &also))
      return refused;
    CUresult result = function(lock, args...);
    return also ? also : result;
  }
};

/// A name as cuGetProcAddress knows it and the version that introduced it.
struct ApiFunction {
  const char *name;
  int since;
  void *function;
};

#define SYM_SIM_API(name, since, function, needs)                              \
  {name, since, reinterpret_cast<void *>(&Entry<function, needs>::call)}

const std::vector<ApiFunction> &deviceFunctions();
const std::vector<ApiFunction> &memoryFunctions();
const std::vector<ApiFunction> &streamFunctions();
const std::vector<ApiFunction> &moduleFunctions();
const std::vector<ApiFunction> &graphFunctions();

//===----------------------------------------------------------------------===//
// Shared by the functions
//===----------------------------------------------------------------------===//

/// The device of the calling thread's current context; null for none.
Device *currentDevice();

/// The stream behind a handle, of the current context; null if there is none.
Stream *streamOf(CUstream handle);

/// Adds an operation to a stream or, while that captures, a node to its graph;
/// *op, unless null, is the operation, null for a node.
CUresult submit(Stream &stream, std::shared_ptr<Work> work,
                std::shared_ptr<Op> *op = nullptr);

/// Waiting on a capturing stream spoils the capture.
CUresult refuseWhileCapturing(Stream &stream);

/// The functions of Control.h.
const sym_sim_control &control();

/// The functions of Library.h.
const sym_sim_library &library();

/// Gives back what pools hold above their thresholds, as a wait does.
void trimPools(Device &device);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_API_H
