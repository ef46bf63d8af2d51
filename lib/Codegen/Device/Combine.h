//===- Combine.h - Trees that combine the values of threads -*- C++ -*-===//
//
// The trees are fixed: which value meets which never depends on when threads
// run (T9).
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_CODEGEN_DEVICE_COMBINE_H
#define SYM_LIB_CODEGEN_DEVICE_COMBINE_H

#include "KernelBuilder.h"

namespace mlir::sym {

/// The most blocks that share a reduction of everything.
constexpr int64_t kMostPartials = 1024;
/// The elements that are worth one more of them.
constexpr int64_t kPartialWork = 4096;

/// `combiner` of `lhs` and `rhs`.
Value combine(KernelBuilder &kernel, Operation *combiner, Value lhs, Value rhs);

/// The neutral element of each combiner.
SmallVector<Value> getNeutralElements(KernelBuilder &kernel,
                                      ArrayRef<Operation *> combiners);

/// Combines the threads of a warp whose numbers differ by powers of two from
/// `least` to `most`; each of them has the result. All threads of the warp must
/// come here.
SmallVector<Value> reduceWarp(KernelBuilder &kernel,
                              ArrayRef<Operation *> combiners,
                              SmallVector<Value> values,
                              int64_t most = kWarpSize / 2, int64_t least = 1);

/// Shared memory of `size` elements for each combiner.
SmallVector<Value> addCombinerBuffers(KernelBuilder &kernel,
                                      ArrayRef<Operation *> combiners,
                                      int64_t size = kBlockSize / kWarpSize);

/// Combines the threads of a block; each of them has the result. `buffers` is
/// shared memory for each value, free again afterwards.
SmallVector<Value> reduceBlock(KernelBuilder &kernel,
                               ArrayRef<Operation *> combiners,
                               SmallVector<Value> values,
                               ArrayRef<Value> buffers);

/// Combines `parts` pairwise, in a tree; their number is a power of two.
Value combineTree(KernelBuilder &kernel, Operation *combiner,
                  SmallVector<Value> parts);

/// `value == 0` as the condition of what follows, which the builder enters.
void onlyIfZero(KernelBuilder &kernel, Value value);

/// Memory for a value of each block, for each combiner. Allocated at the
/// function's entry, where failing is still harmless (T4); freed where it
/// returns.
SmallVector<Value> addPartials(Operation *op, ArrayRef<Operation *> combiners);

/// Combines `blocks` values of each of `partials` in one block, every thread of
/// which has the result.
SmallVector<Value> reducePartials(KernelBuilder &kernel,
                                  ArrayRef<Operation *> combiners,
                                  ArrayRef<Value> partials,
                                  OpFoldResult blocks);

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_DEVICE_COMBINE_H
