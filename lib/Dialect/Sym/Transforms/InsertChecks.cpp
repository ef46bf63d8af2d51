//===- InsertChecks.cpp - Guards what may be undefined ----------------===//
//
// The pass `sym-insert-checks`. What conditions an operation has is in
// Checks/*Conditions.cpp; here is where its checks stand.
//
//===----------------------------------------------------------------------===//

#include "Checks/Branches.h"
#include "Checks/Guards.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMINSERTCHECKS
#include "sym/Dialect/Sym/Transforms/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
class CheckInserter {
public:
  explicit CheckInserter(MLIRContext *context) : emitter(context) {}

  LogicalResult visitRegion(Region &region);
  /// Erases what guards have replaced.
  void finish();

  CheckEmitter emitter;
  unsigned numGuards = 0;
  unsigned numSequentialized = 0;

private:
  LogicalResult visit(Operation *op);
  LogicalResult visitTensorOp(Operation *op);
  LogicalResult visitLoop(Operation *op);
  LogicalResult visitLinalg(linalg::LinalgOp op);
  /// Puts checks into a guard, which stands before `op`. The operation itself
  /// stands behind `foldable`, if that is not null.
  LogicalResult visitGuard(Operation *op, Guard &guard, Value foldable,
                           bool isNeeded = false);
  /// The same for a nest that computes what `op` does.
  LogicalResult visitReplacement(Operation *op, Guard &guard);

  /// Erased at the end, since tables refer to their values.
  SmallVector<Operation *> dead;
};
} // namespace

LogicalResult CheckInserter::visitRegion(Region &region) {
  // What the entry block establishes holds in all blocks.
  emitter.dimensions.pushScope();
  auto visitBlock = [&](Block &block) -> LogicalResult {
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    for (Operation *op : ops)
      if (failed(visit(op)))
        return failure();
    return success();
  };
  LogicalResult result = success();
  for (Block &block : region) {
    bool isEntry = block.isEntryBlock();
    if (!isEntry)
      emitter.dimensions.pushScope();
    result = visitBlock(block);
    if (!isEntry)
      emitter.dimensions.popScope();
    if (failed(result))
      break;
  }
  emitter.dimensions.popScope();
  return result;
}

LogicalResult CheckInserter::visitGuard(Operation *op, Guard &guard,
                                        Value foldable, bool isNeeded) {
  unsigned numChecks = emitter.numChecks;
  emitter.dimensions.pushScope();
  emitter.loopIndices.append(guard.indices);
  LogicalResult result = success();
  for (Operation *copy : guard.copies)
    if (failed(visit(copy))) {
      result = failure();
      break;
    }
  if (auto forall = dyn_cast<scf::ForallOp>(op); forall && succeeded(result))
    for (Operation &write : forall.getTerminator().getYieldingOps())
      if (auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(write)) {
        emitter.setSubject(insert, guard.end.getPoint(), guard.end.getBlock());
        emitParallelInsertConditions(
            insert,
            [&](Value value) { return guard.mapping.lookupOrDefault(value); },
            emitter);
      }
  emitter.loopIndices.pop_back_n(guard.indices.size());
  emitter.dimensions.popScope();
  if (failed(result))
    return failure();

  // The checks that the program has in the region are in the guard now.
  isNeeded |= emitter.numChecks != numChecks;
  op->walk([&](CheckOp check) {
    dead.push_back(check);
    isNeeded = true;
  });
  if (isNeeded)
    ++numGuards;
  else if (!guard.loops.empty())
    dead.push_back(guard.loops.front());
  if (failed(putGuardedIntoBranches(op, emitter)))
    return failure();
  putIntoBranch(op, foldable, emitter);
  return success();
}

LogicalResult CheckInserter::visitReplacement(Operation *op, Guard &guard) {
  op->replaceAllUsesWith(guard.results);
  op->walk([&](Operation *inner) {
    if (inner != op)
      inner->dropAllDefinedValueUses();
  });
  dead.push_back(op);
  ++numSequentialized;
  emitter.dimensions.pushScope();
  emitter.loopIndices.append(guard.indices);
  LogicalResult result = success();
  for (Operation *copy : guard.copies)
    if (failed(visit(copy))) {
      result = failure();
      break;
    }
  emitter.loopIndices.pop_back_n(guard.indices.size());
  emitter.dimensions.popScope();
  return result;
}

LogicalResult CheckInserter::visitLinalg(linalg::LinalgOp op) {
  if (failed(emitLinalgConditions(op, emitter)))
    return failure();
  Value foldable = emitter.getFoldable();
  if (!mayBeUndefinedInside(op)) {
    putIntoBranch(op, foldable, emitter);
    return success();
  }
  bool sequential = dependsOnAccumulators(op);
  FailureOr<Guard> guard = buildGuard(op, sequential, emitter);
  if (failed(guard))
    return failure();
  return sequential ? visitReplacement(op, *guard)
                    : visitGuard(op, *guard, foldable);
}

