//===- LowerTransposes.cpp - Transposed operands by blocks in registers ---===//
//
// An elementwise operation that reads one operand along rows and another along
// columns touches a new cache line for every element of one of them, whatever
// the order of its loops. Here a square block is read along the lines of each
// operand and turned in registers. Every element is still computed once, by the
// same operations, so that no bit changes (T9).
//
//===----------------------------------------------------------------------===//

#include "TargetCPU.h"
#include "VectorPlan.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMLOWERTRANSPOSES
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

// Rows and columns of a tile, whose lines of two operands fit into the first
// cache even where they are a power of two apart.
static constexpr int64_t kTile = 32;

namespace {
struct LowerTransposes
    : public mlir::sym::impl::SymLowerTransposesBase<LowerTransposes> {
  using SymLowerTransposesBase::SymLowerTransposesBase;
  void runOnOperation() override;
};

/// The loops of the lines of the outputs and of the transposed inputs.
struct BlockPlan {
  unsigned along;
  unsigned across;
  /// Elements of a register.
  int64_t lanes;
};

class BlockEmitter {
public:
  BlockEmitter(linalg::GenericOp op, BlockPlan block)
      : op(op), block(block), b(op.getLoc(), op), ivs(op.getNumLoops()) {}
  void emit();

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  VectorType vectorOf(Type element) {
    return VectorType::get({block.lanes}, element);
  }
  Value roundDown(Value size);
  void emitLoop(Value begin, Value end, int64_t step,
                llvm::function_ref<void(Value)> body);
  /// The loops around the blocks, from `dim` on.
  void emitOuter(unsigned dim, Value acrossEnd, Value alongEnd);
  void emitTiles(Value acrossEnd, Value alongEnd);
  /// The element of `operand` at the block that begins at `across`, `along`.
  SmallVector<Value> at(OpOperand &operand, Value across, Value along);
  /// The rows of a block as the outputs see them.
  SmallVector<Value> load(OpOperand &operand, Value across, Value along);
  SmallVector<Value> transpose(SmallVector<Value> rows);
  void emitBlock(Value across, Value along);
  /// The operation on the part that the blocks leave out.
  void emitRest(ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> counts);

  linalg::GenericOp op;
  BlockPlan block;
  ImplicitLocOpBuilder b;
  SmallVector<Value> sizes;
  SmallVector<Value> ivs;
};
} // namespace

/// The loop along which the last index of `operand` moves.
static std::optional<unsigned> getLine(linalg::GenericOp op,
                                       OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (map.getNumResults() == 0)
    return std::nullopt;
  unsigned dim = map.getDimPosition(map.getNumResults() - 1);
  if (getAccess(op, operand, dim) != Access::Contiguous)
    return std::nullopt;
  return dim;
}

static std::optional<BlockPlan> match(linalg::GenericOp op,
                                      unsigned vectorBits) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() < 2 ||
      op.getNumReductionLoops() != 0 || op.hasIndexSemantics() ||
      op.getNumDpsInits() == 0 || !hasVectorBody(op))
    return std::nullopt;
  // Those fill their vectors in `sym-vectorize`.
  if (llvm::any_of(op.getBody()->without_terminator(),
                   [](Operation &nested) { return isMathFunction(&nested); }))
    return std::nullopt;
  unsigned bits = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!op.getMatchingIndexingMap(&operand).isProjectedPermutation())
      return std::nullopt;
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type)
      continue;
    Type element = type.getElementType();
    if (!element.isIntOrFloat() ||
        (bits && element.getIntOrFloatBitWidth() != bits))
      return std::nullopt;
    bits = element.getIntOrFloatBitWidth();
  }
  if (bits != 32 && bits != 64)
    return std::nullopt;

  BlockPlan block;
  block.lanes = std::min(vectorBits, 256u) / bits;
  std::optional<unsigned> along = getLine(op, op.getDpsInitsMutable()[0]);
  if (!along || block.lanes < 2)
    return std::nullopt;
  block.along = *along;
  std::optional<unsigned> across;
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (getAccess(op, *input, block.along) != Access::Other)
      continue;
    std::optional<unsigned> line = getLine(op, *input);
    if (!line || (across && line != across))
      return std::nullopt;
    across = line;
  }
  if (!across)
    return std::nullopt;
  block.across = *across;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (getAccess(op, init, block.along) != Access::Contiguous ||
        getAccess(op, init, block.across) != Access::Other)
      return std::nullopt;
  // Blocks would be mostly rest.
  SmallVector<int64_t> fixed = op.getStaticLoopRanges();
  for (unsigned dim : {block.along, block.across})
    if (ShapedType::isStatic(fixed[dim]) && fixed[dim] < block.lanes)
      return std::nullopt;
  return block;
}

