//===- Staging.cpp - Copies between any memory and a device ---------------===//

#include "Staging.h"

#include <algorithm>
#include <string.h>

using namespace sym::rt;

sym_status PinnedMemory::create(Device &device, size_t bytes) {
  Current current(device);
  if (current.status())
    return current.status();
  void *made;
  // Portable: streams of every device may copy from it.
  if (sym_status status =
          device.check(device.driver().cuMemHostAlloc(&made, bytes,
                                                      CU_MEMHOSTALLOC_PORTABLE),
                       "cuMemHostAlloc"))
    return status;
  memory.reset();
  memory.adopt(device, made);
  return SYM_OK;
}

sym_status Staging::create(Device &device, size_t bytes) {
  for (Slot &slot : slots) {
    if (sym_status status = slot.memory.create(device, bytes))
      return status;
    if (sym_status status = slot.done.create(device))
      return status;
    slot.used = false;
  }
  slotBytes = bytes;
  return SYM_OK;
}

sym_status Staging::upload(DeviceStream &stream, CUdeviceptr to,
                           const void *from, size_t bytes) {
  const char *source = static_cast<const char *>(from);
  for (size_t at = 0; at < bytes; at += slotBytes) {
    Slot &slot = slots[next];
    next = (next + 1) % kSlots;
    if (slot.used)
      if (sym_status status = slot.done.synchronize())
        return status;
    size_t count = std::min(slotBytes, bytes - at);
    memcpy(slot.memory.data(), source + at, count);
    if (sym_status status =
            stream.copyToDevice(to + at, slot.memory.data(), count))
      return status;
    slot.used = true;
    if (sym_status status = stream.record(slot.done)) {
      // Nothing says when the slot is free: this must.
      sym_status waited = stream.synchronize();
      slot.used = false;
      return waited ? waited : status;
    }
  }
  return SYM_OK;
}

sym_status Staging::download(DeviceStream &stream, void *to, CUdeviceptr from,
                             size_t bytes) {
  char *target = static_cast<char *>(to);
  size_t chunks = (bytes + slotBytes - 1) / slotBytes;
  // One chunk is on its way while the one before it is copied out.
  for (size_t chunk = 0; chunk <= chunks; ++chunk) {
    if (chunk < chunks) {
      Slot &slot = slots[chunk % kSlots];
      if (slot.used)
        if (sym_status status = slot.done.synchronize())
          return status;
      size_t at = chunk * slotBytes;
      if (sym_status status = stream.copyToHost(
              slot.memory.data(), from + at, std::min(slotBytes, bytes - at)))
        return status;
      slot.used = true;
      if (sym_status status = stream.record(slot.done)) {
        sym_status waited = stream.synchronize();
        slot.used = false;
        return waited ? waited : status;
      }
    }
    if (chunk > 0) {
      Slot &slot = slots[(chunk - 1) % kSlots];
      if (sym_status status = slot.done.synchronize())
        return status;
      size_t at = (chunk - 1) * slotBytes;
      memcpy(target + at, slot.memory.data(), std::min(slotBytes, bytes - at));
    }
  }
  return SYM_OK;
}
