//===- Launch.h - One run of a kernel over its grid -------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_LAUNCH_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_LAUNCH_H

#include "Random.h"
#include "Stream.h"

#include "sym/Runtime/sim_abi.h"

#include <atomic>
#include <string>

namespace sym::sim {

/// A kernel's launch as it was asked for: what a graph's node holds too.
struct LaunchShape {
  uint32_t grid[3] = {1, 1, 1};
  uint32_t block[3] = {1, 1, 1};
  uint32_t dynamicShared = 0;
};

/// What all workers of one launch share.
struct Launch {
  const sym_sim_kernel *kernel;
  LaunchShape shape;
  void *const *params;
  uint64_t seed;
  uint64_t number; ///< for the race check, see Races.h
  bool bounds;
  bool barriers;
  bool races;

  uint64_t blocks() const {
    return uint64_t(shape.grid[0]) * shape.grid[1] * shape.grid[2];
  }
  uint32_t threads() const {
    return shape.block[0] * shape.block[1] * shape.block[2];
  }
  uint32_t staticShared() const {
    return (kernel->static_shared_bytes + 15) / 16 * 16;
  }
  size_t sharedBytes() const {
    return size_t(staticShared()) + shape.dynamicShared;
  }

  Permutation order;
  std::atomic<uint64_t> next{0};
  /// The first fault; nothing begins after it.
  std::atomic<int> error{CUDA_SUCCESS};
};

/// Runs all blocks of a launch on the workers, the calling thread among them.
/// One launch at a time.
void runLaunch(Launch &launch, int workers);

/// A kernel launch as an operation. The module is kept by the graph or stream's
/// user, as with a real driver; parameters are copied.
struct KernelWork : Work {
  struct Function *function = nullptr;
  LaunchShape shape;
  std::vector<std::vector<char>> params;
  std::vector<void *> pointers; ///< for who asks a graph's node for them

  CUresult run() override;
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_KERNEL; }
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_LAUNCH_H
