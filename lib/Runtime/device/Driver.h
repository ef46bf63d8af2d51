//===- Driver.h - The CUDA driver, opened at run time -----------*- C++ -*-===//
//
// Programs must start where no driver is installed, so nothing of it is linked:
// a library is opened by name, and functions are asked of it at one version of
// the interface. A library is never closed; who closes one under threads that
// it started gains nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_DRIVER_H
#define SYM_LIB_RUNTIME_DEVICE_DRIVER_H

#include "../base/Status.h"

#include <cuda.h>
#include <cudaTypedefs.h>

namespace sym::rt {

/// The version of the interface that functions are asked for, and so the least
/// that a driver must have.
constexpr int kDriverInterface = 12000;

/// Every function that sym calls, and the version that its type is of.
#define SYM_DRIVER_FUNCTIONS(X)                                                \
  X(cuCtxPopCurrent, v4000)                                                    \
  X(cuCtxPushCurrent, v4000)                                                   \
  X(cuCtxSynchronize, v2000)                                                   \
  X(cuDeviceGet, v2000)                                                        \
  X(cuDeviceGetAttribute, v2000)                                               \
  X(cuDeviceGetCount, v2000)                                                   \
  X(cuDeviceGetName, v2000)                                                    \
  X(cuDevicePrimaryCtxRelease, v11000)                                         \
  X(cuDevicePrimaryCtxRetain, v7000)                                           \
  X(cuDeviceTotalMem, v3020)                                                   \
  X(cuEventCreate, v2000)                                                      \
  X(cuEventDestroy, v4000)                                                     \
  X(cuEventElapsedTime, v2000)                                                 \
  X(cuEventQuery, v2000)                                                       \
  X(cuEventRecord, v2000)                                                      \
  X(cuEventSynchronize, v2000)                                                 \
  X(cuFuncGetAttribute, v2020)                                                 \
  X(cuFuncSetAttribute, v9000)                                                 \
  X(cuGetErrorName, v6000)                                                     \
  X(cuGetErrorString, v6000)                                                   \
  X(cuGraphDestroy, v10000)                                                    \
  X(cuGraphExecDestroy, v10000)                                                \
  X(cuGraphExecKernelNodeSetParams, v12000)                                    \
  X(cuGraphExecUpdate, v12000)                                                 \
  X(cuGraphGetNodes, v10000)                                                   \
  X(cuGraphInstantiateWithFlags, v11040)                                       \
  X(cuGraphKernelNodeGetParams, v12000)                                        \
  X(cuGraphLaunch, v10000)                                                     \
  X(cuGraphNodeGetType, v10000)                                                \
  X(cuLaunchHostFunc, v10000)                                                  \
  X(cuLaunchKernel, v4000)                                                     \
  X(cuMemAllocFromPoolAsync, v11020)                                           \
  X(cuMemFreeAsync, v11020)                                                    \
  X(cuMemFreeHost, v2000)                                                      \
  X(cuMemGetInfo, v3020)                                                       \
  X(cuMemHostAlloc, v2020)                                                     \
  X(cuMemPoolCreate, v11020)                                                   \
  X(cuMemPoolDestroy, v11020)                                                  \
  X(cuMemPoolGetAttribute, v11020)                                             \
  X(cuMemPoolSetAttribute, v11020)                                             \
  X(cuMemPoolTrimTo, v11020)                                                   \
  X(cuMemcpyDtoDAsync, v3020)                                                  \
  X(cuMemcpyDtoHAsync, v3020)                                                  \
  X(cuMemcpyHtoDAsync, v3020)                                                  \
  X(cuMemcpyPeerAsync, v4000)                                                  \
  X(cuMemsetD16Async, v3020)                                                   \
  X(cuMemsetD32Async, v3020)                                                   \
  X(cuMemsetD8Async, v3020)                                                    \
  X(cuModuleGetFunction, v2000)                                                \
  X(cuModuleLoadData, v2000)                                                   \
  X(cuModuleUnload, v2000)                                                     \
  X(cuStreamBeginCapture, v10010)                                              \
  X(cuStreamCreate, v2000)                                                     \
  X(cuStreamDestroy, v4000)                                                    \
  X(cuStreamEndCapture, v10000)                                                \
  X(cuStreamGetCaptureInfo, v11030)                                            \
  X(cuStreamQuery, v2000)                                                      \
  X(cuStreamSynchronize, v2000)                                                \
  X(cuStreamWaitEvent, v3020)

struct Driver {
#define SYM_DRIVER_FIELD(name, version) PFN_##name##_##version name;
  SYM_DRIVER_FUNCTIONS(SYM_DRIVER_FIELD)
#undef SYM_DRIVER_FIELD
  /// cuGetProcAddress itself, for functions that only tests ask for.
  PFN_cuGetProcAddress_v12000 getProcAddress;
  int version;    ///< of the driver: 12040 is 12.4
  int devices;    ///< how many it shows; 1 or more
  bool isStandIn; ///< the simulated driver
};

/// Opens and initializes a driver. `which` is null for the installed one, "sim"
/// for the simulated one, or a library's path. *out lives as long as the
/// process; asking again answers the same, and a failure is tried again. Any
/// thread. SYM_NO_DRIVER where there is none or only the toolkit's stub,
/// SYM_DRIVER_TOO_OLD, SYM_NO_DEVICE.
sym_status openDriver(const char *which, const Driver **out);

/// Opens a library of sym's own: beside the library or the program that this
/// code is in, in `../lib`, or where the loader looks. Null, as dlopen.
void *openBeside(const char *name);

/// What a result of the driver is as a status.
sym_status statusOf(CUresult result);

/// Whether the context answers nothing else from here on.
bool isFatal(sym_status status);

/// Records that `call` failed, with the driver's own name of the error; answers
/// statusOf(result). `device` is -1 where none is concerned.
sym_status driverFault(const Driver &driver, CUresult result, const char *call,
                       int device);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_DRIVER_H
