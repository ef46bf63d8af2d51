//===- ApiDevice.cpp - Devices and contexts -------------------------------===//

#include "Api.h"
#include "Module.h"

#include <stdio.h>
#include <string.h>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// The current context
//===----------------------------------------------------------------------===//

namespace {
/// No destructor, so that it works until the thread's last moment.
struct ContextStack {
  static constexpr int kMost = 64;
  Device *devices[kMost];
  int depth;
  uint64_t generation;
};
} // namespace

static thread_local ContextStack contexts;

Device *sym::sim::currentDevice() {
  if (contexts.generation != simulator().generation) {
    contexts.depth = 0;
    contexts.generation = simulator().generation;
  }
  return contexts.depth ? contexts.devices[contexts.depth - 1] : nullptr;
}

static Device *deviceOf(CUcontext context) {
  for (auto &device : simulator().devices)
    if (device->context() == context)
      return device.get();
  return nullptr;
}

static Device *deviceAt(CUdevice ordinal) {
  auto &devices = simulator().devices;
  return ordinal >= 0 && size_t(ordinal) < devices.size()
             ? devices[size_t(ordinal)].get()
             : nullptr;
}

/// Errors after which a context answers nothing else.
static bool isSticky(CUresult error) {
  return error == CUDA_ERROR_ECC_UNCORRECTABLE ||
         error == CUDA_ERROR_DEVICE_UNAVAILABLE ||
         error == CUDA_ERROR_ILLEGAL_ADDRESS ||
         (error >= CUDA_ERROR_ASSERT && error <= CUDA_ERROR_LAUNCH_FAILED) ||
         error == CUDA_ERROR_LAUNCH_TIMEOUT;
}

