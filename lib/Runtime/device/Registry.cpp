//===- Registry.cpp - The devices of the process --------------------------===//

#include "Registry.h"

#include <stdlib.h>
#include <string.h>

using namespace sym::rt;

namespace {
constexpr int kMaxDevices = 64;
constexpr size_t kMaxName = 1024;
} // namespace

SYM_CONSTINIT static Mutex registryMutex;
/// Made once and never destroyed: nothing of a device runs after `main`, and
/// whoever asks late finds a queue that is closed.
static std::atomic<DeviceQueue *> queues[kMaxDevices];
// Under the mutex:
static bool isChosen = false;
static char chosen[kMaxName]; ///< "" for the installed driver

/// "cuda" is the installed driver.
static const char *canonical(const char *name) {
  return name && strcmp(name, "cuda") ? name : "";
}

static bool anyOpen() {
  for (auto &queue : queues)
    if (DeviceQueue *found = queue.load(std::memory_order_relaxed))
      if (found->isOpen)
        return true;
  return false;
}

/// The driver of the process. The mutex is held.
static sym_status chosenDriver(const Driver **out) {
  if (!isChosen) {
    const char *name = canonical(getenv("SYM_DEVICE"));
    if (strlen(name) >= kMaxName)
      return fail(SYM_INVALID_ARGUMENT, "SYM_DEVICE is too long");
    strcpy(chosen, name);
    isChosen = true;
  }
  return openDriver(chosen[0] ? chosen : nullptr, out);
}

sym_status sym::rt::openQueue(int ordinal, DeviceQueue **out) {
  if (ordinal < 0 || ordinal >= kMaxDevices)
    return fail(SYM_NO_DEVICE, "no device %d", ordinal);
  Guard guard(registryMutex);
  DeviceQueue *queue = queues[ordinal].load(std::memory_order_relaxed);
  if (!queue && !(queue = makeInPool<DeviceQueue>()))
    return lastStatus();
  queues[ordinal].store(queue, std::memory_order_release);
  if (!queue->isOpen) {
    const Driver *driver;
    if (sym_status status = chosenDriver(&driver))
      return status;
    if (sym_status status = queue->open(*driver, ordinal))
      return status;
  }
  *out = queue;
  return SYM_OK;
}

DeviceQueue *sym::rt::openedQueue(int ordinal) {
  DeviceQueue *queue = ordinal >= 0 && ordinal < kMaxDevices
                           ? queues[ordinal].load(std::memory_order_acquire)
                           : nullptr;
  if (queue && queue->isOpen)
    return queue;
  fail(SYM_NO_DEVICE, "device %d is not open", ordinal);
  return nullptr;
}

//===----------------------------------------------------------------------===//
// The public interface
//===----------------------------------------------------------------------===//

sym_status sym_device_select(const char *driver) {
  const char *name = canonical(driver);
  if (strlen(name) >= kMaxName)
    return fail(SYM_INVALID_ARGUMENT, "the driver's name is too long");
  Guard guard(registryMutex);
  if (isChosen && !strcmp(name, chosen))
    return SYM_OK;
  if (anyOpen())
    return fail(SYM_INVALID_ARGUMENT,
                "driver '%s' cannot be chosen: devices of '%s' are open",
                name[0] ? name : "cuda", chosen[0] ? chosen : "cuda");
  strcpy(chosen, name);
  isChosen = true;
  return SYM_OK;
}

sym_status sym_device_count(int32_t *count) {
  Guard guard(registryMutex);
  const Driver *driver;
  if (sym_status status = chosenDriver(&driver))
    return status;
  *count = driver->devices;
  return SYM_OK;
}

sym_status sym_device_open(int32_t device) {
  DeviceQueue *queue;
  return openQueue(device, &queue);
}

sym_status sym_device_shutdown(void) {
  Guard guard(registryMutex);
  for (auto &each : queues)
    if (DeviceQueue *queue = each.load(std::memory_order_relaxed))
      if (queue->isOpen)
        if (sym_status status = queue->checkUnused())
          return status;
  sym_status first = SYM_OK;
  ErrorRecord why;
  for (auto &each : queues)
    if (DeviceQueue *queue = each.load(std::memory_order_relaxed))
      if (queue->isOpen)
        if (sym_status status = queue->close(); status && !first) {
          first = status;
          why = lastError();
        }
  if (first)
    lastError() = why;
  return first;
}

sym_status sym_device_get_properties(int32_t device,
                                     sym_device_properties *out) {
  DeviceQueue *queue = openedQueue(device);
  if (!queue)
    return lastStatus();
  const DeviceLimits &limits = queue->device.limits();
  out->arch = limits.arch;
  out->multiprocessors = limits.multiprocessors;
  out->memory_bytes = limits.memoryBytes;
  static_assert(sizeof(out->name) == sizeof(limits.name));
  memcpy(out->name, limits.name, sizeof(out->name));
  return SYM_OK;
}

sym_status sym_device_synchronize(int32_t device) {
  DeviceQueue *queue = openedQueue(device);
  return queue ? queue->synchronize() : lastStatus();
}

sym_status sym_device_get_statistics(int32_t device,
                                     sym_device_statistics *out) {
  DeviceQueue *queue = openedQueue(device);
  return queue ? queue->statistics(out) : lastStatus();
}

sym_status sym_device_reset_statistics(int32_t device) {
  DeviceQueue *queue = openedQueue(device);
  if (!queue)
    return lastStatus();
  queue->resetStatistics();
  return SYM_OK;
}

sym_status sym_device_set_memory_cap(int32_t device, int64_t bytes) {
  DeviceQueue *queue = openedQueue(device);
  if (!queue)
    return lastStatus();
  Guard guard(queue->mutex);
  queue->blocks.setCap(bytes);
  return SYM_OK;
}

sym_status sym_device_trim(int32_t device) {
  DeviceQueue *queue = openedQueue(device);
  return queue ? queue->trim() : lastStatus();
}
