//===- CheckEmitter.cpp - Builds conditions and checks ----------------===//

#include "CheckEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::sym;

void CheckEmitter::check(Value condition, CheckKind kind, const Twine &message,
                         ValueRange values) {
  if (matchPattern(condition, m_One()))
    return;
  conditions.push_back(condition);
  if (isGuarded)
    return;
  // check_c2
  if (llvm::any_of(values, [](Value value) {
        return !value.getType().isIndex() &&
               (!value.getType().isIntOrFloat() ||
                value.getType().getIntOrFloatBitWidth() > 64);
      })) {
    std::string text = message.str();
    // The values are too wide to be shown.
    for (auto [index, value] : llvm::enumerate(values)) {
      std::string name = "{" + std::to_string(index) + "}";
      for (size_t at; (at = text.find(name)) != std::string::npos;)
        text.replace(at, name.size(), "a value");
    }
    conditions.pop_back();
    return check(condition, kind, text);
  }
  std::string text = (subject->getName().getStringRef() + ": " + message).str();
  SmallVector<Value> shown(values);
  if (!loopIndices.empty()) {
    text += " at index ";
    for (auto [position, index] : llvm::enumerate(loopIndices)) {
      text += (position ? ", {" : "{") + std::to_string(shown.size()) + "}";
      shown.push_back(index);
    }
  }
  CheckOp::create(builder, getLoc(), condition, kind, text, shown);
  ++numChecks;
}

Value CheckEmitter::getFoldable() {
  Value all;
  for (Value condition : conditions)
    if (folding.mayFail(condition))
      all = all ? both(all, condition) : condition;
  return all;
}

void CheckEmitter::checkEqual(Dimension a, Dimension b, const Twine &message) {
  if (a == b)
    return;
  Value sizeOfA = size(a), sizeOfB = size(b);
  check(compare(arith::CmpIPredicate::eq, sizeOfA, sizeOfB), CheckKind::Shape,
        message, {sizeOfA, sizeOfB});
  // A fact about what folds could hide from an operation that its types are to
  // become wrong.
  auto isKnown = [&](Dimension d) {
    return d.isConstant() || !folding.mayFold(d);
  };
  if (isKnown(a) && isKnown(b))
    dimensions.addFact(a, b);
}

void CheckEmitter::checkSize(Dimension dimension, const Twine &what) {
  if (dimension.isSizeOfTensor())
    return;
  Value value = size(dimension);
  check(compare(arith::CmpIPredicate::sge, value, constant(0)),
        CheckKind::Shape, what + " is {0}, but must not be negative", value);
}

void CheckEmitter::checkCount(ArrayRef<Dimension> sizes) {
  // One dynamic size of a tensor that exists, times a little, has an address.
  constexpr int64_t kLittle = 1 << 16;
  int64_t product = 1;
  SmallVector<Dimension> dynamic;
  for (Dimension size : sizes) {
    if (!size.isConstant())
      dynamic.push_back(size);
    else if (llvm::MulOverflow(
                 product, std::max<int64_t>(size.getConstant(), 1), product))
      product = std::numeric_limits<int64_t>::max();
  }
  if (dynamic.empty() || (dynamic.size() == 1 && dynamic[0].isSizeOfTensor() &&
                          product <= kLittle))
    return;
  // In floating point nothing wraps around, and the bound is far away: elements
  // of 16 bytes that fill half of the address space.
  Type f64 = builder.getF64Type();
  auto real = [&](double value) -> Value {
    return arith::ConstantOp::create(builder, getLoc(),
                                     builder.getF64FloatAttr(value));
  };
  Value count = real(product);
  SmallVector<Value> shown;
  std::string text;
  for (Dimension dimension : dynamic) {
    Value bits = builder.createOrFold<arith::IndexCastOp>(
        getLoc(), builder.getI64Type(), size(dimension));
    // A size of zero must not hide the others, whose product strides are.
    Value one = constant(builder.getI64Type(), APInt(64, 1));
    bits = binary<arith::MaxSIOp>(bits, one);
    count = binary<arith::MulFOp>(
        count, builder.createOrFold<arith::SIToFPOp>(getLoc(), f64, bits));
    text += (shown.empty() ? "{" : ", {") + std::to_string(shown.size()) + "}";
    shown.push_back(size(dimension));
  }
  check(compare(arith::CmpFPredicate::OLT, count, real(0x1p59)),
        CheckKind::Shape, "the sizes " + text + " are too large", shown);
}

void CheckEmitter::checkIndex(Value index, Dimension dimension,
                              const Twine &message) {
  if (isIndexOfLoopOver(index, dimension, dimensions))
    return;
  Value bound = size(dimension);
  // As an unsigned number a negative index is beyond every size.
  check(compare(arith::CmpIPredicate::ult, index, bound), CheckKind::Index,
        message, {index, bound});
}

Value CheckEmitter::constant(int64_t value) {
  return arith::ConstantIndexOp::create(builder, getLoc(), value);
}

Value CheckEmitter::constant(Type type, const APInt &value) {
  return arith::ConstantOp::create(builder, getLoc(),
                                   builder.getIntegerAttr(type, value));
}

Value CheckEmitter::boolean(bool value) {
  return arith::ConstantOp::create(builder, getLoc(),
                                   builder.getBoolAttr(value));
}

bool mlir::sym::isIndexOfLoopOver(Value index, Dimension size,
                                  DimensionTable &dimensions) {
  auto argument = dyn_cast<BlockArgument>(index);
  if (!argument || !index.getType().isIndex())
    return false;
  OpFoldResult lower, upper;
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto loop = dyn_cast_or_null<scf::ForOp>(parent)) {
    // The step is positive: that is checked before the loop.
    if (loop.getInductionVar() != index || loop.getUnsignedCmp())
      return false;
    lower = loop.getLowerBound();
    upper = loop.getUpperBound();
  } else if (auto loop = dyn_cast_or_null<scf::ForallOp>(parent)) {
    if (argument.getArgNumber() >= loop.getRank())
      return false;
    lower = loop.getMixedLowerBound()[argument.getArgNumber()];
    upper = loop.getMixedUpperBound()[argument.getArgNumber()];
  } else {
    return false;
  }
  std::optional<int64_t> first = getConstantIntValue(lower);
  if (!first || *first < 0)
    return false;
  Dimension bound = dimensions.get(upper);
  return bound == size || (bound.isConstant() && size.isConstant() &&
                           bound.getConstant() <= size.getConstant());
}