Value BlockEmitter::roundDown(Value size) {
  AffineExpr expr = b.getAffineSymbolExpr(0);
  OpFoldResult rounded = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(),
      AffineMap::get(0, 1, expr.floorDiv(block.lanes) * block.lanes),
      getAsOpFoldResult(size));
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), rounded);
}

void BlockEmitter::emitLoop(Value begin, Value end, int64_t step,
                            llvm::function_ref<void(Value)> body) {
  OpBuilder::InsertionGuard guard(b);
  auto loop = scf::ForOp::create(b, begin, end, index(step));
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> BlockEmitter::at(OpOperand &operand, Value across,
                                    Value along) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  SmallVector<Value> indices;
  for (unsigned r = 0, e = map.getNumResults(); r != e; ++r) {
    unsigned dim = map.getDimPosition(r);
    indices.push_back(dim == block.along    ? along
                      : dim == block.across ? across
                                            : ivs[dim]);
  }
  return indices;
}

/// Rounds of interleaving turn squares of 128 bits; exchanging those squares
/// turns the block. Both are single instructions.
SmallVector<Value> BlockEmitter::transpose(SmallVector<Value> rows) {
  auto type = cast<VectorType>(rows.front().getType());
  int64_t lanes = block.lanes;
  int64_t square =
      std::min<int64_t>(lanes, 128 / type.getElementTypeBitWidth());
  auto shuffle = [&](Value lhs, Value rhs, ArrayRef<int64_t> order) -> Value {
    return vector::ShuffleOp::create(b, lhs, rhs, order);
  };
  for (int64_t group = 0; group < lanes; group += square)
    for (int64_t width = 1; width < square; width *= 2) {
      SmallVector<Value> next;
      for (int64_t row = 0; row < square / 2; ++row)
        for (int64_t half : {int64_t(0), square / 2}) {
          SmallVector<int64_t> order;
          for (int64_t from = 0; from < lanes; from += square)
            for (int64_t lane = 0; lane < square / 2; ++lane) {
              order.push_back(from + half + lane);
              order.push_back(lanes + from + half + lane);
            }
          next.push_back(shuffle(rows[group + row],
                                 rows[group + row + square / 2], order));
        }
      llvm::copy(next, rows.begin() + group);
    }
  if (lanes == square)
    return rows;
  // Two squares to a register, at most.
  SmallVector<Value> turned(lanes);
  for (int64_t half : {int64_t(0), square})
    for (int64_t row = 0; row < square; ++row) {
      SmallVector<int64_t> order;
      for (int64_t from : {half, lanes + half})
        for (int64_t lane = 0; lane < square; ++lane)
          order.push_back(from + lane);
      turned[half + row] = shuffle(rows[row], rows[square + row], order);
    }
  return turned;
}

SmallVector<Value> BlockEmitter::load(OpOperand &operand, Value across,
                                      Value along) {
  auto memref = dyn_cast<MemRefType>(operand.get().getType());
  Type element = getElementTypeOrSelf(operand.get().getType());
  Access access = getAccess(op, operand, block.along);
  SmallVector<Value> rows;
  for (int64_t row = 0; row != block.lanes; ++row) {
    Value step = index(row);
    if (access == Access::Other) {
      Value position = arith::AddIOp::create(b, along, step);
      rows.push_back(vector::LoadOp::create(b, vectorOf(element), operand.get(),
                                            at(operand, across, position)));
      continue;
    }
    Value position = arith::AddIOp::create(b, across, step);
    SmallVector<Value> indices = at(operand, position, along);
    if (access == Access::Contiguous) {
      rows.push_back(
          vector::LoadOp::create(b, vectorOf(element), operand.get(), indices));
      continue;
    }
    Value scalar = operand.get();
    if (memref)
      scalar = memref::LoadOp::create(b, operand.get(), indices);
    rows.push_back(vector::BroadcastOp::create(b, vectorOf(element), scalar));
  }
  return access == Access::Other ? transpose(std::move(rows)) : rows;
}

void BlockEmitter::emitBlock(Value across, Value along) {
  SmallVector<SmallVector<Value>> loaded;
  for (OpOperand &operand : op->getOpOperands())
    loaded.push_back(op.getMatchingBlockArgument(&operand).use_empty()
                         ? SmallVector<Value>()
                         : load(operand, across, along));
  Block *body = op.getBody();
  for (int64_t row = 0; row != block.lanes; ++row) {
    IRMapping mapping;
    for (auto [argument, rows] : llvm::zip_equal(body->getArguments(), loaded))
      if (!rows.empty())
        mapping.map(argument, rows[row]);
    auto lookup = [&](Value value) -> Value {
      Value mapped = mapping.lookupOrDefault(value);
      if (isa<VectorType>(mapped.getType()))
        return mapped;
      return vector::BroadcastOp::create(b, vectorOf(mapped.getType()), mapped);
    };
    for (Operation &nested : body->without_terminator()) {
      if (isa<arith::ConstantOp>(nested)) {
        mapping.map(nested.getResult(0), b.clone(nested)->getResult(0));
        continue;
      }
      OperationState state(b.getLoc(), nested.getName());
      for (Value operand : nested.getOperands())
        state.addOperands(lookup(operand));
      for (Type type : nested.getResultTypes())
        state.addTypes(vectorOf(type));
      state.addAttributes(nested.getAttrs());
      mapping.map(nested.getResults(), b.create(state)->getResults());
    }
    Value position = arith::AddIOp::create(b, across, index(row));
    for (OpOperand &init : op.getDpsInitsMutable()) {
      Value value = body->getTerminator()->getOperand(init.getOperandNumber() -
                                                      op.getNumDpsInputs());
      vector::StoreOp::create(b, lookup(value), init.get(),
                              at(init, position, along));
    }
  }
}

