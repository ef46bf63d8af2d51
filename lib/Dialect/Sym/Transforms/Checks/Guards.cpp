//===- Guards.cpp - Sequential copies of parallel regions -------------===//

#include "Guards.h"

#include "mlir/Dialect/Affine/Utils.h"

using namespace mlir;
using namespace mlir::sym;

bool mlir::sym::mayBeUndefinedInside(Operation *op) {
  for (Region &region : op->getRegions())
    if (region
            .walk([](Operation *inner) {
              return mayBeUndefined(inner) ? WalkResult::interrupt()
                                           : WalkResult::advance();
            })
            .wasInterrupted())
      return true;
  return false;
}

/// Opens loops that carry `inits`; the insertion point is then inside. Returns
/// what the innermost loop carries.
static SmallVector<Value> openLoops(Guard &guard, ValueRange lower,
                                    ValueRange upper, ValueRange steps,
                                    ValueRange inits, CheckEmitter &emitter) {
  OpBuilder &builder = emitter.builder;
  SmallVector<Value> carried(inits);
  for (auto [first, end, step] : llvm::zip_equal(lower, upper, steps)) {
    auto loop = scf::ForOp::create(builder, emitter.getLoc(), first, end, step,
                                   carried);
    guard.loops.push_back(loop);
    guard.indices.push_back(loop.getInductionVar());
    carried.assign(loop.getRegionIterArgs().begin(),
                   loop.getRegionIterArgs().end());
    builder.setInsertionPointToStart(loop.getBody());
  }
  return carried;
}

/// Loops over 0 … size - 1.
static SmallVector<Value> openLoops(Guard &guard, ArrayRef<Dimension> sizes,
                                    ValueRange inits, CheckEmitter &emitter) {
  SmallVector<Value> lower(sizes.size(), emitter.constant(0));
  SmallVector<Value> steps(sizes.size(), emitter.constant(1));
  SmallVector<Value> upper;
  for (Dimension size : sizes)
    upper.push_back(emitter.size(size));
  return openLoops(guard, lower, upper, steps, inits, emitter);
}

/// Ends the loops: `yielded` is what the innermost iteration yields.
static void closeLoops(Guard &guard, ValueRange yielded,
                       CheckEmitter &emitter) {
  OpBuilder &builder = emitter.builder;
  guard.end = builder.saveInsertionPoint();
  guard.results.assign(yielded.begin(), yielded.end());
  for (scf::ForOp loop : llvm::reverse(guard.loops)) {
    // A loop that carries nothing has been built with its terminator.
    if (loop.getNumRegionIterArgs() != 0) {
      builder.setInsertionPointToEnd(loop.getBody());
      auto yield =
          scf::YieldOp::create(builder, emitter.getLoc(), guard.results);
      if (loop == guard.loops.back())
        guard.end =
            OpBuilder::InsertPoint(loop.getBody(), Block::iterator(yield));
    }
    guard.results.assign(loop.getResults().begin(), loop.getResults().end());
  }
}

static void copy(Block::OpListType::iterator begin,
                 Block::OpListType::iterator end, Guard &guard,
                 CheckEmitter &emitter) {
  for (Operation &op : llvm::make_range(begin, end)) {
    // Here an index of the structured operation is one of the loops'.
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      guard.mapping.map(index.getResult(), guard.indices[index.getDim()]);
      continue;
    }
    Operation *clone = emitter.builder.clone(op, guard.mapping);
    // Not those of a structured operation inside.
    clone->walk<WalkOrder::PreOrder>([&](Operation *inner) {
      if (isa<linalg::LinalgOp>(inner))
        return WalkResult::skip();
      if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
        index.getResult().replaceAllUsesWith(guard.indices[index.getDim()]);
        index.erase();
        return WalkResult::skip();
      }
      return WalkResult::advance();
    });
    guard.copies.push_back(clone);
  }
}

