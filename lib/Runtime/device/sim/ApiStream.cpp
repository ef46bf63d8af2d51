//===- ApiStream.cpp - Streams and events ---------------------------------===//

#include "Api.h"
#include "Graph.h"

#include <algorithm>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// Shared by the functions
//===----------------------------------------------------------------------===//

Stream *sym::sim::streamOf(CUstream handle) {
  Device *device = currentDevice();
  if (!handle || handle == CU_STREAM_LEGACY)
    return device->nullStream.get();
  auto *stream = reinterpret_cast<Stream *>(handle);
  auto &streams = simulator().streams;
  bool good =
      streams.count(stream) && !stream->destroyed && stream->device == device;
  return good ? stream : nullptr;
}

CUresult sym::sim::submit(Stream &stream, std::shared_ptr<Work> work,
                          std::shared_ptr<Op> *op) {
  if (!stream.capture) {
    auto added = simulator().scheduler.enqueue(stream, std::move(work));
    if (op)
      *op = std::move(added);
    return CUDA_SUCCESS;
  }
  if (op)
    *op = nullptr;
  if (stream.capture->broken)
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  Node *node = stream.capture->graph->add(std::move(work), stream.captured);
  stream.captured = {node};
  return CUDA_SUCCESS;
}

CUresult sym::sim::refuseWhileCapturing(Stream &stream) {
  if (!stream.capture)
    return CUDA_SUCCESS;
  stream.capture->broken = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

void sym::sim::trimPools(Device &device) {
  for (Pool *pool : device.allPools())
    pool->trim(pool->threshold);
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

static CUresult streamCreateWithPriority(Lock &, CUstream *out, unsigned flags,
                                         int priority) {
  Simulator &sim = simulator();
  if (flags & ~unsigned(CU_STREAM_NON_BLOCKING))
    return CUDA_ERROR_INVALID_VALUE;
  auto *stream = new Stream();
  stream->device = currentDevice();
  stream->id = sim.nextStream++;
  stream->blocking = !(flags & CU_STREAM_NON_BLOCKING);
  stream->priority = priority;
  sim.streams.insert(stream);
  *out = reinterpret_cast<CUstream>(stream);
  return CUDA_SUCCESS;
}

static CUresult streamCreate(Lock &lock, CUstream *out, unsigned flags) {
  return streamCreateWithPriority(lock, out, flags, 0);
}

static CUresult streamDestroy(Lock &, CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream || stream == currentDevice()->nullStream.get())
    return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture)
    stream->capture->broken = true;
  // What it holds still runs.
  stream->destroyed = true;
  if (stream->queue.empty()) {
    simulator().streams.erase(stream);
    delete stream;
  }
  return CUDA_SUCCESS;
}

static CUresult streamSynchronize(Lock &lock, CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (CUresult refused = refuseWhileCapturing(*stream))
    return refused;
  Device &device = *stream->device;
  // A copy: the stream may be destroyed meanwhile.
  std::shared_ptr<Op> last = stream->last;
  simulator().scheduler.wait(lock, last);
  trimPools(device);
  return device.error();
}

static CUresult streamQuery(Lock &, CUstream handle) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (CUresult refused = refuseWhileCapturing(*stream))
    return refused;
  if (!stream->last || stream->last->done)
    return CUDA_SUCCESS;
  simulator().scheduler.poke();
  return CUDA_ERROR_NOT_READY;
}

namespace {
struct HostWork : Work {
  CUhostFn function;
  void *data;

  CUresult run() override {
    function(data);
    return CUDA_SUCCESS;
  }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_HOST; }
};
} // namespace

static CUresult launchHostFunc(Lock &, CUstream handle, CUhostFn function,
                               void *data) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  auto work = std::make_shared<HostWork>();
  work->function = function;
  work->data = data;
  return submit(*stream, std::move(work));
}

//===----------------------------------------------------------------------===//
// Events
//===----------------------------------------------------------------------===//

/// Events of any context: streams of one device wait for those of another.
static Event *eventOf(CUevent handle) {
  auto *event = reinterpret_cast<Event *>(handle);
  return simulator().events.count(event) ? event : nullptr;
}

static CUresult eventCreate(Lock &, CUevent *out, unsigned flags) {
  auto *event = new Event();
  event->device = currentDevice();
  event->timing = !(flags & CU_EVENT_DISABLE_TIMING);
  simulator().events.insert(event);
  *out = reinterpret_cast<CUevent>(event);
  return CUDA_SUCCESS;
}

