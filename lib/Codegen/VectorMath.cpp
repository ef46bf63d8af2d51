//===- VectorMath.cpp - Mathematical functions become library calls ---===//
//
// glibc's libmvec has the functions below for f32 and f64 vectors of every
// register width, within 4 ULP over the full range, specials included
// (docs/measurements.md). They are called on vectors, by the vector function
// ABI's names: LLVM knows only five of them, and would not vectorise a loop
// that calls the others. A scalar goes through the same routine, so that a
// value does not depend on where in an array it stands (T9).
//
//===----------------------------------------------------------------------===//

#include "TargetCPU.h"
#include "sym/Codegen/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMVECTORMATH
#include "sym/Codegen/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// The C name of the function that `op` computes; empty for operations that
/// stay, as LLVM has instructions or intrinsics for them.
static StringRef getFunctionName(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](math::AcosOp) { return "acos"; })
      .Case([](math::AcoshOp) { return "acosh"; })
      .Case([](math::AsinOp) { return "asin"; })
      .Case([](math::AsinhOp) { return "asinh"; })
      .Case([](math::AtanOp) { return "atan"; })
      .Case([](math::Atan2Op) { return "atan2"; })
      .Case([](math::AtanhOp) { return "atanh"; })
      .Case([](math::CbrtOp) { return "cbrt"; })
      .Case([](math::CosOp) { return "cos"; })
      .Case([](math::CoshOp) { return "cosh"; })
      .Case([](math::ErfOp) { return "erf"; })
      .Case([](math::ErfcOp) { return "erfc"; })
      .Case([](math::ExpOp) { return "exp"; })
      .Case([](math::Exp2Op) { return "exp2"; })
      .Case([](math::ExpM1Op) { return "expm1"; })
      .Case([](math::LogOp) { return "log"; })
      .Case([](math::Log10Op) { return "log10"; })
      .Case([](math::Log1pOp) { return "log1p"; })
      .Case([](math::Log2Op) { return "log2"; })
      .Case([](math::PowFOp) { return "pow"; })
      .Case([](math::SinOp) { return "sin"; })
      .Case([](math::SinhOp) { return "sinh"; })
      .Case([](math::TanOp) { return "tan"; })
      .Case([](math::TanhOp) { return "tanh"; })
      .Default([](Operation *) { return StringRef(); });
}

bool mlir::sym::isMathFunction(Operation *op) {
  return !getFunctionName(op).empty() || isa<math::SincosOp, math::FPowIOp>(op);
}

namespace {
struct VectorMath : public mlir::sym::impl::SymVectorMathBase<VectorMath> {
  using SymVectorMathBase::SymVectorMathBase;
  void runOnOperation() override;

private:
  LogicalResult lower(Operation *op);
  /// The value of function `name` at `args`, all f32 or f64, scalars or
  /// vectors of rank 1.
  Value call(ImplicitLocOpBuilder &b, StringRef name, ArrayRef<Value> args);
  Value callVector(ImplicitLocOpBuilder &b, StringRef name,
                   ArrayRef<Value> args);
  Value callScalar(ImplicitLocOpBuilder &b, StringRef name,
                   ArrayRef<Value> args);
  Value callDeclared(ImplicitLocOpBuilder &b, StringRef name, Type type,
                     ArrayRef<Value> args);
  Value expandPower(ImplicitLocOpBuilder &b, Value base, Value exponent);

  TargetCPU target;
};
} // namespace

static Type cloneWithElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

Value VectorMath::callDeclared(ImplicitLocOpBuilder &b, StringRef name,
                               Type type, ArrayRef<Value> args) {
  ModuleOp module = getOperation();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    SmallVector<Type> inputs(args.size(), type);
    auto function = LLVM::LLVMFuncOp::create(
        b, name, LLVM::LLVMFunctionType::get(type, inputs));
    // errno is written, which no compiled code reads.
    SmallVector<LLVM::ModRefInfo> none(6, LLVM::ModRefInfo::NoModRef);
    function.setMemoryEffectsAttr(
        LLVM::MemoryEffectsAttr::get(&getContext(), none));
    function.setNoUnwind(true);
    function.setWillReturn(true);
  }
  return LLVM::CallOp::create(b, TypeRange(type), name, args).getResult();
}

