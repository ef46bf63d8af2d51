//===- Guards.h - Sequential copies of parallel regions ----*- C++ -*-===//
//
// A check in a parallel region cannot end the call. A guard is a loop nest over
// the same index space, before the region, that holds a copy of it for checks
// to be put into; what no check needs of the copy is dead code.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_GUARDS_H
#define SYM_TRANSFORMS_CHECKS_GUARDS_H

#include "Conditions.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::sym {

struct Guard {
  /// The copies of the region's operations, in order.
  SmallVector<Operation *> copies;
  /// From the operations inside of the region to the copies.
  IRMapping mapping;
  /// The loops, from the outermost inwards, and their induction variables.
  SmallVector<scf::ForOp> loops;
  SmallVector<Value> indices;
  /// Behind the copies.
  OpBuilder::InsertPoint end;
  /// What the nest computes, if it replaces the operation.
  SmallVector<Value> results;
};

/// Whether a region of `op` holds, at any depth, what may be undefined.
bool mayBeUndefinedInside(Operation *op);

/// A structured operation; the copy reads the elements of its operands.
/// `sequential` makes a nest that computes the operation, for conditions that
/// depend on what it accumulates.
FailureOr<Guard> buildGuard(linalg::LinalgOp op, bool sequential,
                            CheckEmitter &emitter);
/// Whether a condition inside depends on what the operation accumulates.
bool dependsOnAccumulators(linalg::LinalgOp op);

/// An elementwise operation on tensors; the copy works on elements.
Guard buildElementwiseGuard(Operation *op, CheckEmitter &emitter);
Guard buildGuard(tensor::GenerateOp op, CheckEmitter &emitter);
Guard buildGuard(scf::ForallOp op, CheckEmitter &emitter);
/// Loops over the coordinates; there are no copies, but the checks themselves.
Guard buildGuard(tensor::GatherOp op, CheckEmitter &emitter);
/// A nest that computes the operation: reductions may be undefined, and their
/// order is not specified otherwise (T9).
Guard buildSequential(scf::ParallelOp op, CheckEmitter &emitter);

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_GUARDS_H
