//===- ApiGraph.cpp - Capture and graphs ----------------------------------===//

#include "Api.h"
#include "ApiLaunch.h"
#include "Graph.h"
#include "Module.h"

#include <algorithm>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// Capture
//===----------------------------------------------------------------------===//

static CUresult streamBeginCapture(Lock &, CUstream handle,
                                   CUstreamCaptureMode) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (stream == currentDevice()->nullStream.get())
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (stream->capture)
    return CUDA_ERROR_INVALID_VALUE;
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream;
  stream->capture->graph = std::make_shared<Graph>();
  stream->capture->graph->device = stream->device;
  stream->captured.clear();
  return CUDA_SUCCESS;
}

/// Whether a node of `graph` is followed, directly or not, by one of `ends`.
static std::vector<bool> reaching(const Graph &graph,
                                  const std::vector<Node *> &ends) {
  std::vector<bool> reached(graph.nodes.size());
  for (Node *node : ends)
    reached[node->index] = true;
  for (size_t i = graph.nodes.size(); i-- > 0;)
    if (reached[i])
      for (size_t before : graph.nodes[i]->after)
        reached[before] = true;
  return reached;
}

static CUresult streamEndCapture(Lock &, CUstream handle, CUgraph *out) {
  Simulator &sim = simulator();
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  *out = nullptr;
  std::shared_ptr<Capture> capture = stream->capture;
  if (!capture)
    return CUDA_ERROR_ILLEGAL_STATE;
  if (capture->origin != stream)
    return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
  // Work of other streams must have come back to this one.
  std::vector<bool> joined = reaching(*capture->graph, stream->captured);
  bool all = std::find(joined.begin(), joined.end(), false) == joined.end();
  for (Stream *other : sim.streams) {
    if (other->capture != capture)
      continue;
    other->capture = nullptr;
    other->captured.clear();
  }
  if (capture->broken)
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  if (!all)
    return CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
  // Nodes move to a graph of their own: events may still name the capture.
  auto *graph = new Graph();
  graph->device = stream->device;
  graph->nodes = std::move(capture->graph->nodes);
  for (auto &node : graph->nodes)
    node->graph = graph;
  sim.graphs.insert(graph);
  *out = reinterpret_cast<CUgraph>(graph);
  return CUDA_SUCCESS;
}

static CUresult streamIsCapturing(Lock &, CUstream handle,
                                  CUstreamCaptureStatus *status) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  *status = !stream->capture          ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->broken ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                      : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

/// Of a stream that captures, *after lives until the next operation on it.
static CUresult streamGetCaptureInfo(Lock &, CUstream handle,
                                     CUstreamCaptureStatus *status,
                                     cuuint64_t *id, CUgraph *graph,
                                     const CUgraphNode **after, size_t *count) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  Capture *capture = stream->capture.get();
  *status = !capture          ? CU_STREAM_CAPTURE_STATUS_NONE
            : capture->broken ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                              : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  if (*status != CU_STREAM_CAPTURE_STATUS_ACTIVE)
    return CUDA_SUCCESS;
  if (id)
    *id = 1;
  // The graph gets its name when the capture ends.
  if (graph)
    *graph = nullptr;
  static_assert(sizeof(Node *) == sizeof(CUgraphNode));
  if (after)
    *after = reinterpret_cast<const CUgraphNode *>(stream->captured.data());
  if (count)
    *count = stream->captured.size();
  return CUDA_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

static Graph *graphOf(CUgraph handle) {
  auto *graph = reinterpret_cast<Graph *>(handle);
  return simulator().graphs.count(graph) ? graph : nullptr;
}

static GraphExec *execOf(CUgraphExec handle) {
  auto *exec = reinterpret_cast<GraphExec *>(handle);
  return simulator().graphExecs.count(exec) ? exec : nullptr;
}

static Node *nodeOf(CUgraphNode handle) {
  for (Graph *graph : simulator().graphs)
    for (auto &node : graph->nodes)
      if (reinterpret_cast<CUgraphNode>(node.get()) == handle)
        return node.get();
  return nullptr;
}

