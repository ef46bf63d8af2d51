//===- Branches.h - Operations that folding may make wrong -*- C++ -*-===//
//
// See Folding.h. An operation in a branch on its own conditions goes with the
// branch when these fold: at once, or by its place in a block that never runs.
// The branch repeats what a check before it has established, so that nothing
// but the compiler sees it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TRANSFORMS_CHECKS_BRANCHES_H
#define SYM_TRANSFORMS_CHECKS_BRANCHES_H

#include "CheckEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sym {

/// Puts `op` into a branch on `condition` (none if it is null), whose other
/// side yields tensors of the same sizes. Uses see the results of the branch.
void putIntoBranch(Operation *op, Value condition, CheckEmitter &emitter);

/// Steps that are to be positive: 1 where `condition` (none if it is null) does
/// not hold.
void confineSteps(Operation *loop, Value condition, CheckEmitter &emitter);

/// Treats the operations in regions of `op` that a guard before `op` checks:
/// their conditions are computed where they stand, and only for this.
LogicalResult putGuardedIntoBranches(Operation *op, CheckEmitter &emitter);

} // namespace mlir::sym

#endif // SYM_TRANSFORMS_CHECKS_BRANCHES_H
