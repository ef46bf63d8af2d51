//===- Folding.cpp - What later passes may find to be constant --------===//

#include "Folding.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;

// More than that is no program that people write.
static constexpr unsigned kMaxDepth = 64, kMaxSteps = 512;

bool Folding::Sum::mayFold() const {
  // Two others may be equal and cancel out.
  return terms.empty() ||
         (terms.size() > 1 && llvm::all_of(terms, [](const auto &term) {
            return term.first.kind == Unknown::Other;
          }));
}

void Folding::Sum::add(const Sum &other, uint64_t factor) {
  for (const auto &[unknown, coefficient] : other.terms) {
    auto *term = llvm::find_if(terms, [&unknown = unknown](const auto &term) {
      return term.first == unknown;
    });
    if (term == terms.end())
      term = &terms.emplace_back(unknown, 0);
    term->second += coefficient * factor;
    if (term->second == 0)
      terms.erase(term);
  }
}

static std::optional<APInt> getConstant(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant;
  return std::nullopt;
}

/// Whether `op` on two equal numbers may be a constant, such as `x ^ x`.
static bool cancels(Operation *op) {
  return !isa<arith::MulIOp, arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp,
              arith::MinUIOp, linalg::LinalgOp>(op) &&
         !isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType()));
}

/// Whether `op` with `constant` for one operand may be a constant, such as the
/// product with zero.
static bool absorbs(Operation *op, const APInt &constant) {
  bool isEnd = constant.isMinSignedValue() || constant.isMaxSignedValue();
  if (isa<arith::MaxSIOp, arith::MinSIOp>(op))
    return isEnd;
  return isEnd || constant.isZero() || constant.isOne() || constant.isAllOnes();
}

bool Folding::isLoopIndex(Value value) {
  // A loop that runs at most once is no loop any more, and its index is the
  // first one.
  auto argument = dyn_cast<BlockArgument>(value);
  auto runsMoreThanOnce = [&](OpFoldResult lower, OpFoldResult upper) {
    std::optional<int64_t> first = getConstantIntValue(lower);
    std::optional<int64_t> end = getConstantIntValue(upper);
    if (first && end)
      return *end > *first + 1;
    auto folds = [&](OpFoldResult bound) {
      auto value = dyn_cast<Value>(bound);
      return !value || mayFold(value);
    };
    return !folds(lower) || !folds(upper);
  };
  Operation *parent = argument ? argument.getOwner()->getParentOp() : nullptr;
  if (auto loop = dyn_cast_or_null<scf::ForOp>(parent))
    return loop.getInductionVar() == value &&
           runsMoreThanOnce(getAsOpFoldResult(loop.getLowerBound()),
                            getAsOpFoldResult(loop.getUpperBound()));
  if (auto loop = dyn_cast_or_null<scf::ForallOp>(parent)) {
    unsigned position = argument.getArgNumber();
    return position < loop.getRank() &&
           runsMoreThanOnce(loop.getMixedLowerBound()[position],
                            loop.getMixedUpperBound()[position]);
  }
  return false;
}

bool Folding::mayFoldLoopCarried(Operation *op, unsigned position) {
  auto loop = cast<LoopLikeOpInterface>(op);
  auto yielded = loop.getYieldedValuesMutable();
  if (!yielded || position >= yielded->size() ||
      position >= loop.getRegionIterArgs().size())
    return true;
  Value argument = loop.getRegionIterArgs()[position];
  // What a loop carries is the initial value if the loop goes away, or if each
  // iteration leaves it alone.
  assumed.insert(argument);
  bool folds = mayFold((*yielded)[position].get()) ||
               mayFold(loop.getInitsMutable()[position].get());
  assumed.erase(argument);
  return folds;
}

bool Folding::mayFold(Value value) {
  if (assumed.contains(value))
    return false;
  return getSum(value).mayFold();
}

bool Folding::mayFold(Dimension dimension) {
  return getSum(dimension).mayFold();
}

Folding::Sum Folding::getSum(Dimension dimension) {
  if (dimension.isConstant())
    return {};
  if (dimension.isIndex())
    return getSum(dimension.getValue());
  Value tensor = dimension.getValue();
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    if (isa<FunctionOpInterface>(argument.getOwner()->getParentOp()))
      return Sum::of({tensor, Unknown::Size, dimension.getDim()});
  return {};
}

Folding::Sum Folding::getSum(Value value) {
  if (depth == 0)
    steps = 0;
  if (depth > kMaxDepth || ++steps > kMaxSteps)
    return {};
  if (assumed.contains(value))
    return Sum::of({value, Unknown::Other});
  ++depth;
  Sum sum = computeSum(value);
  --depth;
  return sum;
}

