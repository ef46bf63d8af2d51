//===- SymDialect.cpp - The sym dialect -------------------------------===//

#include "sym/Dialect/Sym/IR/Sym.h"

#include "sym/Runtime/abi.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sym;

#include "sym/Dialect/Sym/IR/SymDialect.cpp.inc"
#include "sym/Dialect/Sym/IR/SymEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sym/Dialect/Sym/IR/SymTypes.cpp.inc"

void SymDialect::initialize() {
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
    return op->emitOpError()
           << "attribute '" << attribute.getName() << "' is not allowed here";
  if (!isa<UnitAttr>(attribute.getValue()))
    return op->emitOpError()
           << "attribute '" << attribute.getName() << "' must be a unit";
  return success();
}

LogicalResult SymDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                   unsigned,
                                                   NamedAttribute attribute) {
  return verifyFlag(op, attribute,
                    isa<FuncOp>(op) &&
                        (attribute.getName() == kBorrowAttrName ||
                         attribute.getName() == kMutableAttrName));
}

LogicalResult
SymDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                        NamedAttribute attribute) {
  return verifyFlag(op, attribute,
                    isa<FuncOp>(op) && attribute.getName() == kBorrowAttrName);
}

LogicalResult BorrowType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 RankedTensorType tensor, BorrowKind) {
  if (!getElementCode(tensor.getElementType()))
    return emitError() << "element type " << tensor.getElementType()
                       << " is not storable";
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

bool mlir::sym::hasTensorType(Type type, RankedTensorType tensor) {
  if (auto buffer = dyn_cast<MemRefType>(type))
    return buffer.getShape() == tensor.getShape() &&
           buffer.getElementType() == tensor.getElementType();
  return type == tensor;
}
