//===- SymDialect.cpp - The sym dialect -------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"

#include "sym/Runtime/abi.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::sym;

#include "sym/Dialect/Sym/IR/SymDialect.cpp.inc"
#include "sym/Dialect/Sym/IR/SymEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymTypes.cpp.inc"

namespace {
/// Host programs may be inlined into each other; a call must not end up where
/// a host operation must not stand.
struct SymInlinerInterface : public DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *target, bool,
                       IRMapping &) const final {
    Operation *parent = target->getParentOp();
    while (parent && !isa<FunctionOpInterface>(parent)) {
      if (!isSequential(parent))
        return false;
      parent = parent->getParentOp();
    }
    return isa_and_nonnull<func::FuncOp>(parent);
  }
};
} // namespace

void SymDialect::initialize() {
  addInterfaces<SymInlinerInterface>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sym/Dialect/Sym/IR/SymAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "sym/Dialect/Sym/IR/SymTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "sym/Dialect/Sym/IR/SymOps.cpp.inc"
      >();
}

static LogicalResult verifyFlag(Operation *op, NamedAttribute attribute,
                                bool allowed) {
  if (!allowed)
    return op->emitOpError() << "attribute '" << attribute.getName().getValue()
                             << "' is not allowed here";
  if (!isa<UnitAttr>(attribute.getValue()))
    return op->emitOpError() << "attribute '" << attribute.getName().getValue()
                             << "' must be a unit";
  return success();
}

LogicalResult SymDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                   unsigned,
                                                   NamedAttribute attribute) {
  bool isProgram = isa<FuncOp>(op);
  StringRef name = attribute.getName();
  return verifyFlag(
      op, attribute,
      name == kRelaxedAttrName
          ? !isProgram
          : isProgram && (name == kBorrowAttrName || name == kMutableAttrName));
}

LogicalResult
SymDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                        NamedAttribute attribute) {
  return verifyFlag(op, attribute,
                    isa<FuncOp>(op) && attribute.getName() == kBorrowAttrName);
}

LogicalResult BorrowType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 RankedTensorType tensor, BorrowKind) {
  // borrow_type_c1
  if (!isStorable(tensor))
    return emitError() << "borrows a value of type " << tensor
                       << ", which is not storable";
  return success();
}

std::optional<int32_t> mlir::sym::getElementCode(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    bool isUnsigned = integer.isUnsigned();
    if (integer.isSigned())
      return std::nullopt;
    switch (integer.getWidth()) {
    case 1:
      return isUnsigned ? std::nullopt : std::optional(SYM_ELEMENT_BOOL);
    case 4:
      return isUnsigned ? SYM_ELEMENT_U4 : SYM_ELEMENT_I4;
    case 8:
      return isUnsigned ? SYM_ELEMENT_U8 : SYM_ELEMENT_I8;
    case 16:
      return isUnsigned ? SYM_ELEMENT_U16 : SYM_ELEMENT_I16;
    case 32:
      return isUnsigned ? SYM_ELEMENT_U32 : SYM_ELEMENT_I32;
    case 64:
      return isUnsigned ? SYM_ELEMENT_U64 : SYM_ELEMENT_I64;
    case 128:
      return isUnsigned ? SYM_ELEMENT_U128 : SYM_ELEMENT_I128;
    default:
      return std::nullopt;
    }
  }
  return llvm::TypeSwitch<Type, std::optional<int32_t>>(type)
      .Case<Float8E4M3FNType>([](auto) { return SYM_ELEMENT_F8E4M3FN; })
      .Case<Float8E5M2Type>([](auto) { return SYM_ELEMENT_F8E5M2; })
      .Case<Float16Type>([](auto) { return SYM_ELEMENT_F16; })
      .Case<BFloat16Type>([](auto) { return SYM_ELEMENT_BF16; })
      .Case<Float32Type>([](auto) { return SYM_ELEMENT_F32; })
      .Case<Float64Type>([](auto) { return SYM_ELEMENT_F64; })
      .Case<Float80Type>([](auto) { return SYM_ELEMENT_F80; })
      .Case<Float128Type>([](auto) { return SYM_ELEMENT_F128; })
      .Case<ComplexType>([](ComplexType complex) -> std::optional<int32_t> {
        if (complex.getElementType().isF32())
          return SYM_ELEMENT_C64;
        if (complex.getElementType().isF64())
          return SYM_ELEMENT_C128;
        return std::nullopt;
      })
      .Default([](Type) { return std::nullopt; });
}

bool mlir::sym::isStorable(RankedTensorType type) {
  if (type.getEncoding() || !getElementCode(type.getElementType()))
    return false;
  Type element = type.getElementType();
  int64_t bits = 0;
  if (auto complex = dyn_cast<ComplexType>(element))
    bits = 2 * complex.getElementType().getIntOrFloatBitWidth();
  else
    bits = element.getIntOrFloatBitWidth();
  int64_t bytes = (bits + 7) / 8;
  bool isEmpty = false, overflows = false;
  for (int64_t size : type.getShape()) {
    isEmpty |= size == 0;
    if (size > 0)
      overflows |= llvm::MulOverflow(bytes, size, bytes);
  }
  return isEmpty || !overflows;
}

bool mlir::sym::isSequential(Operation *op) {
  if (!isa<RegionBranchOpInterface>(op) ||
      op->hasTrait<OpTrait::HasParallelRegion>())
    return false;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (block.empty() ||
          (block.back().getNumSuccessors() == 0 &&
           !isa<RegionBranchTerminatorOpInterface>(block.back())))
        return false;
  return true;
}

bool mlir::sym::hasTensorType(Type type, RankedTensorType tensor) {
  if (auto buffer = dyn_cast<MemRefType>(type))
    return buffer.getShape() == tensor.getShape() &&
           buffer.getElementType() == tensor.getElementType();
  return type == tensor;
}
