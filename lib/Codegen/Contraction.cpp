//===- Contraction.cpp - Matrix products in one form ------------------===//

#include "Contraction.h"

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

using namespace mlir;
using namespace mlir::sym;

Type Contraction::getElementType() const {
  return getElementTypeOrSelf(c->get().getType());
}

static unsigned getLastDim(linalg::LinalgOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  return map.getDimPosition(map.getNumResults() - 1);
}

/// The fill of `buffer` with +0 before which nothing touches memory.
static linalg::FillOp getZeroFill(Operation *op, Value buffer) {
  for (Operation *prev = op->getPrevNode(); prev; prev = prev->getPrevNode()) {
    if (auto fill = dyn_cast<linalg::FillOp>(prev)) {
      auto value = fill.value().getDefiningOp<arith::ConstantOp>();
      auto zero = value ? dyn_cast<FloatAttr>(value.getValue()) : FloatAttr();
      if (fill.output() == buffer && zero && zero.getValue().isPosZero())
        return fill;
      // Fills of other buffers stand before other products. They may overlap
      // with this one only as what they are: both wholly written.
      return nullptr;
    }
    if (!isMemoryEffectFree(prev) &&
        !hasSingleEffect<MemoryEffects::Allocate>(prev))
      return nullptr;
  }
  return nullptr;
}

std::optional<Contraction> Contraction::match(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || !linalg::isaContractionOpInterface(op))
    return std::nullopt;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  if (failed(dims) || dims->k.size() != 1 || dims->m.size() > 1 ||
      dims->n.size() > 1 || dims->m.size() + dims->n.size() == 0)
    return std::nullopt;
  // Upstream's verifiers accept named operations whose sum has a place in the
  // result, or whose rows have none.
  if (dims->batch.size() + dims->m.size() + dims->n.size() + 1 !=
          op.getNumLoops() ||
      op.getMatchingIndexingMap(op.getDpsInitOperand(0))
          .isFunctionOfDim(dims->k.front()))
    return std::nullopt;

  Contraction product;
  product.op = op;
  product.c = &op.getDpsInitsMutable()[0];
  product.k = dims->k.front();
  product.batch.assign(dims->batch.begin(), dims->batch.end());
  Type element = product.getElementType();
  if (!element.isF32() && !element.isF64())
    return std::nullopt;
  // The bodies of named operations may convert; then the operands differ.
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || type.getElementType() != element || type.getRank() == 0 ||
        !type.isLastDimUnitStride() ||
        !op.getMatchingIndexingMap(&operand).isProjectedPermutation())
      return std::nullopt;
  }
  if (op.getBlock()->getOperations().size() != 3)
    return std::nullopt;

  product.n = getLastDim(op, *product.c);
  if (llvm::is_contained(product.batch, product.n))
    return std::nullopt;
  OpOperand *lhs = op.getDpsInputOperand(0);
  OpOperand *rhs = op.getDpsInputOperand(1);
  bool lhsHasN = op.getMatchingIndexingMap(lhs).isFunctionOfDim(product.n);
  product.a = lhsHasN ? rhs : lhs;
  product.b = lhsHasN ? lhs : rhs;
  for (unsigned dim : llvm::concat<unsigned>(dims->m, dims->n))
    if (dim != product.n)
      product.m = dim;

  unsigned lastA = getLastDim(op, *product.a);
  unsigned lastB = getLastDim(op, *product.b);
  if (llvm::is_contained(product.batch, lastA) ||
      llvm::is_contained(product.batch, lastB))
    return std::nullopt;
  product.transposedA = product.m && lastA == *product.m;
  product.transposedB = lastB == product.k;
  product.zero = getZeroFill(op, product.c->get());
  return product;
}
