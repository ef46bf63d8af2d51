//===- Device.cpp - A device and what belongs to it -----------------------===//

#include "Device.h"

using namespace sym::rt;

/// The device of the innermost scope on this thread.
static __thread Device *currentDevice = nullptr;

Current::Current(Device &device, Purpose purpose)
    : device(device), outer(currentDevice) {
  if (purpose == kUse && device.broken()) {
    result = fail(device.broken(), "device %d cannot be used any more: %s",
                  device.ordinal(), sym_status_name(device.broken()));
    return;
  }
  if (outer == &device)
    return;
  CUresult push = device.driver().cuCtxPushCurrent(device.handle());
  // What is not given back now never is.
  if (push != CUDA_SUCCESS && purpose == kGiveBack)
    push = device.driver().cuCtxPushCurrent(device.handle());
  if (push != CUDA_SUCCESS) {
    if (purpose == kUse)
      result = device.check(push, "cuCtxPushCurrent");
    return;
  }
  pushed = true;
  currentDevice = &device;
}

Current::~Current() {
  if (!pushed)
    return;
  // An error belongs to earlier work; the context is popped.
  CUcontext popped;
  device.note(device.driver().cuCtxPopCurrent(&popped));
  currentDevice = outer;
}

void Device::abandon(sym_status status) {
  sym_status none = SYM_OK;
  fault.compare_exchange_strong(none, status);
}

void Device::note(CUresult result) {
  if (isFatal(statusOf(result)))
    abandon(statusOf(result));
}

sym_status Device::check(CUresult result, const char *call) {
  if (SYM_LIKELY(result == CUDA_SUCCESS))
    return SYM_OK;
  note(result);
  return driverFault(*table, result, call, number);
}

sym_status Device::open(const Driver &driver, int ordinal) {
  if (isOpen())
    return fail(SYM_INVALID_ARGUMENT, "device %d is open already", number);
  if (ordinal < 0 || ordinal >= driver.devices)
    return fail(SYM_NO_DEVICE, "no device %d: the driver has %d", ordinal,
                driver.devices);
  table = &driver;
  number = ordinal;
  fault = SYM_OK;

  CUdevice device;
  if (sym_status status =
          check(driver.cuDeviceGet(&device, ordinal), "cuDeviceGet"))
    return status;
  int major = 0, minor = 0;
  size_t bytes = 0;
  const struct {
    CUdevice_attribute attribute;
    int *value;
  } attributes[] = {
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &major},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &minor},
      {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &properties.multiprocessors},
      {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
       &properties.maxThreadsPerBlock},
      {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, &properties.maxGridX},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK,
       &properties.sharedBytes},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
       &properties.sharedBytesOptIn},
  };
  for (const auto &wanted : attributes)
    if (sym_status status = check(
            driver.cuDeviceGetAttribute(wanted.value, wanted.attribute, device),
            "cuDeviceGetAttribute"))
      return status;
  int pools = 0;
  if (sym_status status =
          check(driver.cuDeviceGetAttribute(
                    &pools, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, device),
                "cuDeviceGetAttribute"))
    return status;
  if (!pools)
    return fail(SYM_WRONG_ARCHITECTURE,
                "device %d has no stream-ordered memory pools", ordinal);
  properties.arch = major * 10 + minor;
  if (sym_status status =
          check(driver.cuDeviceGetName(properties.name,
                                       int(sizeof(properties.name)), device),
                "cuDeviceGetName"))
    return status;
  if (sym_status status =
          check(driver.cuDeviceTotalMem(&bytes, device), "cuDeviceTotalMem"))
    return status;
  properties.memoryBytes = int64_t(bytes);
  // The primary context, so that other libraries of the process share it.
  CUcontext retained;
  if (sym_status status =
          check(driver.cuDevicePrimaryCtxRetain(&retained, device),
                "cuDevicePrimaryCtxRetain"))
    return status;
  context = retained;
  return SYM_OK;
}

sym_status Device::synchronize() {
  Current current(*this);
  if (current.status())
    return current.status();
  return check(table->cuCtxSynchronize(), "cuCtxSynchronize");
}

sym_status Device::close() {
  if (!isOpen())
    return SYM_OK;
  if (int left = children.load(std::memory_order_acquire))
    return fail(SYM_INVALID_ARGUMENT,
                "device %d still has %d objects that were made from it", number,
                left);
  sym_status status = synchronize();
  CUresult result = table->cuDevicePrimaryCtxRelease(number);
  if (!status && result != CUDA_ERROR_DEINITIALIZED)
    status = check(result, "cuDevicePrimaryCtxRelease");
  context = nullptr;
  return status;
}
