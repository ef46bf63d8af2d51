//===- ApiMemory.cpp - Allocation, copies, fills --------------------------===//

#include "Api.h"

#include <stdlib.h>
#include <string.h>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

static CUresult faultInStream(const std::string &what) {
  simulator().report(what);
  return CUDA_ERROR_ILLEGAL_ADDRESS;
}

namespace {

struct AllocWork : Work {
  uint64_t address;
  size_t bytes;

  CUresult run() override {
    if (simulator().config.poison)
      poisonAllocated(address, bytes);
    simulator().live.insert(address, bytes);
    return CUDA_SUCCESS;
  }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEM_ALLOC; }
};

struct FreeWork : Work {
  uint64_t address;
  size_t bytes;

  CUresult run() override {
    if (simulator().live.find(address).base != address)
      return faultInStream("free of memory that is not allocated yet in the "
                           "order of streams");
    simulator().live.erase(address);
    if (simulator().config.poison)
      poisonFreed(address, bytes);
    return CUDA_SUCCESS;
  }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEM_FREE; }
};

/// One end of a copy.
struct Place {
  uint64_t address = 0; ///< of a device, unless 0
  char *host = nullptr;
};

struct CopyWork : Work {
  Place to, from;
  size_t bytes = 0;
  std::vector<char> staged; ///< a copy of pageable memory

  CUresult run() override {
    for (const Place *place : {&to, &from})
      if (place->address && bytes &&
          !simulator().live.contains(place->address, bytes))
        return faultInStream(
            "copy of " + std::to_string(bytes) +
            " bytes to or from memory that is not allocated now in the order "
            "of streams");
    char *target = to.address ? hostBytes(to.address) : to.host;
    const char *source = from.address ? hostBytes(from.address) : from.host;
    memmove(target, source, bytes);
    return CUDA_SUCCESS;
  }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEMCPY; }
};

struct FillWork : Work {
  uint64_t address;
  uint32_t value;
  size_t width, count;

  CUresult run() override {
    if (count && !simulator().live.contains(address, width * count))
      return faultInStream("fill of memory that is not allocated now in the "
                           "order of streams");
    char *at = hostBytes(address);
    for (size_t i = 0; i < count; ++i)
      memcpy(at + i * width, &value, width);
    return CUDA_SUCCESS;
  }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_MEMSET; }
};

} // namespace

//===----------------------------------------------------------------------===//
// Allocation
//===----------------------------------------------------------------------===//

static CUresult memGetInfo(Lock &, size_t *free, size_t *total) {
  Arena &arena = currentDevice()->arena;
  *total = arena.capacity();
  *free = arena.capacity() - arena.taken();
  return CUDA_SUCCESS;
}

static CUresult memAlloc(Lock &, CUdeviceptr *out, size_t bytes) {
  Device &device = *currentDevice();
  if (!bytes)
    return CUDA_ERROR_INVALID_VALUE;
  uint64_t address = device.syncPool->allocate(bytes, 0);
  if (!address)
    return CUDA_ERROR_OUT_OF_MEMORY;
  simulator().allocations[address] = {address, bytes, device.syncPool.get(),
                                      &device};
  AllocWork work;
  work.address = address;
  work.bytes = bytes;
  work.run();
  *out = address;
  return CUDA_SUCCESS;
}

/// The allocation that begins at `address`, in the current context.
static Allocation *allocationOf(CUdeviceptr address) {
  auto &all = simulator().allocations;
  auto it = all.find(address);
  return it == all.end() || it->second.device != currentDevice() ? nullptr
                                                                 : &it->second;
}

static CUresult memFree(Lock &lock, CUdeviceptr address) {
  Simulator &sim = simulator();
  if (!address)
    return CUDA_SUCCESS;
  if (!allocationOf(address))
    return CUDA_ERROR_INVALID_VALUE;
  sim.scheduler.waitDevice(lock, *currentDevice());
  // Another thread may have freed it meanwhile.
  Allocation *found = allocationOf(address);
  if (!found)
    return CUDA_ERROR_INVALID_VALUE;
  FreeWork work;
  work.address = address;
  work.bytes = found->size;
  Device &device = *found->device;
  // On a context in error the allocation may never have been executed.
  CUresult result = device.error() ? CUDA_SUCCESS : work.run();
  sim.live.erase(address);
  found->pool->release(address, 0, nullptr);
  found->pool->trim(found->pool->threshold);
  sim.allocations.erase(address);
  if (result && !device.sticky)
    device.sticky = result;
  return result;
}

