//===- InsertChecks.cpp - Guards what may be undefined ----------------===//
//
// The pass `sym-insert-checks`. What conditions an operation has is in
// Checks/*Conditions.cpp; here is where its checks stand.
//
//===----------------------------------------------------------------------===//

#include "Checks/Guards.h"
#include "sym/Dialect/Sym/Transforms/Passes.h"

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
  /// Puts checks into a guard, which stands before `op`.
  LogicalResult visitGuard(Operation *op, Guard &guard, bool isNeeded = false);
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
                                        bool isNeeded) {
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
  if (!mayBeUndefinedInside(op))
    return success();
  bool sequential = dependsOnAccumulators(op);
  FailureOr<Guard> guard = buildGuard(op, sequential, emitter);
  if (failed(guard))
    return failure();
  return sequential ? visitReplacement(op, *guard) : visitGuard(op, *guard);
}

/// The constant that folding will make of `value`, if it will.
static Attribute foldToConstant(Value value, unsigned depth = 0) {
  // Deeper ones are no programs that people write.
  constexpr unsigned kDepth = 32;
  Operation *op = value.getDefiningOp();
  if (!op || depth == kDepth || op->getNumRegions() != 0 ||
      op->getNumResults() != 1 || !isPure(op))
    return {};
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands())
    operands.push_back(foldToConstant(operand, depth + 1));
  SmallVector<OpFoldResult> results;
  if (llvm::any_of(operands, [](Attribute operand) { return !operand; }) ||
      failed(op->fold(operands, results)) || results.size() != 1)
    return {};
  return dyn_cast<Attribute>(results.front());
}

/// Gives a slice whose bounds fold to constants outside of the whole bounds
/// inside. The checks before it fail, so that nothing sees the difference, but
/// upstream's patterns would make an operation of it that does not verify.
static void confineSlice(OffsetSizeAndStrideOpInterface slice,
                         RankedTensorType whole) {
  OpBuilder builder(slice);
  auto getConstant = [](OpFoldResult value) -> std::optional<int64_t> {
    Attribute attribute = isa<Value>(value) ? foldToConstant(cast<Value>(value))
                                            : cast<Attribute>(value);
    if (auto integer = dyn_cast_or_null<IntegerAttr>(attribute))
      return integer.getInt();
    return std::nullopt;
  };
  auto setZero = [&](bool isDynamic, unsigned operand) {
    if (isDynamic)
      slice->setOperand(
          operand, arith::ConstantIndexOp::create(builder, slice.getLoc(), 0));
  };
  for (unsigned dim = 0, rank = whole.getRank(); dim != rank; ++dim) {
    std::optional<int64_t> offset = getConstant(slice.getMixedOffsets()[dim]);
    std::optional<int64_t> size = getConstant(slice.getMixedSizes()[dim]);
    std::optional<int64_t> stride = getConstant(slice.getMixedStrides()[dim]);
    bool isNegative = offset.value_or(0) < 0 || size.value_or(0) < 0;
    // In 128 bits nothing wraps around.
    bool isBehind = offset && size && *size > 0 && !whole.isDynamicDim(dim) &&
                    *offset + (*size - 1) * __int128(stride.value_or(1)) >=
                        whole.getDimSize(dim);
    if (!isNegative && !isBehind)
      continue;
    bool isDynamicOffset = slice.isDynamicOffset(dim);
    setZero(isDynamicOffset,
            isDynamicOffset ? slice.getIndexOfDynamicOffset(dim) : 0);
    bool isDynamicSize = slice.isDynamicSize(dim);
    setZero(isDynamicSize,
            isDynamicSize ? slice.getIndexOfDynamicSize(dim) : 0);
  }
}

LogicalResult CheckInserter::visitTensorOp(Operation *op) {
  if (failed(emitTensorConditions(op, emitter)))
    return failure();
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op))
    confineSlice(extract, extract.getSourceType());
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    confineSlice(insert, insert.getDestType());
  if (auto gather = dyn_cast<tensor::GatherOp>(op)) {
    unsigned numChecks = emitter.numChecks;
    Guard guard = buildGuard(gather, emitter);
    return visitGuard(op, guard, emitter.numChecks != numChecks);
  }
  if (!mayBeUndefinedInside(op))
    return success();
  if (auto generate = dyn_cast<tensor::GenerateOp>(op)) {
    Guard guard = buildGuard(generate, emitter);
    return visitGuard(op, guard);
  }
  return op->emitOpError() << "has a region that may be undefined for some "
                              "values and cannot be checked before it";
}

LogicalResult CheckInserter::visitLoop(Operation *op) {
  emitLoopConditions(op, emitter);
  if (auto forall = dyn_cast<scf::ForallOp>(op)) {
    Guard guard = buildGuard(forall, emitter);
    return visitGuard(op, guard);
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
    if (!isPartialScalarOp(op) || isDefinedForConstants(op))
      return success();
    Guard guard = buildElementwiseGuard(op, emitter);
    LogicalResult result = visitGuard(op, guard);
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