LogicalResult CheckInserter::visitTensorOp(Operation *op) {
  if (failed(emitTensorConditions(op, emitter)))
    return failure();
  // An empty tensor may have any size.
  Value foldable = isa<tensor::EmptyOp>(op) ? Value() : emitter.getFoldable();
  if (auto gather = dyn_cast<tensor::GatherOp>(op)) {
    unsigned numChecks = emitter.numChecks;
    Guard guard = buildGuard(gather, emitter);
    return visitGuard(op, guard, foldable, emitter.numChecks != numChecks);
  }
  if (auto generate = dyn_cast<tensor::GenerateOp>(op);
      generate && mayBeUndefinedInside(op)) {
    Guard guard = buildGuard(generate, emitter);
    return visitGuard(op, guard, foldable);
  }
  putIntoBranch(op, foldable, emitter);
  if (!mayBeUndefinedInside(op))
    return success();
  return op->emitOpError() << "has a region that may be undefined for some "
                              "values and cannot be checked before it";
}

LogicalResult CheckInserter::visitLoop(Operation *op) {
  emitLoopConditions(op, emitter);
  confineSteps(op, emitter.getFoldable(), emitter);
  if (auto forall = dyn_cast<scf::ForallOp>(op)) {
    Guard guard = buildGuard(forall, emitter);
    return visitGuard(op, guard, Value());
  }
  if (auto parallel = dyn_cast<scf::ParallelOp>(op)) {
    if (!mayBeUndefinedInside(op))
      return success();
    Guard guard = buildSequential(parallel, emitter);
    return visitReplacement(op, guard);
  }
  for (Region &region : op->getRegions())
    if (failed(visitRegion(region)))
      return failure();
  return success();
}

LogicalResult CheckInserter::visit(Operation *op) {
  emitter.setSubject(op);
  if (OpTrait::hasElementwiseMappableTraits(op) &&
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>)) {
    // One condition chooses one tensor or the other, whatever their sizes.
    if (isa<arith::SelectOp>(op) && op->getOperand(0).getType().isInteger(1))
      return success();
    emitElementwiseShapes(op, emitter);
    Value foldable = emitter.getFoldable();
    if (!isPartialScalarOp(op) || isDefinedForConstants(op)) {
      putIntoBranch(op, foldable, emitter);
      return success();
    }
    Guard guard = buildElementwiseGuard(op, emitter);
    LogicalResult result = visitGuard(op, guard, foldable);
    llvm::append_range(dead, guard.copies);
    return result;
  }
  if (isPartialScalarOp(op)) {
    emitScalarConditions(op, emitter);
    return success();
  }
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(structured);
  if (isa_and_nonnull<tensor::TensorDialect>(op->getDialect()))
    return visitTensorOp(op);
  if (isa<scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp,
          scf::ExecuteRegionOp, scf::ForallOp, scf::ParallelOp>(op))
    return visitLoop(op);
  if (isa<linalg::SoftmaxOp>(op)) {
    emitElementwiseShapes(op, emitter);
    putIntoBranch(op, emitter.getFoldable(), emitter);
    return success();
  }
  if (isa_and_nonnull<linalg::LinalgDialect>(op->getDialect()) &&
      !isa<linalg::YieldOp>(op))
    return op->emitOpError() << "has no conditions that could be checked";
  if (mayBeUndefinedInside(op))
    return op->emitOpError() << "has a region that may be undefined for some "
                                "values and cannot be checked before it";
  return success();
}

void CheckInserter::finish() {
  // Users stand behind what they use, and are inside of what holds them.
  llvm::SmallSetVector<Operation *, 16> ops(dead.begin(), dead.end());
  SmallVector<Operation *> outer;
  for (Operation *op : ops) {
    bool isInside = false;
    for (Operation *parent = op->getParentOp(); parent && !isInside;
         parent = parent->getParentOp())
      isInside = ops.contains(parent);
    if (!isInside)
      outer.push_back(op);
  }
  for (Operation *op : llvm::reverse(outer)) {
    op->dropAllUses();
    op->erase();
  }
}

namespace {
struct InsertChecks : public sym::impl::SymInsertChecksBase<InsertChecks> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    CheckInserter inserter(&getContext());
    LogicalResult result = inserter.visitRegion(function.getBody());
    inserter.finish();
    numChecks += inserter.emitter.numChecks;
    numGuards += inserter.numGuards;
    numSequentialized += inserter.numSequentialized;
    if (failed(result))
      signalPassFailure();
  }
};
} // namespace
