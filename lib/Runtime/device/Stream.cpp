//===- Stream.cpp - Queues of a device and points in them -----------------===//

#include "Stream.h"
#include "Module.h"

using namespace sym::rt;

/// Calls one function of the driver in a scope of the device.
#define SYM_DRIVER_CALL(device, function, ...)                                 \
  Current current(device);                                                     \
  if (current.status())                                                        \
    return current.status();                                                   \
  return (device).check((device).driver().function(__VA_ARGS__), #function)

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

sym_status DeviceEvent::create(Device &device, bool timed) {
  Current current(device);
  if (current.status())
    return current.status();
  CUevent made;
  if (sym_status status = device.check(
          device.driver().cuEventCreate(&made, timed ? CU_EVENT_DEFAULT
                                                     : CU_EVENT_DISABLE_TIMING),
          "cuEventCreate"))
    return status;
  event.reset();
  event.adopt(device, made);
  return SYM_OK;
}

sym_status DeviceEvent::synchronize() {
  SYM_DRIVER_CALL(*event.device, cuEventSynchronize, event.handle);
}

/// NOT_READY is an answer and no fault.
static sym_status answer(Device &device, CUresult result, const char *call,
                         bool *done) {
  *done = result == CUDA_SUCCESS;
  if (result == CUDA_ERROR_NOT_READY)
    return SYM_OK;
  return device.check(result, call);
}

sym_status DeviceEvent::query(bool *done) {
  Device &device = *event.device;
  Current current(device);
  if (current.status())
    return current.status();
  return answer(device, device.driver().cuEventQuery(event.handle),
                "cuEventQuery", done);
}

sym_status DeviceEvent::since(const DeviceEvent &earlier, float *milliseconds) {
  SYM_DRIVER_CALL(*event.device, cuEventElapsedTime, milliseconds,
                  earlier.event.handle, event.handle);
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

sym_status DeviceStream::create(Device &device) {
  Current current(device);
  if (current.status())
    return current.status();
  CUstream made;
  if (sym_status status = device.check(
          device.driver().cuStreamCreate(&made, CU_STREAM_NON_BLOCKING),
          "cuStreamCreate"))
    return status;
  stream.reset();
  stream.adopt(device, made);
  return SYM_OK;
}

sym_status DeviceStream::synchronize() {
  SYM_DRIVER_CALL(device(), cuStreamSynchronize, stream.handle);
}

sym_status DeviceStream::query(bool *done) {
  Current current(device());
  if (current.status())
    return current.status();
  return answer(device(), device().driver().cuStreamQuery(stream.handle),
                "cuStreamQuery", done);
}

sym_status DeviceStream::record(DeviceEvent &event) {
  SYM_DRIVER_CALL(device(), cuEventRecord, event.get(), stream.handle);
}

sym_status DeviceStream::wait(const DeviceEvent &event) {
  SYM_DRIVER_CALL(device(), cuStreamWaitEvent, stream.handle, event.get(), 0);
}

sym_status DeviceStream::copyToDevice(CUdeviceptr to, const void *host,
                                      size_t bytes) {
  SYM_DRIVER_CALL(device(), cuMemcpyHtoDAsync, to, host, bytes, stream.handle);
}

sym_status DeviceStream::copyToHost(void *host, CUdeviceptr from,
                                    size_t bytes) {
  SYM_DRIVER_CALL(device(), cuMemcpyDtoHAsync, host, from, bytes,
                  stream.handle);
}

sym_status DeviceStream::copyOnDevice(CUdeviceptr to, CUdeviceptr from,
                                      size_t bytes) {
  SYM_DRIVER_CALL(device(), cuMemcpyDtoDAsync, to, from, bytes, stream.handle);
}

sym_status DeviceStream::copyFromPeer(CUdeviceptr to, CUdeviceptr from,
                                      Device &source, size_t bytes) {
  SYM_DRIVER_CALL(device(), cuMemcpyPeerAsync, to, device().handle(), from,
                  source.handle(), bytes, stream.handle);
}

sym_status DeviceStream::fillBytes(CUdeviceptr to, unsigned char value,
                                   size_t count) {
  SYM_DRIVER_CALL(device(), cuMemsetD8Async, to, value, count, stream.handle);
}

sym_status DeviceStream::fillHalves(CUdeviceptr to, uint16_t value,
                                    size_t count) {
  SYM_DRIVER_CALL(device(), cuMemsetD16Async, to, value, count, stream.handle);
}

sym_status DeviceStream::fillWords(CUdeviceptr to, uint32_t value,
                                   size_t count) {
  SYM_DRIVER_CALL(device(), cuMemsetD32Async, to, value, count, stream.handle);
}

sym_status DeviceStream::launch(const DeviceFunction &function,
                                const Grid &grid, void **params) {
  SYM_DRIVER_CALL(device(), cuLaunchKernel, function.get(), grid.blocks[0],
                  grid.blocks[1], grid.blocks[2], grid.threads[0],
                  grid.threads[1], grid.threads[2], grid.sharedBytes,
                  stream.handle, params, nullptr);
}

sym_status DeviceStream::callHost(void (*function)(void *), void *context) {
  SYM_DRIVER_CALL(device(), cuLaunchHostFunc, stream.handle, function, context);
}
