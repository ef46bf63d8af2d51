//===- SymOps.cpp - Shared assembly of the sym operations -------------===//

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::sym;

//===----------------------------------------------------------------------===//
// keyword ( @variable = %value : type, … ), or nothing
//===----------------------------------------------------------------------===//

static ParseResult
parseAssignments(OpAsmParser &parser, StringRef keyword, ArrayAttr &targets,
                 SmallVectorImpl<OpAsmParser::UnresolvedOperand> &values,
                 SmallVectorImpl<Type> &types) {
  SmallVector<Attribute> symbols;
  if (succeeded(parser.parseOptionalKeyword(keyword))) {
    auto parseOne = [&]() -> ParseResult {
      FlatSymbolRefAttr symbol;
      if (parser.parseAttribute(symbol) || parser.parseEqual() ||
          parser.parseOperand(values.emplace_back()) ||
          parser.parseColonType(types.emplace_back()))
        return failure();
      symbols.push_back(symbol);
      return success();
    };
    if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseOne))
      return failure();
  }
  targets = parser.getBuilder().getArrayAttr(symbols);
  return success();
}

static void printAssignments(OpAsmPrinter &printer, Operation *,
                             StringRef keyword, ArrayAttr targets,
                             OperandRange values, TypeRange types) {
  if (targets.empty())
    return;
  printer << keyword << '(';
  llvm::interleaveComma(llvm::zip(targets, values, types), printer,
                        [&](const auto &assignment) {
                          auto [target, value, type] = assignment;
                          printer << target << " = " << value << " : " << type;
                        });
  printer << ')';
}

//===----------------------------------------------------------------------===//
// private | nested | public, or nothing
//===----------------------------------------------------------------------===//

static ParseResult parseVisibility(OpAsmParser &parser,
                                   StringAttr &visibility) {
  StringRef keyword;
  if (succeeded(parser.parseOptionalKeyword(&keyword,
                                            {"private", "nested", "public"})))
    visibility = parser.getBuilder().getStringAttr(keyword);
  return success();
}

static void printVisibility(OpAsmPrinter &printer, Operation *,
                            StringAttr visibility) {
  if (visibility)
    printer << visibility.getValue();
}

//===----------------------------------------------------------------------===//
// : type (= value (: type-of-value)?)?
//===----------------------------------------------------------------------===//

static ParseResult parseTypeAndInitialValue(OpAsmParser &parser, TypeAttr &type,
                                            ElementsAttr &value) {
  Type parsed;
  SMLoc location;
  if (parser.parseColon() || parser.getCurrentLocation(&location) ||
      parser.parseType(parsed))
    return failure();
  auto tensor = dyn_cast<RankedTensorType>(parsed);
  if (!tensor)
    return parser.emitError(location)
           << "a shared variable needs a ranked tensor type, but got "
           << parsed;
  type = TypeAttr::get(tensor);
  if (failed(parser.parseOptionalEqual()))
    return success();
  // A value of a variable with dynamic sizes states its own type.
  Type expected = tensor.hasStaticShape() ? Type(tensor) : Type();
  Attribute attribute;
  if (parser.getCurrentLocation(&location) ||
      parser.parseAttribute(attribute, expected))
    return failure();
  value = dyn_cast<ElementsAttr>(attribute);
  if (!value)
    return parser.emitError(location)
           << "the initial value must be a dense constant";
  return success();
}

static void printTypeAndInitialValue(OpAsmPrinter &printer, Operation *,
                                     TypeAttr type, ElementsAttr value) {
  printer << ": " << type.getValue();
  if (!value)
    return;
  printer << " = ";
  if (value.getType() == type.getValue())
    printer.printAttributeWithoutType(value);
  else
    printer.printAttribute(value);
}

//===----------------------------------------------------------------------===//
// borrow-type (-> type)?, where the default is the borrowed tensor
//===----------------------------------------------------------------------===//

static ParseResult parseViewTypes(OpAsmParser &parser, Type &borrow,
                                  Type &result) {
  BorrowType type;
  if (parser.parseCustomTypeWithFallback(type))
    return failure();
  borrow = type;
  if (succeeded(parser.parseOptionalArrow()))
    return parser.parseType(result);
  result = type.getTensor();
  return success();
}

static void printViewTypes(OpAsmPrinter &printer, Operation *,
                           BorrowType borrow, Type result) {
  printer.printStrippedAttrOrType(borrow);
  if (result != borrow.getTensor())
    printer << " -> " << result;
}

#define GET_OP_CLASSES
#include "sym/Dialect/Sym/IR/SymOps.cpp.inc"
