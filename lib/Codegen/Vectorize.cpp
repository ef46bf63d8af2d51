//===- Vectorize.cpp - Structured operations become vector loops ------===//
//
// Only what LLVM's vectoriser cannot do: calls of mathematical functions, and
// reductions of floats, which it must not reassociate. There the lanes and the
// combining tree are part of the IR, so that the bits are the same on every
// machine and for any number of threads (T9). Plain arithmetic is left to it.
//
//===----------------------------------------------------------------------===//

#include "TargetCPU.h"
#include "VectorPlan.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMVECTORIZE
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

// Rows that are reduced together where they share an operand: its elements are
// loaded once, and memory is asked for in as many places at a time.
static constexpr int64_t kSharedRows = 4;

namespace {
struct Vectorize : public mlir::sym::impl::SymVectorizeBase<Vectorize> {
  using SymVectorizeBase::SymVectorizeBase;
  void runOnOperation() override;
};

/// Emits the loops of one operation.
class VectorEmitter {
public:
  VectorEmitter(linalg::GenericOp op, const VectorPlan &plan)
      : op(op), plan(plan), b(op.getLoc(), op), ivs(op.getNumLoops()) {}
  void emit();

private:
  /// One vector of iterations, starting at `start`. In a tail only `count` of
  /// the lanes hold elements.
  struct Step {
    Value start;
    int64_t lanes;
    Value count = nullptr;
    Value mask = nullptr;
  };

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  VectorType vectorOf(Type element, int64_t lanes) {
    return VectorType::get({lanes}, element);
  }
  Value broadcast(Value scalar, int64_t lanes) {
    if (isa<VectorType>(scalar.getType()))
      return scalar;
    return vector::BroadcastOp::create(b, vectorOf(scalar.getType(), lanes),
                                       scalar);
  }
  SmallVector<Value> getIndices(OpOperand &operand, Value atDim);
  Value loadScalar(OpOperand &operand, Value atDim);
  Value getLane(const Step &step, int64_t lane);
  Value load(OpOperand &operand, const Step &step);
  void store(OpOperand &operand, Value value, const Step &step);
  /// A copy of the elementwise operation `scalar` on vectors.
  Value apply(Operation *scalar, ValueRange operands, int64_t lanes);
  Value combine(Operation *combiner, Value lhs, Value rhs);
  /// From here on code is for the row of that number.
  void selectRow(unsigned number);
  /// The body at `step`, for the current row; takes and returns its
  /// accumulators.
  SmallVector<Value> emitRowBody(const Step &step, ValueRange accumulators);
  /// The same for all rows at once.
  SmallVector<Value> emitBody(const Step &step, ValueRange accumulators);
  SmallVector<Value> emitLoop(Value begin, Value end, int64_t lanes,
                              ValueRange accumulators);
  /// The loop over plan.dim.
  SmallVector<Value> emitVectors(ValueRange accumulators);
  SmallVector<Value> emitReductions(unsigned level, ValueRange accumulators);
  void emitParallel(unsigned level);
  /// What stands in all parallel loops.
  void emitRows();
  /// Halves `value` until `lanes` are left.
  Value fold(Operation *combiner, Value value, int64_t lanes);

  linalg::GenericOp op;
  const VectorPlan &plan;
  ImplicitLocOpBuilder b;
  SmallVector<Value> sizes;
  SmallVector<Value> ivs;
  /// The positions in the innermost parallel loop that are computed together.
  SmallVector<Value> rows;
  unsigned row = 0;
  /// Elements that do not move along plan.dim, read before its loop, by row.
  llvm::MapVector<std::pair<OpOperand *, unsigned>, Value> invariants;
};
} // namespace

SmallVector<Value> VectorEmitter::getIndices(OpOperand &operand, Value atDim) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<OpFoldResult> dims;
  for (unsigned dim = 0, e = ivs.size(); dim != e; ++dim)
    dims.push_back(dim == plan.dim
                       ? (atDim ? OpFoldResult(atDim) : b.getIndexAttr(0))
                       : OpFoldResult(ivs[dim]));
  SmallVector<Value> indices;
  for (unsigned i = 0, e = map.getNumResults(); i != e; ++i) {
    OpFoldResult result = affine::makeComposedFoldedAffineApply(
        b, b.getLoc(), map.getSubMap({i}), dims);
    indices.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), result));
  }
  return indices;
}

Value VectorEmitter::loadScalar(OpOperand &operand, Value atDim) {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  return memref::LoadOp::create(b, operand.get(), getIndices(operand, atDim));
}

