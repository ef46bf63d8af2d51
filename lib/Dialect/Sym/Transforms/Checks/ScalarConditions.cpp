//===- ScalarConditions.cpp - When scalar arithmetic is undefined -----===//

#include "Conditions.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

static bool isSignedDivision(Operation *op) {
  return isa<arith::DivSIOp, arith::RemSIOp, arith::CeilDivSIOp,
             arith::FloorDivSIOp>(op);
}

static bool isUnsignedDivision(Operation *op) {
  return isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp>(op);
}

static bool isShift(Operation *op) {
  return isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op);
}

bool mlir::sym::isPartialScalarOp(Operation *op) {
  return isSignedDivision(op) || isUnsignedDivision(op) || isShift(op) ||
         isa<arith::FPToSIOp, arith::FPToUIOp, math::IPowIOp>(op);
}

/// The bits of an integer or an `index`, which is 64 bits wide.
static unsigned getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

static void emitDivision(Operation *op, CheckEmitter &emitter) {
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  Type type = rhs.getType();
  unsigned width = getWidth(type);
  Value zero = emitter.constant(type, APInt::getZero(width));
  emitter.check(emitter.compare(CmpIPredicate::ne, rhs, zero),
                CheckKind::Division, "{0} is divided by zero", lhs);
  if (!isSignedDivision(op))
    return;
  // The least number has no negative.
  Value least = emitter.constant(type, APInt::getSignedMinValue(width));
  Value minusOne = emitter.constant(type, APInt::getAllOnes(width));
  emitter.check(
      emitter.either(emitter.compare(CmpIPredicate::ne, lhs, least),
                     emitter.compare(CmpIPredicate::ne, rhs, minusOne)),
      CheckKind::Division, "{0} divided by -1 overflows", lhs);
}

static void emitShift(Operation *op, CheckEmitter &emitter) {
  Value amount = op->getOperand(1);
  unsigned width = getWidth(amount.getType());
  Value bound = emitter.constant(amount.getType(), APInt(width, width));
  emitter.check(
      emitter.compare(CmpIPredicate::ult, amount, bound), CheckKind::Assertion,
      "a shift by {0} is beyond the width of " + Twine(width) + " bits",
      amount);
}

/// The truncated value must be representable: NaN and infinities are not.
static void emitFloatToInteger(Operation *op, CheckEmitter &emitter) {
  Value input = op->getOperand(0);
  auto from = dyn_cast<FloatType>(input.getType());
  Type to = op->getResult(0).getType();
  if (!from)
    return;
  unsigned width = getWidth(to);
  bool isSigned = isa<arith::FPToSIOp>(op);
  const llvm::fltSemantics &semantics = from.getFloatSemantics();
  auto constant = [&](const APFloat &value) -> Value {
    return arith::ConstantOp::create(emitter.builder, emitter.getLoc(),
                                     emitter.builder.getFloatAttr(from, value));
  };

  // Below: the number before the least one is out of range. Where it is not a
  // float, the least one is, and no float lies between them.
  APSInt before(APInt(width + 2, 0), /*isUnsigned=*/false);
  if (isSigned)
    before = APSInt(APInt::getSignedMinValue(width).sext(width + 2), false);
  --before;
  APFloat lower(semantics);
  APFloat::opStatus status =
      lower.convertFromAPInt(before, true, APFloat::rmTowardZero);
  bool exact = status == APFloat::opOK;
  if (!exact) {
    // All finite floats may be in range; then only infinity is not.
    APSInt least = before;
    ++least;
    status = lower.convertFromAPInt(least, true, APFloat::rmTowardZero);
    if (status != APFloat::opOK) {
      lower = APFloat::getLargest(semantics, /*Negative=*/true);
    }
  }
  Value inRange = emitter.compare(
      exact ? CmpFPredicate::OGT : CmpFPredicate::OGE, input, constant(lower));

  // Above: 2^n is the first that is out of range.
  APInt beyond = APInt::getOneBitSet(width + 2, isSigned ? width - 1 : width);
  APFloat upper(semantics);
  status = upper.convertFromAPInt(beyond, true, APFloat::rmTowardZero);
  bool strict = status == APFloat::opOK;
  if (!strict)
    upper = APFloat::getLargest(semantics);
  inRange = emitter.both(
      inRange, emitter.compare(strict ? CmpFPredicate::OLT : CmpFPredicate::OLE,
                               input, constant(upper)));
  std::string name;
  llvm::raw_string_ostream(name) << to;
  emitter.check(inRange, CheckKind::Assertion,
                "{0} is outside of the range of " +
                    Twine(isSigned ? "signed " : "unsigned ") + name,
                input);
}

void mlir::sym::emitScalarConditions(Operation *op, CheckEmitter &emitter) {
  // Vectors and tensors are not scalars.
  if (!isPartialScalarOp(op) ||
      !op->getOperand(0).getType().isIntOrIndexOrFloat())
    return;
  if (isSignedDivision(op) || isUnsignedDivision(op))
    return emitDivision(op, emitter);
  if (isShift(op))
    return emitShift(op, emitter);
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op))
    return emitFloatToInteger(op, emitter);
  auto power = cast<math::IPowIOp>(op);
  Value base = power.getLhs(), exponent = power.getRhs();
  Value zero = emitter.constant(base.getType(),
                                APInt::getZero(getWidth(base.getType())));
  emitter.check(
      emitter.either(emitter.compare(CmpIPredicate::ne, base, zero),
                     emitter.compare(CmpIPredicate::sge, exponent, zero)),
      CheckKind::Division, "zero is raised to the negative power {0}",
      exponent);
}

bool mlir::sym::isDefinedForConstants(Operation *op) {
  if (op->getNumOperands() != 2)
    return false;
  DenseIntElementsAttr lhs, rhs;
  bool knowsLhs = matchPattern(op->getOperand(0), m_Constant(&lhs));
  if (!matchPattern(op->getOperand(1), m_Constant(&rhs)))
    return false;
  auto all = [](DenseIntElementsAttr elements, auto holds) {
    return elements.isSplat()
               ? holds(elements.getSplatValue<APInt>())
               : llvm::all_of(elements.getValues<APInt>(), holds);
  };
  if (isShift(op))
    return all(
        rhs, [](const APInt &value) { return value.ult(value.getBitWidth()); });
  if (isUnsignedDivision(op))
    return all(rhs, [](const APInt &value) { return !value.isZero(); });
  if (!isSignedDivision(op))
    return false;
  if (!all(rhs, [](const APInt &value) { return !value.isZero(); }))
    return false;
  return all(rhs, [](const APInt &value) { return !value.isAllOnes(); }) ||
         (knowsLhs && all(lhs, [](const APInt &value) {
            return !value.isMinSignedValue();
          }));
}

void mlir::sym::emitLoopConditions(Operation *op, CheckEmitter &emitter) {
  auto check = [&](Value step, bool isUnsigned) {
    Value zero = emitter.constant(step.getType(),
                                  APInt::getZero(getWidth(step.getType())));
    emitter.check(
        emitter.compare(isUnsigned ? CmpIPredicate::ne : CmpIPredicate::sgt,
                        step, zero),
        CheckKind::Assertion, "step {0} is not positive", step);
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](scf::ForOp loop) {
        check(loop.getStep(), loop.getUnsignedCmp());
      })
      .Case([&](scf::ParallelOp loop) {
        for (Value step : loop.getStep())
          check(step, false);
      })
      .Case([&](scf::ForallOp loop) {
        for (OpFoldResult step : loop.getMixedStep())
          check(emitter.size(emitter.dimensions.get(step)), false);
      });
}
