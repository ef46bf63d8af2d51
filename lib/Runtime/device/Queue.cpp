//===- Queue.cpp - One device of the process and its queue ----------------===//

#include "Queue.h"
#include "Program.h"
#include "Record.h"

#include <stdlib.h>

using namespace sym::rt;

static CUdeviceptr address(const void *data) {
  return reinterpret_cast<CUdeviceptr>(data);
}

//===----------------------------------------------------------------------===//
// Opening and closing
//===----------------------------------------------------------------------===//

sym_status DeviceQueue::open(const Driver &driver, int ordinal) {
  const char *keep = getenv("SYM_DEVICE_CACHE");
  sym_status status = device.open(driver, ordinal);
  if (!status)
    status = stream.create(device);
  if (!status)
    status = capturing.create(device);
  if (!status)
    status = crossing.create(device);
  if (!status)
    status = blocks.create(device, !keep || keep[0] != '0');
  if (status) {
    ErrorRecord why = lastError();
    close();
    lastError() = why;
    return status;
  }
  resetStatistics();
  isOpen = true;
  return SYM_OK;
}

sym_status DeviceQueue::checkUnused() {
  Guard guard(mutex);
  int64_t numPrograms = 0;
  for (DeviceProgram *program = programs; program; program = program->next)
    ++numPrograms;
  if (!blocks.bytesInUse() && !numPrograms && !callsInUse)
    return SYM_OK;
  // The constants of a program are in use because it is.
  return fail(SYM_INVALID_ARGUMENT,
              "device %d is in use: %lld programs, %lld calls, %lld bytes",
              device.ordinal(), (long long)numPrograms, (long long)callsInUse,
              (long long)blocks.bytesInUse());
}

void DeviceQueue::releaseIdle() {
  while (DeviceCall *call = idleCalls) {
    idleCalls = call->next;
    destroyInPool(call);
  }
  while (StagingNode *node = idleStagings) {
    idleStagings = node->next;
    destroyInPool(node);
  }
}

