//===- HoistChecks.cpp - Moves checks out of control flow -------------===//
//
// The pass `sym-hoist-checks`. What is checked before a loop need not be
// checked behind the first write of its first iteration (T4), so that more
// updates can be done in place.
//
//===----------------------------------------------------------------------===//

#include "Checks/Conditions.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMHOISTCHECKS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// Whether `op` may be computed where it would not have been. Purity alone does
/// not say so: upstream's `tensor.extract` is pure, too.
static bool mayMove(Operation *op) {
  if (isa<tensor::DimOp>(op)) {
    auto dim = cast<tensor::DimOp>(op);
    auto type = dyn_cast<RankedTensorType>(dim.getSource().getType());
    std::optional<int64_t> index = dim.getConstantIndex();
    return type && index && *index >= 0 && *index < type.getRank();
  }
  return isa_and_nonnull<arith::ArithDialect>(op->getDialect()) && isPure(op) &&
         !mayBeUndefined(op);
}

/// Collects what `value` needs that is computed inside of `region`, users
/// behind what they use. Fails if that cannot be moved out.
static LogicalResult collect(Value value, Region &region,
                             llvm::SetVector<Operation *> &ops,
                             unsigned depth = 0) {
  constexpr unsigned kMaxDepth = 100;
  if (!region.isAncestor(value.getParentRegion()))
    return success();
  Operation *op = value.getDefiningOp();
  if (!op || depth > kMaxDepth || !mayMove(op))
    return failure();
  if (ops.contains(op))
    return success();
  for (Value operand : op->getOperands())
    if (failed(collect(operand, region, ops, depth + 1)))
      return failure();
  ops.insert(op);
  return success();
}

/// Whether the region that `check` is in runs, as far as `op` decides it: a
/// value before `op`, null if it always does. Fails where that is not known.
static FailureOr<Value> getRuns(Operation *op, Region &region,
                                OpBuilder &builder) {
  Location loc = op->getLoc();
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    if (&region == &branch.getThenRegion())
      return branch.getCondition();
    Value yes =
        arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    return builder.createOrFold<arith::XOrIOp>(loc, branch.getCondition(), yes);
  }
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    auto predicate = loop.getUnsignedCmp() ? arith::CmpIPredicate::ult
                                           : arith::CmpIPredicate::slt;
    return builder.createOrFold<arith::CmpIOp>(
        loc, predicate, loop.getLowerBound(), loop.getUpperBound());
  }
  if (isa<scf::ExecuteRegionOp>(op) && region.hasOneBlock())
    return Value();
  // The condition of a loop is computed at least once.
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    if (&region == &loop.getBefore())
      return Value();
  return failure();
}

/// Moves `check` out of the operation around it.
static LogicalResult hoist(CheckOp check) {
  Operation *parent = check->getParentOp();
  Region &region = *check->getParentRegion();
  if (!isa<scf::IfOp, scf::ForOp, scf::ExecuteRegionOp, scf::WhileOp>(parent))
    return failure();
  // If a condition that does not change fails, it fails in the first iteration.
  auto loop = dyn_cast<scf::ForOp>(parent);
  SmallVector<Value> operands(check->getOperands());
  llvm::SetVector<Operation *> ops;
  for (Value &value : operands) {
    if (loop && value == loop.getInductionVar() &&
        value != check.getCondition())
      value = loop.getLowerBound();
    if (failed(collect(value, region, ops)))
      return failure();
  }
  OpBuilder builder(parent);
  FailureOr<Value> runs = getRuns(parent, region, builder);
  if (failed(runs))
    return failure();
  check->setOperands(operands);
  for (Operation *op : ops)
    op->moveBefore(parent);
  builder.setInsertionPoint(parent);
  if (*runs) {
    Location loc = check.getLoc();
    Value yes =
        arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
    Value skipped = builder.createOrFold<arith::XOrIOp>(loc, *runs, yes);
    check.getConditionMutable().assign(
        builder.createOrFold<arith::OrIOp>(loc, check.getCondition(), skipped));
  }
  check->moveBefore(parent);
  return success();
}

namespace {
struct HoistChecks : public sym::impl::SymHoistChecksBase<HoistChecks> {
  void runOnOperation() override {
    // The calls and prints of a host program happen before a later check fails
    // (T10).
    WalkResult isHost = getOperation()->walk([](Operation *op) {
      bool happens =
          isa<func::CallOp>(op) ||
          (isa_and_nonnull<SymDialect>(op->getDialect()) && !isa<CheckOp>(op));
      return happens ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (isHost.wasInterrupted())
      return markAllAnalysesPreserved();
    SmallVector<CheckOp> checks;
    getOperation()->walk([&](CheckOp check) { checks.push_back(check); });
    for (CheckOp check : checks) {
      bool moved = false;
      while (succeeded(hoist(check)))
        moved = true;
      numHoisted += moved;
    }
  }
};
} // namespace