static void copyBody(Block &block, Guard &guard, CheckEmitter &emitter) {
  copy(block.begin(), std::prev(block.end()), guard, emitter);
}

FailureOr<Guard> mlir::sym::buildGuard(linalg::LinalgOp op, bool sequential,
                                       CheckEmitter &emitter) {
  FailureOr<SmallVector<Dimension>> sizes = getLoopSizes(op, emitter);
  if (failed(sizes))
    return failure();
  Guard guard;
  OpBuilder &builder = emitter.builder;
  Location loc = op.getLoc();
  SmallVector<Value> inits;
  if (sequential)
    llvm::append_range(inits, op.getDpsInits());
  SmallVector<Value> carried = openLoops(guard, *sizes, inits, emitter);

  auto getIndices = [&](OpOperand &operand) {
    SmallVector<Value> indices;
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults())
      indices.push_back(affine::expandAffineExpr(builder, loc, expr,
                                                 guard.indices, ValueRange()));
    return indices;
  };
  for (OpOperand *operand : op.getOpOperandsMatchingBBargs()) {
    BlockArgument argument = op.getMatchingBlockArgument(operand);
    if (argument.use_empty())
      continue;
    Value source = operand->get();
    if (sequential && op.isDpsInit(operand))
      source = carried[operand->getOperandNumber() - op.getNumDpsInputs()];
    if (isa<RankedTensorType>(source.getType()))
      source =
          tensor::ExtractOp::create(builder, loc, source, getIndices(*operand));
    guard.mapping.map(argument, source);
  }
  copyBody(*op.getBlock(), guard, emitter);

  SmallVector<Value> yielded;
  if (sequential)
    for (auto [index, value] :
         llvm::enumerate(op.getBlock()->getTerminator()->getOperands())) {
      OpOperand *init = op.getDpsInitOperand(index);
      yielded.push_back(tensor::InsertOp::create(
          builder, loc, guard.mapping.lookupOrDefault(value), carried[index],
          getIndices(*init)));
    }
  closeLoops(guard, yielded, emitter);
  return guard;
}

bool mlir::sym::dependsOnAccumulators(linalg::LinalgOp op) {
  // Where each element is computed once, its accumulator is the initial value.
  if (op.getNumParallelLoops() == op.getNumLoops() &&
      llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
        return op.getMatchingIndexingMap(&init).isPermutation();
      }))
    return false;
  llvm::DenseSet<Value> accumulated;
  for (BlockArgument argument : op.getRegionOutputArgs())
    accumulated.insert(argument);
  for (Operation &inner : op.getBlock()->without_terminator()) {
    bool depends =
        inner
            .walk([&](Operation *user) {
              return llvm::any_of(user->getOperands(),
                                  [&](Value value) {
                                    return accumulated.contains(value);
                                  })
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            })
            .wasInterrupted();
    if (!depends)
      continue;
    if (mayBeUndefined(&inner) || mayBeUndefinedInside(&inner))
      return true;
    accumulated.insert(inner.result_begin(), inner.result_end());
  }
  return false;
}

Guard mlir::sym::buildElementwiseGuard(Operation *op, CheckEmitter &emitter) {
  Guard guard;
  OpBuilder &builder = emitter.builder;
  SmallVector<Dimension> sizes;
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType())) {
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        sizes.push_back(emitter.dimensions.get(operand, dim));
      break;
    }
  openLoops(guard, sizes, {}, emitter);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<RankedTensorType>(operand.getType())
                           ? builder.createOrFold<tensor::ExtractOp>(
                                 op->getLoc(), operand, guard.indices)
                           : operand);
  SmallVector<Type> results;
  for (Type type : op->getResultTypes())
    results.push_back(getElementTypeOrSelf(type));
  guard.copies.push_back(builder.create(op->getLoc(),
                                        op->getName().getIdentifier(), operands,
                                        results, op->getAttrs()));
  closeLoops(guard, {}, emitter);
  return guard;
}