static CUresult graphInstantiate(Lock &, CUgraphExec *out, CUgraph handle,
                                 unsigned long long) {
  Graph *graph = graphOf(handle);
  if (!graph)
    return CUDA_ERROR_INVALID_VALUE;
  auto *exec = new GraphExec();
  exec->device = graph->device;
  exec->source = graph;
  for (auto &node : graph->nodes)
    exec->steps.push_back({node->work, node->after});
  simulator().graphExecs.insert(exec);
  *out = reinterpret_cast<CUgraphExec>(exec);
  return CUDA_SUCCESS;
}

static CUresult graphDestroy(Lock &, CUgraph handle) {
  Graph *graph = graphOf(handle);
  if (!graph)
    return CUDA_ERROR_INVALID_VALUE;
  simulator().graphs.erase(graph);
  delete graph;
  return CUDA_SUCCESS;
}

static CUresult graphExecDestroy(Lock &, CUgraphExec handle) {
  GraphExec *exec = execOf(handle);
  if (!exec)
    return CUDA_ERROR_INVALID_VALUE;
  simulator().graphExecs.erase(exec);
  delete exec;
  return CUDA_SUCCESS;
}

static CUresult graphLaunch(Lock &, CUgraphExec handle, CUstream streamHandle) {
  Simulator &sim = simulator();
  GraphExec *exec = execOf(handle);
  Stream *stream = streamOf(streamHandle);
  if (!exec || !stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture)
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  auto work = std::make_shared<GraphWork>();
  work->steps = exec->steps;
  work->seed = sim.random.next();
  std::vector<std::shared_ptr<Op>> after;
  if (exec->lastLaunch)
    after.push_back(exec->lastLaunch);
  exec->lastLaunch =
      sim.scheduler.enqueue(*stream, std::move(work), std::move(after));
  return CUDA_SUCCESS;
}

static CUresult graphGetNodes(Lock &, CUgraph handle, CUgraphNode *nodes,
                              size_t *count) {
  Graph *graph = graphOf(handle);
  if (!graph)
    return CUDA_ERROR_INVALID_VALUE;
  size_t room = nodes ? *count : 0;
  for (size_t i = 0; i < std::min(room, graph->nodes.size()); ++i)
    nodes[i] = reinterpret_cast<CUgraphNode>(graph->nodes[i].get());
  *count = graph->nodes.size();
  return CUDA_SUCCESS;
}

static CUresult graphNodeGetType(Lock &, CUgraphNode handle,
                                 CUgraphNodeType *type) {
  Node *node = nodeOf(handle);
  if (!node)
    return CUDA_ERROR_INVALID_VALUE;
  *type = node->type();
  return CUDA_SUCCESS;
}

static CUresult graphKernelNodeGetParams(Lock &, CUgraphNode handle,
                                         CUDA_KERNEL_NODE_PARAMS *params) {
  Node *node = nodeOf(handle);
  if (!node || node->type() != CU_GRAPH_NODE_TYPE_KERNEL)
    return CUDA_ERROR_INVALID_VALUE;
  if (node->work->isOpaque())
    return CUDA_ERROR_NOT_SUPPORTED;
  auto &work = static_cast<KernelWork &>(*node->work);
  *params = CUDA_KERNEL_NODE_PARAMS();
  params->func = reinterpret_cast<CUfunction>(work.function);
  params->gridDimX = work.shape.grid[0];
  params->gridDimY = work.shape.grid[1];
  params->gridDimZ = work.shape.grid[2];
  params->blockDimX = work.shape.block[0];
  params->blockDimY = work.shape.block[1];
  params->blockDimZ = work.shape.block[2];
  params->sharedMemBytes = work.shape.dynamicShared;
  work.pointers.clear();
  for (std::vector<char> &param : work.params)
    work.pointers.push_back(param.data());
  params->kernelParams = work.pointers.data();
  return CUDA_SUCCESS;
}

