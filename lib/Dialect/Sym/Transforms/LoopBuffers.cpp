//===- LoopBuffers.cpp - Buffers that loops carry ---------------------===//

#include "LoopBuffers.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// CarryingLoop
//===----------------------------------------------------------------------===//

Block::BlockArgListType CarryingLoop::getEntering(unsigned block) const {
  auto arguments = getBlock(block).getArguments();
  return mlir::isa<scf::ForOp>(op) ? arguments.drop_front() : arguments;
}

MutableOperandRange CarryingLoop::getLeaving(unsigned block) const {
  Operation *end = getBlock(block).getTerminator();
  if (auto condition = dyn_cast<scf::ConditionOp>(end))
    return condition.getArgsMutable();
  return cast<scf::YieldOp>(end).getResultsMutable();
}

OperandRange CarryingLoop::getInits() const {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return loop.getInitArgs();
  return cast<scf::WhileOp>(op).getInits();
}

CarryingLoop CarryingLoop::replaceWithMore(RewriterBase &rewriter,
                                           ValueRange buffers,
                                           TypeRange extraResults) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  SmallVector<Value> inits(getInits());
  llvm::append_range(inits, buffers);
  Operation *with;
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    with = scf::ForOp::create(rewriter, loc, loop.getLowerBound(),
                              loop.getUpperBound(), loop.getStep(), inits,
                              nullptr, loop.getUnsignedCmp());
  } else {
    SmallVector<Type> types(op->getResultTypes());
    llvm::append_range(types, extraResults);
    with = scf::WhileOp::create(rewriter, loc, types, inits, nullptr, nullptr);
  }
  with->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [to, from] : llvm::zip(with->getRegions(), op->getRegions())) {
    to.takeBody(from);
    bool isLast = to.getRegionNumber() == getResultBlock();
    for (Type type : isLast ? extraResults : TypeRange(buffers))
      to.front().addArgument(type, loc);
  }
  rewriter.replaceOp(op, with->getResults().drop_back(extraResults.size()));
  return CarryingLoop(with);
}

//===----------------------------------------------------------------------===//
// BufferSizes
//===----------------------------------------------------------------------===//

BufferSizes::Size BufferSizes::get(Value buffer, int64_t dim) const {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (alloc && alloc.getType().isDynamicDim(dim)) {
    Value size = alloc.getDynamicSizes()[alloc.getType().getDynamicDimIndex(
        static_cast<unsigned>(dim))];
    if (auto dimOp = size.getDefiningOp<memref::DimOp>())
      if (std::optional<int64_t> index = dimOp.getConstantIndex())
        return get(dimOp.getSource(), *index);
    return {size, -1};
  }
  auto initial = known.find({buffer, dim});
  if (initial == known.end())
    return {buffer, dim};
  auto [value, index] = initial->second;
  return index < 0 ? initial->second : get(value, index);
}

bool BufferSizes::haveEqual(Value a, Value b) const {
  if (a.getType() != b.getType())
    return false;
  auto type = cast<MemRefType>(a.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && get(a, dim) != get(b, dim))
      return false;
  return true;
}

Value BufferSizes::allocateLike(OpBuilder &builder, Location loc, Value like,
                                IntegerAttr alignment) const {
  auto type = cast<MemRefType>(like.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim))
      continue;
    auto [value, index] = get(like, dim);
    sizes.push_back(
        index < 0
            ? value
            : memref::DimOp::create(builder, loc, value, index).getResult());
  }
  return memref::AllocOp::create(builder, loc, type, sizes, alignment);
}

/// The dynamic dimensions of what is a buffer.
static SmallVector<int64_t> getDynamicDims(Value value) {
  SmallVector<int64_t> dims;
  auto type = dyn_cast<MemRefType>(value.getType());
  for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      dims.push_back(dim);
  return dims;
}

void BufferSizes::addLoop(CarryingLoop loop) {
  auto entering = loop.getEntering(0);
  // Assume that no iteration changes a size.
  for (auto [argument, init] : llvm::zip(entering, loop.getInits()))
    for (int64_t dim : getDynamicDims(argument))
      known[{argument, dim}] = {init, dim};
  unsigned last = loop.getResultBlock();
  // What leaves a `while`'s first block enters the second.
  auto follow = [&] {
    for (auto [value, from] :
         llvm::zip(loop.getEntering(last), loop.getLeaving(0)))
      for (int64_t dim : getDynamicDims(value)) {
        Size size = get(from.get(), dim);
        if (loop.isOutside(size.first))
          known[{value, dim}] = size;
        else
          known.erase({value, dim});
      }
  };
  // Drop what an iteration may change until nothing does.
  for (bool changed = true; changed;) {
    changed = false;
    if (last != 0)
      follow();
    for (auto [argument, init, next] :
         llvm::zip(entering, loop.getInits(), loop.getLeaving(last)))
      for (int64_t dim : getDynamicDims(argument))
        if (known.contains({argument, dim}) &&
            get(next.get(), dim) != get(init, dim)) {
          known.erase({argument, dim});
          changed = true;
        }
  }
  auto results = loop.getOperation()->getResults();
  for (auto [result, value] : llvm::zip(results, loop.getEntering(last)))
    for (int64_t dim : getDynamicDims(result))
      if (known.contains({value, dim}))
        known[{result, dim}] = get(value, dim);

  OpBuilder builder(loop.getOperation());
  auto forward = [&](Value buffer) {
    for (Operation *user : llvm::make_early_inc_range(buffer.getUsers())) {
      auto dimOp = dyn_cast<memref::DimOp>(user);
      std::optional<int64_t> dim =
          dimOp ? dimOp.getConstantIndex() : std::nullopt;
      if (!dim || !known.contains({buffer, *dim}))
        continue;
      auto [value, index] = get(buffer, *dim);
      if (index >= 0)
        value = memref::DimOp::create(builder, dimOp.getLoc(), value, index);
      dimOp.replaceAllUsesWith(value);
      dimOp.erase();
    }
  };
  for (unsigned block = 0; block < loop.getNumBlocks(); ++block)
    for (Value argument : loop.getEntering(block))
      forward(argument);
  for (Value result : results)
    forward(result);
}

BufferSizes::BufferSizes(func::FuncOp function) {
  // Inner loops first.
  SmallVector<Operation *> loops;
  function.walk([&](Operation *op) {
    if (CarryingLoop::isa(op))
      loops.push_back(op);
  });
  for (Operation *loop : loops)
    addLoop(CarryingLoop(loop));
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

bool mlir::sym::belongsToLoop(Value buffer, Operation *loop) {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != loop->getBlock())
    return false;
  unsigned numInits = 0;
  for (OpOperand &use : alloc->getUses()) {
    Operation *user = use.getOwner();
    if (user == loop) {
      ++numInits;
      continue;
    }
    // An operation without buffers as results makes no views, which could live
    // on.
    Operation *inBlock = loop->getBlock()->findAncestorOpInBlock(*user);
    if (llvm::any_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>) ||
        user->hasTrait<OpTrait::IsTerminator>() || !inBlock ||
        !inBlock->isBeforeInBlock(loop))
      return false;
  }
  return numInits == 1;
}

llvm::DenseSet<Value> mlir::sym::getViews(Value value,
                                          const BufferViewFlowAnalysis &flow,
                                          function_ref<bool(Value)> isBarrier) {
  llvm::DenseSet<Value> seen;
  SmallVector<Value> worklist = {value};
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    auto views = flow.find(next);
    if (views == flow.end())
      continue;
    for (Value view : views->second)
      if (!isBarrier(view))
        worklist.push_back(view);
  }
  return seen;
}
