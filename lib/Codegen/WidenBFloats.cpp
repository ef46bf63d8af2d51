//===- WidenBFloats.cpp - Arithmetic on bf16 in terms of f32 ---------===//
//
// Where a CPU has no instructions for bf16, LLVM calls functions of the
// compiler's own library for each element, which not every system has; where it
// has some, they flush subnormals. Here every operation is rounded by itself,
// so that the bits are those that it names on every CPU (T9). The conversions
// that remain become operations on bits on the way to LLVM.
//
//===----------------------------------------------------------------------===//

#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMWIDENBFLOATS
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;

namespace {
struct WidenBFloats
    : public mlir::sym::impl::SymWidenBFloatsBase<WidenBFloats> {
  using SymWidenBFloatsBase::SymWidenBFloatsBase;
  void runOnOperation() override;
};
} // namespace

static bool isBFloat(Type type) { return getElementTypeOrSelf(type).isBF16(); }

/// `type`, a scalar or a vector, with another element.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

static Value getConstant(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  TypedAttr attr = b.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = SplatElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(b, attr);
}

/// `value`, f64, as the f32 that rounds to the same bf16: where digits are
/// lost, the last bit is set, so that nothing looks like a tie.
static Value truncateToOdd(ImplicitLocOpBuilder &b, Value value) {
  Type type = value.getType();
  Type f32 = withElement(type, b.getF32Type());
  Type i32 = withElement(type, b.getI32Type());
  Type i64 = withElement(type, b.getI64Type());
  Value near = arith::TruncFOp::create(b, f32, value);
  Value back = arith::ExtFOp::create(b, type, near);
  auto magnitude = [&](Value of) -> Value {
    return arith::ShLIOp::create(b, arith::BitcastOp::create(b, i64, of),
                                 getConstant(b, i64, 1));
  };
  Value exact = magnitude(value), rounded = magnitude(back);
  Value beyond =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, rounded, exact);
  Value differs =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rounded, exact);
  Value bits = arith::BitcastOp::create(b, i32, near);
  // The magnitude is in the low bits, so that the next one below is one less.
  Value below =
      arith::SubIOp::create(b, bits, arith::ExtUIOp::create(b, i32, beyond));
  Value odd =
      arith::OrIOp::create(b, below, arith::ExtUIOp::create(b, i32, differs));
  // NaN differs in nothing that counts.
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  return arith::SelectOp::create(b, isNaN, near,
                                 arith::BitcastOp::create(b, f32, odd));
}

/// An integer as an f64 that rounds to the same bf16: of 64 bits the last
/// twelve count only in whether there are any.
static Value toDouble(ImplicitLocOpBuilder &b, Value value, bool isSigned) {
  Type type = value.getType();
  Type f64 = withElement(type, b.getF64Type());
  auto convert = [&](Value of) -> Value {
    if (isSigned)
      return arith::SIToFPOp::create(b, f64, of);
    return arith::UIToFPOp::create(b, f64, of);
  };
  if (getElementTypeOrSelf(type).getIntOrFloatBitWidth() <= 53)
    return convert(value);
  constexpr int64_t lost = (1 << 12) - 1;
  Value rest = arith::AndIOp::create(b, value, getConstant(b, type, lost));
  Value some = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest,
                                     getConstant(b, type, 0));
  Value whole = arith::AndIOp::create(b, value, getConstant(b, type, ~lost));
  Value sticky = arith::SelectOp::create(
      b, some, getConstant(b, type, (lost + 1) / 2), getConstant(b, type, 0));
  // Small numbers have all their digits in f64.
  constexpr int64_t exact = int64_t(1) << 53;
  Value size = value;
  if (isSigned)
    size = math::AbsIOp::create(b, value);
  Value isLarge = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, size,
                                        getConstant(b, type, exact));
  return convert(arith::SelectOp::create(
      b, isLarge, arith::OrIOp::create(b, whole, sticky), value));
}

/// Computes `op` in f32.
static void widen(Operation *op) {
  ImplicitLocOpBuilder b(op->getLoc(), op);
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
    Value wide =
        toDouble(b, op->getOperand(0), /*isSigned=*/isa<arith::SIToFPOp>(op));
    op->getResult(0).replaceAllUsesWith(arith::TruncFOp::create(
        b, op->getResult(0).getType(), truncateToOdd(b, wide)));
    op->erase();
    return;
  }
  OperationState state(op->getLoc(), op->getName());
  auto wide = [&](Type type) {
    return isBFloat(type) ? withElement(type, b.getF32Type()) : type;
  };
  for (Value operand : op->getOperands())
    state.addOperands(
        isBFloat(operand.getType())
            ? arith::ExtFOp::create(b, wide(operand.getType()), operand)
                  .getResult()
            : operand);
  for (Type type : op->getResultTypes())
    state.addTypes(wide(type));
  state.addAttributes(op->getAttrs());
  Operation *widened = b.create(state);
  for (auto [before, after] :
       llvm::zip_equal(op->getResults(), widened->getResults())) {
    Value result = after;
    if (before.getType() != after.getType())
      result = arith::TruncFOp::create(b, before.getType(), after);
    before.replaceAllUsesWith(result);
  }
  op->erase();
}

void WidenBFloats::runOnOperation() {
  SmallVector<Operation *> ops, conversions;
  getOperation()->walk([&](Operation *op) {
    if (!llvm::any_of(op->getOperandTypes(), isBFloat) &&
        !llvm::any_of(op->getResultTypes(), isBFloat))
      return;
    if (isa<arith::ExtFOp, arith::TruncFOp>(op)) {
      conversions.push_back(op);
      return;
    }
    // What moves bits needs no arithmetic.
    if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
        !isa<arith::ConstantOp, arith::SelectOp, arith::BitcastOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : conversions) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    Value from = op->getOperand(0);
    Type f32 = withElement(from.getType(), b.getF32Type());
    if (getElementTypeOrSelf(from.getType()).isF64())
      op->setOperand(0, truncateToOdd(b, from));
    else if (getElementTypeOrSelf(op->getResult(0).getType()).isF64())
      op->setOperand(0, arith::ExtFOp::create(b, f32, from));
  }
  for (Operation *op : ops)
    widen(op);
  numWidened += ops.size();
}