Folding::Sum Folding::computeSum(Value value) {
  Sum other = Sum::of({value, Unknown::Other});
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (isa<FunctionOpInterface>(parent))
      return other;
    if (isLoopIndex(value))
      return Sum::of({value, Unknown::Index});
    if (auto structured = dyn_cast<linalg::LinalgOp>(parent)) {
      OpOperand *operand =
          structured.getOpOperandsMatchingBBargs()[argument.getArgNumber()];
      return mayFold(operand->get()) ? Sum() : other;
    }
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      if (unsigned number = argument.getArgNumber())
        return mayFoldLoopCarried(loop, number - 1) ? Sum() : other;
    if (auto loop = dyn_cast<scf::ForallOp>(parent))
      if (argument.getArgNumber() >= loop.getRank())
        return getSum(loop.getTiedOpOperand(argument)->get());
    return {};
  }

  auto result = cast<OpResult>(value);
  Operation *op = result.getOwner();
  if (matchPattern(op, m_Constant()))
    return {};
  auto all = [&](auto &&values) {
    return llvm::none_of(values, [&](Value value) { return mayFold(value); })
               ? other
               : Sum();
  };
  return llvm::TypeSwitch<Operation *, Sum>(op)
      .Case<arith::AddIOp, arith::SubIOp>([&](auto sum) {
        Sum left = getSum(sum.getLhs());
        left.add(getSum(sum.getRhs()), isa<arith::SubIOp>(op) ? -1 : 1);
        return left;
      })
      .Case([&](arith::MulIOp product) {
        for (auto [one, rest] : {std::pair(product.getLhs(), product.getRhs()),
                                 std::pair(product.getRhs(), product.getLhs())})
          if (std::optional<APInt> factor = getConstant(one);
              factor && factor->getBitWidth() <= 64) {
            Sum sum;
            sum.add(getSum(rest), factor->getSExtValue());
            return sum;
          }
        return all(op->getOperands());
      })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
            arith::ExtUIOp>([&](auto cast) { return getSum(cast.getIn()); })
      .Case([&](tensor::DimOp dim) { return getSum(dimensions.get(value)); })
      .Case([&](tensor::ExtractOp extract) {
        return mayFold(extract.getTensor()) ? Sum() : other;
      })
      .Case<tensor::ExtractSliceOp, tensor::CastOp, tensor::CollapseShapeOp,
            tensor::ExpandShapeOp>(
          [&](auto view) { return getSum(view->getOperand(0)); })
      .Case([&](arith::SelectOp select) {
        return all(ValueRange{select.getTrueValue(), select.getFalseValue()});
      })
      // A comparison with zero may hold for all numbers.
      .Case<arith::CmpIOp>([&](auto) { return Sum(); })
      .Case([&](scf::IfOp branch) {
        if (branch.getElseRegion().empty())
          return Sum();
        unsigned number = result.getResultNumber();
        return all(ValueRange{branch.thenYield().getOperand(number),
                              branch.elseYield().getOperand(number)});
      })
      .Case([&](scf::ForOp loop) {
        return mayFoldLoopCarried(loop, result.getResultNumber()) ? Sum()
                                                                  : other;
      })
      .Default([&](Operation *) {
        bool isArithmetic =
            isa_and_nonnull<arith::ArithDialect>(op->getDialect()) ||
            isa<linalg::LinalgOp>(op);
        if (!isArithmetic)
          return Sum();
        SmallVector<Value> operands;
        for (Value operand : op->getOperands()) {
          std::optional<APInt> constant = getConstant(operand);
          if (constant && absorbs(op, *constant))
            return Sum();
          // What is written only is as good as a constant.
          if (!constant && !operand.getDefiningOp<tensor::EmptyOp>())
            operands.push_back(operand);
        }
        bool isKnown = operands.empty() || (operands.size() > 1 && cancels(op));
        return isKnown ? Sum() : all(operands);
      });
}

bool Folding::mayFail(Value condition) {
  if (std::optional<APInt> constant = getConstant(condition))
    return constant->isZero();
  Operation *op = condition.getDefiningOp();
  auto mayFailToo = [&](Value operand) { return mayFail(operand); };
  if (isa_and_nonnull<arith::AndIOp>(op))
    return llvm::any_of(op->getOperands(), mayFailToo);
  if (isa_and_nonnull<arith::OrIOp>(op))
    return llvm::all_of(op->getOperands(), mayFailToo);
  if (isa_and_nonnull<arith::CmpIOp, arith::CmpFOp>(op))
    return llvm::all_of(op->getOperands(),
                        [&](Value operand) { return mayFold(operand); });
  return mayFold(condition);
}