Value VectorMath::callScalar(ImplicitLocOpBuilder &b, StringRef name,
                             ArrayRef<Value> args) {
  Type type = args.front().getType();
  std::string symbol = (name + (type.isF32() ? "f" : "")).str();
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return callDeclared(b, symbol, type, args);
  symbol = (name + (vector.getElementType().isF32() ? "f" : "")).str();
  SmallVector<Value> lanes;
  for (int64_t lane = 0, e = vector.getNumElements(); lane != e; ++lane) {
    SmallVector<Value> scalars;
    for (Value arg : args)
      scalars.push_back(vector::ExtractOp::create(b, arg, lane));
    lanes.push_back(callDeclared(b, symbol, vector.getElementType(), scalars));
  }
  return vector::FromElementsOp::create(b, vector, lanes);
}

Value VectorMath::callVector(ImplicitLocOpBuilder &b, StringRef name,
                             ArrayRef<Value> args) {
  Type type = args.front().getType();
  Type element = getElementTypeOrSelf(type);
  int64_t width = target.vectorBits / element.getIntOrFloatBitWidth();
  auto registerType = VectorType::get({width}, element);
  std::string symbol = "_ZGV";
  symbol += target.getVectorABILetter();
  symbol += "N" + std::to_string(width) + std::string(args.size(), 'v') + "_";
  symbol += name;
  if (element.isF32())
    symbol += "f";

  auto vector = dyn_cast<VectorType>(type);
  if (!vector) {
    SmallVector<Value> splats;
    for (Value arg : args)
      splats.push_back(vector::BroadcastOp::create(b, registerType, arg));
    Value result = callDeclared(b, symbol, registerType, splats);
    return vector::ExtractOp::create(b, result, 0);
  }

  int64_t size = vector.getNumElements();
  if (size == width)
    return callDeclared(b, symbol, registerType, args);

  Value result;
  for (int64_t offset = 0; offset < size; offset += width) {
    // The last register repeats its last lane where the vector ends.
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane != width; ++lane)
      lanes.push_back(std::min(offset + lane, size - 1));
    SmallVector<Value> parts;
    for (Value arg : args)
      parts.push_back(vector::ShuffleOp::create(b, arg, arg, lanes));
    Value part = callDeclared(b, symbol, registerType, parts);
    if (size < width) {
      lanes.resize(size);
      return vector::ShuffleOp::create(b, part, part, lanes);
    }
    if (!result)
      result = arith::ConstantOp::create(b, b.getZeroAttr(vector));
    int64_t count = std::min(width, size - offset);
    if (count != width) {
      lanes = llvm::to_vector(llvm::seq<int64_t>(0, count));
      part = vector::ShuffleOp::create(b, part, part, lanes);
    }
    result = vector::InsertStridedSliceOp::create(b, part, result, offset, 1);
  }
  return result;
}

Value VectorMath::call(ImplicitLocOpBuilder &b, StringRef name,
                       ArrayRef<Value> args) {
  return math == "libm" ? callScalar(b, name, args) : callVector(b, name, args);
}

