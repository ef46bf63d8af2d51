//===- Parallelize.cpp - Cut large loops into pieces for threads ------===//
//
// The bounds of the pieces depend on the sizes only, and a sum over everything
// is cut the same way whether or not there are threads to run it (T9). Small
// work, which is decided at run time where sizes are dynamic, starts no thread
// and takes no detour. Structured operations cannot fail, so neither can what
// runs in parallel.
//
//===----------------------------------------------------------------------===//

#include "VectorPlan.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMPARALLELIZE
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

// Pieces at most, and the multiple of elements at which they are cut: a piece
// starts at a cache line and at a whole number of vectors.
static constexpr int64_t kPieces = 32;
static constexpr int64_t kGranule = 64;

namespace {
struct Parallelize : public mlir::sym::impl::SymParallelizeBase<Parallelize> {
  using SymParallelizeBase::SymParallelizeBase;
  void runOnOperation() override;

private:
  bool run(linalg::GenericOp op);
  void emitPieces(ImplicitLocOpBuilder &b, linalg::GenericOp op, unsigned dim,
                  ArrayRef<Value> sizes, ArrayRef<Value> partials);
  void emitReduction(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                     unsigned dim, ArrayRef<Value> sizes);
};
} // namespace

/// Simple operations per iteration; a mathematical function is worth eight.
static int64_t getCost(linalg::GenericOp op) {
  int64_t cost = 1;
  for (Operation &nested : op.getBody()->without_terminator())
    cost += isMathFunction(&nested)          ? 8
            : isa<arith::ConstantOp>(nested) ? 0
                                             : 1;
  return cost;
}

static Value getIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

static Value applyCeilDiv(ImplicitLocOpBuilder &b, Value value, int64_t by) {
  AffineExpr expr = b.getAffineSymbolExpr(0);
  OpFoldResult result = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), AffineMap::get(0, 1, expr.ceilDiv(by)),
      getAsOpFoldResult(value));
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), result);
}

/// The part of `operand` that iterations [begin, begin + count) of `dim` touch.
static Value getPart(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                     OpOperand &operand, unsigned dim, Value begin,
                     Value count) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isFunctionOfDim(dim))
    return operand.get();
  SmallVector<OpFoldResult> offsets, sizes, strides;
  for (unsigned r = 0, e = map.getNumResults(); r != e; ++r) {
    bool cut = map.getDimPosition(r) == dim;
    offsets.push_back(cut ? OpFoldResult(begin) : b.getIndexAttr(0));
    sizes.push_back(
        cut ? OpFoldResult(count)
            : memref::getMixedSize(b, b.getLoc(), operand.get(), r));
    strides.push_back(b.getIndexAttr(1));
  }
  return memref::SubViewOp::create(b, operand.get(), offsets, sizes, strides);
}

void Parallelize::emitPieces(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                             unsigned dim, ArrayRef<Value> sizes,
                             ArrayRef<Value> partials) {
  OpBuilder::InsertionGuard guard(b);
  Location loc = b.getLoc();
  // Rows are cut anywhere.
  int64_t granule =
      dim + 1 == op.getNumLoops() ? std::min<int64_t>(kGranule, work) : 1;
  Value size = sizes[dim];
  Value piece = applyCeilDiv(b, size, kPieces * granule);
  piece = arith::MulIOp::create(b, piece, getIndex(b, loc, granule));
  Value zero = getIndex(b, loc, 0), one = getIndex(b, loc, 1);
  // There is work, so that neither is zero.
  Value rounded =
      arith::AddIOp::create(b, size, arith::SubIOp::create(b, piece, one));
  Value pieces = arith::DivUIOp::create(b, rounded, piece);
  Value position;
  if (threads) {
    auto loop = scf::ParallelOp::create(b, ValueRange{zero}, ValueRange{pieces},
                                        ValueRange{one});
    b.setInsertionPointToStart(loop.getBody());
    position = loop.getInductionVars().front();
  } else {
    auto loop = scf::ForOp::create(b, zero, pieces, one);
    b.setInsertionPointToStart(loop.getBody());
    position = loop.getInductionVar();
  }
  Value begin = arith::MulIOp::create(b, position, piece);
  Value count =
      arith::MinSIOp::create(b, piece, arith::SubIOp::create(b, size, begin));

  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands())
    operands.push_back(getPart(b, op, operand, dim, begin, count));
  for (auto [i, partial] : llvm::enumerate(partials))
    operands[op.getNumDpsInputs() + i] = memref::SubViewOp::create(
        b,
        MemRefType::get(
            {}, cast<MemRefType>(partial.getType()).getElementType(),
            StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {})),
        partial, ArrayRef<OpFoldResult>{position},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  auto part = cast<linalg::GenericOp>(b.clone(*op));
  part->setOperands(operands);
  SmallVector<OpFoldResult> offsets(op.getNumLoops(), b.getIndexAttr(0));
  offsets[dim] = begin;
  IRRewriter rewriter(b);
  linalg::offsetIndices(rewriter, cast<linalg::LinalgOp>(part.getOperation()),
                        offsets);
}

