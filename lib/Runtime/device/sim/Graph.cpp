//===- Graph.cpp - Captured operations ------------------------------------===//

#include "Graph.h"
#include "Random.h"

#include <algorithm>

using namespace sym::sim;

Node *Graph::add(std::shared_ptr<Work> work, const std::vector<Node *> &after) {
  auto node = std::make_unique<Node>();
  node->graph = this;
  node->index = nodes.size();
  node->work = std::move(work);
  for (Node *other : after)
    node->after.push_back(other->index);
  nodes.push_back(std::move(node));
  return nodes.back().get();
}

CUresult GraphWork::run() {
  Random random(seed);
  std::vector<size_t> waiting(steps.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < steps.size(); ++i) {
    waiting[i] = steps[i].after.size();
    if (!waiting[i])
      ready.push_back(i);
  }
  while (!ready.empty()) {
    size_t at = random.below(ready.size());
    size_t step = ready[at];
    ready[at] = ready.back();
    ready.pop_back();
    if (steps[step].work)
      if (CUresult result = steps[step].work->run())
        return result;
    for (size_t i = step + 1; i < steps.size(); ++i) {
      auto &after = steps[i].after;
      waiting[i] -= size_t(std::count(after.begin(), after.end(), step));
      if (!waiting[i] &&
          std::find(after.begin(), after.end(), step) != after.end())
        ready.push_back(i);
    }
  }
  return CUDA_SUCCESS;
}
