//===- Graph.h - Work that is captured once and launched often --*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_GRAPH_H
#define SYM_LIB_RUNTIME_DEVICE_GRAPH_H

#include "Stream.h"

namespace sym::rt {

/// What streams captured: kernels, copies, fills. Memory that it names must
/// live as long as it is launched.
class DeviceGraph {
public:
  /// From here on, what is enqueued on the stream is recorded and not run. The
  /// stream must not be waited for, and other threads' streams are not
  /// concerned.
  static sym_status beginCapture(DeviceStream &stream);
  /// What the stream captured last, to be asked between the two; null if that
  /// is not one node.
  static sym_status lastNode(DeviceStream &stream, CUgraphNode *out);
  /// Ends the capture, also when it fails.
  sym_status endCapture(DeviceStream &stream);

  /// The k-th kernel in the driver's order, which is that of capture where all
  /// came from one stream; SYM_NOT_FOUND beyond the last.
  sym_status kernel(int index, CUgraphNode *out);

  CUgraph get() const { return graph.handle; }
  bool isValid() const { return graph.handle; }
  void reset() { graph.reset(); }

private:
  Owned<CUgraph, &Driver::cuGraphDestroy> graph;
};

/// A graph made ready to run.
class DeviceGraphExec {
public:
  sym_status create(Device &device, const DeviceGraph &graph);
  /// Enqueues the whole; two launches of one do not overlap.
  sym_status launch(DeviceStream &stream);
  /// Takes over what `graph`, of the same form, says now; launches that were
  /// enqueued keep what they had. *fits is false, and nothing changes, if the
  /// form differs.
  sym_status update(const DeviceGraph &graph, bool *fits);
  /// Changes one kernel's launch, where `node` is of the graph that this was
  /// made from.
  sym_status setKernel(CUgraphNode node, const DeviceFunction &function,
                       const Grid &grid, void **params);

  bool isValid() const { return exec.handle; }
  /// Launches that were enqueued still run.
  void reset() { exec.reset(); }

private:
  Owned<CUgraphExec, &Driver::cuGraphExecDestroy> exec;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_GRAPH_H