/// Pieces accumulate into elements of their own, which are combined after.
void Parallelize::emitReduction(ImplicitLocOpBuilder &b, linalg::GenericOp op,
                                unsigned dim, ArrayRef<Value> sizes) {
  Location loc = b.getLoc();
  SmallVector<Value> partials;
  Value begin = getIndex(b, loc, 0), end = getIndex(b, loc, kPieces),
        one = getIndex(b, loc, 1);
  for (auto [i, init] : llvm::enumerate(op.getDpsInits())) {
    Type element = getElementTypeOrSelf(init.getType());
    OpBuilder::InsertionGuard guard(b);
    // At entry, since a loop around would take stack in every iteration.
    b.setInsertionPointToStart(&getOperation().front());
    partials.push_back(
        memref::AllocaOp::create(b, MemRefType::get({kPieces}, element)));
  }
  for (auto [i, partial] : llvm::enumerate(partials)) {
    Value neutral =
        arith::ConstantOp::create(b, getNeutralElement(getCombiner(op, i)));
    auto loop = scf::ForOp::create(b, begin, end, one);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    memref::StoreOp::create(b, neutral, partial, loop.getInductionVar());
  }
  emitPieces(b, op, dim, sizes, partials);
  // All of them: what no piece used is neutral.
  for (auto [i, partial] : llvm::enumerate(partials)) {
    Operation *combiner = getCombiner(op, i);
    Value init = op.getDpsInits()[i];
    AffineMap identity = b.getMultiDimIdentityMap(1);
    AffineMap scalar = AffineMap::get(1, 0, b.getContext());
    linalg::GenericOp::create(
        b, partial, init, {identity, scalar}, {utils::IteratorType::reduction},
        [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
          OperationState state(nestedLoc, combiner->getName());
          state.addOperands({args[1], args[0]});
          state.addTypes(combiner->getResultTypes());
          state.addAttributes(combiner->getAttrs());
          linalg::YieldOp::create(nested, nestedLoc,
                                  nested.create(state)->getResults());
        });
  }
}

bool Parallelize::run(linalg::GenericOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() == 0)
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!map.isProjectedPermutation() ||
        (!isa<MemRefType>(operand.get().getType()) && map.getNumResults() != 0))
      return false;
  }
  // Bodies that hold regions may hold checks.
  for (Operation &nested : op.getBody()->without_terminator())
    if (nested.getNumRegions() != 0 || !isMemoryEffectFree(&nested))
      return false;

  // The outermost parallel loop that is long enough to be cut, else the
  // longest.
  SmallVector<int64_t> fixed = op.getStaticLoopRanges();
  auto iterators = op.getIteratorTypesArray();
  std::optional<unsigned> dim;
  auto length = [&](unsigned d) {
    return ShapedType::isStatic(fixed[d]) ? fixed[d] : kPieces;
  };
  for (unsigned d = 0, e = iterators.size(); d != e; ++d)
    if (iterators[d] == utils::IteratorType::parallel &&
        (!dim || (length(*dim) < kPieces && length(d) > length(*dim))))
      dim = d;
  bool reduces = !dim;
  if (reduces) {
    // Everything into scalars.
    for (unsigned i = 0, e = op.getNumDpsInits(); i != e; ++i)
      if (!getCombiner(op, i) ||
          cast<MemRefType>(op.getDpsInits()[i].getType()).getRank() != 0)
        return false;
    dim = 0;
  } else {
    for (OpOperand &init : op.getDpsInitsMutable())
      if (!op.getMatchingIndexingMap(&init).isFunctionOfDim(*dim))
        return false;
    if (!threads)
      return false;
  }

  int64_t cost = getCost(op);
  int64_t iterations = 1;
  bool isStatic = true;
  for (int64_t size : fixed) {
    isStatic &= ShapedType::isStatic(size);
    iterations = isStatic ? iterations * size : iterations;
    if (isStatic && iterations > work)
      iterations = work;
  }
  if (isStatic && iterations * cost < work)
    return false;

  ImplicitLocOpBuilder b(op.getLoc(), op);
  SmallVector<Value> sizes;
  auto structured = cast<linalg::LinalgOp>(op.getOperation());
  for (Range range : structured.createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
  auto emit = [&]() {
    if (reduces)
      emitReduction(b, op, *dim, sizes);
    else
      emitPieces(b, op, *dim, sizes, {});
  };
  if (isStatic) {
    emit();
    op.erase();
    return true;
  }
  Value total = getIndex(b, b.getLoc(), cost);
  for (Value size : sizes)
    total = arith::MulIOp::create(b, total, size);
  Value large = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, total,
                                      getIndex(b, b.getLoc(), work));
  auto branch = scf::IfOp::create(b, large, /*withElseRegion=*/true);
  b.setInsertionPointToStart(branch.thenBlock());
  emit();
  op->moveBefore(branch.elseBlock()->getTerminator());
  return true;
}

void Parallelize::runOnOperation() {
  SmallVector<linalg::GenericOp> ops;
  getOperation()->walk([&](linalg::GenericOp op) { ops.push_back(op); });
  for (linalg::GenericOp op : ops)
    if (run(op))
      ++numCut;
}
