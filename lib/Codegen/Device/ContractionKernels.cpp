//===- ContractionKernels.cpp - Products of matrices become kernels -------===//
//
// A block computes a tile of the result from tiles of the operands in shared
// memory. Sums run in the order of the reduction, in one thread (T9).
//
//===----------------------------------------------------------------------===//

#include "../MultiplyAdd.h"
#include "../VectorPlan.h"
#include "KernelBuilder.h"
#include "sym/Codegen/Device/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCONTRACTIONKERNELS
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// The threads of a block stand in this many rows of a warp each, and have as
/// many elements of the tile each as there are steps of that.
static constexpr int64_t kRows = 8;
static constexpr int64_t kTile = kWarpSize;
static constexpr int64_t kSteps = kTile / kRows;

namespace {
struct ContractionKernels
    : public mlir::sym::impl::SymContractionKernelsBase<ContractionKernels> {
  using SymContractionKernelsBase::SymContractionKernelsBase;
  void runOnOperation() override;
};

/// The loops of a product, by what they index.
struct Product {
  unsigned m, n, k;
};
} // namespace

/// The loops of `op` if it is a sum of products of two operands along one loop,
/// with a loop of its own for each operand.
static std::optional<Product> getMatrixProduct(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return std::nullopt;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  if (failed(dims) || dims->m.size() != 1 || dims->n.size() != 1 ||
      dims->k.size() != 1)
    return std::nullopt;
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation())
      return std::nullopt;
  if (!isMultiplyAdd(op) || !getCombiner(op, 0))
    return std::nullopt;
  return Product{dims->m[0], dims->n[0], dims->k[0]};
}

bool mlir::sym::isMatrixProduct(linalg::GenericOp op) {
  return getMatrixProduct(op).has_value();
}

namespace {
class Multiplier {
public:
  Multiplier(linalg::GenericOp op, const Product &product)
      : op(op), product(product), kernel(op), b(kernel.b),
        hostSizes(getLoopSizes(kernel.host, op)), body(kernel, op),
        element(getElementTypeOrSelf(op.getDpsInits()[0].getType())) {}
  void emit(int64_t mostBlocks);

private:
  Value add(Value lhs, Value rhs) { return arith::AddIOp::create(b, lhs, rhs); }
  Value isInside(Value iv, unsigned loop) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, iv, sizes[loop]);
  }
  void loadTile(OpOperand &operand, Value buffer, unsigned rows, unsigned along,
                Value start);
  SmallVector<Value> emitTile(Value start, ValueRange sums);

  linalg::GenericOp op;
  Product product;
  KernelBuilder kernel;
  ImplicitLocOpBuilder &b;
  SmallVector<OpFoldResult> hostSizes;
  BodyEmitter body;
  Type element;
  SmallVector<Value> sizes;
  /// Where the tile of the result begins.
  SmallVector<Value> corner;
  Value x, y, lhs, rhs;
};
} // namespace

/// Fills `buffer[row][column]` with the tile of `operand` along the loops
/// `rows` and `columns`; its neighbours in memory are read by neighbours of a
/// warp. Beyond the ends the product is the neutral element, -0.
void Multiplier::loadTile(OpOperand &operand, Value buffer, unsigned rows,
                          unsigned columns, Value start) {
  bool alongRows = getAccess(op, operand, rows) == Access::Contiguous;
  TypedAttr zero = b.getZeroAttr(element);
  if (isa<FloatType>(element) && &operand == op.getDpsInputOperand(1))
    zero = b.getFloatAttr(element, -0.0);
  for (int64_t step = 0; step != kSteps; ++step) {
    Value other = add(y, kernel.index(step * kRows));
    Value row = alongRows ? x : other, column = alongRows ? other : x;
    SmallVector<Value> ivs = corner;
    ivs[product.k] = start;
    ivs[rows] = add(ivs[rows], row);
    ivs[columns] = add(ivs[columns], column);
    Value exists = arith::AndIOp::create(b, isInside(ivs[rows], rows),
                                         isInside(ivs[columns], columns));
    auto choice = scf::IfOp::create(b, element, exists, true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(choice.thenBlock());
      scf::YieldOp::create(b, body.load(operand, ivs, 1, false));
      b.setInsertionPointToStart(choice.elseBlock());
      scf::YieldOp::create(b, arith::ConstantOp::create(b, zero).getResult());
    }
    memref::StoreOp::create(b, choice.getResult(0), buffer,
                            ValueRange{row, column});
  }
}

