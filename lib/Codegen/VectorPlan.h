//===- VectorPlan.h - How a structured operation becomes vectors -*- C++
//-*-===//

#ifndef SYM_LIB_CODEGEN_VECTORPLAN_H
#define SYM_LIB_CODEGEN_VECTORPLAN_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>

namespace mlir::sym {

/// How an operand's index moves along one loop.
enum class Access {
  Invariant,  ///< The element stays.
  Contiguous, ///< The next element in memory.
  Other,      ///< Lane by lane.
};

/// The access of `operand` of `op` along the loop `dim`.
Access getAccess(linalg::LinalgOp op, OpOperand &operand, unsigned dim);

/// The operation that accumulates into output `index` of `op`, if the yielded
/// value is `combiner(out, f(inputs))` or `combiner(f(inputs), out)` and the
/// combiner is one that may be reassociated by fixed lanes.
Operation *getCombiner(linalg::LinalgOp op, unsigned index);

/// The neutral element of a combiner; null if it has none.
TypedAttr getNeutralElement(Operation *combiner);

/// Whether the body of `op` can be computed on vectors: elementwise operations
/// that cannot trap in a lane that holds no element.
bool hasVectorBody(linalg::GenericOp op);

/// Loop order and lanes.
struct VectorPlan {
  /// The loop that becomes vectors.
  unsigned dim;
  /// The loops around it, outermost first: parallel ones, then reductions.
  SmallVector<unsigned> outer;
  /// How many of them are parallel.
  unsigned numParallel;
  /// Whether `dim` is a reduction, kept in lanes.
  bool reduces;
  /// Lanes of the main loop: a register for elementwise code; four registers
  /// of 256 bits for reductions, or one where rows share operands, whatever the
  /// CPU, since the lanes define the result (T9).
  int64_t lanes;
  /// Lanes of the loop over what the main loop leaves (reductions only).
  int64_t blockLanes;
  /// Whether several iterations of the innermost parallel loop are best reduced
  /// together, since they read the same vectors beside their own.
  bool sharesRows = false;
  /// The combiner of each output that is accumulated in lanes, else null.
  SmallVector<Operation *> combiners;
};

/// A plan for `op` if it calls mathematical functions or reduces floats along
/// a loop that LLVM could not vectorise without reassociation.
std::optional<VectorPlan> makeVectorPlan(linalg::GenericOp op,
                                         unsigned vectorBits);

} // namespace mlir::sym

#endif // SYM_LIB_CODEGEN_VECTORPLAN_H
