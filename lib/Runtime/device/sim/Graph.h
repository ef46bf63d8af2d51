//===- Graph.h - Captured operations ----------------------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_GRAPH_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_GRAPH_H

#include "Stream.h"

#include <memory>
#include <vector>

namespace sym::sim {

struct Node {
  Graph *graph;
  size_t index;               ///< in the graph
  std::shared_ptr<Work> work; ///< null for an empty node
  std::vector<size_t> after;  ///< smaller indices

  CUgraphNodeType type() const {
    return work ? work->type() : CU_GRAPH_NODE_TYPE_EMPTY;
  }
};

struct Graph {
  Device *device;
  std::vector<std::unique_ptr<Node>> nodes;

  Node *add(std::shared_ptr<Work> work, const std::vector<Node *> &after);
};

/// An instantiated graph: works of its own, shared with the launches that are
/// in their queues, which updates leave as they were.
struct GraphExec {
  Device *device;
  const Graph *source; ///< only compared, it may be gone
  struct Step {
    std::shared_ptr<Work> work;
    std::vector<size_t> after;
  };
  std::vector<Step> steps;
  std::shared_ptr<Op> lastLaunch; ///< launches of one do not overlap
};

/// One launch of a graph: its steps in a random order among those that their
/// dependences allow.
struct GraphWork : Work {
  std::vector<GraphExec::Step> steps;
  uint64_t seed = 0;

  CUresult run() override;
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_GRAPH; }
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_GRAPH_H