/// The position of a lane. Lanes beyond the end of a tail repeat its last
/// element, so that they read memory that exists.
Value VectorEmitter::getLane(const Step &step, int64_t lane) {
  Value offset = index(lane);
  if (step.count) {
    Value last = arith::SubIOp::create(b, step.count, index(1));
    offset = arith::MinSIOp::create(b, offset, last);
  }
  return arith::AddIOp::create(b, step.start, offset);
}

Value VectorEmitter::load(OpOperand &operand, const Step &step) {
  auto invariant = invariants.find({&operand, row});
  if (invariant != invariants.end())
    return broadcast(invariant->second, step.lanes);
  Type element = getElementTypeOrSelf(operand.get().getType());
  VectorType type = vectorOf(element, step.lanes);
  if (getAccess(op, operand, plan.dim) == Access::Contiguous) {
    SmallVector<Value> indices = getIndices(operand, step.start);
    if (!step.mask)
      return vector::LoadOp::create(b, type, operand.get(), indices);
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    return vector::MaskedLoadOp::create(b, type, operand.get(), indices,
                                        step.mask, zero);
  }
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane != step.lanes; ++lane)
    lanes.push_back(loadScalar(operand, getLane(step, lane)));
  return vector::FromElementsOp::create(b, type, lanes);
}

void VectorEmitter::store(OpOperand &operand, Value value, const Step &step) {
  if (getAccess(op, operand, plan.dim) == Access::Contiguous) {
    SmallVector<Value> indices = getIndices(operand, step.start);
    if (step.mask)
      vector::MaskedStoreOp::create(b, operand.get(), indices, step.mask,
                                    value);
    else
      vector::StoreOp::create(b, value, operand.get(), indices);
    return;
  }
  // Upwards the lanes beyond the end would store last what is not theirs;
  // downwards the last element's own lane has the last word.
  for (int64_t lane = step.lanes - 1; lane >= 0; --lane) {
    Value scalar = vector::ExtractOp::create(b, value, lane);
    memref::StoreOp::create(b, scalar, operand.get(),
                            getIndices(operand, getLane(step, lane)));
  }
}

Value VectorEmitter::apply(Operation *scalar, ValueRange operands,
                           int64_t lanes) {
  OperationState state(b.getLoc(), scalar->getName());
  state.addOperands(operands);
  for (Type type : scalar->getResultTypes())
    state.addTypes(lanes ? Type(vectorOf(type, lanes)) : type);
  state.addAttributes(scalar->getAttrs());
  return b.create(state)->getResult(0);
}

Value VectorEmitter::combine(Operation *combiner, Value lhs, Value rhs) {
  auto vector = dyn_cast<VectorType>(lhs.getType());
  return apply(combiner, {lhs, rhs}, vector ? vector.getNumElements() : 0);
}

void VectorEmitter::selectRow(unsigned number) {
  row = number;
  if (!rows.empty())
    ivs[plan.outer[plan.numParallel - 1]] = rows[row];
}

SmallVector<Value> VectorEmitter::emitBody(const Step &step,
                                           ValueRange accumulators) {
  unsigned count = std::max<size_t>(rows.size(), 1);
  unsigned each = accumulators.size() / count;
  SmallVector<Value> next;
  for (unsigned i = 0; i != count; ++i) {
    selectRow(i);
    next.append(emitRowBody(step, accumulators.slice(i * each, each)));
  }
  return next;
}

SmallVector<Value> VectorEmitter::emitRowBody(const Step &step,
                                              ValueRange accumulators) {
  IRMapping mapping;
  Block *body = op.getBody();
  auto yield = cast<linalg::YieldOp>(body->getTerminator());
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    bool accumulated =
        op.isDpsInit(&operand) &&
        plan.combiners[operand.getOperandNumber() - op.getNumDpsInputs()];
    if (!accumulated && !argument.use_empty())
      mapping.map(argument, load(operand, step));
  }
  auto lookup = [&](Value value) {
    return broadcast(mapping.lookupOrDefault(value), step.lanes);
  };
  for (Operation &nested : body->without_terminator()) {
    if (llvm::is_contained(plan.combiners, &nested))
      continue;
    if (isa<arith::ConstantOp>(nested)) {
      mapping.map(nested.getResult(0), b.clone(nested)->getResult(0));
      continue;
    }
    if (auto position = dyn_cast<linalg::IndexOp>(nested)) {
      unsigned dim = position.getDim();
      Value value = dim == plan.dim ? step.start : ivs[dim];
      if (dim == plan.dim)
        value = arith::AddIOp::create(
            b, broadcast(value, step.lanes),
            vector::StepOp::create(b, vectorOf(b.getIndexType(), step.lanes)));
      mapping.map(nested.getResult(0), value);
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : nested.getOperands())
      operands.push_back(lookup(operand));
    mapping.map(nested.getResult(0), apply(&nested, operands, step.lanes));
  }

  SmallVector<Value> next(accumulators);
  unsigned number = 0;
  for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
    Operation *combiner = plan.combiners[i];
    if (!combiner) {
      store(init, lookup(yield.getOperand(i)), step);
      continue;
    }
    bool first = combiner->getOperand(0) == op.getRegionOutputArgs()[i];
    Value value = lookup(combiner->getOperand(first ? 1 : 0));
    Value &accumulator = next[number++];
    Value combined = combine(combiner, accumulator, value);
    accumulator =
        step.mask ? arith::SelectOp::create(b, step.mask, combined, accumulator)
                  : combined;
  }
  return next;
}