Guard mlir::sym::buildGuard(tensor::GenerateOp op, CheckEmitter &emitter) {
  Guard guard;
  SmallVector<Dimension> sizes;
  auto type = cast<RankedTensorType>(op.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    sizes.push_back(emitter.dimensions.get(op.getResult(), dim));
  openLoops(guard, sizes, {}, emitter);
  Block &body = op.getBody().front();
  guard.mapping.map(body.getArguments(), guard.indices);
  copyBody(body, guard, emitter);
  closeLoops(guard, {}, emitter);
  return guard;
}

Guard mlir::sym::buildGuard(scf::ForallOp op, CheckEmitter &emitter) {
  Guard guard;
  auto getValues = [&](ArrayRef<OpFoldResult> list) {
    SmallVector<Value> values;
    for (OpFoldResult entry : list)
      values.push_back(emitter.size(emitter.dimensions.get(entry)));
    return values;
  };
  openLoops(guard, getValues(op.getMixedLowerBound()),
            getValues(op.getMixedUpperBound()), getValues(op.getMixedStep()),
            {}, emitter);
  guard.mapping.map(op.getInductionVars(), guard.indices);
  // An iteration sees of the shared results what it writes itself, which no
  // size depends on.
  guard.mapping.map(op.getRegionOutArgs(), op.getOutputs());
  copyBody(*op.getBody(), guard, emitter);
  closeLoops(guard, {}, emitter);
  return guard;
}

Guard mlir::sym::buildGuard(tensor::GatherOp op, CheckEmitter &emitter) {
  Guard guard;
  OpBuilder &builder = emitter.builder;
  Location loc = op.getLoc();
  RankedTensorType type = op.getIndicesType();
  SmallVector<Dimension> sizes;
  for (int64_t dim = 0; dim + 1 < type.getRank(); ++dim)
    sizes.push_back(emitter.dimensions.get(op.getIndices(), dim));
  openLoops(guard, sizes, {}, emitter);
  emitter.loopIndices.append(guard.indices);
  for (auto [position, dim] : llvm::enumerate(op.getGatherDims())) {
    SmallVector<Value> indices(guard.indices);
    indices.push_back(emitter.constant(position));
    Value index =
        builder.createOrFold<tensor::ExtractOp>(loc, op.getIndices(), indices);
    if (!index.getType().isIndex())
      index = builder.createOrFold<arith::IndexCastOp>(
          loc, builder.getIndexType(), index);
    emitter.checkIndex(index, emitter.dimensions.get(op.getSource(), dim),
                       "index {0} of dimension " + Twine(dim) +
                           " is out of range for size {1}");
  }
  emitter.loopIndices.pop_back_n(guard.indices.size());
  closeLoops(guard, {}, emitter);
  return guard;
}

Guard mlir::sym::buildSequential(scf::ParallelOp op, CheckEmitter &emitter) {
  Guard guard;
  SmallVector<Value> carried =
      openLoops(guard, op.getLowerBound(), op.getUpperBound(), op.getStep(),
                op.getInitVals(), emitter);
  guard.mapping.map(op.getInductionVars(), guard.indices);
  copyBody(*op.getBody(), guard, emitter);
  auto reduce = cast<scf::ReduceOp>(op.getBody()->getTerminator());
  SmallVector<Value> yielded;
  for (auto [region, operand, accumulator] :
       llvm::zip_equal(reduce.getReductions(), reduce.getOperands(), carried)) {
    Block &combine = region.front();
    guard.mapping.map(combine.getArgument(0), accumulator);
    guard.mapping.map(combine.getArgument(1),
                      guard.mapping.lookupOrDefault(Value(operand)));
    copyBody(combine, guard, emitter);
    yielded.push_back(
        guard.mapping.lookupOrDefault(combine.getTerminator()->getOperand(0)));
  }
  closeLoops(guard, yielded, emitter);
  return guard;
}