static CUresult
graphExecKernelNodeSetParams(Lock &, CUgraphExec execHandle,
                             CUgraphNode nodeHandle,
                             const CUDA_KERNEL_NODE_PARAMS *params) {
  GraphExec *exec = execOf(execHandle);
  Node *node = nodeOf(nodeHandle);
  if (!exec || !node || exec->source != node->graph ||
      node->type() != CU_GRAPH_NODE_TYPE_KERNEL)
    return CUDA_ERROR_INVALID_VALUE;
  if (node->work->isOpaque())
    return CUDA_ERROR_NOT_SUPPORTED;
  LaunchShape shape = {
      {params->gridDimX, params->gridDimY, params->gridDimZ},
      {params->blockDimX, params->blockDimY, params->blockDimZ},
      params->sharedMemBytes};
  std::shared_ptr<KernelWork> work;
  if (CUresult result = makeKernelWork(
          params->func, shape, params->kernelParams, params->extra, &work))
    return result;
  // Launches that are in their queues keep the old one.
  exec->steps[node->index].work = std::move(work);
  return CUDA_SUCCESS;
}

static CUresult graphExecUpdate(Lock &, CUgraphExec execHandle,
                                CUgraph graphHandle,
                                CUgraphExecUpdateResultInfo *info) {
  GraphExec *exec = execOf(execHandle);
  Graph *graph = graphOf(graphHandle);
  if (!exec || !graph)
    return CUDA_ERROR_INVALID_VALUE;
  *info = CUgraphExecUpdateResultInfo();
  info->result = CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
  if (exec->steps.size() != graph->nodes.size())
    return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  for (size_t i = 0; i < exec->steps.size(); ++i) {
    const GraphExec::Step &step = exec->steps[i];
    const Node &node = *graph->nodes[i];
    CUgraphNodeType type =
        step.work ? step.work->type() : CU_GRAPH_NODE_TYPE_EMPTY;
    if (type != node.type()) {
      info->result = CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
      return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
    }
    if (step.after != node.after)
      return CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
  }
  for (size_t i = 0; i < exec->steps.size(); ++i)
    exec->steps[i].work = graph->nodes[i]->work;
  info->result = CU_GRAPH_EXEC_UPDATE_SUCCESS;
  return CUDA_SUCCESS;
}

const std::vector<ApiFunction> &sym::sim::graphFunctions() {
  static const auto *all = new std::vector<ApiFunction>{
      SYM_SIM_API("cuStreamBeginCapture", 10010, streamBeginCapture,
                  kContextCall),
      SYM_SIM_API("cuStreamEndCapture", 10000, streamEndCapture, kReleaseCall),
      SYM_SIM_API("cuStreamIsCapturing", 10000, streamIsCapturing,
                  kContextCall),
      SYM_SIM_API("cuStreamGetCaptureInfo", 11030, streamGetCaptureInfo,
                  kContextCall),
      SYM_SIM_API("cuGraphInstantiateWithFlags", 11040, graphInstantiate,
                  kContextCall),
      SYM_SIM_API("cuGraphDestroy", 10000, graphDestroy, kReleaseCall),
      SYM_SIM_API("cuGraphExecDestroy", 10000, graphExecDestroy, kReleaseCall),
      SYM_SIM_API("cuGraphLaunch", 10000, graphLaunch, kContextCall),
      SYM_SIM_API("cuGraphGetNodes", 10000, graphGetNodes, kContextCall),
      SYM_SIM_API("cuGraphNodeGetType", 10000, graphNodeGetType, kContextCall),
      SYM_SIM_API("cuGraphKernelNodeGetParams", 12000, graphKernelNodeGetParams,
                  kContextCall),
      SYM_SIM_API("cuGraphExecKernelNodeSetParams", 12000,
                  graphExecKernelNodeSetParams, kContextCall),
      SYM_SIM_API("cuGraphExecUpdate", 12000, graphExecUpdate, kContextCall),
  };
  return *all;
}