SmallVector<Value> VectorEmitter::emitLoop(Value begin, Value end,
                                           int64_t lanes,
                                           ValueRange accumulators) {
  OpBuilder::InsertionGuard guard(b);
  auto loop = scf::ForOp::create(b, begin, end, index(lanes), accumulators);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      emitBody({loop.getInductionVar(), lanes}, loop.getRegionIterArgs());
  if (!next.empty())
    scf::YieldOp::create(b, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// `size` rounded down to a multiple of `unit`.
static Value roundDown(ImplicitLocOpBuilder &b, Value size, int64_t unit) {
  AffineExpr expr = b.getAffineSymbolExpr(0);
  OpFoldResult rounded = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, 1, expr.floorDiv(unit) * unit),
      getAsOpFoldResult(size));
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), rounded);
}

SmallVector<Value> VectorEmitter::emitVectors(ValueRange accumulators) {
  for (OpOperand &operand : op->getOpOperands()) {
    bool read = !op.getMatchingBlockArgument(&operand).use_empty();
    bool accumulated =
        op.isDpsInit(&operand) &&
        plan.combiners[operand.getOperandNumber() - op.getNumDpsInputs()];
    if (read && !accumulated &&
        getAccess(op, operand, plan.dim) == Access::Invariant)
      for (unsigned i = 0, e = std::max<size_t>(rows.size(), 1); i != e; ++i)
        invariants[{&operand, i}] = nullptr;
  }

  Value size = sizes[plan.dim];
  auto fixed = getConstantIntValue(size);
  unsigned half = accumulators.size() / 2;
  SmallVector<Value> wide(accumulators.take_front(half));
  SmallVector<Value> narrow(accumulators.drop_front(half));

  Value zero = index(0);
  // Nothing is read where there is no iteration: a size may be zero.
  auto emitAll = [&]() {
    for (auto &[place, value] : invariants) {
      selectRow(place.second);
      value = loadScalar(*place.first, nullptr);
    }
    Value begin = zero;
    Value end = roundDown(b, size, plan.lanes);
    if (!fixed || *fixed >= plan.lanes)
      wide = emitLoop(begin, end, plan.lanes, wide);
    begin = end;
    if (plan.blockLanes != plan.lanes) {
      end = roundDown(b, size, plan.blockLanes);
      if (!fixed || *fixed % plan.lanes >= plan.blockLanes)
        narrow = emitLoop(begin, end, plan.blockLanes, narrow);
      begin = end;
    }
    if (fixed && *fixed % plan.blockLanes == 0)
      return;
    Value count = arith::SubIOp::create(b, size, begin);
    auto emitTail = [&]() {
      VectorType maskType = vectorOf(b.getI1Type(), plan.blockLanes);
      Value mask = vector::CreateMaskOp::create(b, maskType, ValueRange{count});
      return emitBody({begin, plan.blockLanes, count, mask}, narrow);
    };
    if (fixed) {
      narrow = emitTail();
      return;
    }
    Value some =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ne, count, zero);
    TypeRange types = ValueRange(narrow).getTypes();
    auto branch = scf::IfOp::create(b, types, some,
                                    /*withElseRegion=*/!narrow.empty());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> tail = emitTail();
    if (!narrow.empty()) {
      scf::YieldOp::create(b, tail);
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, narrow);
      narrow = llvm::to_vector_of<Value>(branch.getResults());
    }
  };

  if (fixed && *fixed == 0)
    return llvm::to_vector(accumulators);
  if (fixed || invariants.empty()) {
    emitAll();
  } else {
    Value some = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, size, zero);
    bool yields = !accumulators.empty();
    auto branch = scf::IfOp::create(b, accumulators.getTypes(), some, yields);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emitAll();
    if (yields) {
      wide.append(narrow);
      scf::YieldOp::create(b, wide);
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, accumulators);
      return llvm::to_vector_of<Value>(branch.getResults());
    }
  }
  wide.append(narrow);
  return wide;
}

