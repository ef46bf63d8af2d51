//===- TransposeKernels.cpp - Transposes go through shared memory ---------===//
//
// An operand that runs along another loop than the results is read in the order
// of its own memory, a tile at a time, and turned around in shared memory, so
// that both sides touch neighbours.
//
//===----------------------------------------------------------------------===//

#include "../VectorPlan.h"
#include "KernelBuilder.h"
#include "sym/Codegen/Device/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMTRANSPOSEKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// The threads of a block stand in this many rows of a warp each.
static constexpr int64_t kRows = 8;
static constexpr int64_t kTile = kWarpSize;

namespace {
struct TransposeKernels
    : public mlir::sym::impl::SymTransposeKernelsBase<TransposeKernels> {
  using SymTransposeKernelsBase::SymTransposeKernelsBase;
  void runOnOperation() override;
};

/// What is turned around.
struct Turn {
  /// The loop along which the operands are contiguous; the results are along
  /// the innermost.
  unsigned loop;
  SmallVector<OpOperand *> operands;
};
} // namespace

/// The loop, other than the innermost, along which `operand` is contiguous.
static std::optional<unsigned> getTurnedLoop(linalg::GenericOp op,
                                             OpOperand &operand) {
  unsigned last = op.getNumLoops() - 1;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isProjectedPermutation() ||
      getAccess(op, operand, last) != Access::Other)
    return std::nullopt;
  unsigned loop = map.getDimPosition(map.getNumResults() - 1);
  if (loop == last || getAccess(op, operand, loop) != Access::Contiguous)
    return std::nullopt;
  return loop;
}

static std::optional<Turn> getTurn(linalg::GenericOp op) {
  if (op.getNumLoops() < 2 || !isElementwise(op))
    return std::nullopt;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (getAccess(op, init, op.getNumLoops() - 1) == Access::Other)
      return std::nullopt;
  std::optional<Turn> turn;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    std::optional<unsigned> loop = getTurnedLoop(op, *operand);
    if (!loop || op.getMatchingBlockArgument(operand).use_empty())
      continue;
    if (!turn)
      turn = Turn{*loop, {}};
    // One that turns another way is read with strides.
    if (turn->loop == *loop)
      turn->operands.push_back(operand);
  }
  if (!turn)
    return std::nullopt;
  // Tiles of a narrow operand would be mostly empty.
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (unsigned loop : {turn->loop, op.getNumLoops() - 1})
    if (ShapedType::isStatic(sizes[loop]) && sizes[loop] < kRows)
      return std::nullopt;
  // Two tiles of the widest type are 17 KiB; all must fit.
  if (turn->operands.size() > 4)
    turn->operands.resize(4);
  return turn;
}

static void makeKernel(linalg::GenericOp op, const Turn &turn,
                       int64_t mostBlocks) {
  KernelBuilder kernel(op);
  ImplicitLocOpBuilder &b = kernel.b;
  SmallVector<OpFoldResult> hostSizes = getLoopSizes(kernel.host, op);
  BodyEmitter body(kernel, op);
  unsigned last = op.getNumLoops() - 1;
  // Tiles count the two loops; the others keep their sizes.
  SmallVector<Value> sizes, counts;
  SmallVector<OpFoldResult> hostCounts;
  AffineExpr size = b.getAffineSymbolExpr(0);
  for (auto [loop, hostSize] : llvm::enumerate(hostSizes)) {
    sizes.push_back(kernel.capture(hostSize));
    OpFoldResult hostCount = hostSize;
    if (loop == last || loop == turn.loop)
      hostCount = affine::makeComposedFoldedAffineApply(
          kernel.host, op.getLoc(), size.ceilDiv(kTile), {hostSize});
    hostCounts.push_back(hostCount);
    counts.push_back(kernel.capture(hostCount));
  }
  Value tiles = kernel.index(1);
  for (Value count : counts)
    tiles = arith::MulIOp::create(b, tiles, count);

  SmallVector<Value> buffers;
  for (OpOperand *operand : turn.operands)
    buffers.push_back(kernel.addShared(MemRefType::get(
        // One column more, so that a column's elements are in all banks.
        {kTile, kTile + 1}, getElementTypeOrSelf(operand->get().getType()))));

  Value x = kernel.threadId(), y = kernel.threadId(gpu::Dimension::y);
  // All threads of a block stay together: they meet at barriers.
  auto loop = scf::ForOp::create(b, kernel.blockId(), tiles, kernel.gridDim());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> corner = delinearize(b, loop.getInductionVar(), counts);
  for (unsigned dim : {turn.loop, last})
    corner[dim] = arith::MulIOp::create(b, corner[dim], kernel.index(kTile));

  /// Calls `emit` where the iteration exists whose place in the tile is
  /// (`turned`, `inner`) along the two loops.
  auto emitAt = [&](Value turned, Value inner,
                    llvm::function_ref<void(ArrayRef<Value>)> emit) {
    SmallVector<Value> ivs = corner;
    ivs[turn.loop] = arith::AddIOp::create(b, ivs[turn.loop], turned);
    ivs[last] = arith::AddIOp::create(b, ivs[last], inner);
    auto isInside = [&](unsigned dim) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, ivs[dim],
                                   sizes[dim]);
    };
    Value exists =
        arith::AndIOp::create(b, isInside(turn.loop), isInside(last));
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    emit(ivs);
  };
  auto getRow = [&](int64_t step) -> Value {
    return arith::AddIOp::create(b, y, kernel.index(step * kRows));
  };

  for (int64_t step = 0; step != kTile / kRows; ++step) {
    Value row = getRow(step);
    emitAt(x, row, [&](ArrayRef<Value> ivs) {
      for (auto [operand, buffer] : llvm::zip_equal(turn.operands, buffers))
        memref::StoreOp::create(b, body.load(*operand, ivs, 1, false).front(),
                                buffer, ValueRange{row, x});
    });
  }
  gpu::BarrierOp::create(b);
  for (int64_t step = 0; step != kTile / kRows; ++step) {
    Value row = getRow(step);
    emitAt(row, x, [&](ArrayRef<Value> ivs) {
      body.emitIteration(ivs, 1, false, [&](OpOperand &operand) -> Value {
        const auto *found = llvm::find(turn.operands, &operand);
        if (found == turn.operands.end())
          return nullptr;
        return memref::LoadOp::create(b, buffers[found - turn.operands.begin()],
                                      ValueRange{x, row});
      });
    });
  }
  // Before the next tile is written.
  gpu::BarrierOp::create(b);
  kernel.launch(getGridSize(kernel.host, op.getLoc(),
                            getProduct(kernel.host, op.getLoc(), hostCounts), 1,
                            mostBlocks),
                kTile, kRows);
}

void TransposeKernels::runOnOperation() {
  SmallVector<std::pair<linalg::GenericOp, Turn>> ops;
  getOperation().walk([&](linalg::GenericOp op) {
    if (!isKernelizable(op))
      return;
    if (std::optional<Turn> turn = getTurn(op))
      ops.emplace_back(op, *turn);
  });
  for (auto &[op, turn] : ops) {
    makeKernel(op, turn, blocks);
    op.erase();
    ++numKernels;
  }
}
