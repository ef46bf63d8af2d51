//===- VectorPlan.cpp - How a structured operation becomes vectors ----===//

#include "VectorPlan.h"

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::sym;

static bool isReduction(utils::IteratorType type) {
  return type == utils::IteratorType::reduction;
}

/// Whether `expr` is `dim`, or `dim` plus something that does not depend on it.
static bool hasUnitStep(AffineExpr expr, unsigned dim) {
  if (auto dimExpr = dyn_cast<AffineDimExpr>(expr))
    return dimExpr.getPosition() == dim;
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return false;
  AffineExpr lhs = sum.getLHS(), rhs = sum.getRHS();
  return (hasUnitStep(lhs, dim) && !rhs.isFunctionOfDim(dim)) ||
         (hasUnitStep(rhs, dim) && !lhs.isFunctionOfDim(dim));
}

Access mlir::sym::getAccess(linalg::LinalgOp op, OpOperand &operand,
                            unsigned dim) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  if (!map.isFunctionOfDim(dim))
    return Access::Invariant;
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || !type.isLastDimUnitStride())
    return Access::Other;
  // A vector of bits is packed in memory, an array of them is not.
  Type element = type.getElementType();
  if (!element.isIndex() &&
      (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0 ||
       !llvm::isPowerOf2_32(element.getIntOrFloatBitWidth())))
    return Access::Other;
  unsigned last = map.getNumResults() - 1;
  for (unsigned i = 0; i != last; ++i)
    if (map.getResult(i).isFunctionOfDim(dim))
      return Access::Other;
  return hasUnitStep(map.getResult(last), dim) ? Access::Contiguous
                                               : Access::Other;
}

TypedAttr mlir::sym::getNeutralElement(Operation *combiner) {
  Builder b(combiner->getContext());
  Type type = combiner->getResult(0).getType();
  auto real = [&](double value) -> TypedAttr {
    return b.getFloatAttr(type, value);
  };
  auto integer = [&](auto get) -> TypedAttr {
    if (!type.isInteger())
      return {};
    return b.getIntegerAttr(type, get(type.getIntOrFloatBitWidth()));
  };
  double infinity = std::numeric_limits<double>::infinity();
  return llvm::TypeSwitch<Operation *, TypedAttr>(combiner)
      // Not +0: a sum of negative zeros is -0.
      .Case([&](arith::AddFOp) { return real(-0.0); })
      .Case([&](arith::MulFOp) { return real(1.0); })
      .Case([&](arith::MaximumFOp) { return real(-infinity); })
      .Case([&](arith::MinimumFOp) { return real(infinity); })
      // The number wins over NaN.
      .Case<arith::MaxNumFOp, arith::MinNumFOp>(
          [&](auto) { return real(std::nan("")); })
      .Case<arith::AddIOp, arith::OrIOp, arith::XOrIOp, arith::MaxUIOp>(
          [&](auto) { return integer(APInt::getZero); })
      .Case([&](arith::MulIOp) {
        return integer([](unsigned bits) { return APInt(bits, 1); });
      })
      .Case<arith::AndIOp, arith::MinUIOp>(
          [&](auto) { return integer(APInt::getAllOnes); })
      .Case([&](arith::MaxSIOp) { return integer(APInt::getSignedMinValue); })
      .Case([&](arith::MinSIOp) { return integer(APInt::getSignedMaxValue); })
      .Default([](Operation *) { return TypedAttr(); });
}

Operation *mlir::sym::getCombiner(linalg::LinalgOp op, unsigned index) {
  auto yield = cast<linalg::YieldOp>(op.getBlock()->getTerminator());
  BlockArgument out = op.getRegionOutputArgs()[index];
  Operation *combiner = yield.getOperand(index).getDefiningOp();
  if (!combiner || combiner->getBlock() != op.getBlock() ||
      combiner->getNumOperands() != 2 || combiner->getNumResults() != 1 ||
      !combiner->hasOneUse() || !out.hasOneUse() ||
      *out.getUsers().begin() != combiner || !getNeutralElement(combiner))
    return nullptr;
  return combiner;
}

bool mlir::sym::hasVectorBody(linalg::GenericOp op) {
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  if (!llvm::all_of(op.getBody()->getArgumentTypes(), isScalar))
    return false;
  for (Operation &nested : op.getBody()->without_terminator()) {
    if (isa<linalg::IndexOp, arith::ConstantOp>(nested)) {
      if (!llvm::all_of(nested.getResultTypes(), isScalar))
        return false;
      continue;
    }
    if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
            arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(
            nested) ||
        !OpTrait::hasElementwiseMappableTraits(&nested) ||
        nested.getNumRegions() != 0 ||
        !llvm::all_of(nested.getOperandTypes(), isScalar) ||
        !llvm::all_of(nested.getResultTypes(), isScalar))
      return false;
  }
  return true;
}

