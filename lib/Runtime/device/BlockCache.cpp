//===- BlockCache.cpp - Blocks of device memory, kept by size -------------===//

#include "BlockCache.h"

#include <algorithm>

using namespace sym::rt;

int BlockCache::classOf(int64_t bytes) {
  if (bytes <= 512)
    return 0;
  uint64_t last = uint64_t(bytes) - 1;
  int log = 63 - __builtin_clzll(last); // 9 … 46
  return 1 + (log - 9) * 8 + int((last >> (log - 3)) & 7);
}

int64_t BlockCache::sizeOf(int index) {
  if (index == 0)
    return 512;
  int log = 9 + (index - 1) / 8;
  return (int64_t(1) << log) +
         ((index - 1) % 8 + 1) * (int64_t(1) << (log - 3));
}

sym_status BlockCache::create(Device &device, bool keepBlocks) {
  keep = keepBlocks;
  pool.setCap(0);
  return pool.create(device);
}

sym_status BlockCache::allocate(DeviceStream &stream, int64_t bytes,
                                CUdeviceptr *out) {
  Device &device = stream.device();
  if (sym_status broken = device.broken())
    return fail(broken, "device %d cannot be used any more: %s",
                device.ordinal(), sym_status_name(broken));
  if (bytes < 0 || bytes > kLargest)
    return fail(SYM_DEVICE_OUT_OF_MEMORY, "%lld bytes on device %d",
                (long long)bytes, device.ordinal());
  int index = classOf(bytes);
  int64_t size = sizeOf(index);
  Vector<CUdeviceptr> &fitting = blocks[index];
  if (int64_t count = fitting.size()) {
    *out = fitting[count - 1];
    fitting.truncate(count - 1);
    idle -= size;
  } else {
    int64_t live = std::max(peak, inUse + size);
    if (inUse + idle + size > 2 * live + kSlack)
      giveBack(stream);
    sym_status status = pool.allocate(stream, size, out);
    if (status == SYM_DEVICE_OUT_OF_MEMORY && idle) {
      giveBack(stream);
      status = pool.allocate(stream, size, out);
    }
    if (status)
      return status;
    ++driverAllocations;
  }
  ++allocations;
  inUse += size;
  highWater = std::max(highWater, inUse);
  peak = std::max(peak, inUse);
  return SYM_OK;
}

void BlockCache::free(DeviceStream &stream, CUdeviceptr address,
                      int64_t bytes) {
  int index = classOf(bytes);
  int64_t size = sizeOf(index);
  inUse -= size;
  // Where no memory is left to remember it, the driver remembers it.
  if (keep && blocks[index].push(address)) {
    idle += size;
    return;
  }
  pool.free(stream, address, size);
}

void BlockCache::giveBack(DeviceStream &stream) {
  for (int index = 0; index < kClasses; ++index) {
    for (CUdeviceptr address : blocks[index])
      pool.free(stream, address, sizeOf(index));
    blocks[index].truncate(0);
  }
  idle = 0;
}

sym_status BlockCache::trim(DeviceStream &stream) {
  giveBack(stream);
  // What was given back is free only when the stream has come there.
  if (sym_status status = stream.synchronize())
    return status;
  return pool.trim(0);
}

void BlockCache::reset(DeviceStream &stream) {
  if (!pool.isValid())
    return;
  giveBack(stream);
  pool.reset();
  inUse = highWater = peak = 0;
  allocations = driverAllocations = 0;
}

sym_status BlockCache::bytesReserved(int64_t *out) {
  DevicePoolStatistics all = {};
  sym_status status = pool.statistics(&all);
  *out = all.bytesReserved;
  return status;
}