/// base ^ exponent for an integer exponent, by squaring; the base is an
/// integer (wrapping, and truncated for a negative exponent) or a float.
Value VectorMath::expandPower(ImplicitLocOpBuilder &b, Value base,
                              Value exponent) {
  Type type = base.getType();
  Type exponentType = exponent.getType();
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(type));
  auto constant = [&](Type of, int64_t value) -> Value {
    Type element = getElementTypeOrSelf(of);
    TypedAttr attr;
    if (isa<FloatType>(element))
      attr = b.getFloatAttr(element, static_cast<double>(value));
    else
      attr = b.getIntegerAttr(element, value);
    if (auto vector = dyn_cast<VectorType>(of))
      attr = SplatElementsAttr::get(vector, attr);
    return arith::ConstantOp::create(b, attr);
  };
  auto multiply = [&](OpBuilder &nested, Value lhs, Value rhs) -> Value {
    if (isFloat)
      return arith::MulFOp::create(nested, b.getLoc(), lhs, rhs);
    return arith::MulIOp::create(nested, b.getLoc(), lhs, rhs);
  };
  Value zero = constant(exponentType, 0);
  Value one = constant(exponentType, 1);
  Value negative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, exponent, zero);
  // The least integer is its own magnitude, read without a sign.
  Value magnitude = arith::SelectOp::create(
      b, negative, arith::SubIOp::create(b, zero, exponent), exponent);
  auto loop = scf::WhileOp::create(
      b, TypeRange{type, type, exponentType},
      ValueRange{constant(type, 1), base, magnitude},
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        Value more = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::ne, args[2], zero);
        if (isa<VectorType>(more.getType()))
          more = vector::ReductionOp::create(nested, loc,
                                             vector::CombiningKind::OR, more);
        scf::ConditionOp::create(nested, loc, more, args);
      },
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        Value bit = arith::AndIOp::create(nested, loc, args[2], one);
        Value odd = arith::CmpIOp::create(nested, loc, arith::CmpIPredicate::ne,
                                          bit, zero);
        Value product = multiply(nested, args[0], args[1]);
        Value next =
            arith::SelectOp::create(nested, loc, odd, product, args[0]);
        Value square = multiply(nested, args[1], args[1]);
        Value rest = arith::ShRUIOp::create(nested, loc, args[2], one);
        scf::YieldOp::create(nested, loc, ValueRange{next, square, rest});
      });
  Value power = loop.getResult(0);
  if (isFloat) {
    Value inverse = arith::DivFOp::create(b, constant(type, 1), power);
    return arith::SelectOp::create(b, negative, inverse, power);
  }
  // 1/1 is 1, 1/(-1) is ±1, and everything else is truncated to 0. The power
  // of a base of magnitude 1 is its own inverse.
  Value unit =
      arith::OrIOp::create(b,
                           arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                                 base, constant(type, 1)),
                           arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                                 base, constant(type, -1)));
  Value inverse = arith::SelectOp::create(b, unit, power, constant(type, 0));
  return arith::SelectOp::create(b, negative, inverse, power);
}

LogicalResult VectorMath::lower(Operation *op) {
  Type type = op->getResult(0).getType();
  Type element = getElementTypeOrSelf(type);
  auto vector = dyn_cast<VectorType>(type);
  if (vector && vector.isScalable())
    return op->emitOpError("on a scalable vector has no library function");

  ImplicitLocOpBuilder b(op->getLoc(), op);
  SmallVector<Value> args(op->getOperands());

  // One rank, so that lanes can be named.
  if (vector && vector.getRank() != 1)
    for (Value &arg : args) {
      auto from = cast<VectorType>(arg.getType());
      arg = vector::ShapeCastOp::create(
          b, VectorType::get({from.getNumElements()}, from.getElementType()),
          arg);
    }
  // Narrow formats are computed in f32.
  Type wide = element;
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32) {
    wide = b.getF32Type();
    for (Value &arg : args)
      if (getElementTypeOrSelf(arg.getType()) == element)
        arg = arith::ExtFOp::create(b, cloneWithElement(arg.getType(), wide),
                                    arg);
  }
  if (isa<FloatType>(wide) && !wide.isF32() && !wide.isF64())
    return op->emitOpError("has no library function for ") << element;

  SmallVector<Value> results;
  if (isa<math::IPowIOp, math::FPowIOp>(op)) {
    results.push_back(expandPower(b, args[0], args[1]));
  } else if (isa<math::SincosOp>(op)) {
    results.push_back(call(b, "sin", args));
    results.push_back(call(b, "cos", args));
  } else {
    results.push_back(call(b, getFunctionName(op), args));
  }

  for (Value &result : results) {
    if (wide != element)
      result = arith::TruncFOp::create(
          b, cloneWithElement(result.getType(), element), result);
    if (result.getType() != type)
      result = vector::ShapeCastOp::create(b, type, result);
  }
  op->replaceAllUsesWith(results);
  op->erase();
  return success();
}

void VectorMath::runOnOperation() {
  if (math != "libm" && math != "libmvec") {
    getOperation().emitError("expected 'libm' or 'libmvec' for the option "
                             "math, found '")
        << math << "'";
    return signalPassFailure();
  }
  FailureOr<TargetCPU> cpuInfo = TargetCPU::get(cpu, getOperation());
  if (failed(cpuInfo))
    return signalPassFailure();
  target = *cpuInfo;

  SmallVector<Operation *> functions;
  getOperation().walk([&](Operation *op) {
    if (isMathFunction(op) || isa<math::IPowIOp>(op))
      functions.push_back(op);
  });
  for (Operation *op : functions) {
    if (failed(lower(op)))
      return signalPassFailure();
    ++numFunctions;
  }
}