SmallVector<Value> VectorEmitter::emitReductions(unsigned level,
                                                 ValueRange accumulators) {
  if (level == plan.outer.size())
    return emitVectors(accumulators);
  OpBuilder::InsertionGuard guard(b);
  unsigned dim = plan.outer[level];
  auto loop =
      scf::ForOp::create(b, index(0), sizes[dim], index(1), accumulators);
  b.setInsertionPointToStart(loop.getBody());
  ivs[dim] = loop.getInductionVar();
  SmallVector<Value> next = emitReductions(level + 1, loop.getRegionIterArgs());
  if (!next.empty())
    scf::YieldOp::create(b, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value VectorEmitter::fold(Operation *combiner, Value value, int64_t lanes) {
  int64_t size = cast<VectorType>(value.getType()).getNumElements();
  while (size > lanes) {
    size /= 2;
    auto low = llvm::to_vector(llvm::seq<int64_t>(0, size));
    auto high = llvm::to_vector(llvm::seq<int64_t>(size, 2 * size));
    Value lower = vector::ShuffleOp::create(b, value, value, low);
    Value upper = vector::ShuffleOp::create(b, value, value, high);
    value = combine(combiner, lower, upper);
  }
  return value;
}

void VectorEmitter::emitParallel(unsigned level) {
  if (level == plan.numParallel) {
    emitRows();
    return;
  }
  unsigned dim = plan.outer[level];
  auto emitLoop = [&](Value begin, Value end, int64_t step) {
    OpBuilder::InsertionGuard guard(b);
    auto loop = scf::ForOp::create(b, begin, end, index(step));
    b.setInsertionPointToStart(loop.getBody());
    ivs[dim] = loop.getInductionVar();
    rows.clear();
    for (int64_t i = 0; step > 1 && i != step; ++i)
      rows.push_back(arith::AddIOp::create(b, ivs[dim], index(i)));
    emitParallel(level + 1);
    rows.clear();
  };
  Value begin = index(0), end = sizes[dim];
  auto fixed = getConstantIntValue(end);
  if (level + 1 == plan.numParallel && plan.sharesRows &&
      (!fixed || *fixed >= kSharedRows)) {
    Value together = roundDown(b, end, kSharedRows);
    emitLoop(begin, together, kSharedRows);
    if (fixed && *fixed % kSharedRows == 0)
      return;
    begin = together;
  }
  emitLoop(begin, end, 1);
}

void VectorEmitter::emitRows() {
  invariants.clear();
  unsigned count = std::max<size_t>(rows.size(), 1);
  // The accumulators of the main loop, row by row, then those of its rest.
  SmallVector<Value> accumulators;
  for (int64_t lanes : {plan.lanes, plan.blockLanes})
    for (unsigned i = 0; i != count; ++i)
      for (Operation *combiner : plan.combiners)
        if (combiner)
          accumulators.push_back(arith::ConstantOp::create(
              b, DenseElementsAttr::get(
                     vectorOf(combiner->getResult(0).getType(), lanes),
                     getNeutralElement(combiner))));
  accumulators = emitReductions(plan.numParallel, accumulators);

  unsigned number = 0, half = accumulators.size() / 2;
  for (unsigned i = 0; i != count; ++i) {
    selectRow(i);
    for (auto [init, combiner] :
         llvm::zip(op.getDpsInitsMutable(), plan.combiners)) {
      if (!combiner)
        continue;
      Value wide = fold(combiner, accumulators[number], plan.blockLanes);
      Value all = combine(combiner, wide, accumulators[half + number]);
      ++number;
      Value total =
          vector::ExtractOp::create(b, fold(combiner, all, 1), int64_t(0));
      SmallVector<Value> indices = getIndices(init, nullptr);
      Value before = memref::LoadOp::create(b, init.get(), indices);
      memref::StoreOp::create(b, combine(combiner, before, total), init.get(),
                              indices);
    }
  }
}

void VectorEmitter::emit() {
  auto structured = cast<linalg::LinalgOp>(op.getOperation());
  for (Range range : structured.createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
  emitParallel(0);
  op.erase();
}

void Vectorize::runOnOperation() {
  FailureOr<TargetCPU> target = TargetCPU::get(cpu, getOperation());
  if (failed(target))
    return signalPassFailure();
  SmallVector<linalg::GenericOp> ops;
  getOperation()->walk([&](linalg::GenericOp op) { ops.push_back(op); });
  for (linalg::GenericOp op : ops) {
    std::optional<VectorPlan> plan = makeVectorPlan(op, target->vectorBits);
    if (!plan)
      continue;
    ++(plan->reduces ? numReductions : numElementwise);
    VectorEmitter(op, *plan).emit();
  }
}