static CUresult allocateInStream(CUdeviceptr *out, size_t bytes, Pool &pool,
                                 CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (!bytes)
    return CUDA_ERROR_INVALID_VALUE;
  // A graph that owns memory is more than sym asks of a driver.
  if (stream->capture)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  uint64_t address = pool.allocate(bytes, stream->id);
  if (!address)
    return CUDA_ERROR_OUT_OF_MEMORY;
  simulator().allocations[address] = {address, bytes, &pool, stream->device};
  auto work = std::make_shared<AllocWork>();
  work->address = address;
  work->bytes = bytes;
  *out = address;
  return submit(*stream, std::move(work));
}

static Pool *poolOf(CUmemoryPool handle) {
  for (auto &device : simulator().devices)
    for (Pool *pool : device->allPools())
      if (reinterpret_cast<CUmemoryPool>(pool) == handle)
        return pool;
  return nullptr;
}

static CUresult memAllocAsync(Lock &, CUdeviceptr *out, size_t bytes,
                              CUstream stream) {
  return allocateInStream(out, bytes, *currentDevice()->defaultPool, stream);
}

static CUresult memAllocFromPoolAsync(Lock &, CUdeviceptr *out, size_t bytes,
                                      CUmemoryPool handle, CUstream stream) {
  Pool *pool = poolOf(handle);
  if (!pool || pool->device != currentDevice())
    return CUDA_ERROR_INVALID_VALUE;
  return allocateInStream(out, bytes, *pool, stream);
}