/// Adds the products of the tiles that begin at `start` along the reduction.
SmallVector<Value> Multiplier::emitTile(Value start, ValueRange sums) {
  loadTile(*op.getDpsInputOperand(0), lhs, product.m, product.k, start);
  loadTile(*op.getDpsInputOperand(1), rhs, product.k, product.n, start);
  gpu::BarrierOp::create(b);
  auto loop = scf::ForOp::create(b, kernel.index(0), kernel.index(kTile),
                                 kernel.index(1), sums);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value k = loop.getInductionVar();
    Value right = memref::LoadOp::create(b, rhs, ValueRange{k, x});
    SmallVector<Value> next;
    for (auto [step, sum] : llvm::enumerate(loop.getRegionIterArgs())) {
      Value row = add(y, kernel.index(step * kRows));
      Value left = memref::LoadOp::create(b, lhs, ValueRange{row, k});
      if (isa<Float32Type, Float64Type>(element)) {
        next.push_back(math::FmaOp::create(b, left, right, sum));
        continue;
      }
      IRMapping mapping = body.emit({}, {left, right, sum});
      auto yield = cast<linalg::YieldOp>(op.getBody()->getTerminator());
      next.push_back(mapping.lookup(yield.getOperand(0)));
    }
    scf::YieldOp::create(b, next);
  }
  // Before the next tiles are written.
  gpu::BarrierOp::create(b);
  return SmallVector<Value>(loop.getResults());
}

void Multiplier::emit(int64_t mostBlocks) {
  SmallVector<Value> counts;
  SmallVector<OpFoldResult> hostCounts;
  AffineExpr size = b.getAffineSymbolExpr(0);
  for (auto [loop, hostSize] : llvm::enumerate(hostSizes)) {
    sizes.push_back(kernel.capture(hostSize));
    OpFoldResult hostCount = hostSize;
    if (loop == product.m || loop == product.n)
      hostCount = affine::makeComposedFoldedAffineApply(
          kernel.host, op.getLoc(), size.ceilDiv(kTile), {hostSize});
    else if (loop == product.k)
      hostCount = b.getIndexAttr(1);
    hostCounts.push_back(hostCount);
    counts.push_back(kernel.capture(hostCount));
  }
  Value tiles = kernel.index(1);
  for (Value count : counts)
    tiles = arith::MulIOp::create(b, tiles, count);
  // One column more, so that a column's elements are in all banks.
  auto type = MemRefType::get({kTile, kTile + 1}, element);
  lhs = kernel.addShared(type);
  rhs = kernel.addShared(type);
  x = kernel.threadId();
  y = kernel.threadId(gpu::Dimension::y);

  // All threads of a block stay together: they meet at barriers.
  auto loop = scf::ForOp::create(b, kernel.blockId(), tiles, kernel.gridDim());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  corner = delinearize(b, loop.getInductionVar(), counts);
  for (unsigned dim : {product.m, product.n})
    corner[dim] = arith::MulIOp::create(b, corner[dim], kernel.index(kTile));
  Value zero =
      arith::ConstantOp::create(b, getNeutralElement(getCombiner(op, 0)));
  auto sums =
      scf::ForOp::create(b, kernel.index(0), sizes[product.k],
                         kernel.index(kTile), SmallVector<Value>(kSteps, zero));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(sums.getBody());
    scf::YieldOp::create(
        b, emitTile(sums.getInductionVar(), sums.getRegionIterArgs()));
  }
  OpOperand &init = op.getDpsInitsMutable()[0];
  for (auto [step, sum] : llvm::enumerate(sums.getResults())) {
    SmallVector<Value> ivs = corner;
    ivs[product.m] = add(ivs[product.m], add(y, kernel.index(step * kRows)));
    ivs[product.n] = add(ivs[product.n], x);
    Value exists = arith::AndIOp::create(b, isInside(ivs[product.m], product.m),
                                         isInside(ivs[product.n], product.n));
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    Value before = body.load(init, ivs, 1, false).front();
    Value after = isa<FloatType>(element)
                      ? arith::AddFOp::create(b, before, sum).getResult()
                      : arith::AddIOp::create(b, before, sum).getResult();
    body.store(init, ivs, after, false);
  }
  kernel.launch(getGridSize(kernel.host, op.getLoc(),
                            getProduct(kernel.host, op.getLoc(), hostCounts), 1,
                            mostBlocks),
                kTile, kRows);
}

void ContractionKernels::runOnOperation() {
  SmallVector<std::pair<linalg::GenericOp, Product>> ops;
  getOperation().walk([&](linalg::GenericOp op) {
    if (!isKernelizable(op))
      return;
    if (std::optional<Product> product = getMatrixProduct(op))
      ops.emplace_back(op, *product);
  });
  for (auto &[op, product] : ops) {
    Multiplier(op, product).emit(blocks);
    op.erase();
    ++numKernels;
  }
}
