//===- LinalgConditions.cpp - When structured operations are undefined ===//
//
// Every access must be inside its operand. Where an operand's dimension is a
// loop, sizes are equal; where it is an affine expression of loops (as in
// convolutions), its extreme values are inside, or there is no iteration.
//
//===----------------------------------------------------------------------===//

#include "Conditions.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;
using arith::CmpIPredicate;

namespace {
/// Where the size of a loop is seen first.
struct LoopSource {
  unsigned operand;
  int64_t dim;
};
} // namespace

static FailureOr<SmallVector<LoopSource>> getLoopSources(linalg::LinalgOp op) {
  SmallVector<std::optional<LoopSource>> found(op.getNumLoops());
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(expr);
          loop && !found[loop.getPosition()])
        found[loop.getPosition()] =
            LoopSource{operand.getOperandNumber(), static_cast<int64_t>(dim)};
  }
  SmallVector<LoopSource> sources;
  for (auto [index, source] : llvm::enumerate(found)) {
    if (!source)
      return op->emitOpError() << "cannot be checked: no dimension of an "
                                  "operand is loop #"
                               << index;
    sources.push_back(*source);
  }
  return sources;
}

static SmallVector<Dimension> getSizes(linalg::LinalgOp op,
                                       ArrayRef<LoopSource> sources,
                                       CheckEmitter &emitter) {
  SmallVector<Dimension> sizes;
  for (LoopSource source : sources)
    sizes.push_back(
        emitter.dimensions.get(op->getOperand(source.operand), source.dim));
  return sizes;
}

FailureOr<SmallVector<Dimension>>
mlir::sym::getLoopSizes(linalg::LinalgOp op, CheckEmitter &emitter) {
  FailureOr<SmallVector<LoopSource>> sources = getLoopSources(op);
  if (failed(sources))
    return failure();
  return getSizes(op, *sources, emitter);
}

namespace {
/// The extreme values of an affine expression over loops that all run.
struct Interval {
  Value low, high;
};
} // namespace

/// Exact for expressions in which each loop occurs once, else too wide.
static FailureOr<Interval> evaluate(AffineExpr expr, ArrayRef<Dimension> sizes,
                                    CheckEmitter &emitter) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    Value value = emitter.constant(constant.getValue());
    return Interval{value, value};
  }
  if (auto loop = dyn_cast<AffineDimExpr>(expr))
    return Interval{
        emitter.constant(0),
        emitter.binary<arith::SubIOp>(emitter.size(sizes[loop.getPosition()]),
                                      emitter.constant(1))};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  FailureOr<Interval> lhs = evaluate(binary.getLHS(), sizes, emitter);
  if (failed(lhs))
    return failure();
  if (expr.getKind() == AffineExprKind::Add) {
    FailureOr<Interval> rhs = evaluate(binary.getRHS(), sizes, emitter);
    if (failed(rhs))
      return failure();
    return Interval{emitter.binary<arith::AddIOp>(lhs->low, rhs->low),
                    emitter.binary<arith::AddIOp>(lhs->high, rhs->high)};
  }
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!constant)
    return failure();
  Value rhs = emitter.constant(constant.getValue());
  if (expr.getKind() == AffineExprKind::Mul) {
    Interval product{emitter.binary<arith::MulIOp>(lhs->low, rhs),
                     emitter.binary<arith::MulIOp>(lhs->high, rhs)};
    if (constant.getValue() < 0)
      std::swap(product.low, product.high);
    return product;
  }
  if (constant.getValue() <= 0)
    return failure();
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return Interval{emitter.binary<arith::FloorDivSIOp>(lhs->low, rhs),
                    emitter.binary<arith::FloorDivSIOp>(lhs->high, rhs)};
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return Interval{emitter.binary<arith::CeilDivSIOp>(lhs->low, rhs),
                    emitter.binary<arith::CeilDivSIOp>(lhs->high, rhs)};
  // A remainder is below the divisor, and not above what is divided unless
  // that is negative.
  Value greatest = emitter.constant(constant.getValue() - 1);
  std::optional<int64_t> low = getConstantIntValue(OpFoldResult(lhs->low));
  if (low && *low >= 0)
    greatest = emitter.binary<arith::MinSIOp>(greatest, lhs->high);
  return Interval{emitter.constant(0), greatest};
}

static LogicalResult emitAccess(linalg::LinalgOp op, OpOperand &operand,
                                int64_t dim, AffineExpr expr,
                                ArrayRef<Dimension> sizes,
                                CheckEmitter &emitter) {
  expr = simplifyAffineExpr(expr, sizes.size(), 0);
  FailureOr<Interval> interval = evaluate(expr, sizes, emitter);
  if (failed(interval))
    return op->emitOpError()
           << "cannot be checked: dimension " << dim << " of operand "
           << operand.getOperandNumber() << " is accessed at "
           << AffineMapAttr::get(AffineMap::get(sizes.size(), 0, expr));
  Value zero = emitter.constant(0);
  Value isEmpty = emitter.boolean(false);
  for (Dimension size : sizes)
    isEmpty = emitter.either(
        isEmpty, emitter.compare(CmpIPredicate::eq, emitter.size(size), zero));
  Value whole = emitter.size(emitter.dimensions.get(operand.get(), dim));
  std::string where = "dimension " + std::to_string(dim) + " of operand " +
                      std::to_string(operand.getOperandNumber()) +
                      " has size {0}, but is accessed at {1}";
  auto check = [&](Value holds, Value index) {
    emitter.check(emitter.either(isEmpty, holds), CheckKind::Shape, where,
                  {whole, index});
  };
  check(emitter.compare(CmpIPredicate::sge, interval->low, zero),
        interval->low);
  check(emitter.compare(CmpIPredicate::slt, interval->high, whole),
        interval->high);
  return success();
}

LogicalResult mlir::sym::emitLinalgConditions(linalg::LinalgOp op,
                                              CheckEmitter &emitter) {
  FailureOr<SmallVector<LoopSource>> sources = getLoopSources(op);
  if (failed(sources))
    return failure();
  // Equal sizes first: the extreme values are then those of all operands.
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop)
        continue;
      LoopSource source = (*sources)[loop.getPosition()];
      emitter.checkEqual(
          emitter.dimensions.get(op->getOperand(source.operand), source.dim),
          emitter.dimensions.get(operand.get(), dim),
          "dimension " + Twine(dim) + " of operand " +
              Twine(operand.getOperandNumber()) +
              " has size {1}, but dimension " + Twine(source.dim) +
              " of operand " + Twine(source.operand) + " has {0}");
    }
  }
  SmallVector<Dimension> sizes = getSizes(op, *sources, emitter);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (!isa<AffineDimExpr>(expr) &&
          failed(emitAccess(op, operand, dim, expr, sizes, emitter)))
        return failure();
  }
  return success();
}

bool mlir::sym::mayBeUndefined(Operation *op) {
  auto isDynamic = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.hasStaticShape();
  };
  if (isPartialScalarOp(op))
    return !isDefinedForConstants(op);
  if (isa<CheckOp, scf::ForOp, scf::ForallOp, scf::ParallelOp>(op))
    return true;
  if (isa<tensor::ExtractOp, tensor::InsertOp, tensor::DimOp,
          tensor::ExtractSliceOp, tensor::InsertSliceOp,
          tensor::ParallelInsertSliceOp, tensor::ReshapeOp, tensor::PadOp,
          tensor::GatherOp, tensor::ScatterOp>(op))
    return true;
  return llvm::any_of(op->getOperandTypes(), isDynamic) ||
         llvm::any_of(op->getResultTypes(), isDynamic);
}