CUresult sym::sim::beginCall(unsigned needs, CUresult *also) {
  Simulator &sim = simulator();
  // A host function must not call the driver.
  if (Scheduler::isExecutor())
    return CUDA_ERROR_NOT_PERMITTED;
  if (needs & kCounted && ++sim.calls == uint64_t(sim.config.failCall)) {
    auto error = CUresult(sim.config.failError);
    if (isSticky(error) && currentDevice())
      currentDevice()->sticky = error;
    if (!(needs & kReleases))
      return error;
    *also = error;
  }
  if (needs & kInit && !sim.initialized)
    return CUDA_ERROR_NOT_INITIALIZED;
  if ((needs & kContext) != kContext)
    return CUDA_SUCCESS;
  Device *device = currentDevice();
  if (!device)
    return CUDA_ERROR_INVALID_CONTEXT;
  if (!device->retained)
    return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  if (!device->error())
    return CUDA_SUCCESS;
  if (!(needs & kReleases))
    return device->error();
  *also = device->error();
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Start, errors
//===----------------------------------------------------------------------===//

static CUresult init(Lock &, unsigned flags) {
  Simulator &sim = simulator();
  if (sim.config.initError)
    return CUresult(sim.config.initError);
  if (flags || !sim.configError.empty())
    return CUDA_ERROR_INVALID_VALUE;
  if (sim.initialized)
    return CUDA_SUCCESS;
  if (!reserveArenas())
    return CUDA_ERROR_OUT_OF_MEMORY;
  sim.makeDevices();
  if (sim.devices.empty())
    return CUDA_ERROR_NO_DEVICE;
  sim.initialized = true;
  return CUDA_SUCCESS;
}

static CUresult driverGetVersion(Lock &, int *version) {
  *version = int(simulator().config.driverVersion);
  return CUDA_SUCCESS;
}

namespace {
struct ErrorName {
  CUresult error;
  const char *name;
  const char *text;
};
} // namespace

static const ErrorName kErrors[] = {
#define SYM_ERROR(name, text) {name, #name, text}
    SYM_ERROR(CUDA_SUCCESS, "no error"),
    SYM_ERROR(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    SYM_ERROR(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    SYM_ERROR(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    SYM_ERROR(CUDA_ERROR_DEINITIALIZED, "driver shutting down"),
    SYM_ERROR(CUDA_ERROR_STUB_LIBRARY, "CUDA driver is a stub library"),
    SYM_ERROR(CUDA_ERROR_DEVICE_UNAVAILABLE, "device is busy or unavailable"),
    SYM_ERROR(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    SYM_ERROR(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    SYM_ERROR(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
    SYM_ERROR(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    SYM_ERROR(CUDA_ERROR_NO_BINARY_FOR_GPU,
              "no kernel image is available for the device"),
    SYM_ERROR(CUDA_ERROR_ECC_UNCORRECTABLE, "uncorrectable ECC error"),
    SYM_ERROR(CUDA_ERROR_OPERATING_SYSTEM, "OS call failed"),
    SYM_ERROR(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    SYM_ERROR(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    SYM_ERROR(CUDA_ERROR_NOT_READY, "device not ready"),
    SYM_ERROR(CUDA_ERROR_ILLEGAL_ADDRESS,
              "an illegal memory access was encountered"),
    SYM_ERROR(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
              "too many resources requested for launch"),
    SYM_ERROR(CUDA_ERROR_LAUNCH_TIMEOUT, "the launch timed out"),
    SYM_ERROR(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
    SYM_ERROR(CUDA_ERROR_ASSERT, "device-side assert triggered"),
    SYM_ERROR(CUDA_ERROR_HARDWARE_STACK_ERROR, "hardware stack error"),
    SYM_ERROR(CUDA_ERROR_ILLEGAL_INSTRUCTION, "illegal instruction"),
    SYM_ERROR(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
    SYM_ERROR(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    SYM_ERROR(CUDA_ERROR_NOT_PERMITTED, "operation not permitted"),
    SYM_ERROR(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
    SYM_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
              "operation not permitted when stream is capturing"),
    SYM_ERROR(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
              "operation failed due to a previous error during capture"),
    SYM_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
              "the capture was not begun in this stream"),
    SYM_ERROR(CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
              "capturing stream has unjoined work"),
    SYM_ERROR(CUDA_ERROR_CAPTURED_EVENT,
              "operation not permitted on an event last recorded in a "
              "capturing stream"),
    SYM_ERROR(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE,
              "the graph update was not performed"),
    SYM_ERROR(CUDA_ERROR_UNKNOWN, "unknown error"),
#undef SYM_ERROR
};

static CUresult getErrorName(Lock &, CUresult error, const char **name) {
  for (const ErrorName &known : kErrors)
    if (known.error == error) {
      *name = known.name;
      return CUDA_SUCCESS;
    }
  *name = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

static CUresult getErrorString(Lock &, CUresult error, const char **text) {
  for (const ErrorName &known : kErrors)
    if (known.error == error) {
      *text = known.text;
      return CUDA_SUCCESS;
    }
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

static CUresult deviceGetCount(Lock &, int *count) {
  *count = int(simulator().devices.size());
  return CUDA_SUCCESS;
}

static CUresult deviceGet(Lock &, CUdevice *device, int ordinal) {
  if (!deviceAt(ordinal))
    return CUDA_ERROR_INVALID_DEVICE;
  *device = ordinal;
  return CUDA_SUCCESS;
}

static CUresult deviceGetName(Lock &, char *name, int length, CUdevice device) {
  if (!deviceAt(device))
    return CUDA_ERROR_INVALID_DEVICE;
  snprintf(name, size_t(length), "simulated device %d", int(device));
  return CUDA_SUCCESS;
}

static CUresult deviceTotalMem(Lock &, size_t *bytes, CUdevice device) {
  if (!deviceAt(device))
    return CUDA_ERROR_INVALID_DEVICE;
  *bytes = deviceAt(device)->arena.capacity();
  return CUDA_SUCCESS;
}

static CUresult deviceGetUuid(Lock &, CUuuid *uuid, CUdevice device) {
  if (!deviceAt(device))
    return CUDA_ERROR_INVALID_DEVICE;
  memset(uuid, 0, sizeof(*uuid));
  uuid->bytes[15] = char(device + 1);
  return CUDA_SUCCESS;
}

static CUresult deviceGetAttribute(Lock &, int *value,
                                   CUdevice_attribute attribute,
                                   CUdevice device) {
  if (!deviceAt(device))
    return CUDA_ERROR_INVALID_DEVICE;
  int arch = int(simulator().config.arch);
  switch (attribute) {
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
    *value = arch / 10;
    break;
  case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
    *value = arch % 10;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y:
    *value = int(kMaxThreads);
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z:
    *value = 64;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
    *value = INT32_MAX;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
  case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z:
    *value = 65535;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
    *value = int(kSharedDefault);
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
  case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
    *value = int(kSharedMost);
    break;
  case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
    *value = SYM_SIM_WARP;
    break;
  case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
    *value = 4;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
    *value = 2048;
    break;
  case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    *value = 65536;
    break;
  case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
  case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED:
  case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
    *value = 1;
    break;
  default:
    *value = 0;
  }
  return CUDA_SUCCESS;
}

static CUresult deviceCanAccessPeer(Lock &, int *can, CUdevice device,
                                    CUdevice peer) {
  if (!deviceAt(device) || !deviceAt(peer))
    return CUDA_ERROR_INVALID_DEVICE;
  *can = 0;
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

static CUresult primaryCtxRetain(Lock &, CUcontext *context, CUdevice ordinal) {
  Device *device = deviceAt(ordinal);
  if (!device)
    return CUDA_ERROR_INVALID_DEVICE;
  if (device->lost)
    return device->lost;
  ++device->retained;
  *context = device->context();
  return CUDA_SUCCESS;
}

static CUresult primaryCtxRelease(Lock &lock, CUdevice ordinal) {
  Device *device = deviceAt(ordinal);
  if (!device)
    return CUDA_ERROR_INVALID_DEVICE;
  if (!device->retained)
    return CUDA_ERROR_INVALID_CONTEXT;
  if (--device->retained == 0)
    simulator().resetContext(lock, *device);
  return CUDA_SUCCESS;
}

static CUresult primaryCtxReset(Lock &lock, CUdevice ordinal) {
  Device *device = deviceAt(ordinal);
  if (!device)
    return CUDA_ERROR_INVALID_DEVICE;
  simulator().resetContext(lock, *device);
  return device->lost;
}

static CUresult primaryCtxGetState(Lock &, CUdevice ordinal, unsigned *flags,
                                   int *active) {
  Device *device = deviceAt(ordinal);
  if (!device)
    return CUDA_ERROR_INVALID_DEVICE;
  *flags = 0;
  *active = device->retained != 0;
  return CUDA_SUCCESS;
}

static CUresult ctxPushCurrent(Lock &, CUcontext context) {
  Device *device = deviceOf(context);
  currentDevice();
  if (!device || contexts.depth == ContextStack::kMost)
    return CUDA_ERROR_INVALID_CONTEXT;
  contexts.devices[contexts.depth++] = device;
  return CUDA_SUCCESS;
}

static CUresult ctxPopCurrent(Lock &, CUcontext *context) {
  if (!currentDevice())
    return CUDA_ERROR_INVALID_CONTEXT;
  Device *top = contexts.devices[--contexts.depth];
  if (context)
    *context = top->context();
  return CUDA_SUCCESS;
}

static CUresult ctxSetCurrent(Lock &, CUcontext context) {
  Device *device = deviceOf(context);
  if (context && !device)
    return CUDA_ERROR_INVALID_CONTEXT;
  if (currentDevice())
    --contexts.depth;
  if (device)
    contexts.devices[contexts.depth++] = device;
  return CUDA_SUCCESS;
}

static CUresult ctxGetCurrent(Lock &, CUcontext *context) {
  Device *device = currentDevice();
  *context = device ? device->context() : nullptr;
  return CUDA_SUCCESS;
}

static CUresult ctxGetDevice(Lock &, CUdevice *device) {
  *device = currentDevice()->ordinal;
  return CUDA_SUCCESS;
}

static CUresult ctxSynchronize(Lock &lock) {
  Device *device = currentDevice();
  for (Stream *stream : simulator().streams)
    if (stream->device == device)
      if (CUresult refused = refuseWhileCapturing(*stream))
        return refused;
  simulator().scheduler.waitDevice(lock, *device);
  trimPools(*device);
  return device->error();
}

const std::vector<ApiFunction> &sym::sim::deviceFunctions() {
  static const auto *all = new std::vector<ApiFunction>{
      SYM_SIM_API("cuInit", 2000, init, kCounted),
      SYM_SIM_API("cuDriverGetVersion", 2020, driverGetVersion, kNothing),
      SYM_SIM_API("cuGetErrorName", 6000, getErrorName, kNothing),
      SYM_SIM_API("cuGetErrorString", 6000, getErrorString, kNothing),
      SYM_SIM_API("cuDeviceGetCount", 2000, deviceGetCount, kDeviceCall),
      SYM_SIM_API("cuDeviceGet", 2000, deviceGet, kDeviceCall),
      SYM_SIM_API("cuDeviceGetName", 2000, deviceGetName, kDeviceCall),
      SYM_SIM_API("cuDeviceTotalMem", 3020, deviceTotalMem, kDeviceCall),
      SYM_SIM_API("cuDeviceGetUuid", 11040, deviceGetUuid, kDeviceCall),
      SYM_SIM_API("cuDeviceGetAttribute", 2000, deviceGetAttribute,
                  kDeviceCall),
      SYM_SIM_API("cuDeviceCanAccessPeer", 4000, deviceCanAccessPeer,
                  kDeviceCall),
      SYM_SIM_API("cuDevicePrimaryCtxRetain", 7000, primaryCtxRetain,
                  kDeviceCall),
      SYM_SIM_API("cuDevicePrimaryCtxRelease", 11000, primaryCtxRelease,
                  kDeviceCall | kReleases),
      SYM_SIM_API("cuDevicePrimaryCtxReset", 11000, primaryCtxReset,
                  kDeviceCall | kReleases),
      SYM_SIM_API("cuDevicePrimaryCtxGetState", 7000, primaryCtxGetState,
                  kDeviceCall),
      SYM_SIM_API("cuCtxPushCurrent", 4000, ctxPushCurrent, kDeviceCall),
      SYM_SIM_API("cuCtxPopCurrent", 4000, ctxPopCurrent,
                  kDeviceCall | kReleases),
      SYM_SIM_API("cuCtxSetCurrent", 4000, ctxSetCurrent, kDeviceCall),
      SYM_SIM_API("cuCtxGetCurrent", 4000, ctxGetCurrent, kDeviceCall),
      SYM_SIM_API("cuCtxGetDevice", 2000, ctxGetDevice, kContextCall),
      SYM_SIM_API("cuCtxSynchronize", 2000, ctxSynchronize, kContextCall),
  };
  return *all;
}