sym_status DeviceQueue::close() {
  sym_status status = SYM_OK;
  isOpen = false;
  if (stream.isValid()) {
    // What broke it was told when it did.
    bool told = device.broken();
    status = insist(device, [&] { return stream.synchronize(); });
    if (told)
      status = SYM_OK;
  }
  Guard guard(mutex);
  reap(/*all=*/true);
  releaseIdle();
  if (stream.isValid())
    blocks.reset(stream);
  crossing.reset();
  capturing.reset();
  stream.reset();
  blas.close();
  bool broken = device.broken();
  sym_status closed = device.close();
  return status || broken ? status : closed;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

sym_status DeviceQueue::allocate(int64_t bytes, void **out) {
  Guard guard(mutex);
  CUdeviceptr made;
  if (sym_status status = blocks.allocate(stream, bytes, &made))
    return status;
  *out = reinterpret_cast<void *>(made);
  return SYM_OK;
}

void DeviceQueue::free(void *data, int64_t bytes) {
  if (!data)
    return;
  Guard guard(mutex);
  blocks.free(stream, address(data), bytes);
}

DeviceQueue::StagingNode *DeviceQueue::acquireStaging() {
  {
    Guard guard(mutex);
    if (StagingNode *node = idleStagings) {
      idleStagings = node->next;
      return node;
    }
  }
  auto *node = makeInPool<StagingNode>();
  if (node && node->staging.create(device)) {
    destroyInPool(node);
    return nullptr;
  }
  return node;
}

void DeviceQueue::releaseStaging(StagingNode *node) {
  Guard guard(mutex);
  node->next = idleStagings;
  idleStagings = node;
}

sym_status DeviceQueue::upload(void *to, const void *from, int64_t bytes) {
  if (!bytes)
    return SYM_OK;
  StagingNode *node = acquireStaging();
  if (!node)
    return lastStatus();
  sym_status status =
      node->staging.upload(stream, address(to), from, size_t(bytes));
  releaseStaging(node);
  if (status)
    return status;
  counters.uploads.add(1);
  counters.uploadBytes.add(bytes);
  return SYM_OK;
}

sym_status DeviceQueue::download(void *to, const void *from, int64_t bytes) {
  if (!bytes)
    return SYM_OK;
  StagingNode *node = acquireStaging();
  if (!node)
    return lastStatus();
  sym_status status = insist(device, [&] {
    return node->staging.download(stream, to, address(from), size_t(bytes));
  });
  releaseStaging(node);
  if (status)
    return status;
  counters.downloads.add(1);
  counters.downloadBytes.add(bytes);
  counters.waits.add(1);
  return SYM_OK;
}

sym_status DeviceQueue::copy(void *to, DeviceQueue &source, const void *from,
                             int64_t bytes) {
  if (!bytes)
    return SYM_OK;
  if (&source == this) {
    Guard guard(mutex);
    if (sym_status status =
            stream.copyOnDevice(address(to), address(from), size_t(bytes)))
      return status;
  } else {
    bool first = this < &source;
    Guard outer((first ? this : &source)->mutex);
    Guard inner((first ? &source : this)->mutex);
    if (sym_status status = source.stream.record(source.crossing))
      return status;
    if (sym_status status = stream.wait(source.crossing))
      return status;
    if (sym_status status = stream.copyFromPeer(address(to), address(from),
                                                source.device, size_t(bytes)))
      return status;
    // The source's memory may be freed, and written by others, behind this.
    if (stream.record(crossing) || source.stream.wait(crossing))
      if (sym_status status =
              insist(device, [&] { return stream.synchronize(); }))
        return status;
  }
  counters.copies.add(1);
  counters.copyBytes.add(bytes);
  return SYM_OK;
}

sym_status DeviceQueue::synchronize() {
  counters.waits.add(1);
  sym_status status = insist(device, [&] { return stream.synchronize(); });
  Guard guard(mutex);
  reap(/*all=*/!status);
  return status;
}

sym_status DeviceQueue::trim() {
  if (sym_status status = synchronize())
    return status;
  Guard guard(mutex);
  releaseIdle();
  return blocks.trim(stream);
}

void DeviceQueue::reap(bool all) {
  for (DeviceProgram **at = &retired; DeviceProgram *program = *at;) {
    bool done = all;
    if (!done && program->hasEnd && program->end.query(&done))
      done = false;
    if (!done) {
      at = &program->next;
      continue;
    }
    *at = program->next;
    destroyInPool(program);
  }
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

sym_status DeviceQueue::statistics(sym_device_statistics *out) {
  *out = {};
  out->submissions = counters.submissions.get();
  out->launches = counters.launches.get();
  out->graph_launches = counters.graphLaunches.get();
  out->graph_builds = counters.graphBuilds.get();
  out->graph_updates = counters.graphUpdates.get();
  out->node_updates = counters.nodeUpdates.get();
  out->graph_nodes = counters.graphNodes.get();
  out->uploads = counters.uploads.get();
  out->upload_bytes = counters.uploadBytes.get();
  out->downloads = counters.downloads.get();
  out->download_bytes = counters.downloadBytes.get();
  out->copies = counters.copies.get();
  out->copy_bytes = counters.copyBytes.get();
  out->waits = counters.waits.get();
  out->products = counters.products.get();
  out->fallbacks = counters.fallbacks.get();
  Guard guard(mutex);
  out->allocations = blocks.allocations;
  out->driver_allocations = blocks.driverAllocations;
  out->bytes_in_use = blocks.bytesInUse();
  out->bytes_high_water = blocks.bytesHighWater();
  out->bytes_idle = blocks.bytesIdle();
  return blocks.bytesReserved(&out->bytes_reserved);
}

void DeviceQueue::resetStatistics() {
  for (DeviceCounter *counter :
       {&counters.submissions, &counters.launches, &counters.graphLaunches,
        &counters.graphBuilds, &counters.graphUpdates, &counters.nodeUpdates,
        &counters.graphNodes, &counters.uploads, &counters.uploadBytes,
        &counters.downloads, &counters.downloadBytes, &counters.copies,
        &counters.copyBytes, &counters.waits, &counters.products,
        &counters.fallbacks})
    counter->set(0);
  Guard guard(mutex);
  blocks.allocations = blocks.driverAllocations = 0;
  blocks.resetHighWater();
}
