//===- Conditions.h - When operations are undefined --------*- C++ -*-===//
//
// Per operation, the conditions under which it is defined, written as checks
// before it. Whoever accepts a new operation in bodies adds it here.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_CONDITIONS_H
#define SYM_TRANSFORMS_CHECKS_CONDITIONS_H

#include "CheckEmitter.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::sym {

/// Scalar `arith` and `math`: whether some values make the operation undefined,
/// by its kind alone; it may work on tensors.
bool isPartialScalarOp(Operation *op);
/// The conditions on the operands of such an operation on scalars.
void emitScalarConditions(Operation *op, CheckEmitter &emitter);
/// Whether constant operands show that an elementwise operation on tensors is
/// defined.
bool isDefinedForConstants(Operation *op);

/// Elementwise operations on tensors: all sizes are equal.
void emitElementwiseShapes(Operation *op, CheckEmitter &emitter);

/// Operations of `tensor`: shapes, sizes and indices. Fails with a diagnostic
/// for what cannot be checked.
LogicalResult emitTensorConditions(Operation *op, CheckEmitter &emitter);
/// The slice that `op` writes, whose operands are seen through `get`.
void emitParallelInsertConditions(tensor::ParallelInsertSliceOp op,
                                  function_ref<Value(Value)> get,
                                  CheckEmitter &emitter);

/// Structured operations: every access is inside its operand.
LogicalResult emitLinalgConditions(linalg::LinalgOp op, CheckEmitter &emitter);
/// The size of each loop.
FailureOr<SmallVector<Dimension>> getLoopSizes(linalg::LinalgOp op,
                                               CheckEmitter &emitter);

/// Steps of loops.
void emitLoopConditions(Operation *op, CheckEmitter &emitter);

/// Whether the operation has conditions of its own that depend on values, not
/// counting its regions.
bool mayBeUndefined(Operation *op);

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_CONDITIONS_H
