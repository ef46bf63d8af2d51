//===- Graph.cpp - Work that is captured once and launched often ----------===//

#include "Graph.h"
#include "../memory/Vector.h"
#include "Module.h"

using namespace sym::rt;

sym_status DeviceGraph::beginCapture(DeviceStream &stream) {
  Device &device = stream.device();
  Current current(device);
  if (current.status())
    return current.status();
  // Per thread: what other threads do meanwhile is none of its business.
  return device.check(device.driver().cuStreamBeginCapture(
                          stream.get(), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                      "cuStreamBeginCapture");
}

sym_status DeviceGraph::lastNode(DeviceStream &stream, CUgraphNode *out) {
  Device &device = stream.device();
  Current current(device);
  if (current.status())
    return current.status();
  CUstreamCaptureStatus capturing;
  const CUgraphNode *nodes = nullptr;
  size_t count = 0;
  CUresult result = device.driver().cuStreamGetCaptureInfo(
      stream.get(), &capturing, nullptr, nullptr, &nodes, &count);
  if (sym_status status = device.check(result, "cuStreamGetCaptureInfo"))
    return status;
  *out = capturing == CU_STREAM_CAPTURE_STATUS_ACTIVE && count == 1 ? nodes[0]
                                                                    : nullptr;
  return SYM_OK;
}

sym_status DeviceGraph::endCapture(DeviceStream &stream) {
  Device &device = stream.device();
  // Ended in any case, or the stream would be of no use any more.
  sym_status broken = device.broken();
  Current current(device, Current::kGiveBack);
  CUgraph made = nullptr;
  CUresult result = device.driver().cuStreamEndCapture(stream.get(), &made);
  graph.reset();
  // An earlier error may be reported beside a graph.
  if (made)
    graph.adopt(device, made);
  if (sym_status status = device.check(result, "cuStreamEndCapture")) {
    graph.reset();
    return status;
  }
  return broken;
}

sym_status DeviceGraph::kernel(int index, CUgraphNode *out) {
  Device &device = *graph.device;
  const Driver &driver = device.driver();
  Current current(device);
  if (current.status())
    return current.status();
  size_t count = 0;
  if (sym_status status =
          device.check(driver.cuGraphGetNodes(graph.handle, nullptr, &count),
                       "cuGraphGetNodes"))
    return status;
  Vector<CUgraphNode> nodes;
  if (!nodes.reserve(int64_t(count)))
    return lastStatus();
  if (sym_status status = device.check(
          driver.cuGraphGetNodes(graph.handle, nodes.data(), &count),
          "cuGraphGetNodes"))
    return status;
  for (size_t i = 0; i < count; ++i) {
    CUgraphNodeType type;
    if (sym_status status =
            device.check(driver.cuGraphNodeGetType(nodes.data()[i], &type),
                         "cuGraphNodeGetType"))
      return status;
    if (type == CU_GRAPH_NODE_TYPE_KERNEL && index-- == 0) {
      *out = nodes.data()[i];
      return SYM_OK;
    }
  }
  return fail(SYM_NOT_FOUND, "the graph has no such kernel");
}

sym_status DeviceGraphExec::create(Device &device, const DeviceGraph &graph) {
  Current current(device);
  if (current.status())
    return current.status();
  CUgraphExec made;
  if (sym_status status = device.check(
          device.driver().cuGraphInstantiateWithFlags(&made, graph.get(), 0),
          "cuGraphInstantiateWithFlags"))
    return status;
  exec.reset();
  exec.adopt(device, made);
  return SYM_OK;
}

sym_status DeviceGraphExec::launch(DeviceStream &stream) {
  Device &device = stream.device();
  Current current(device);
  if (current.status())
    return current.status();
  return device.check(device.driver().cuGraphLaunch(exec.handle, stream.get()),
                      "cuGraphLaunch");
}

sym_status DeviceGraphExec::update(const DeviceGraph &graph, bool *fits) {
  Device &device = *exec.device;
  Current current(device);
  if (current.status())
    return current.status();
  CUgraphExecUpdateResultInfo info;
  CUresult result =
      device.driver().cuGraphExecUpdate(exec.handle, graph.get(), &info);
  *fits = result == CUDA_SUCCESS;
  if (result == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE)
    return SYM_OK;
  return device.check(result, "cuGraphExecUpdate");
}

sym_status DeviceGraphExec::setKernel(CUgraphNode node,
                                      const DeviceFunction &function,
                                      const Grid &grid, void **params) {
  Device &device = *exec.device;
  Current current(device);
  if (current.status())
    return current.status();
  CUDA_KERNEL_NODE_PARAMS_v2 wanted = {};
  wanted.func = function.get();
  wanted.gridDimX = grid.blocks[0];
  wanted.gridDimY = grid.blocks[1];
  wanted.gridDimZ = grid.blocks[2];
  wanted.blockDimX = grid.threads[0];
  wanted.blockDimY = grid.threads[1];
  wanted.blockDimZ = grid.threads[2];
  wanted.sharedMemBytes = grid.sharedBytes;
  wanted.kernelParams = params;
  return device.check(device.driver().cuGraphExecKernelNodeSetParams(
                          exec.handle, node, &wanted),
                      "cuGraphExecKernelNodeSetParams");
}