static CUresult memFreeAsync(Lock &, CUdeviceptr address, CUstream handle) {
  Stream *stream = streamOf(handle);
  Allocation *found = allocationOf(address);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (!found)
    return CUDA_ERROR_INVALID_VALUE;
  if (stream->capture)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  auto work = std::make_shared<FreeWork>();
  work->address = address;
  work->bytes = found->size;
  std::shared_ptr<Op> op;
  CUresult result = submit(*stream, std::move(work), &op);
  found->pool->release(address, stream->id, std::move(op));
  simulator().allocations.erase(address);
  return result;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

static CUresult getDefaultMemPool(Lock &, CUmemoryPool *out, CUdevice device) {
  auto &devices = simulator().devices;
  if (device < 0 || size_t(device) >= devices.size())
    return CUDA_ERROR_INVALID_DEVICE;
  *out = reinterpret_cast<CUmemoryPool>(
      devices[size_t(device)]->defaultPool.get());
  return CUDA_SUCCESS;
}

static CUresult memPoolCreate(Lock &, CUmemoryPool *out,
                              const CUmemPoolProps *props) {
  auto &devices = simulator().devices;
  if (props->allocType != CU_MEM_ALLOCATION_TYPE_PINNED ||
      props->location.type != CU_MEM_LOCATION_TYPE_DEVICE ||
      props->location.id < 0 || size_t(props->location.id) >= devices.size())
    return CUDA_ERROR_INVALID_VALUE;
  Device *device = devices[size_t(props->location.id)].get();
  auto *pool = new Pool(device);
  pool->maxSize = props->maxSize;
  device->userPools.insert(pool);
  *out = reinterpret_cast<CUmemoryPool>(pool);
  return CUDA_SUCCESS;
}

static CUresult memPoolDestroy(Lock &lock, CUmemoryPool handle) {
  Pool *pool = poolOf(handle);
  if (!pool || !pool->device->userPools.count(pool))
    return CUDA_ERROR_INVALID_VALUE;
  // A real driver keeps it until its last block is freed.
  simulator().scheduler.waitDevice(lock, *pool->device);
  for (auto &allocation : simulator().allocations)
    if (allocation.second.pool == pool)
      return CUDA_ERROR_INVALID_VALUE;
  pool->device->userPools.erase(pool);
  delete pool;
  return CUDA_SUCCESS;
}

static CUresult memPoolTrimTo(Lock &, CUmemoryPool handle, size_t keep) {
  Pool *pool = poolOf(handle);
  if (!pool)
    return CUDA_ERROR_INVALID_VALUE;
  pool->trim(keep);
  return CUDA_SUCCESS;
}

static CUresult memPoolSetAttribute(Lock &, CUmemoryPool handle,
                                    CUmemPool_attribute attribute,
                                    void *value) {
  Pool *pool = poolOf(handle);
  if (!pool)
    return CUDA_ERROR_INVALID_VALUE;
  switch (attribute) {
  case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
  case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
  case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
    pool->reuse[attribute - CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES] =
        *static_cast<int *>(value);
    return CUDA_SUCCESS;
  case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
    pool->threshold = *static_cast<cuuint64_t *>(value);
    return CUDA_SUCCESS;
  case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
  case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
    // Only a reset is allowed.
    if (*static_cast<cuuint64_t *>(value))
      return CUDA_ERROR_INVALID_VALUE;
    if (attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH)
      pool->reservedHigh = pool->reserved;
    else
      pool->usedHigh = pool->used;
    return CUDA_SUCCESS;
  default:
    return CUDA_ERROR_INVALID_VALUE;
  }
}

static CUresult memPoolGetAttribute(Lock &, CUmemoryPool handle,
                                    CUmemPool_attribute attribute,
                                    void *value) {
  Pool *pool = poolOf(handle);
  if (!pool)
    return CUDA_ERROR_INVALID_VALUE;
  cuuint64_t number;
  switch (attribute) {
  case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
  case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
  case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
    *static_cast<int *>(value) =
        pool->reuse[attribute -
                    CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES];
    return CUDA_SUCCESS;
  case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
    number = pool->threshold;
    break;
  case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
    number = pool->reserved;
    break;
  case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
    number = pool->reservedHigh;
    break;
  case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
    number = pool->used;
    break;
  case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
    number = pool->usedHigh;
    break;
  default:
    return CUDA_ERROR_INVALID_VALUE;
  }
  *static_cast<cuuint64_t *>(value) = number;
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Pinned memory
//===----------------------------------------------------------------------===//

static CUresult memHostAlloc(Lock &, void **out, size_t bytes, unsigned) {
  if (!bytes)
    return CUDA_ERROR_INVALID_VALUE;
  size_t rounded = (bytes + 4095) / 4096 * 4096;
  void *data = rounded < bytes ? nullptr : aligned_alloc(4096, rounded);
  if (!data)
    return CUDA_ERROR_OUT_OF_MEMORY;
  if (simulator().config.poison)
    memset(data, 0xff, rounded);
  simulator().pinned[static_cast<char *>(data)] = {bytes};
  *out = data;
  return CUDA_SUCCESS;
}

static CUresult memFreeHost(Lock &lock, void *data) {
  Simulator &sim = simulator();
  if (!sim.pinned.count(static_cast<char *>(data)))
    return CUDA_ERROR_INVALID_VALUE;
  // Copies of any device may still use it.
  for (auto &device : sim.devices)
    sim.scheduler.waitDevice(lock, *device);
  if (!sim.pinned.erase(static_cast<char *>(data)))
    return CUDA_ERROR_INVALID_VALUE;
  free(data);
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Copies and fills
//===----------------------------------------------------------------------===//

/// Whether the host has the memory now, as enqueued. A real driver checks no
/// more when it enqueues.
static bool isAllocated(CUdeviceptr address, size_t bytes) {
  return !bytes || simulator().allocationAt(address, bytes);
}

static CUresult copyToDevice(Lock &lock, Stream &stream, CUdeviceptr to,
                             const void *from, size_t bytes, bool wait) {
  if (!isAllocated(to, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  auto work = std::make_shared<CopyWork>();
  work->to.address = to;
  work->bytes = bytes;
  work->from.host = static_cast<char *>(const_cast<void *>(from));
  if (!simulator().isPinned(from, bytes)) {
    // The driver stages pageable memory before it returns.
    if (stream.capture)
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    work->staged.assign(work->from.host, work->from.host + bytes);
    work->from.host = work->staged.data();
  }
  std::shared_ptr<Op> op;
  if (CUresult result = submit(stream, std::move(work), &op))
    return result;
  if (wait)
    simulator().scheduler.wait(lock, op);
  return wait ? currentDevice()->error() : CUDA_SUCCESS;
}

static CUresult copyToHost(Lock &lock, Stream &stream, void *to,
                           CUdeviceptr from, size_t bytes, bool wait) {
  if (!isAllocated(from, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  // Into pageable memory the driver copies before it returns.
  bool pageable = !simulator().isPinned(to, bytes);
  if (pageable && stream.capture)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  auto work = std::make_shared<CopyWork>();
  work->to.host = static_cast<char *>(to);
  work->from.address = from;
  work->bytes = bytes;
  std::shared_ptr<Op> op;
  if (CUresult result = submit(stream, std::move(work), &op))
    return result;
  if (!wait && !pageable)
    return CUDA_SUCCESS;
  simulator().scheduler.wait(lock, op);
  return currentDevice()->error();
}

static CUresult memcpyHtoD(Lock &lock, CUdeviceptr to, const void *from,
                           size_t bytes) {
  return copyToDevice(lock, *currentDevice()->nullStream, to, from, bytes,
                      true);
}

static CUresult memcpyDtoH(Lock &lock, void *to, CUdeviceptr from,
                           size_t bytes) {
  return copyToHost(lock, *currentDevice()->nullStream, to, from, bytes, true);
}

static CUresult memcpyHtoDAsync(Lock &lock, CUdeviceptr to, const void *from,
                                size_t bytes, CUstream handle) {
  Stream *stream = streamOf(handle);
  return stream ? copyToDevice(lock, *stream, to, from, bytes, false)
                : CUDA_ERROR_INVALID_HANDLE;
}

static CUresult memcpyDtoHAsync(Lock &lock, void *to, CUdeviceptr from,
                                size_t bytes, CUstream handle) {
  Stream *stream = streamOf(handle);
  return stream ? copyToHost(lock, *stream, to, from, bytes, false)
                : CUDA_ERROR_INVALID_HANDLE;
}

static CUresult copyOnDevice(CUdeviceptr to, CUdeviceptr from, size_t bytes,
                             CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (!isAllocated(to, bytes) || !isAllocated(from, bytes))
    return CUDA_ERROR_INVALID_VALUE;
  auto work = std::make_shared<CopyWork>();
  work->to.address = to;
  work->from.address = from;
  work->bytes = bytes;
  return submit(*stream, std::move(work));
}

static CUresult memcpyDtoDAsync(Lock &, CUdeviceptr to, CUdeviceptr from,
                                size_t bytes, CUstream handle) {
  return copyOnDevice(to, from, bytes, handle);
}

static CUresult memcpyPeerAsync(Lock &, CUdeviceptr to, CUcontext,
                                CUdeviceptr from, CUcontext, size_t bytes,
                                CUstream handle) {
  return copyOnDevice(to, from, bytes, handle);
}

static CUresult fillInStream(CUdeviceptr address, uint32_t value, size_t width,
                             size_t count, CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (address % width || !isAllocated(address, width * count))
    return CUDA_ERROR_INVALID_VALUE;
  auto work = std::make_shared<FillWork>();
  work->address = address;
  work->value = value;
  work->width = width;
  work->count = count;
  return submit(*stream, std::move(work));
}

static CUresult memsetD8Async(Lock &, CUdeviceptr address, unsigned char value,
                              size_t count, CUstream stream) {
  return fillInStream(address, value, 1, count, stream);
}
static CUresult memsetD16Async(Lock &, CUdeviceptr address,
                               unsigned short value, size_t count,
                               CUstream stream) {
  return fillInStream(address, value, 2, count, stream);
}
static CUresult memsetD32Async(Lock &, CUdeviceptr address, unsigned value,
                               size_t count, CUstream stream) {
  return fillInStream(address, value, 4, count, stream);
}

const std::vector<ApiFunction> &sym::sim::memoryFunctions() {
  static const auto *all = new std::vector<ApiFunction>{
      SYM_SIM_API("cuMemGetInfo", 3020, memGetInfo, kContextCall),
      SYM_SIM_API("cuMemAlloc", 3020, memAlloc, kContextCall),
      SYM_SIM_API("cuMemFree", 3020, memFree, kReleaseCall),
      SYM_SIM_API("cuMemAllocAsync", 11020, memAllocAsync, kContextCall),
      SYM_SIM_API("cuMemAllocFromPoolAsync", 11020, memAllocFromPoolAsync,
                  kContextCall),
      SYM_SIM_API("cuMemFreeAsync", 11020, memFreeAsync, kReleaseCall),
      SYM_SIM_API("cuDeviceGetDefaultMemPool", 11020, getDefaultMemPool,
                  kDeviceCall),
      SYM_SIM_API("cuMemPoolCreate", 11020, memPoolCreate, kDeviceCall),
      SYM_SIM_API("cuMemPoolDestroy", 11020, memPoolDestroy,
                  kDeviceCall | kReleases),
      SYM_SIM_API("cuMemPoolTrimTo", 11020, memPoolTrimTo, kDeviceCall),
      SYM_SIM_API("cuMemPoolSetAttribute", 11020, memPoolSetAttribute,
                  kDeviceCall),
      SYM_SIM_API("cuMemPoolGetAttribute", 11020, memPoolGetAttribute,
                  kDeviceCall),
      SYM_SIM_API("cuMemHostAlloc", 2020, memHostAlloc, kContextCall),
      SYM_SIM_API("cuMemFreeHost", 2000, memFreeHost, kReleaseCall),
      SYM_SIM_API("cuMemcpyHtoD", 3020, memcpyHtoD, kContextCall),
      SYM_SIM_API("cuMemcpyDtoH", 3020, memcpyDtoH, kContextCall),
      SYM_SIM_API("cuMemcpyHtoDAsync", 3020, memcpyHtoDAsync, kContextCall),
      SYM_SIM_API("cuMemcpyDtoHAsync", 3020, memcpyDtoHAsync, kContextCall),
      SYM_SIM_API("cuMemcpyDtoDAsync", 3020, memcpyDtoDAsync, kContextCall),
      SYM_SIM_API("cuMemcpyPeerAsync", 4000, memcpyPeerAsync, kContextCall),
      SYM_SIM_API("cuMemsetD8Async", 3020, memsetD8Async, kContextCall),
      SYM_SIM_API("cuMemsetD16Async", 3020, memsetD16Async, kContextCall),
      SYM_SIM_API("cuMemsetD32Async", 3020, memsetD32Async, kContextCall),
  };
  return *all;
}