static CUresult eventDestroy(Lock &, CUevent handle) {
  Event *event = eventOf(handle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  simulator().events.erase(event);
  delete event;
  return CUDA_SUCCESS;
}

static CUresult eventRecord(Lock &, CUevent handle, CUstream streamHandle) {
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream || event->device != stream->device)
    return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture) {
    if (stream->capture->broken)
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    event->capture = stream->capture;
    event->captured = stream->captured;
    event->recorded = nullptr;
    return CUDA_SUCCESS;
  }
  event->capture = nullptr;
  event->captured.clear();
  return submit(*stream, nullptr, &event->recorded);
}

static CUresult eventQuery(Lock &, CUevent handle) {
  Event *event = eventOf(handle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  if (event->capture)
    return CUDA_ERROR_CAPTURED_EVENT;
  if (!event->recorded || event->recorded->done)
    return CUDA_SUCCESS;
  simulator().scheduler.poke();
  return CUDA_ERROR_NOT_READY;
}

static CUresult eventSynchronize(Lock &lock, CUevent handle) {
  Event *event = eventOf(handle);
  if (!event)
    return CUDA_ERROR_INVALID_HANDLE;
  if (event->capture)
    return CUDA_ERROR_CAPTURED_EVENT;
  Device &device = *event->device;
  std::shared_ptr<Op> recorded = event->recorded;
  simulator().scheduler.wait(lock, recorded);
  trimPools(device);
  return device.error();
}

static CUresult eventElapsedTime(Lock &, float *milliseconds, CUevent first,
                                 CUevent second) {
  Event *from = eventOf(first);
  Event *to = eventOf(second);
  if (!from || !to || !from->timing || !to->timing || !from->recorded ||
      !to->recorded)
    return CUDA_ERROR_INVALID_HANDLE;
  if (!from->recorded->done || !to->recorded->done)
    return CUDA_ERROR_NOT_READY;
  *milliseconds = std::chrono::duration<float, std::milli>(
                      to->recorded->finished - from->recorded->finished)
                      .count();
  return CUDA_SUCCESS;
}

static CUresult streamWaitEvent(Lock &, CUstream streamHandle, CUevent handle,
                                unsigned) {
  Event *event = eventOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!event || !stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (event->capture) {
    // The stream joins the capture.
    if (stream->capture && stream->capture != event->capture)
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    stream->capture = event->capture;
    for (Node *node : event->captured)
      if (std::find(stream->captured.begin(), stream->captured.end(), node) ==
          stream->captured.end())
        stream->captured.push_back(node);
    return CUDA_SUCCESS;
  }
  if (stream->capture)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (event->recorded && !event->recorded->done)
    simulator().scheduler.enqueue(*stream, nullptr, {event->recorded});
  return CUDA_SUCCESS;
}

const std::vector<ApiFunction> &sym::sim::streamFunctions() {
  static const auto *all = new std::vector<ApiFunction>{
      SYM_SIM_API("cuStreamCreate", 2000, streamCreate, kContextCall),
      SYM_SIM_API("cuStreamCreateWithPriority", 5050, streamCreateWithPriority,
                  kContextCall),
      SYM_SIM_API("cuStreamDestroy", 4000, streamDestroy, kReleaseCall),
      SYM_SIM_API("cuStreamSynchronize", 2000, streamSynchronize, kContextCall),
      SYM_SIM_API("cuStreamQuery", 2000, streamQuery, kContextCall),
      SYM_SIM_API("cuStreamWaitEvent", 3020, streamWaitEvent, kContextCall),
      SYM_SIM_API("cuLaunchHostFunc", 10000, launchHostFunc, kContextCall),
      SYM_SIM_API("cuEventCreate", 2000, eventCreate, kContextCall),
      SYM_SIM_API("cuEventDestroy", 4000, eventDestroy, kReleaseCall),
      SYM_SIM_API("cuEventRecord", 2000, eventRecord, kContextCall),
      SYM_SIM_API("cuEventQuery", 2000, eventQuery, kContextCall),
      SYM_SIM_API("cuEventSynchronize", 2000, eventSynchronize, kContextCall),
      SYM_SIM_API("cuEventElapsedTime", 2000, eventElapsedTime, kContextCall),
  };
  return *all;
}