void BlockEmitter::emitTiles(Value acrossEnd, Value alongEnd) {
  Value zero = index(0), tile = index(kTile);
  auto getEnd = [&](Value begin, Value end) -> Value {
    return arith::MinSIOp::create(b, arith::AddIOp::create(b, begin, tile),
                                  end);
  };
  emitLoop(zero, alongEnd, kTile, [&](Value alongTile) {
    emitLoop(zero, acrossEnd, kTile, [&](Value acrossTile) {
      Value last = getEnd(acrossTile, acrossEnd);
      emitLoop(acrossTile, last, block.lanes, [&](Value across) {
        emitLoop(alongTile, getEnd(alongTile, alongEnd), block.lanes,
                 [&](Value along) { emitBlock(across, along); });
      });
    });
  });
}

void BlockEmitter::emitOuter(unsigned dim, Value acrossEnd, Value alongEnd) {
  if (dim == op.getNumLoops())
    return emitTiles(acrossEnd, alongEnd);
  if (dim == block.along || dim == block.across)
    return emitOuter(dim + 1, acrossEnd, alongEnd);
  emitLoop(index(0), sizes[dim], 1, [&](Value iv) {
    ivs[dim] = iv;
    emitOuter(dim + 1, acrossEnd, alongEnd);
  });
}

void BlockEmitter::emitRest(ArrayRef<OpFoldResult> offsets,
                            ArrayRef<OpFoldResult> counts) {
  SmallVector<Value> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!isa<MemRefType>(operand.get().getType()) || map.getNumResults() == 0) {
      operands.push_back(operand.get());
      continue;
    }
    SmallVector<OpFoldResult> begins, extents;
    for (unsigned r = 0, e = map.getNumResults(); r != e; ++r) {
      begins.push_back(offsets[map.getDimPosition(r)]);
      extents.push_back(counts[map.getDimPosition(r)]);
    }
    SmallVector<OpFoldResult> ones(begins.size(), b.getIndexAttr(1));
    operands.push_back(
        memref::SubViewOp::create(b, operand.get(), begins, extents, ones));
  }
  b.clone(*op)->setOperands(operands);
}

void BlockEmitter::emit() {
  auto structured = cast<linalg::LinalgOp>(op.getOperation());
  for (Range range : structured.createLoopRanges(b, b.getLoc()))
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
  Value acrossEnd = roundDown(sizes[block.across]);
  Value alongEnd = roundDown(sizes[block.along]);
  emitOuter(0, acrossEnd, alongEnd);

  // The lines' ends, then whole lines that make no block.
  SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> counts = getAsOpFoldResult(sizes);
  auto isWhole = [&](unsigned dim) {
    std::optional<int64_t> fixed = getConstantIntValue(sizes[dim]);
    return fixed && *fixed % block.lanes == 0;
  };
  auto getRest = [&](unsigned dim, Value end) {
    return getAsOpFoldResult(
        b.createOrFold<arith::SubIOp>(b.getLoc(), sizes[dim], end));
  };
  if (!isWhole(block.along)) {
    offsets[block.along] = getAsOpFoldResult(alongEnd);
    counts[block.along] = getRest(block.along, alongEnd);
    emitRest(offsets, counts);
  }
  if (!isWhole(block.across)) {
    offsets[block.along] = b.getIndexAttr(0);
    counts[block.along] = getAsOpFoldResult(alongEnd);
    offsets[block.across] = getAsOpFoldResult(acrossEnd);
    counts[block.across] = getRest(block.across, acrossEnd);
    emitRest(offsets, counts);
  }
  op.erase();
}

void LowerTransposes::runOnOperation() {
  FailureOr<TargetCPU> target = TargetCPU::get(cpu, getOperation());
  if (failed(target))
    return signalPassFailure();
  SmallVector<linalg::GenericOp> ops;
  getOperation()->walk([&](linalg::GenericOp op) { ops.push_back(op); });
  for (linalg::GenericOp op : ops) {
    std::optional<BlockPlan> plan = match(op, target->vectorBits);
    if (!plan)
      continue;
    BlockEmitter(op, *plan).emit();
    ++numBlocked;
  }
}