/// The plan that makes vectors of the loop `dim`, if that is possible.
static std::optional<VectorPlan> planFor(linalg::GenericOp op, unsigned dim,
                                         bool callsFunctions) {
  auto iterators = op.getIteratorTypesArray();
  VectorPlan plan;
  plan.dim = dim;
  plan.reduces = isReduction(iterators[dim]);
  bool reducesFloats = false;
  for (OpOperand &out : op.getDpsInitsMutable()) {
    unsigned number = out.getOperandNumber() - op.getNumDpsInputs();
    Operation *combiner = nullptr;
    if (getAccess(op, out, dim) == Access::Invariant) {
      combiner = plan.reduces ? getCombiner(op, number) : nullptr;
      if (!combiner)
        return std::nullopt;
      // Accumulated through all reductions: none may move it.
      AffineMap map = op.getMatchingIndexingMap(&out);
      for (unsigned other = 0, e = iterators.size(); other != e; ++other)
        if (isReduction(iterators[other]) && map.isFunctionOfDim(other))
          return std::nullopt;
      reducesFloats |= isa<FloatType>(combiner->getResult(0).getType());
    }
    plan.combiners.push_back(combiner);
  }
  if (!callsFunctions && !reducesFloats)
    return std::nullopt;

  for (auto type :
       {utils::IteratorType::parallel, utils::IteratorType::reduction}) {
    for (unsigned other = 0, e = iterators.size(); other != e; ++other)
      if (other != dim && iterators[other] == type)
        plan.outer.push_back(other);
    if (type == utils::IteratorType::parallel)
      plan.numParallel = plan.outer.size();
  }
  return plan;
}

/// Whether rows of a reduction read the same vectors beside their own. Not a
/// matter of sizes, since the sums depend on it (T9).
static bool sharesRows(linalg::GenericOp op, const VectorPlan &plan) {
  if (plan.numParallel == 0 || llvm::is_contained(plan.combiners, nullptr))
    return false;
  unsigned row = plan.outer[plan.numParallel - 1];
  return llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
    return getAccess(op, *operand, plan.dim) == Access::Contiguous &&
           !op.getMatchingIndexingMap(operand).isFunctionOfDim(row);
  });
}

std::optional<VectorPlan> mlir::sym::makeVectorPlan(linalg::GenericOp op,
                                                    unsigned vectorBits) {
  if (!op.hasPureBufferSemantics() || op.getNumLoops() == 0 ||
      !hasVectorBody(op))
    return std::nullopt;

  // The narrowest function fills a register.
  unsigned functionBits = 0;
  for (Operation &nested : op.getBody()->without_terminator())
    if (isMathFunction(&nested)) {
      unsigned bits =
          std::max(32u, nested.getResult(0).getType().getIntOrFloatBitWidth());
      functionBits = functionBits ? std::min(functionBits, bits) : bits;
    }

  std::optional<VectorPlan> best;
  int64_t bestScore = std::numeric_limits<int64_t>::min();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  for (unsigned dim = 0, e = op.getNumLoops(); dim != e; ++dim) {
    std::optional<VectorPlan> plan = planFor(op, dim, functionBits != 0);
    if (!plan)
      continue;
    int64_t score = 0;
    for (OpOperand &operand : op->getOpOperands()) {
      Access access = getAccess(op, operand, dim);
      int64_t weight = op.isDpsInit(&operand) ? 2 : 1;
      if (access == Access::Contiguous)
        score += weight;
      else if (access == Access::Other)
        score -= 4 * weight;
    }
    if (ShapedType::isStatic(sizes[dim]) && sizes[dim] < 8)
      score -= 8;
    // Of equals the innermost: its elements are nearest.
    if (score >= bestScore) {
      bestScore = score;
      best = std::move(plan);
    }
  }
  if (!best)
    return std::nullopt;
  // A reduction along a loop that strides through memory gains nothing from
  // lanes; LLVM vectorises it across the contiguous, parallel loop.
  if (functionBits == 0 && bestScore < 0)
    return std::nullopt;
  if (functionBits == 0)
    for (unsigned dim = 0, e = op.getNumLoops(); dim != e; ++dim)
      if (!isReduction(op.getIteratorTypesArray()[dim]) &&
          llvm::all_of(op->getOpOperands(),
                       [&](OpOperand &operand) {
                         return getAccess(op, operand, dim) != Access::Other;
                       }) &&
          llvm::all_of(op.getDpsInitsMutable(),
                       [&](OpOperand &operand) {
                         return getAccess(op, operand, dim) ==
                                Access::Contiguous;
                       }) &&
          llvm::none_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
            return getAccess(op, *operand, best->dim) == Access::Contiguous;
          }))
        return std::nullopt;

  best->blockLanes = best->lanes = functionBits ? vectorBits / functionBits : 0;
  if (best->reduces) {
    unsigned bits = 0;
    for (Operation *combiner : best->combiners)
      if (combiner && isa<FloatType>(combiner->getResult(0).getType()))
        bits = std::max(
            bits, combiner->getResult(0).getType().getIntOrFloatBitWidth());
    best->blockLanes = bits == 64 ? 4 : 8;
    best->sharesRows = sharesRows(op, *best);
    // Rows side by side keep the adder busy, as several sums of one row do.
    best->lanes = (best->sharesRows ? 1 : 4) * best->blockLanes;
  }
  return best;
}
