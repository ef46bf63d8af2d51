//===- CallOnDevice.cpp - What a device function's call adds --------------===//

#include "CallOnDevice.h"

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Around the variant
//===----------------------------------------------------------------------===//

/// Whether the running variant writes the source of update `u`.
static bool writesSource(const CallFrame &call, int u) {
  return u >= 0 &&
         call.function.updates[u].kind[call.inPlace] == SYM_KIND_INPLACE;
}

sym_status sym::rt::beginOnDevice(CallFrame &call) {
  const Function &f = call.function;
  const sym_device_ops *ops = devices();
  if (!ops)
    return lastStatus();
  // What the variant writes on the host is written before anything is enqueued,
  // so a failure to enqueue must take it back (T4). That is counters and the
  // like: what is large lives where it is computed.
  for (int u = 0; u < f.numUpdates; ++u)
    if (writesSource(call, u) && !f.updates[u].variable->place.onDevice() &&
        !(call.saved[u] = copyBuffer(call.sources[f.updates[u].source])))
      return lastStatus();
  call.device = ops->begin(f.deviceProgram,
                           reinterpret_cast<void *>(f.entry[call.inPlace]));
  return call.device ? sym_status(SYM_OK) : lastStatus();
}

/// Bytes of a slot that has its sizes.
static int64_t slotBytes(const CallFrame &call, int slot) {
  const SlotPlan &plan = call.function.slots[slot];
  int64_t bytes = 0;
  checkedBytes(plan.elementSize, call.abi.slots[slot].sizes, plan.rank, &bytes);
  return bytes;
}

sym_status sym::rt::submitOnDevice(CallFrame &call) {
  const Function &f = call.function;
  const sym_device_ops *ops = devices();
  for (int i = 0; i < f.numResults; ++i) {
    if (call.routes[i] != ResultRoute::Fetched)
      continue;
    void *to =
        call.results[i].buffer ? call.results[i].buffer : call.fetched[i]->data;
    if (int64_t bytes = slotBytes(call, i))
      ops->addDownload(call.device, to, call.abi.slots[i].data, bytes);
  }
  sym_status status = ops->submit(call.device);
  for (int u = 0; status && u < f.numUpdates; ++u)
    if (const Buffer *before = call.saved[u])
      if (before->bytes)
        memcpy(call.sources[f.updates[u].source]->data, before->data,
               size_t(before->bytes));
  return status;
}

sym_status sym::rt::finishOnDevice(CallFrame &call, sym_status status) {
  if (call.device) {
    const sym_device_ops *ops = devices();
    if (status == SYM_OK)
      status = ops->finish(call.device);
    ops->end(call.device);
    call.device = nullptr;
  }
  for (int u = 0; u < call.function.numUpdates; ++u)
    releaseBuffer(call.saved[u]);
  return status;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Whether a result has to be in memory of the host when the call returns.
static bool isWantedOnHost(const CallFrame &call, int32_t slot) {
  if (slot >= call.function.numResults)
    return false;
  return call.results[slot].buffer || !call.function.slots[slot].space ||
         (call.mode == CallMode::Host &&
          !(call.keepOnDevice && call.keepOnDevice[slot]));
}

/// Makes room on the host, which must be there before the first write (T4).
static bool prepareFetch(CallFrame &call, int32_t slot, const int64_t *sizes) {
  const SlotPlan &plan = call.function.slots[slot];
  int64_t bytes;
  if (call.results[slot].buffer) {
    if (!hasRoom(call, slot, sizes, &bytes))
      return false;
  } else if (!(call.fetched[slot] =
                   createBuffer(plan.element, plan.rank, sizes))) {
    call.refuse();
    return false;
  }
  call.routes[slot] = ResultRoute::Fetched;
  return true;
}

/// A buffer on the device for `slot`, or null.
static Buffer *produce(CallFrame &call, int32_t slot, const int64_t *sizes) {
  const SlotPlan &plan = call.function.slots[slot];
  Buffer *buffer = createDeviceBuffer(call.function.place.ordinal, plan.element,
                                      plan.rank, sizes);
  if (!buffer) {
    call.refuse();
    return nullptr;
  }
  return call.produced[slot] = buffer;
}

static void *show(CallFrame &call, int32_t slot, const int64_t *sizes,
                  void *data) {
  sym_view &view = call.abi.slots[slot];
  copySizes(view.sizes, sizes, call.function.slots[slot].rank);
  return view.data = data;
}

void *sym::rt::resultOnDevice(CallFrame &call, int32_t slot,
                              const int64_t *sizes) {
  if (isWantedOnHost(call, slot) && !prepareFetch(call, slot, sizes))
    return nullptr;
  Buffer *buffer = produce(call, slot, sizes);
  return buffer ? show(call, slot, sizes, buffer->data) : nullptr;
}

/// A source on the host, as a result on the device.
static sym_status raise(CallFrame &call, int32_t slot, int32_t source) {
  Buffer *buffer = call.sources[source];
  void *to = resultOnDevice(call, slot, buffer->sizes);
  if (!to || buffer->bytes == 0)
    return call.status;
  // T7: others may be writing a relaxed one.
  Buffer *still = buffer;
  if (!call.function.variables[source]->relaxed())
    still->retain();
  else if (!(still = copyMoving(buffer)))
    return call.refuse(), call.status;
  // Enqueued at once, before what the call asks for: fresh memory.
  if (devices()->upload(call.function.place.ordinal, to, still->data,
                        still->bytes))
    call.refuse();
  releaseBuffer(still);
  return call.status;
}

bool sym::rt::resultFromSourceOnDevice(CallFrame &call, int32_t slot,
                                       int32_t source, sym_status *status) {
  const Function &f = call.function;
  Buffer *buffer = call.sources[source];
  if (!buffer->onDevice()) {
    if (!f.slots[slot].space)
      return false;
    *status = raise(call, slot, source);
    return true;
  }
  // T3: what this variant overwrites is copied before it, since the copies to
  // the host come behind it.
  bool fetch = isWantedOnHost(call, slot);
  bool copy = writesSource(call, f.updateOfSource[source]) ||
              (!fetch && call.mode == CallMode::Host);
  void *data = buffer->data;
  bool done = !fetch || prepareFetch(call, slot, buffer->sizes);
  if (done && copy) {
    Buffer *mine = produce(call, slot, buffer->sizes);
    done = mine != nullptr;
    if (done) {
      data = mine->data;
      if (buffer->bytes)
        devices()->addCopy(call.device, data, buffer->data, buffer->bytes);
    }
  }
  *status = call.status;
  if (!done)
    return true;
  show(call, slot, buffer->sizes, data);
  if (!fetch && !copy) {
    call.routes[slot] = ResultRoute::Handed;
    call.handedFrom[slot] = source;
  }
  return true;
}
