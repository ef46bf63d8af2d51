//===- Branches.cpp - Operations that folding may make wrong ----------===//

#include "Branches.h"
#include "Conditions.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;

/// A tensor for where `result` cannot be computed.
static Value createOther(OpResult result, ValueRange sizes,
                         OpBuilder &builder) {
  // A destination of the same type needs no memory.
  Operation *op = result.getOwner();
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op)) {
    Value init = destination.getTiedOpOperand(result)->get();
    if (init.getType() == result.getType())
      return init;
  }
  return tensor::EmptyOp::create(builder, op->getLoc(), result.getType(),
                                 sizes);
}

/// The dynamic sizes of `result`, which stand before its operation.
static SmallVector<Value> getSizes(OpResult result, CheckEmitter &emitter) {
  SmallVector<Value> sizes;
  auto type = cast<RankedTensorType>(result.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    Dimension size = emitter.dimensions.get(result, dim);
    if (size == Dimension::ofTensor(result, dim))
      sizes.push_back(emitter.constant(0));
    else if (size.isIndex())
      sizes.push_back(emitter.binary<arith::MaxSIOp>(emitter.size(size),
                                                     emitter.constant(0)));
    else
      sizes.push_back(emitter.size(size));
  }
  return sizes;
}

void mlir::sym::putIntoBranch(Operation *op, Value condition,
                              CheckEmitter &emitter) {
  if (!condition ||
      !llvm::all_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>))
    return;
  OpBuilder &builder = emitter.builder;
  builder.setInsertionPoint(op);
  SmallVector<SmallVector<Value>> sizes;
  for (OpResult result : op->getResults())
    sizes.push_back(getSizes(result, emitter));
  Location loc = op->getLoc();
  auto createOthers = [&] {
    SmallVector<Value> others;
    for (auto [result, dynamic] : llvm::zip_equal(op->getResults(), sizes))
      others.push_back(createOther(result, dynamic, builder));
    return others;
  };
  // What has no uses is erased before anything looks at it.
  if (matchPattern(condition, m_Zero()))
    return op->replaceAllUsesWith(createOthers());
  auto branch = scf::IfOp::create(builder, loc, op->getResultTypes(), condition,
                                  /*withElseRegion=*/true);
  op->replaceAllUsesWith(branch);
  builder.setInsertionPointToEnd(branch.elseBlock());
  SmallVector<Value> others = createOthers();
  scf::YieldOp::create(builder, loc, others);
  builder.setInsertionPointToEnd(branch.thenBlock());
  auto yield = scf::YieldOp::create(builder, loc, op->getResults());
  op->moveBefore(yield);
}

void mlir::sym::confineSteps(Operation *loop, Value condition,
                             CheckEmitter &emitter) {
  if (!condition)
    return;
  OpBuilder &builder = emitter.builder;
  auto confine = [&](MutableOperandRange steps) {
    for (OpOperand &step : steps) {
      Type type = step.get().getType();
      Value one = arith::ConstantOp::create(builder, loop->getLoc(),
                                            builder.getIntegerAttr(type, 1));
      step.set(builder.createOrFold<arith::SelectOp>(loop->getLoc(), condition,
                                                     step.get(), one));
    }
  };
  llvm::TypeSwitch<Operation *>(loop)
      .Case([&](scf::ForOp loop) { confine(loop.getStepMutable()); })
      .Case<scf::ParallelOp>([&](auto loop) { confine(loop.getStepMutable()); })
      .Case([&](scf::ForallOp loop) { confine(loop.getDynamicStepMutable()); });
}

/// What cannot stand in a branch starts at zero where the condition does not
/// hold, and writes a source of no elements where the sizes are not known.
static void confineInsert(tensor::ParallelInsertSliceOp op, Value condition,
                          CheckEmitter &emitter) {
  if (!condition)
    return;
  OpBuilder &builder = emitter.builder;
  Location loc = op.getLoc();
  auto confine = [&](MutableOperandRange range, int64_t other) {
    for (OpOperand &operand : range)
      operand.set(builder.createOrFold<arith::SelectOp>(
          loc, condition, operand.get(), emitter.constant(other)));
  };
  confine(op.getOffsetsMutable(), 0);
  confine(op.getStridesMutable(), 1);
  if (op.getSizes().empty())
    return;
  confine(op.getSizesMutable(), 0);
  auto type = cast<RankedTensorType>(op.getSource().getType());
  SmallVector<Value> sizes(type.getNumDynamicDims(), emitter.constant(0));
  auto branch = scf::IfOp::create(builder, loc, type, condition,
                                  /*withElseRegion=*/true);
  OpBuilder inner = branch.getThenBodyBuilder();
  scf::YieldOp::create(inner, loc, op.getSource());
  inner = branch.getElseBodyBuilder();
  scf::YieldOp::create(
      inner, loc, tensor::EmptyOp::create(inner, loc, type, sizes).getResult());
  op.getSourceMutable().assign(branch.getResult(0));
}

static LogicalResult visitGuarded(Operation *op, CheckEmitter &emitter) {
  emitter.setSubject(op);
  bool isElementwise =
      OpTrait::hasElementwiseMappableTraits(op) &&
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
  if (isElementwise && !isa<arith::SelectOp>(op))
    emitElementwiseShapes(op, emitter);
  else if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    if (failed(emitLinalgConditions(structured, emitter)))
      return failure();
  } else if (isa_and_nonnull<tensor::TensorDialect>(op->getDialect())) {
    if (failed(emitTensorConditions(op, emitter)))
      return failure();
  } else if (isa<scf::ForOp, scf::ForallOp, scf::ParallelOp>(op)) {
    emitLoopConditions(op, emitter);
    confineSteps(op, emitter.getFoldable(), emitter);
    return success();
  } else {
    return success();
  }
  putIntoBranch(op, emitter.getFoldable(), emitter);
  return success();
}

LogicalResult mlir::sym::putGuardedIntoBranches(Operation *op,
                                                CheckEmitter &emitter) {
  SmallVector<Operation *> ops;
  SmallVector<tensor::ParallelInsertSliceOp> inserts;
  for (Region &region : op->getRegions())
    region.walk<WalkOrder::PreOrder>([&](Operation *inner) {
      // Scalars, and what takes any index.
      if (auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(inner))
        inserts.push_back(insert);
      else if (!isa<tensor::ExtractOp, tensor::InsertOp, tensor::DimOp,
                    tensor::EmptyOp, tensor::YieldOp>(inner))
        ops.push_back(inner);
    });
  emitter.isGuarded = true;
  llvm::scope_exit end([&] { emitter.isGuarded = false; });
  for (Operation *inner : ops)
    if (failed(visitGuarded(inner, emitter)))
      return failure();
  for (tensor::ParallelInsertSliceOp insert : inserts) {
    auto *terminator = insert->getParentOp();
    emitter.setSubject(insert, Block::iterator(terminator),
                       terminator->getBlock());
    emitParallelInsertConditions(
        insert, [](Value value) { return value; }, emitter);
    confineInsert(insert, emitter.getFoldable(), emitter);
  }
  return success();
}
