//===- DevicePool.cpp - Memory of a device in the order of a stream -------===//

#include "DevicePool.h"

using namespace sym::rt;

sym_status DevicePool::create(Device &device) {
  const Driver &driver = device.driver();
  Current current(device);
  if (current.status())
    return current.status();
  CUmemPoolProps props = {};
  props.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  props.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  props.location.id = device.ordinal();
  CUmemoryPool made;
  if (sym_status status = device.check(driver.cuMemPoolCreate(&made, &props),
                                       "cuMemPoolCreate"))
    return status;
  pool.reset();
  pool.adopt(device, made);
  // By default every wait gives all idle memory back.
  cuuint64_t keep = UINT64_MAX;
  if (sym_status status =
          device.check(driver.cuMemPoolSetAttribute(
                           made, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &keep),
                       "cuMemPoolSetAttribute")) {
    pool.reset();
    return status;
  }
  return SYM_OK;
}

sym_status DevicePool::allocate(DeviceStream &stream, int64_t bytes,
                                CUdeviceptr *out) {
  Device &device = *pool.device;
  const Driver &driver = device.driver();
  Current current(device);
  if (current.status())
    return current.status();
  if (bytes < 0)
    return fail(SYM_INVALID_ARGUMENT, "%lld bytes of device memory",
                (long long)bytes);
  int64_t limit = cap.load(std::memory_order_relaxed);
  int64_t before = inUse.fetch_add(bytes, std::memory_order_relaxed);
  if (limit && bytes > limit - before) {
    inUse.fetch_sub(bytes, std::memory_order_relaxed);
    refusals.fetch_add(1, std::memory_order_relaxed);
    return fail(SYM_DEVICE_OUT_OF_MEMORY,
                "%lld bytes on device %d: %lld are in use and the cap is %lld",
                (long long)bytes, device.ordinal(), (long long)before,
                (long long)limit);
  }
  size_t wanted = bytes ? size_t(bytes) : 1;
  CUresult result =
      driver.cuMemAllocFromPoolAsync(out, wanted, pool.handle, stream.get());
  if (result == CUDA_ERROR_OUT_OF_MEMORY) {
    // Blocks whose frees have not executed, and idle memory of this pool, may
    // be all that is missing. Slow, but the alternative is a failure.
    if (driver.cuCtxSynchronize() == CUDA_SUCCESS &&
        driver.cuMemPoolTrimTo(pool.handle, 0) == CUDA_SUCCESS)
      result = driver.cuMemAllocFromPoolAsync(out, wanted, pool.handle,
                                              stream.get());
  }
  if (result != CUDA_SUCCESS) {
    inUse.fetch_sub(bytes, std::memory_order_relaxed);
    refusals.fetch_add(1, std::memory_order_relaxed);
    return device.check(result, "cuMemAllocFromPoolAsync");
  }
  allocations.fetch_add(1, std::memory_order_relaxed);
  int64_t now = before + bytes;
  int64_t high = highWater.load(std::memory_order_relaxed);
  while (high < now && !highWater.compare_exchange_weak(high, now))
    ;
  return SYM_OK;
}

sym_status DevicePool::free(DeviceStream &stream, CUdeviceptr address,
                            int64_t bytes) {
  if (!address)
    return SYM_OK;
  Device &device = *pool.device;
  // A broken device takes memory back with its context.
  sym_status broken = device.broken();
  Current current(device, Current::kGiveBack);
  CUresult result = device.driver().cuMemFreeAsync(address, stream.get());
  inUse.fetch_sub(bytes, std::memory_order_relaxed);
  return broken ? broken : device.check(result, "cuMemFreeAsync");
}

sym_status DevicePool::attribute(CUmemPool_attribute which, int64_t *value) {
  cuuint64_t number = 0;
  sym_status status = pool.device->check(
      pool.device->driver().cuMemPoolGetAttribute(pool.handle, which, &number),
      "cuMemPoolGetAttribute");
  *value = int64_t(number);
  return status;
}

sym_status DevicePool::statistics(DevicePoolStatistics *out) {
  Current current(*pool.device);
  if (current.status())
    return current.status();
  out->bytesInUse = inUse.load(std::memory_order_relaxed);
  out->bytesHighWater = highWater.load(std::memory_order_relaxed);
  out->allocations = allocations.load(std::memory_order_relaxed);
  out->refusals = refusals.load(std::memory_order_relaxed);
  return attribute(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT, &out->bytesReserved);
}

sym_status DevicePool::trim(int64_t keep) {
  Current current(*pool.device);
  if (current.status())
    return current.status();
  return pool.device->check(
      pool.device->driver().cuMemPoolTrimTo(pool.handle, size_t(keep)),
      "cuMemPoolTrimTo");
}
